/**
 * One connection of a client: bytes to messages, messages to receivers, heartbeat, what waits on it.
 *
 * It lives from the TCP connection to its end; a reconnect makes a new one, so blob ids start anew (BLB-014), while message
 * ids go on counting, so that a late answer meets nobody (FRM-024, QRY-006). It knows no states: it tells its owner what
 * happened, once, and the owner decides.
 */
import type { Platform, TcpConnection, TcpHandlers, Timer } from '../../../spec/platform.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import { keepAliveIdleSecs, keepAliveIntervalSecs } from '../../../spec/timing.ts';
import { MessageType, rooms } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { BlobAssembly } from '../../core/blob-assembly.ts';
import { ClientHeartbeat } from '../../core/client-heartbeat.ts';
import type { HeartbeatOptions } from '../../core/client-heartbeat.ts';
import type { MessageIdCount } from '../../core/pending-replies.ts';
import { WriteProgress } from '../../core/write-progress.ts';
import { codecs, encodeFrame, encodeMessage, FrameDecoder } from '../../wire/index.ts';
import type { Codec, FrameLimits, FrameView } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import { BlobChannel } from '../blob-channel.ts';
import type { BlobIdCount, PostFragment } from '../blob-channel.ts';
import type { MessageInvalidType } from '../enums.ts';
import { DisconnectedException } from '../errors.ts';
import { HandlerQueue } from '../handler-queue.ts';
import type { PathWatcher } from '../path.ts';
import type { ChannelSession } from '../p2p/channel-session.ts';
import type { Outgoing, Peer, PeerWorld } from '../peer.ts';
import { Requests } from '../requests.ts';
import { postFragment } from '../send-blob.ts';
import { secsToMicros } from '../settings.ts';
import { decodeOrViolate } from '../decode-body.ts';
import { pushBytes } from '../rare-ways.ts';
import { CLIENT_DISPATCH } from './client-dispatch.ts';

/** Seconds the server has to finish closing before the socket is reset. Ours, as on the server. */
const CLOSE_LINGER_SECS = 5;

/** What a link needs from its engine; settings as they were at initialize. */
export type LinkOptions = {
  readonly world: PeerWorld;
  readonly limits: FrameLimits;
  readonly userID: string;
  readonly clientType: number;
  readonly waitMicros: number;
  readonly writeMicros: number;
  readonly heartbeat: HeartbeatOptions;
  readonly blobBytesMax: number;
  readonly messageIds: MessageIdCount;
  readonly router: LinkRouter;
};

/** Who knows other ways than the server's. */
export type LinkRouter = {
  /** Takes a message for a user when it goes, or has to wait, another way than straight to the server. */
  carry(userID: string, frame: Uint8Array): boolean;
  /** Where blobs for a user are sent from; undefined: from the link. */
  blobsFor(userID: string): BlobChannel | undefined;
  /** A message of the P2P room. */
  handleFrame(frame: FrameView): void;
  handleServerDrain(): void;
  /** The application has too much to do, or has caught up. */
  handleReading(paused: boolean): void;
};

/** The P2P room, by number. */
const P2P_ROOM_FIRST = rooms.P2P;
const P2P_ROOM_LAST = P2P_ROOM_FIRST + 99;

/** What a link tells its engine. After `lost` or `invalid` nothing more comes. */
export type LinkOwner = {
  handleConnected(): void;
  handleConnectFailed(detail: string): void;
  handleLogonReply(response: ContractOf<'ResLogonContract'>): void;
  handleLogonTimedOut(): void;
  handleLost(detail: string): void;
  handleInvalid(kind: MessageInvalidType): void;
  handlePushedOut(): void;
  handleKickedOut(): void;
};

/** A connection of a client, from connect to end. */
export class ClientLink implements TcpHandlers, Peer, ChannelSession {
  readonly world: PeerWorld;
  readonly requests: Requests;
  readonly blobIds: BlobIdCount = { last: 0 };
  readonly #options: LinkOptions;
  readonly #owner: LinkOwner;
  readonly #platform: Platform;
  readonly #decoder: FrameDecoder;
  #tcp: TcpConnection | undefined;
  #connected = false;
  /** The owner has been told the end, or has dropped the link. */
  #over = false;
  #queue: HandlerQueue | undefined;
  #assembly: BlobAssembly | undefined;
  #blobs: BlobChannel | undefined;
  readonly #watchers = new Set<PathWatcher>();
  #logonId: number | undefined;
  #logonAlarm: Alarm | undefined;
  #inSession = false;
  #heartbeat: ClientHeartbeat | undefined;
  #heartbeatAlarm: Alarm | undefined;
  #progress: WriteProgress | undefined;
  #progressAlarm: Alarm | undefined;
  #writtenBytes = 0;
  #linger: Timer | undefined;
  #gone = false;
  #dropped = false;
  #isUnanswered = false;
  #messageCount = 0;
  /** The chunk at hand holds the answer to a heartbeat. */
  #heartbeatSeen = false;

  constructor(options: LinkOptions, owner: LinkOwner) {
    this.#options = options;
    this.#owner = owner;
    this.world = options.world;
    this.#platform = options.world.platform;
    this.requests = new Requests(this.#platform, options.waitMicros, options.messageIds);
    this.#decoder = new FrameDecoder(options.limits);
  }

  /** Attaches the connection that this link's handlers belong to. */
  attach(tcp: TcpConnection): void {
    this.#tcp = tcp;
  }

  get isOpen(): boolean {
    return this.#connected && !this.#over;
  }

  get queuedBytes(): number {
    return this.#tcp?.queuedBytes ?? 0;
  }

  get limits(): FrameLimits {
    return this.#options.limits;
  }

  get userID(): string {
    return this.#options.userID;
  }

  get clientType(): number {
    return this.#options.clientType;
  }

  get heartbeat(): HeartbeatOptions {
    return this.#options.heartbeat;
  }

  onConnected(): void {
    if (this.#over) return;
    this.#connected = true;
    this.#tcp?.setKeepAlive({
      idleMicros: secsToMicros(keepAliveIdleSecs),
      intervalMicros: secsToMicros(keepAliveIntervalSecs),
    });
    this.#owner.handleConnected();
  }

  onData(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#heartbeatSeen = false;
    const seenBefore = this.#messageCount;
    const error = pushBytes(this.#platform, this.#decoder, bytes, this.#sink);
    if (error !== undefined) this.#endInvalid(error.kind, `${error.detail} (${error.clause})`);
    else if (this.#messageCount > seenBefore) this.#noteLife();
  }

  onEnd(): void {
    if (this.#over) return;
    const error = this.#decoder.end();
    if (error === undefined) this.#endLost('the server closed the connection');
    else this.#endInvalid(error.kind, `${error.detail} (${error.clause})`);
  }

  onDrain(): void {
    this.#blobs?.handleDrain();
    this.#options.router.handleServerDrain();
    for (const watcher of [...this.#watchers]) watcher.onDrain();
  }

  onClosed(reason: string, detail?: string): void {
    this.#gone = true;
    this.#linger?.cancel();
    this.#linger = undefined;
    const text = detail === undefined ? reason : `${reason}: ${detail}`;
    if (this.#over) return;
    if (this.#connected) this.#endLost(text);
    else {
      this.#over = true;
      this.#owner.handleConnectFailed(text);
    }
  }

  senderOf(frame: FrameView): string {
    return frame.sourceIsServer() ? SERVER_ID : frame.sourceId();
  }

  noteInformation(): void {
    // Only a server tells its application of information apart from handling it (CUS-007).
  }

  /** Sends by the way of the moment (P2P-060). */
  post<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void {
    if (!this.isOpen) return;
    const frame = this.#encode(outgoing, codec, value);
    if (outgoing.destId === '' || !this.#options.router.carry(outgoing.destId, frame)) this.#write(frame);
  }

  postByServer<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void {
    if (this.isOpen) this.#write(this.#encode(outgoing, codec, value));
  }

  writeByServer(frame: Uint8Array): void {
    if (this.isOpen) this.#write(frame);
  }

  #encode<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): Uint8Array {
    const { clientType, limits, userID } = this.#options;
    const { messageType, messageId, destId } = outgoing;
    const header = { clientType, messageType, messageId, sourceId: userID, destId };
    return codec === null
      ? encodeFrame(header, null, limits.userIdBytesMax)
      : encodeMessage(header, codec, value, limits);
  }

  violate(detail: string): void {
    if (!this.#over) this.#endInvalid('DataLacked', `${detail} (FRM-019)`);
  }

  callQueue(make: false): HandlerQueue | undefined;
  callQueue(make: true): HandlerQueue;
  callQueue(make: boolean): HandlerQueue | undefined {
    if (make) this.#queue ??= new HandlerQueue(this.#platform, this);
    return this.#queue;
  }

  assembly(): BlobAssembly {
    this.#assembly ??= new BlobAssembly(this.#options.blobBytesMax);
    return this.#assembly;
  }

  /** Where blobs through the server are sent from. */
  blobs(): BlobChannel {
    this.#blobs ??= new BlobChannel(this.#platform, this.#tcp!, this.fragmentPoster('server'), this.blobIds);
    return this.#blobs;
  }

  /** Where blobs for a user are sent from: they go by the way of the moment. */
  blobsFor(userID: string): BlobChannel {
    return this.#options.router.blobsFor(userID) ?? this.blobs();
  }

  fragmentPoster(way: 'server' | 'any'): PostFragment {
    const { requests } = this;
    const post: Peer['post'] =
      way === 'server'
        ? (outgoing, codec, value) => this.postByServer(outgoing, codec, value)
        : (outgoing, codec, value) => this.post(outgoing, codec, value);
    return (of, fragment) => postFragment({ post, requests }, of, fragment);
  }

  /** Tells when the queue is empty and when the session is over. @returns a function that ends the watching */
  watch(watcher: PathWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  pauseReading(): void {
    this.#tcp?.pause();
    this.#options.router.handleReading(true);
  }

  resumeReading(): void {
    this.#tcp?.resume();
    this.#options.router.handleReading(false);
  }

  /** Logs on. The answer comes at once when it comes, not as a promise: the next message may be in the same chunk. */
  sendLogon(request: ContractOf<'ReqLogonContract'>): void {
    const messageId = this.requests.nextId();
    this.#logonId = messageId;
    this.#logonAlarm = new Alarm(this.#platform, () => {
      this.#isUnanswered = true;
      this.#owner.handleLogonTimedOut();
    });
    this.#logonAlarm.aim(this.#platform.monotonicMicros() + this.#options.waitMicros);
    this.post({ messageType: MessageType.Logon, messageId, destId: '' }, codecs.ReqLogonContract, request);
  }

  /** The logon has succeeded: messages are handled from now on, and the heartbeat starts (HBT-001). */
  startSession(): void {
    this.#inSession = true;
    this.#heartbeat = new ClientHeartbeat(this.#platform.monotonicMicros(), this.#options.heartbeat);
    this.#heartbeatAlarm = new Alarm(this.#platform, (nowMicros) => this.#beat(nowMicros));
    this.#beat(this.#platform.monotonicMicros());
  }

  sendHeartbeat(): void {
    const messageId = this.requests.nextId();
    this.post({ messageType: MessageType.HeartBeat, messageId, destId: '' }, null, null);
  }

  /** The owner is done with the link: closes it. @param forgetCalls - Calls of the application that still wait are dropped. */
  drop(forgetCalls: boolean): void {
    if (forgetCalls) this.#queue?.clear();
    if (this.#dropped) return;
    this.#dropped = true;
    this.#release();
    const tcp = this.#tcp;
    if (tcp === undefined || this.#gone) return;
    // RCN-018: a logon that nobody has answered is not to be heard any more.
    if (!this.#connected || this.#isUnanswered) {
      tcp.abort();
      return;
    }
    this.#linger = this.#platform.setTimer(secsToMicros(CLOSE_LINGER_SECS), () => tcp.abort());
    tcp.resume();
    tcp.end();
  }

  /** Fails what waits on the link: queries, ACKs, blobs (RCN-006). */
  failWaiting(): void {
    this.requests.failAll(() => new DisconnectedException('RCN-006'));
    this.#blobs?.fail(() => new DisconnectedException('BLB-007'));
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.onEnd('the connection to the server ended');
  }

  readonly #sink = (frame: FrameView): boolean => {
    this.#messageCount++;
    const fromServer = frame.sourceIsServer();
    if (!this.#inSession) {
      if (fromServer && frame.messageType === MessageType.Logon) this.#handleLogonReply(frame);
      return !this.#over;
    }
    switch (frame.messageType) {
      case MessageType.HeartBeat:
        this.#heartbeatSeen ||= fromServer;
        break;
      // SEC-016: only the server can say so.
      case MessageType.BeingPushedOutNotify:
        if (fromServer) this.#owner.handlePushedOut();
        break;
      case MessageType.BeingKickedOutNotify:
        if (fromServer) this.#owner.handleKickedOut();
        break;
      default:
        if (frame.messageType >= P2P_ROOM_FIRST && frame.messageType <= P2P_ROOM_LAST) {
          this.#options.router.handleFrame(frame);
        } else CLIENT_DISPATCH[frame.messageType]?.(this, frame);
    }
    return !this.#over;
  };

  #handleLogonReply(frame: FrameView): void {
    const response = decodeOrViolate(this, frame, codecs.ResLogonContract);
    if (response === undefined || frame.messageId !== this.#logonId) return;
    this.#logonAlarm?.clear();
    this.#owner.handleLogonReply(response);
  }

  #write(bytes: Uint8Array): void {
    const tcp = this.#tcp!;
    // Encoded messages are views of blocks that are never written again.
    if (tcp.writeUnchanging === undefined) tcp.write(bytes);
    else tcp.writeUnchanging(bytes);
    this.#writtenBytes += bytes.length;
    if (this.#tcp!.queuedBytes > 0 && this.#options.writeMicros !== Infinity) this.#watchQueue();
  }

  #watchQueue(): void {
    this.#progress ??= new WriteProgress(this.#options.writeMicros);
    this.#progressAlarm ??= new Alarm(this.#platform, (nowMicros) => this.#checkProgress(nowMicros));
    if (!this.#progressAlarm.isSet) this.#checkProgress(this.#platform.monotonicMicros());
  }

  #checkProgress(nowMicros: number): void {
    if (this.#over) return;
    const channel = { written: this.#writtenBytes, queued: this.#tcp!.queuedBytes };
    const verdict = this.#progress!.poll(nowMicros, channel);
    if (verdict.kind === 'wait') this.#progressAlarm!.aim(verdict.untilMicros);
    else if (verdict.kind === 'stuck') this.#endSilent('nothing could be sent within the write timeout (ENG-009)');
  }

  #noteLife(): void {
    this.#heartbeat?.handleMessage(this.#platform.monotonicMicros(), this.#heartbeatSeen);
    if (this.#heartbeatSeen) this.#beat(this.#platform.monotonicMicros());
  }

  #beat(nowMicros: number): void {
    for (;;) {
      if (this.#over) return;
      const output = this.#heartbeat!.poll(nowMicros);
      if (output.kind === 'send') this.sendHeartbeat();
      else if (output.kind === 'lost') {
        this.#endSilent('the server has been silent for too long (HBT-010)');
        return;
      } else {
        this.#heartbeatAlarm!.aim(output.untilMicros);
        return;
      }
    }
  }

  /** Nobody answers at the other end, so there is nobody to say goodbye to. */
  #endSilent(detail: string): void {
    this.#release();
    this.#tcp?.abort();
    this.#owner.handleLost(detail);
  }

  #endLost(detail: string): void {
    this.drop(false);
    this.#owner.handleLost(detail);
  }

  #endInvalid(kind: MessageInvalidType, detail: string): void {
    this.#platform.log('warn', `the server sent an invalid message, ${kind}: ${detail}`);
    this.drop(false);
    this.#owner.handleInvalid(kind);
  }

  #release(): void {
    this.#over = true;
    this.#logonAlarm?.clear();
    this.#heartbeatAlarm?.clear();
    this.#progressAlarm?.clear();
    this.#assembly = undefined;
  }
}
