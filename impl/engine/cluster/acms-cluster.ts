/**
 * The platform server's knowledge and its dealings with servers: who has joined, who is online, what goes where.
 *
 * The decisions about users are the directory's (`core/cluster/user-directory.ts`); here its outputs become messages.
 */
import type { Platform } from '../../../spec/platform.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { USERS_PER_MESSAGE_MAX } from '../../../spec/limits.ts';
import { assignServer } from '../../core/cluster/assign-policy.ts';
import { UserDirectory } from '../../core/cluster/user-directory.ts';
import type { DirectoryOutput, DirectoryUser } from '../../core/cluster/user-directory.ts';
import { codecs, encodeFrame } from '../../wire/index.ts';
import type { FrameLimits, FrameView } from '../../wire/index.ts';
import type { ServerAssignedPolicy } from '../enums.ts';
import { ClientType } from '../enums.ts';
import { EventSource } from '../event.ts';
import { FileRelief } from '../server/forward-files.ts';
import type { ClusterServerInfo } from './api.ts';
import type { PlatformLink } from './platform-link.ts';
import { factsOf } from './platform-user-data.ts';
import type { UserFacts, WireUser } from './platform-user-data.ts';

/** A server that has joined. */
export type AppServer = {
  readonly serverID: number;
  readonly instanceID: number;
  readonly control: PlatformLink;
  readonly address: string;
  readonly port: number;
  readonly startTime: number;
  transfer: PlatformLink | undefined;
  cpuUsage: number;
  memoryUsage: number;
  lastUpdateTime: number;
  telnetFailure: boolean;
};

export type ServerCall = ContractOf<'CallServerContract'>;
export type CallResult = ContractOf<'PlatformResultContract'>;
type User = DirectoryUser<UserFacts>;

/** The state of a cluster. */
export class AcmsCluster {
  readonly servers = new Map<number, AppServer>();
  readonly directory = new UserDirectory<UserFacts>();
  readonly serverRegistered: EventSource<[server: ClusterServerInfo]>;
  readonly serverUnregistered: EventSource<[serverID: number]>;
  readonly #platform: Platform;
  readonly #limits: () => FrameLimits;
  readonly #frozen = new Set<number>();
  /** Transfer connections that came before their server registered, by instance. */
  readonly #earlyTransfers = new Map<string, PlatformLink>();
  /** Servers that send faster than another takes it wait. */
  readonly #relief = new FileRelief();
  #lastAssigned = -1;
  #draining = false;

  constructor(platform: Platform, limits: () => FrameLimits) {
    this.#platform = platform;
    this.#limits = limits;
    this.serverRegistered = new EventSource(platform, 'serverRegistered');
    this.serverUnregistered = new EventSource(platform, 'serverUnregistered');
  }

  /** Takes a server in. @returns why not; null when it is in (CLU-006) */
  register(
    control: PlatformLink,
    who: { readonly serverID: number; readonly instanceID: number },
    body: ContractOf<'RegisterServerContract'>,
  ): string | null {
    const address = body.Address === null || body.Address === '' ? control.remote.address : body.Address;
    const other = this.servers.get(who.serverID);
    if (other !== undefined) {
      const isItself = other.instanceID === who.instanceID;
      const tookItsPlace = other.address === address && other.port === body.Port;
      if (!isItself && !tookItsPlace) {
        return `server ${who.serverID} is online already at ${other.address}:${other.port}; give each server its own ID`;
      }
      this.removeServer(other, 'it registered anew');
    }
    const server: AppServer = {
      ...who,
      control,
      address,
      port: body.Port,
      startTime: Number(body.StartTime),
      transfer: this.#earlyTransfers.get(instanceKey(who)),
      cpuUsage: 0,
      memoryUsage: 0,
      lastUpdateTime: this.#platform.wallMillis(),
      telnetFailure: false,
    };
    this.#earlyTransfers.delete(instanceKey(who));
    this.servers.set(who.serverID, server);
    return null;
  }

  /** Tells a server that has just been accepted who is online elsewhere, and everybody else of the server. */
  welcome(server: AppServer): void {
    this.#tellUsers(
      server,
      [...this.directory.all()].map((user) => this.#wireUser(user)),
    );
    this.serverRegistered.raise(this.infoOf(server));
  }

  /** A transfer connection has proved who it is. */
  attachTransfer(link: PlatformLink, who: { readonly serverID: number; readonly instanceID: number }): void {
    link.whenDrained(() => this.#relief.handleDrain(link));
    const server = this.servers.get(who.serverID);
    if (server?.instanceID === who.instanceID) server.transfer = link;
    else this.#earlyTransfers.set(instanceKey(who), link);
  }

  /** A transfer connection ended. */
  transferDown(link: PlatformLink, who: { readonly serverID: number; readonly instanceID: number }): void {
    this.#relief.handleDrain(link);
    if (this.#earlyTransfers.get(instanceKey(who)) === link) this.#earlyTransfers.delete(instanceKey(who));
    const server = this.servers.get(who.serverID);
    if (server?.transfer === link) server.transfer = undefined;
  }

  /** A server has left, died or was removed: its users are gone with it (CLU-019, CLU-037). */
  removeServer(server: AppServer, why: string): void {
    if (this.servers.get(server.serverID) !== server) return;
    this.#platform.log('info', `server ${server.serverID} is out of the cluster: ${why}`);
    this.servers.delete(server.serverID);
    server.control.close();
    server.transfer?.close();
    if (server.transfer !== undefined) this.#relief.handleDrain(server.transfer);
    this.directory.handleServerGone(this.#platform.monotonicMicros(), server.serverID);
    this.#drain();
    this.serverUnregistered.raise(server.serverID);
  }

  /** Everything of one server that is about users; false: the message breaks the rules. */
  handleUsers(server: AppServer, frame: FrameView): boolean {
    const handled = this.#handleUserMessage(server, frame);
    this.#drain();
    return handled;
  }

  /** Passes a message on to the server its receiver is on, as it is, or gives it back (CLU-031, CLU-032). */
  transfer(from: PlatformLink, frame: FrameView): void {
    const link = this.#transferTo(frame.destId());
    if (link !== undefined && link !== from) {
      link.write(frame.bytes());
      this.#relief.noteForwarded(from, link);
      return;
    }
    const { messageId } = frame;
    const ids = { sourceId: frame.sourceId(), destId: frame.destId() };
    const header = { clientType: ClientType.Others, messageType: MessageType.TransferFailed, messageId, ...ids };
    from.write(encodeFrame(header, frame.body(), this.#limits().userIdBytesMax));
  }

  /** A server could not deliver it: the server of the sender is told, if the sender is still there (CLU-032). */
  giveBack(frame: FrameView): void {
    this.#transferTo(frame.sourceId())?.write(frame.bytes());
  }

  #transferTo(userID: string): PlatformLink | undefined {
    const user = this.directory.get(userID);
    const link = user === undefined ? undefined : this.servers.get(user.serverID)?.transfer;
    return link?.isOpen === true ? link : undefined;
  }

  /** Calls a server; gives its result, or undefined when it went away or did not answer in time (CLU-043). */
  call(server: AppServer, call: ServerCall, onResult: (result: CallResult | undefined) => void): void {
    server.control.ask({
      messageType: MessageType.CallServer,
      replyType: MessageType.PlatformCallReply,
      codec: codecs.CallServerContract,
      value: call,
      onReply: (frame) => {
        const result = frame === undefined ? undefined : codecs.PlatformResultContract.decode(frame.body());
        onResult(result?.ok === true ? result.value : undefined);
      },
    });
  }

  /** The server a new client is sent to (CLU-013 to CLU-017). */
  assign(policy: ServerAssignedPolicy): AppServer | undefined {
    const choices = [...this.servers.values()].map((server) => ({
      server,
      serverID: server.serverID,
      userCount: this.directory.countOn(server.serverID),
      cpuUsage: server.cpuUsage,
      closed: this.#frozen.has(server.serverID) || server.telnetFailure,
    }));
    const chosen = assignServer(policy, choices, this.#lastAssigned)?.server;
    if (chosen !== undefined) this.#lastAssigned = chosen.serverID;
    return chosen;
  }

  setFrozen(serverID: number, frozen: boolean): void {
    if (frozen) this.#frozen.add(serverID);
    else this.#frozen.delete(serverID);
  }

  infoOf(server: AppServer): ClusterServerInfo {
    const { serverID, address, port, startTime, cpuUsage, memoryUsage, telnetFailure, lastUpdateTime } = server;
    const userCount = this.directory.countOn(serverID);
    const frozen = this.#frozen.has(serverID);
    return {
      serverID,
      address,
      port,
      startTime,
      userCount,
      cpuUsage,
      memoryUsage,
      frozen,
      telnetFailure,
      lastUpdateTime,
    };
  }

  #handleUserMessage(server: AppServer, frame: FrameView): boolean {
    const nowMicros = this.#platform.monotonicMicros();
    const { serverID } = server;
    switch (frame.messageType) {
      case MessageType.ReportUsers: {
        const report = codecs.ReportUsersContract.decode(frame.body());
        if (!report.ok) return false;
        const users = (report.value.Users ?? []).flatMap((user) => {
          if (user?.UserID === null || user === null) return [];
          return [{ userID: user.UserID, ageMicros: Number(user.AgeMicros), data: factsOf(user) }];
        });
        const Sessions = [...this.directory.handleReported(nowMicros, serverID, users)];
        server.control.post(frame.messageType, codecs.ReportUsersResContract, { Sessions }, frame.messageId);
        return true;
      }
      case MessageType.UserLogon: {
        const logon = codecs.UserLogonContract.decode(frame.body());
        if (!logon.ok) return false;
        const user = logon.value.User;
        if (user?.UserID == null) return false;
        const question = { serverID, requestID: frame.messageId, userID: user.UserID, mode: logon.value.RelogonMode };
        this.directory.handleLogon(nowMicros, { ...question, data: factsOf(user) });
        return true;
      }
      case MessageType.UserOffline: {
        const left = codecs.UserOfflineContract.decode(frame.body());
        if (!left.ok) return false;
        const { Session: session, UserID } = left.value;
        this.directory.handleOffline(nowMicros, { serverID, userID: UserID ?? '', session });
        return true;
      }
      case MessageType.UserChanged: {
        const change = codecs.UserChangedContract.decode(frame.body());
        if (!change.ok) return false;
        const { P2PAddress, Session, Tag, UserID } = change.value;
        this.directory.handleChanged(UserID ?? '', Session, (facts) => ({ ...facts, P2PAddress, Tag }));
        return true;
      }
      default:
        return false;
    }
  }

  /** Does what the directory says. Sending may end a link and so come back here; the outer call goes on then. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (let output = this.directory.poll(); output !== undefined; output = this.directory.poll()) this.#act(output);
    this.#draining = false;
  }

  #act(output: DirectoryOutput<UserFacts>): void {
    switch (output.kind) {
      case 'answer': {
        const { serverID, requestID, session } = output;
        const answer = { Granted: session !== 0, Session: session };
        const control = this.servers.get(serverID)?.control;
        control?.post(MessageType.UserLogon, codecs.UserLogonResContract, answer, requestID);
        return;
      }
      case 'pushOut':
        this.#pushOut(output);
        return;
      case 'came':
      case 'went':
        for (const server of this.servers.values()) {
          if (server.serverID !== output.user.serverID) this.#notify(server, output.user, output.kind === 'came');
        }
    }
  }

  #pushOut(output: Extract<DirectoryOutput<UserFacts>, { kind: 'pushOut' }>): void {
    const { serverID, userID, session, newServerID } = output;
    const offline = (): void => {
      this.directory.handleOffline(this.#platform.monotonicMicros(), { serverID, userID, session });
      this.#drain();
    };
    const server = this.servers.get(serverID);
    if (server === undefined) {
      offline();
      return;
    }
    server.control.ask({
      messageType: MessageType.LogonOtherServer,
      replyType: MessageType.PlatformCallReply,
      codec: codecs.LogonOtherServerContract,
      value: { NewServerID: newServerID, Session: session, UserID: userID },
      onReply: offline,
    });
  }

  #notify(server: AppServer, user: User, online: boolean): void {
    const notice = { Online: online, Users: [this.#wireUser(user)] };
    server.control.post(MessageType.UserNotice, codecs.UserNoticeContract, notice);
  }

  #tellUsers(server: AppServer, users: readonly WireUser[]): void {
    const others = users.filter((user) => user.ServerID !== server.serverID);
    for (let at = 0; at < others.length; at += USERS_PER_MESSAGE_MAX) {
      const Users = others.slice(at, at + USERS_PER_MESSAGE_MAX);
      server.control.post(MessageType.UserNotice, codecs.UserNoticeContract, { Online: true, Users });
    }
  }

  #wireUser(user: User): WireUser {
    const AgeMicros = Math.max(0, this.#platform.monotonicMicros() - user.boundMicros);
    return { ...user.data, AgeMicros, ServerID: user.serverID, Session: user.session, UserID: user.userID };
  }

  /** A user as the services outside see it. */
  wireUserOf(userID: string): WireUser | null {
    const user = this.directory.get(userID);
    return user === undefined ? null : this.#wireUser(user);
  }
}

function instanceKey(who: { readonly serverID: number; readonly instanceID: number }): string {
  return `${who.serverID} ${who.instanceID}`;
}
