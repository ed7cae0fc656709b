/**
 * What ties a server to its cluster: two connections to the platform server, kept up; logons asked for; messages passed on.
 *
 * One connection carries control, the other messages between servers; when either ends, both are made anew. While there is
 * none the server decides alone and knows its own users only (CLU-026). Drive it: `join`, then the `note*` calls, `stop`.
 */
import type { Platform, Timer } from '../../../spec/platform.ts';
import { PlatformPurpose } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { USERS_PER_MESSAGE_MAX } from '../../../spec/limits.ts';
import { reconnectDelaySecs, reconnectJitterPercent, stateReportSpanSecs } from '../../../spec/timing.ts';
import { ReconnectBackoff } from '../../core/reconnect-backoff.ts';
import { codecs } from '../../wire/index.ts';
import type { FrameView } from '../../wire/index.ts';
import type { BlobChannel } from '../blob-channel.ts';
import { RelogonMode } from '../enums.ts';
import { ConnectException, DisconnectedException } from '../errors.ts';
import { EventSource } from '../event.ts';
import type { CustomizeController } from '../api.ts';
import type { LogonClaim, ServerConnection } from '../server/server-connection.ts';
import type { ServerContext } from '../server/server-context.ts';
import { REFUSED } from '../server/logon-desk.ts';
import { secsToMicros } from '../settings.ts';
import { answerCall } from './answer-call.ts';
import type { MachineState, PlatformCallbackHandler } from './api.ts';
import { dialPlatform } from './dial-platform.ts';
import type { PlatformLink } from './platform-link.ts';
import { factsOf, newUser, userDataOf, wireUserOf } from './platform-user-data.ts';
import type { WireUser } from './platform-user-data.ts';
import type { PlatformUsers } from './platform-users.ts';
import { transferLimits } from './transfer-limits.ts';
import { createRemoteBlobs } from './remote-blobs.ts';
import { encodeGivenBack, encodeTransfer, receiveTransfer } from './transfers.ts';

/** What a server gives its tie to the cluster. */
export type ClusterHost = {
  /** Valid once initialize has begun. */
  readonly context: () => ServerContext;
  readonly users: PlatformUsers;
  readonly controller: CustomizeController;
};

export type ClusterMemberOptions = {
  readonly platform: Platform;
  readonly serverID: number;
  readonly acms: { readonly address: string; readonly servicePort: number; readonly transferPort: number };
  /** Settings, read when they are needed. */
  readonly secret: () => string;
  readonly clientAddress: () => string | null;
  readonly machineState: () => MachineState;
  readonly callbackHandler: () => PlatformCallbackHandler | null;
};

type Phase = 'idle' | 'joining' | 'joined' | 'away' | 'stopped';
type Joining = { resolve(): void; reject(error: Error): void };

/** The tie of one server. */
export class ClusterMember {
  readonly platformConnectionInterrupted: EventSource<[]>;
  readonly platformConnectionRebuild: EventSource<[]>;
  readonly #options: ClusterMemberOptions;
  readonly #host: ClusterHost;
  readonly #platform: Platform;
  readonly #instanceID: number;
  readonly #startTime: number;
  readonly #backoff = new ReconnectBackoff(reconnectDelaySecs.map(secsToMicros), reconnectJitterPercent);
  /** Logons that came before the first join was done. */
  #heldLogons: (() => void)[] = [];
  #phase: Phase = 'idle';
  #joining: Joining | undefined;
  #port = 0;
  #control: PlatformLink | undefined;
  #transfer: PlatformLink | undefined;
  #registered = false;
  #transferUp = false;
  #reportsOpen = 0;
  #retryTimer: Timer | undefined;
  #reportTimer: Timer | undefined;
  #blobs: BlobChannel | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: ClusterMemberOptions, host: ClusterHost) {
    const { platform } = options;
    this.#options = options;
    this.#host = host;
    this.#platform = platform;
    this.#instanceID = platform.randomUint32() | 0;
    this.#startTime = platform.wallMillis();
    this.platformConnectionInterrupted = new EventSource(platform, 'platformConnectionInterrupted');
    this.platformConnectionRebuild = new EventSource(platform, 'platformConnectionRebuild');
  }

  get isJoined(): boolean {
    return this.#phase === 'joined';
  }

  /** Joins for the first time. Rejects `E_CONNECT` when the platform server is not there or refuses (CLU-012). */
  join(port: number): Promise<void> {
    this.#port = port;
    this.#phase = 'joining';
    const { users } = this.#host.context();
    const unsubscribes = [users.userTagChanged, users.p2pAddressChanged].map((event) =>
      event.add((userID: string) => this.#noteChanged(userID)),
    );
    this.#unsubscribe = () => {
      for (const unsubscribe of unsubscribes) unsubscribe();
    };
    this.#platform.noteAsyncEdge();
    return new Promise<void>((resolve, reject) => {
      this.#joining = { resolve, reject };
      this.#connect();
    });
  }

  /** Leaves for good. */
  stop(): void {
    if (this.#phase === 'stopped') return;
    this.#control?.post(MessageType.UnregisterServer, null, null);
    this.#phase = 'stopped';
    this.#unsubscribe();
    this.#retryTimer?.cancel();
    this.#drop();
    this.#settleJoin(new ConnectException('E_CLOSED', 'CUS-011', 'the server was closed while it joined'));
  }

  /**
   * Asks whether a verified user may be bound (CLU-020).
   * @param onAnswer - Gets the session; 0 where this server decides alone; REFUSED.
   */
  askLogon(connection: ServerConnection, claim: LogonClaim, mode: number, onAnswer: (session: number) => void): void {
    if (this.#phase === 'joining') {
      this.#heldLogons.push(() => this.askLogon(connection, claim, mode, onAnswer));
      return;
    }
    if (!this.#registered) {
      onAnswer(0);
      return;
    }
    this.#ask(mode, newUser(connection, claim, this.#platform.wallMillis()), onAnswer);
  }

  /** A user was bound; one that the platform server does not know yet is reported (CLU-026). */
  noteBound(connection: ServerConnection): void {
    if (connection.session !== 0 || !this.#registered) return;
    this.#ask(RelogonMode.ReplaceOld, this.#wireUser(connection), (session) => this.#adopt(connection, session));
  }

  /** A user left (CLU-024). */
  noteOffline(userID: string, session: number): void {
    if (session <= 0 || !this.#registered) return;
    const left = { Session: session, UserID: userID };
    this.#control?.post(MessageType.UserOffline, codecs.UserOfflineContract, left);
  }

  /** Passes a whole message on to a user of another server (CLU-031). @returns false: not known there */
  transfer(userID: string, message: Uint8Array): boolean {
    const user = this.#host.users.remote(userID);
    if (user === undefined || this.#transfer?.isOpen !== true) return false;
    this.#transfer.write(encodeTransfer(userID, { Message: message, Session: user.session }, this.#limits()));
    return true;
  }

  /** What messages to users of other servers queue on. */
  get transferQueue(): PlatformLink | undefined {
    return this.#transfer;
  }

  /** Where the server's own blobs to a user of another server are sent from; undefined: not known there. */
  blobsTo(userID: string): (() => BlobChannel) | undefined {
    const transfer = this.#transfer;
    if (this.#host.users.remote(userID) === undefined || transfer?.isOpen !== true) return undefined;
    return () => {
      this.#blobs ??= createRemoteBlobs(this.#host.context(), transfer, this.#options.serverID);
      return this.#blobs;
    };
  }

  #limits(): ReturnType<typeof transferLimits> {
    return transferLimits(this.#host.context().limits);
  }

  #connect(): void {
    const { acms, secret, serverID } = this.#options;
    const common = {
      platform: this.#platform,
      limits: this.#limits(),
      secret: secret(),
      serverID,
      instanceID: this.#instanceID,
      waitMicros: Infinity,
    };
    this.#control = dialPlatform(
      {
        ...common,
        remote: { address: acms.address, port: acms.servicePort },
        purpose: PlatformPurpose.Application,
      },
      {
        handleUp: () => this.#register(),
        handleMessage: (frame) => this.#handleControl(frame),
        handleDown: (detail) => this.#handleDown(detail),
      },
    );
    this.#transfer = dialPlatform(
      { ...common, remote: { address: acms.address, port: acms.transferPort }, purpose: PlatformPurpose.Transfer },
      {
        handleUp: () => {
          this.#transferUp = true;
          this.#checkJoined();
        },
        handleMessage: (frame) => this.#handleTransfer(frame),
        handleDown: (detail) => this.#handleDown(detail),
      },
    );
    const transfer = this.#transfer;
    transfer.whenDrained(() => this.#host.context().fileRelief.handleDrain(transfer));
  }

  #register(): void {
    this.#control?.ask({
      messageType: MessageType.RegisterServer,
      codec: codecs.RegisterServerContract,
      value: { Address: this.#options.clientAddress(), Port: this.#port, StartTime: this.#startTime },
      onReply: (frame) => {
        if (frame === undefined) return;
        const result = codecs.PlatformResultContract.decode(frame.body());
        if (result.ok && result.value.ErrorCode === null) this.#handleRegistered();
        else this.#handleDown(result.ok ? (result.value.Message ?? 'refused') : result.error.detail);
      },
    });
  }

  #handleRegistered(): void {
    this.#registered = true;
    this.#reportState();
    const bound = [...this.#host.context().users.all()];
    for (let at = 0; at < bound.length; at += USERS_PER_MESSAGE_MAX) {
      this.#reportUsers(bound.slice(at, at + USERS_PER_MESSAGE_MAX));
    }
    this.#checkJoined();
  }

  #reportUsers(connections: readonly ServerConnection[]): void {
    this.#reportsOpen += 1;
    this.#control?.ask({
      messageType: MessageType.ReportUsers,
      codec: codecs.ReportUsersContract,
      value: { Users: connections.map((connection) => this.#wireUser(connection)) },
      onReply: (frame) => {
        this.#reportsOpen -= 1;
        const sessions = frame === undefined ? undefined : codecs.ReportUsersResContract.decode(frame.body());
        if (sessions?.ok !== true) return;
        const given = sessions.value.Sessions ?? [];
        connections.forEach((connection, index) => this.#adopt(connection, given[index] ?? 0));
        this.#checkJoined();
      },
    });
  }

  /** The session belongs to that connection, if it is still the user's. */
  #adopt(connection: ServerConnection, session: number): void {
    const isBound = this.#host.context().users.get(connection.userID) === connection;
    if (isBound) connection.session = session;
    else this.noteOffline(connection.userID, session);
  }

  #checkJoined(): void {
    if (!this.#registered || !this.#transferUp || this.#reportsOpen > 0 || this.#phase === 'joined') return;
    const isFirst = this.#phase === 'joining';
    this.#phase = 'joined';
    this.#backoff.reset();
    if (isFirst) this.#settleJoin(undefined);
    else this.platformConnectionRebuild.raise();
    this.#releaseHeld();
  }

  #reportState(): void {
    const { cpuUsage, memoryUsage } = this.#options.machineState();
    this.#control?.ask({
      messageType: MessageType.ReportServerState,
      codec: codecs.ServerStateContract,
      value: { CpuUsage: cpuUsage, MemoryUsage: memoryUsage },
      onReply: () => undefined,
    });
    this.#reportTimer = this.#platform.setTimer(secsToMicros(stateReportSpanSecs), () => this.#reportState());
  }

  #handleDown(detail: string): void {
    if (this.#phase === 'stopped' || this.#control === undefined) return;
    const { address, servicePort } = this.#options.acms;
    this.#platform.log('warn', `the platform server at ${address}:${servicePort} is out of reach: ${detail}`);
    const before = this.#phase;
    this.#phase = before === 'joining' ? 'idle' : 'away';
    this.#drop();
    if (before === 'joining') {
      this.#unsubscribe();
      const text = `the platform server at ${address}:${servicePort} cannot be used: ${detail}`;
      this.#settleJoin(new ConnectException('E_CONNECT', 'CLU-012', text));
      return;
    }
    if (before === 'joined') this.platformConnectionInterrupted.raise();
    const delayMicros = this.#backoff.nextDelayMicros(this.#platform.randomUint32());
    this.#retryTimer = this.#platform.setTimer(delayMicros, () => this.#connect());
  }

  /** Gives both connections up and forgets what they told. */
  #drop(): void {
    this.#registered = false;
    this.#transferUp = false;
    this.#reportTimer?.cancel();
    const links = [this.#control, this.#transfer];
    this.#control = undefined;
    this.#transfer = undefined;
    for (const link of links) {
      link?.close();
      if (link !== undefined) this.#host.context().fileRelief.handleDrain(link);
    }
    this.#reportsOpen = 0;
    this.#blobs?.fail(() => new DisconnectedException('CLU-026'));
    this.#blobs = undefined;
    this.#host.users.clearRemote();
    // Before the first join nobody is let in; after that logons are not held.
    this.#heldLogons = [];
  }

  #releaseHeld(): void {
    const held = this.#heldLogons;
    this.#heldLogons = [];
    for (const ask of held) ask();
  }

  #settleJoin(error: Error | undefined): void {
    const joining = this.#joining;
    this.#joining = undefined;
    if (joining === undefined) return;
    this.#platform.noteAsyncEdge();
    if (error === undefined) joining.resolve();
    else joining.reject(error);
  }

  #ask(mode: number, user: WireUser, onAnswer: (session: number) => void): void {
    this.#control?.ask({
      messageType: MessageType.UserLogon,
      codec: codecs.UserLogonContract,
      value: { RelogonMode: mode, User: { ...user, ServerID: this.#options.serverID } },
      onReply: (frame) => {
        const answer = frame === undefined ? undefined : codecs.UserLogonResContract.decode(frame.body());
        // Without an answer the platform server is gone, and this one decides alone (CLU-026).
        if (answer?.ok !== true) onAnswer(0);
        else onAnswer(answer.value.Granted ? answer.value.Session : REFUSED);
      },
    });
  }

  #handleControl(frame: FrameView): boolean {
    switch (frame.messageType) {
      case MessageType.UserNotice: {
        const notice = codecs.UserNoticeContract.decode(frame.body());
        if (notice.ok) this.#handleNotice(notice.value.Online, notice.value.Users ?? []);
        return notice.ok;
      }
      case MessageType.LogonOtherServer: {
        const order = codecs.LogonOtherServerContract.decode(frame.body());
        if (!order.ok) return false;
        this.#handleLogonOther(order.value.UserID ?? '', order.value.Session, frame.messageId);
        return true;
      }
      case MessageType.CallServer: {
        const call = codecs.CallServerContract.decode(frame.body());
        if (!call.ok) return false;
        const { messageId } = frame;
        const control = this.#control;
        const context = this.#host.context();
        const host = { context, controller: this.#host.controller, handler: this.#options.callbackHandler() };
        answerCall(host, call.value, (result) => {
          control?.post(MessageType.PlatformCallReply, codecs.PlatformResultContract, result, messageId);
        });
        return true;
      }
      default:
        return true;
    }
  }

  #handleNotice(online: boolean, users: readonly (WireUser | null)[]): void {
    for (const user of users) {
      if (user?.UserID == null) continue;
      const { ServerID, Session: session, UserID } = user;
      if (online) this.#host.users.setRemote(UserID, { session, data: userDataOf(UserID, ServerID, factsOf(user)) });
      else this.#host.users.removeRemote(UserID, session);
    }
  }

  #handleLogonOther(userID: string, session: number, messageId: number): void {
    const control = this.#control;
    const done = (): void =>
      control?.post(
        MessageType.PlatformCallReply,
        codecs.PlatformResultContract,
        { ErrorCode: null, Info: null, Message: null },
        messageId,
      );
    this.#host.context().desk.logonOtherServer(userID, session, done);
  }

  #handleTransfer(frame: FrameView): boolean {
    return receiveTransfer(this.#host.context(), { frame, link: this.#transfer }, (value) => {
      this.#transfer?.write(encodeGivenBack(frame, value, this.#limits()));
    });
  }

  /** The tag or the peer-to-peer address of a user changed (CLU-029). */
  #noteChanged(userID: string): void {
    const connection = this.#host.context().users.get(userID);
    if (connection === undefined || connection.session === 0 || !this.#registered) return;
    const { P2PAddress, Session, Tag } = this.#wireUser(connection);
    const change = { P2PAddress, Session, Tag, UserID: userID };
    this.#control?.post(MessageType.UserChanged, codecs.UserChangedContract, change);
  }

  #wireUser(connection: ServerConnection): WireUser {
    return wireUserOf(connection, this.#options.serverID);
  }
}
