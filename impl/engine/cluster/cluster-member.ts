/**
 * What ties a server to its cluster: two connections to the platform server, kept up; logons asked for; messages passed on.
 *
 * One connection carries control, the other messages between servers; when either ends, both are made anew. While there is
 * none the server decides alone and knows its own users only (CLU-026). Drive it: `join`, then the `note*` calls, `stop`.
 */
import type { Platform, Timer } from '../../../spec/platform.ts';
import { PlatformPurpose } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { USERS_PER_MESSAGE_MAX } from '../../../spec/limits.ts';
import { reconnectDelaySecs, reconnectJitterPercent, stateReportSpanSecs } from '../../../spec/timing.ts';
import { ReconnectBackoff } from '../../core/reconnect-backoff.ts';
import { codecs, encodeMessage, readUtf8 } from '../../wire/index.ts';
import type { FrameView } from '../../wire/index.ts';
import { BlobChannel } from '../blob-channel.ts';
import { ClientType, RelogonMode } from '../enums.ts';
import { ConnectException, DisconnectedException } from '../errors.ts';
import { EventSource } from '../event.ts';
import type { CustomizeController } from '../api.ts';
import type { LogonClaim, ServerConnection } from '../server/server-connection.ts';
import type { ServerContext } from '../server/server-context.ts';
import { REFUSED } from '../server/logon-desk.ts';
import { postToUser } from '../server/post-to-user.ts';
import { p2pAddressToWire } from '../p2p-address.ts';
import { secsToMicros } from '../settings.ts';
import { answerCall } from './answer-call.ts';
import type { MachineState, PlatformCallbackHandler } from './api.ts';
import { dialPlatform } from './dial-platform.ts';
import type { PlatformLink } from './platform-link.ts';
import { factsOf, userDataOf, wireTag } from './platform-user-data.ts';
import type { WireUser } from './platform-user-data.ts';
import type { PlatformUsers } from './platform-users.ts';
import { transferLimits } from './transfer-limits.ts';
import { reportUndelivered } from './undelivered.ts';

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

/** Where a message has the length of its sender's id (FRM-001). */
const SOURCE_ID_AT = 12;

/** Ids of blobs between servers start here, apart from what a server numbers for its own users (CLU-031). */
const REMOTE_BLOB_IDS_FROM = 0x4000_0000;
/** Each server has a million of them. */
const REMOTE_BLOB_IDS_PER_SERVER = 0x10_0000;
const REMOTE_BLOB_SERVERS = 1024;

const NO_USER: WireUser = {
  AgeMicros: 0,
  ClientType: 0,
  IP: null,
  P2PAddress: null,
  Port: 0,
  ServerID: 0,
  Session: 0,
  Tag: null,
  TimeLogon: 0,
  UserID: null,
};

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
    const { address, port } = connection.remote;
    const { clientType, userID } = claim;
    const TimeLogon = this.#platform.wallMillis();
    const user = { ...NO_USER, ClientType: clientType, IP: address, Port: port, TimeLogon, UserID: userID };
    this.#ask(mode, user, onAnswer);
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
    const header = {
      clientType: ClientType.Others,
      messageType: MessageType.TransferMessage,
      messageId: 0,
      sourceId: sourceIdOf(message),
      destId: userID,
    };
    const value = { Message: message, Session: user.session };
    this.#transfer.write(encodeMessage(header, codecs.TransferContract, value, this.#limits()));
    return true;
  }

  /** Where the server's own blobs to a user of another server are sent from; undefined: not known there. */
  blobsTo(userID: string): (() => BlobChannel) | undefined {
    const transfer = this.#transfer;
    if (this.#host.users.remote(userID) === undefined || transfer?.isOpen !== true) return undefined;
    return () => {
      this.#blobs ??= this.#createBlobs(transfer);
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
    for (const link of links) link?.close();
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
    const context = this.#host.context();
    const connection = context.users.get(userID);
    if (connection?.session === session) context.desk.logonOtherServer(connection, done);
    else done();
  }

  #handleTransfer(frame: FrameView): boolean {
    if (frame.messageType !== MessageType.TransferMessage && frame.messageType !== MessageType.TransferFailed)
      return true;
    const body = codecs.TransferContract.decode(frame.body());
    if (!body.ok || body.value.Message === null) return false;
    const { Message, Session } = body.value;
    const context = this.#host.context();
    if (frame.messageType === MessageType.TransferFailed) {
      reportUndelivered(context, Message);
      return true;
    }
    const user = context.users.get(frame.destId());
    // Meant for an older logon: by now something newer may have arrived another way (CLU-023).
    if (user?.session === Session) user.forward(Message);
    else this.#giveBack(frame, body.value);
    return true;
  }

  #giveBack(frame: FrameView, value: ContractOf<'TransferContract'>): void {
    const header = {
      clientType: ClientType.Others,
      messageType: MessageType.TransferFailed,
      messageId: frame.messageId,
      sourceId: frame.sourceId(),
      destId: frame.destId(),
    };
    this.#transfer?.write(encodeMessage(header, codecs.TransferContract, value, this.#limits()));
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
    const { userData, userID, remote } = connection;
    const p2pAddress = userData?.p2pAddress ?? null;
    return {
      AgeMicros: connection.boundForMicros,
      ClientType: userData?.clientType ?? 0,
      IP: remote.address,
      P2PAddress: p2pAddress === null ? null : p2pAddressToWire(p2pAddress),
      Port: remote.port,
      ServerID: this.#options.serverID,
      Session: connection.session,
      Tag: wireTag(userData?.tag),
      TimeLogon: userData?.timeLogon ?? 0,
      UserID: userID,
    };
  }

  #createBlobs(transfer: PlatformLink): BlobChannel {
    const context = this.#host.context();
    const idsAfter = REMOTE_BLOB_IDS_FROM + (this.#options.serverID % REMOTE_BLOB_SERVERS) * REMOTE_BLOB_IDS_PER_SERVER;
    const blobs = new BlobChannel(
      this.#platform,
      transfer.tcp,
      (of, fragment) => {
        const { requests } = context;
        const outgoing = { messageType: of.messageType, messageId: requests.nextId(), destId: of.destId };
        postToUser(context, outgoing, codecs.BlobFragmentContract, {
          BlobID: fragment.blobId,
          Fragment: fragment.bytes,
          FragmentIndex: fragment.index,
          InformationType: of.informationType,
          IsLast: fragment.isLast,
        });
      },
      idsAfter,
    );
    transfer.onDrained = () => blobs.handleDrain();
    return blobs;
  }
}

function sourceIdOf(message: Uint8Array): string {
  const start = SOURCE_ID_AT + 1;
  return readUtf8(message, start, start + message[SOURCE_ID_AT]!) ?? '';
}
