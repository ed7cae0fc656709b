/**
 * The specification as data: clauses and their lints, grammar, limits, timing, error numbers, and the engine's port.
 *
 * The chapters themselves are `spec/protocol/*.md`, the vectors `spec/vectors/*.json`; both need nothing of this.
 */
export { parseClauses } from './clauses.ts';
export type { ChapterText, Clause, Finding } from './clauses.ts';
export { clauseCounts } from './clause-coverage.ts';
export type { ClauseCounts, Coverage } from './clause-coverage.ts';
export { lintChapters } from './clause-lints.ts';
export { contracts, enums, headerFields, messageByType, messages, MessageType, rooms } from './grammar/index.ts';
export type { ContractName, ContractOf, Message, MessageName } from './grammar/index.ts';
export * as errors from './errors.ts';
export * as limits from './limits.ts';
export * as timing from './timing.ts';
export type {
  Endpoint,
  FileStore,
  KeepAliveOptions,
  LogLevel,
  Platform,
  TcpCloseReason,
  TcpConnection,
  TcpConnectOptions,
  TcpHandlers,
  TcpListener,
  TcpListenerHandlers,
  TcpListenOptions,
  Timer,
  UdpBindOptions,
  UdpHandlers,
  UdpSocket,
} from './platform.ts';
