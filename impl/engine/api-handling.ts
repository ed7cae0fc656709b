/**
 * The public API of the handling model and of diagnostics as types, under the manual's names in camel case. Chapter 24.
 *
 * "Thread" stands for an asynchronous call of a handler that has not finished (HDL-001).
 */
import type { CustomizeHandler } from './api.ts';
import type { CustomizeInfoHandleMode, InformationStyle } from './enums.ts';

/** One part of an application's handling, told apart from the others by information type. HDL-030 */
export type IntegratedCustomizeHandler = CustomizeHandler & {
  /** Whether this handler takes information and queries of that type. */
  canHandle(informationType: number): boolean;
};

/** One item that was handled, or is being handled. HDL-022, HDL-024 */
export type InfoHandleRecord = {
  /** Unique on this server. */
  readonly id: number;
  readonly informationType: number;
  readonly informationStyle: InformationStyle;
  /** Wall clock when the handler was called, milliseconds since 1970-01-01 UTC. */
  readonly startTime: number;
  /** Milliseconds, rounded; 0 while the handler has not finished. */
  readonly timeSpent: number;
};

/** What is known of one information type in one style. HDL-021 */
export type InfoHandleRecordStatistics = {
  readonly informationType: number;
  readonly informationStyle: InformationStyle;
  /** Items received since the server started. */
  readonly callCount: number;
  /** Of them, those whose handler threw or rejected. */
  readonly exceptionCount: number;
  /** The latest 10 that have finished, the oldest first. */
  readonly lastRecords: readonly InfoHandleRecord[];
};

/** Limits, and what is free of them at the moment. HDL-026 */
export type ThreadPoolInfo = {
  readonly maxWorkThreadCount: number;
  readonly availableWorkThreadCount: number;
  readonly maxIocpThreadCount: number;
  readonly availableIocpThreadCount: number;
};

/** With diagnostics off its lists are empty. HDL-020 */
export type DiagnosticsViewer = {
  getCustomizeInfoStatistics(): InfoHandleRecordStatistics[];
  getUncommittedCustomizeInfos(): InfoHandleRecord[];
  getThreadPoolInfo(): ThreadPoolInfo;
};

/** Waiting tasks, now and at most so far; zeros in mode IocpDirectly. HDL-014 */
export type TaskQueueInfo = { readonly taskCount: number; readonly maxTaskCount: number };

/** HDL-040 */
export type PortListenerState = {
  /** Always true: there is no licence. */
  readonly isAuthorized: boolean;
  /** As many connections are open as maxConnectionCount allows. */
  readonly isMaxConnection: boolean;
  /** New connections are taken. */
  readonly isListening: boolean;
  /** Wall clock when a connection was last taken, or listening began; milliseconds since 1970-01-01 UTC; null before. */
  readonly lastDetectTime: number | null;
  /** Always false: what has been set up is taken at once. */
  readonly pendingInQueue: boolean;
};

/** The part of `server.advanced` that is about handling; the three settings are frozen while the server runs. */
export type HandlingAdvanced = {
  /** Default IocpDirectly. HDL-002 */
  customizeInfoHandleMode: CustomizeInfoHandleMode;
  /** Handlers that mode TaskQueue runs at once, 1 to 32,767; default 20. HDL-012 */
  queueWorkerThreadCount: number;
  /** Default false. HDL-020 */
  diagnosticsEnabled: boolean;
  readonly diagnosticsViewer: DiagnosticsViewer;
  readonly getTaskQueueInfo: () => TaskQueueInfo;
  readonly getPortListenerState: () => PortListenerState;
};
