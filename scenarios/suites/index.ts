/**
 * The list of suites: area -> its module. One line each; a file that is not listed here does not exist for the runner.
 *
 * A module exports `scenarios`. It is loaded only when a run asks for its area.
 */
import type { AnyScenario } from '../api.ts';

export type SuiteModule = { readonly scenarios: readonly AnyScenario[] };

export const SUITES: Readonly<Record<string, () => Promise<SuiteModule>>> = {
  smoke: () => import('./smoke/index.ts'),
  framing: () => import('./framing/index.ts'),
  serializer: () => import('./serializer/index.ts'),
  limits: () => import('./limits/index.ts'),
  security: () => import('./security/index.ts'),
  errors: () => import('./errors/index.ts'),
  logon: () => import('./logon/index.ts'),
  heartbeat: () => import('./heartbeat/index.ts'),
  query: () => import('./query/index.ts'),
  ack: () => import('./ack/index.ts'),
  basic: () => import('./basic/index.ts'),
  relogon: () => import('./relogon/index.ts'),
  reconnect: () => import('./reconnect/index.ts'),
  blob: () => import('./blob/index.ts'),
  engine: () => import('./engine/index.ts'),
  information: () => import('./information/index.ts'),
  rudp: () => import('./rudp/index.ts'),
  users: () => import('./users/index.ts'),
  p2p: () => import('./p2p/index.ts'),
  contacts: () => import('./contacts/index.ts'),
  files: () => import('./files/index.ts'),
  handling: () => import('./handling/index.ts'),
  cluster: () => import('./cluster/index.ts'),
};
