/** What systems outside may ask of the platform server, answered from its own knowledge (CLU-034 to CLU-044). */
import { PlatformCallKind, ServerControlAction } from '../../../spec/errors.ts';
import type { Platform } from '../../../spec/platform.ts';
import type { ServerAssignedPolicy } from '../enums.ts';
import type { ClusterServerInfo, ServerConfiguration } from './api.ts';
import type { AcmsCluster, AppServer } from './acms-cluster.ts';
import { ALL_SERVERS } from './outside-services.ts';
import type { CallResult, ClusterCall, ControlAction, OutsidePort } from './outside-services.ts';

const DONE: CallResult = { ErrorCode: null, Info: null, Message: null };
const OFFLINE: CallResult = { ErrorCode: 'E_OFFLINE', Info: null, Message: 'not online in the cluster' };
const TIMED_OUT: CallResult = { ErrorCode: 'E_TIMEOUT', Info: null, Message: 'no answer in time' };

type OnResult = (result: CallResult) => void;

/** The same answers with callbacks, for requests that come as messages. */
export type AcmsAnswers = {
  servers(serverID: number): ClusterServerInfo[];
  serverToLogon(): ServerConfiguration | null;
  control(action: ControlAction, serverID: number, onResult: OnResult): void;
  call(call: ClusterCall, onResult: OnResult): void;
};

/** @param policy - Asked at every choice. */
export function createAcmsAnswers(cluster: AcmsCluster, policy: () => ServerAssignedPolicy): AcmsAnswers {
  const callOne = (server: AppServer | undefined, call: ClusterCall, onResult: OnResult): void => {
    if (server === undefined) {
      onResult(OFFLINE);
      return;
    }
    const { Info, InformationType, Kind, UserID } = call;
    cluster.call(server, { Info, InformationType, Kind, UserID }, (result) => {
      // A server that left while it was asked is offline; one that is there and says nothing is slow.
      onResult(result ?? (server.control.isOpen ? TIMED_OUT : OFFLINE));
    });
  };
  return {
    servers: (serverID) =>
      [...cluster.servers.values()]
        .filter((server) => serverID === ALL_SERVERS || server.serverID === serverID)
        .sort((a, b) => a.serverID - b.serverID)
        .map((server) => cluster.infoOf(server)),
    serverToLogon() {
      const server = cluster.assign(policy());
      if (server === undefined) return null;
      const { serverID, address, port } = server;
      return { serverID, address, port };
    },
    control(action, serverID, onResult) {
      const server = cluster.servers.get(serverID);
      if (server === undefined && action !== ServerControlAction.Defreeze) {
        onResult(OFFLINE);
        return;
      }
      controlServer(cluster, { action, serverID, server }, callOne, onResult);
    },
    call(call, onResult) {
      if (call.Kind === PlatformCallKind.Broadcast) {
        for (const server of cluster.servers.values()) callOne(server, call, () => undefined);
        onResult(DONE);
      } else if (call.UserID === null) callOne(cluster.servers.get(call.ServerID), call, onResult);
      else {
        const user = cluster.directory.get(call.UserID);
        if (user === undefined && call.Kind === PlatformCallKind.Kick) onResult(DONE);
        else callOne(user === undefined ? undefined : cluster.servers.get(user.serverID), call, onResult);
      }
    },
  };
}

function controlServer(
  cluster: AcmsCluster,
  what: { readonly action: ControlAction; readonly serverID: number; readonly server: AppServer | undefined },
  callOne: (server: AppServer | undefined, call: ClusterCall, onResult: OnResult) => void,
  onResult: OnResult,
): void {
  const { action, serverID, server } = what;
  switch (action) {
    case ServerControlAction.Freeze:
    case ServerControlAction.Defreeze:
      cluster.setFrozen(serverID, action === ServerControlAction.Freeze);
      onResult(DONE);
      return;
    case ServerControlAction.Remove:
      cluster.setFrozen(serverID, false);
      if (server !== undefined) cluster.removeServer(server, 'it was removed from outside');
      onResult(DONE);
      return;
    case ServerControlAction.Test: {
      const test = { Info: null, InformationType: 0, Kind: PlatformCallKind.Test, ServerID: serverID, UserID: null };
      callOne(server, test, onResult);
    }
  }
}

/** The answers as the port of the services in the platform server's own process. */
export function localPort(platform: Platform, cluster: AcmsCluster, answers: () => AcmsAnswers): OutsidePort {
  const settled = (ask: (onResult: OnResult) => void): Promise<CallResult> =>
    new Promise((resolve) => {
      ask((result) => {
        platform.noteAsyncEdge();
        resolve(result);
      });
    });
  const now = <T>(answer: () => T): Promise<T> => {
    platform.noteAsyncEdge();
    return new Promise((resolve) => resolve(answer()));
  };
  return {
    servers: (serverID) => now(() => answers().servers(serverID)),
    serverToLogon: () => now(() => answers().serverToLogon()),
    control: (action, serverID) => settled((onResult) => answers().control(action, serverID, onResult)),
    call: (call) => settled((onResult) => answers().call(call, onResult)),
    user: (userID) =>
      now(() => {
        answers();
        return { count: cluster.directory.size, user: userID === null ? null : cluster.wireUserOf(userID) };
      }),
  };
}
