/** What `server.advanced` shows of a running server: diagnostics, task queue, threads, listener (HDL-014, HDL-020, HDL-026, HDL-040). */
import type { DiagnosticsViewer, PortListenerState, TaskQueueInfo } from '../../api-handling.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { TaskQueue } from './task-queue.ts';

/** Where the numbers come from. */
export type HandlingProbe = {
  readonly tasks: TaskQueue | undefined;
  readonly diagnostics: Diagnostics | undefined;
  readonly connectionCount: () => number;
  /** Connections whose handler has not finished, in mode IocpDirectly. */
  readonly handlingCount: () => number;
  readonly maxConnectionCount: number;
  readonly isOpen: () => boolean;
  readonly lastDetectTime: () => number | null;
};

export type HandlingFace = {
  readonly diagnosticsViewer: DiagnosticsViewer;
  readonly getTaskQueueInfo: () => TaskQueueInfo;
  readonly getPortListenerState: () => PortListenerState;
};

/**
 * @param probe - undefined before initialize: everything is empty then.
 * @param workerCount - As it is set.
 */
export function createHandlingFace(probe: () => HandlingProbe | undefined, workerCount: () => number): HandlingFace {
  return {
    diagnosticsViewer: {
      getCustomizeInfoStatistics: () => probe()?.diagnostics?.statistics() ?? [],
      getUncommittedCustomizeInfos: () => probe()?.diagnostics?.uncommitted() ?? [],
      getThreadPoolInfo() {
        const connections = probe()?.connectionCount() ?? 0;
        return {
          maxWorkThreadCount: workerCount(),
          availableWorkThreadCount: probe()?.tasks?.idleWorkerCount ?? workerCount(),
          maxIocpThreadCount: connections,
          availableIocpThreadCount: connections - (probe()?.handlingCount() ?? 0),
        };
      },
    },
    getTaskQueueInfo() {
      const tasks = probe()?.tasks;
      return { taskCount: tasks?.taskCount ?? 0, maxTaskCount: tasks?.maxTaskCount ?? 0 };
    },
    getPortListenerState() {
      const now = probe();
      const connections = now?.connectionCount() ?? 0;
      const isMaxConnection = now !== undefined && now.maxConnectionCount > 0 && connections >= now.maxConnectionCount;
      return {
        isAuthorized: true,
        isMaxConnection,
        isListening: now !== undefined && now.isOpen() && !isMaxConnection,
        lastDetectTime: now?.lastDetectTime() ?? null,
        pendingInQueue: false,
      };
    },
  };
}
