/**
 * The two service interfaces for systems outside the cluster, over whatever carries the questions (CLU-034 to CLU-044).
 *
 * The platform server offers them in its own process and a control client over TCP; both give an `OutsidePort`.
 */
import { PlatformCallKind, ServerControlAction } from '../../../spec/errors.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { describeValue, LocalProtocolError } from '../../wire/index.ts';
import { checkInfo, checkInformationType, checkInteger } from '../arguments.ts';
import { EngineError, HandingException, TimeoutException } from '../errors.ts';
import type { EventSource } from '../event.ts';
import type { ClusterControlService, ClusterServerInfo, PlatformCustomizeService, ServerConfiguration } from './api.ts';
import { factsOf, userDataOf } from './platform-user-data.ts';
import type { WireUser } from './platform-user-data.ts';

export type CallResult = ContractOf<'PlatformResultContract'>;
export type ClusterCall = ContractOf<'CallClusterContract'>;
export type ControlAction = (typeof ServerControlAction)[keyof typeof ServerControlAction];

/** What carries the questions; each promise rejects only when it cannot be carried. */
export type OutsidePort = {
  /** -1: all servers. */
  servers(serverID: number): Promise<ClusterServerInfo[]>;
  serverToLogon(): Promise<ServerConfiguration | null>;
  control(action: ControlAction, serverID: number): Promise<CallResult>;
  call(call: ClusterCall): Promise<CallResult>;
  user(userID: string | null): Promise<{ readonly count: number; readonly user: WireUser | null }>;
};

export const ALL_SERVERS = -1;

export type ServerEvents = {
  readonly serverRegistered: EventSource<[server: ClusterServerInfo]>;
  readonly serverUnregistered: EventSource<[serverID: number]>;
};

/** The manual's IClusterControlService. */
export function createClusterControlService(port: OutsidePort, events: ServerEvents): ClusterControlService {
  const control = async (action: ControlAction, serverID: number): Promise<void> => {
    checkServerID(serverID);
    throwUnlessDone(await port.control(action, serverID), `server ${serverID}`, 0);
  };
  const find = async (serverID: number): Promise<ClusterServerInfo | null> => {
    checkServerID(serverID);
    return (await port.servers(serverID))[0] ?? null;
  };
  return {
    serverRegistered: events.serverRegistered,
    serverUnregistered: events.serverUnregistered,
    getServerToLogon: () => port.serverToLogon(),
    isServerOnline: async (serverID) => (await find(serverID)) !== null,
    freezeServer: (serverID) => control(ServerControlAction.Freeze, serverID),
    defreezeServer: (serverID) => control(ServerControlAction.Defreeze, serverID),
    testCallbackServer: (serverID) => control(ServerControlAction.Test, serverID),
    removeServer: (serverID) => control(ServerControlAction.Remove, serverID),
    getServer: find,
    getAllServers: () => port.servers(ALL_SERVERS),
  };
}

type Target = { readonly serverID: number } | { readonly userID: string } | null;

/** The manual's IPlatformCustomizeService. */
export function createPlatformCustomizeService(port: OutsidePort): PlatformCustomizeService {
  const call = async (
    kind: (typeof PlatformCallKind)[keyof typeof PlatformCallKind],
    target: Target,
    informationType: number,
    info: Uint8Array | null,
  ): Promise<CallResult> => {
    checkInformationType(informationType);
    return await port.call({
      Info: checkInfo(info),
      InformationType: informationType,
      Kind: kind,
      ServerID: target !== null && 'serverID' in target ? checkServerID(target.serverID) : ALL_SERVERS,
      UserID: target !== null && 'userID' in target ? checkUser(target.userID) : null,
    });
  };
  const send = async (target: Target, informationType: number, info: Uint8Array | null): Promise<boolean> => {
    const result = await call(PlatformCallKind.Information, target, informationType, info);
    if (result.ErrorCode === 'E_OFFLINE') return false;
    throwUnlessDone(result, describeTarget(target), informationType);
    return true;
  };
  const query = async (
    target: Target,
    informationType: number,
    info: Uint8Array | null,
  ): Promise<Uint8Array | null> => {
    const result = await call(PlatformCallKind.Query, target, informationType, info);
    throwUnlessDone(result, describeTarget(target), informationType);
    return result.Info;
  };
  return {
    async broadcastInCluster(informationType, info) {
      throwUnlessDone(await call(PlatformCallKind.Broadcast, null, informationType, info), 'the cluster', 0);
    },
    sendToServer: (serverID, informationType, info) => send({ serverID }, informationType, info),
    queryServer: (serverID, informationType, info) => query({ serverID }, informationType, info),
    sendToClient: (userID, informationType, info) => send({ userID }, informationType, info),
    queryClient: (userID, informationType, info) => query({ userID }, informationType, info),
    isUserOnLine: async (userID) => (await port.user(checkUser(userID))).user !== null,
    async getUserData(userID) {
      const { user } = await port.user(checkUser(userID));
      return user === null ? null : userDataOf(userID, user.ServerID, factsOf(user));
    },
    getOnlineUserCount: async () => (await port.user(null)).count,
    async kickOut(userID) {
      throwUnlessDone(await call(PlatformCallKind.Kick, { userID }, 0, null), userID, 0);
    },
  };
}

function describeTarget(target: Target): string {
  if (target === null) return 'the cluster';
  return 'userID' in target ? target.userID : `server ${target.serverID}`;
}

/** @throws what the result says went wrong */
function throwUnlessDone(result: CallResult, who: string, informationType: number): void {
  switch (result.ErrorCode) {
    case null:
      return;
    case 'E_TIMEOUT':
      throw new TimeoutException('CLU-044');
    case 'E_HANDLING':
      throw new HandingException(who, informationType);
    case 'E_OFFLINE':
      throw new EngineError('E_OFFLINE', 'CLU-040', `${who} is not online in the cluster`);
    default:
      throw new EngineError('E_DISCONNECTED', 'CLU-040', `${who}: ${result.Message ?? result.ErrorCode}`);
  }
}

/** CLU-006: a ServerID is a number from 0 on. @throws LocalProtocolError `E_ARGUMENT` */
export function checkServerID(serverID: number): number {
  checkInteger('a ServerID', 'CLU-006', serverID, 0, 0x7fff_ffff);
  return serverID;
}

function checkUser(userID: string): string {
  if (typeof userID === 'string' && userID !== '') return userID;
  throw new LocalProtocolError('E_ARGUMENT', 'CLU-041', `a UserID must be a text, got ${describeValue(userID)}`);
}
