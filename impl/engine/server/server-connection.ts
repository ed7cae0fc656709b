/**
 * One connection at the server: its bytes to messages, its state by the table, its user.
 *
 * The table (`core/server-states.ts`) says what to do; here stands how. Decisions about logons are the desk's, what a
 * message means is dispatch's. Memory is kept small: what few connections need is made when they need it.
 */
import type { Endpoint, TcpConnection, TcpHandlers } from '../../../spec/platform.ts';
import type { DisconnectedTypeValue } from '../../../spec/errors.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import { keepAliveIdleSecs, keepAliveIntervalSecs } from '../../../spec/timing.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { BlobAssembly } from '../../core/blob-assembly.ts';
import { SERVER_MOVES } from '../../core/server-states.ts';
import type { ServerAction, ServerInput, ServerState } from '../../core/server-states.ts';
import { WriteProgress } from '../../core/write-progress.ts';
import { codecs, encodeFrame, encodeMessage, encodeUtf8, FrameDecoder } from '../../wire/index.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import { BlobChannel } from '../blob-channel.ts';
import { ClientType, DisconnectedType, LogonResult } from '../enums.ts';
import type { MessageInvalidType } from '../enums.ts';
import { DisconnectedException } from '../errors.ts';
import { HandlerQueue } from '../handler-queue.ts';
import type { Outgoing, Peer, PeerWorld } from '../peer.ts';
import type { Requests } from '../requests.ts';
import { postFragment } from '../send-blob.ts';
import { secsToMicros } from '../settings.ts';
import { pushBytes } from '../rare-ways.ts';
import { endTransfersOf } from './forward-files.ts';
import { HeldFrames } from './held-frames.ts';
import type { ServerContext } from './server-context.ts';
import type { DeadlineKind, DeadlineOwner } from './server-deadlines.ts';
import { UserRecord } from './users.ts';

/** Seconds a peer has to finish closing before its socket is reset. Ours: FIN must not be waited for without end. */
const CLOSE_LINGER_SECS = 5;

const NO_BYTES = new Uint8Array(0);

/** A decoded Logon, until it is decided. */
export type LogonClaim = {
  readonly userID: string;
  readonly clientType: number;
  readonly messageId: number;
  readonly request: ContractOf<'ReqLogonContract'>;
};

/** A connection and, once bound, its user. */
export class ServerConnection implements TcpHandlers, Peer, DeadlineOwner {
  readonly world: PeerWorld;
  readonly requests: Requests;
  /** Set with the first logon that is looked at; the user's own from then on. */
  userID = '';
  userData: UserRecord | undefined;
  /** The cluster's number of this logon; 0: none (CLU-023). */
  session = 0;
  readonly #context: ServerContext;
  readonly #tcp: TcpConnection;
  readonly #decoder: FrameDecoder;
  #state: ServerState = 'unbound';
  #claim: LogonClaim | undefined;
  #userIdBytes: Uint8Array = NO_BYTES;
  #chunkMicros = 0;
  #lastLifeMicros = 0;
  #boundMicros = 0;
  #readingPaused = false;
  /** What this user sends waits for others to take it (FIL-037). */
  #heldForFiles = false;
  #gone = false;
  #invalidKind: MessageInvalidType = 'DataLacked';
  #held: HeldFrames | undefined;
  #queue: HandlerQueue | undefined;
  #assembly: BlobAssembly | undefined;
  #blobs: BlobChannel | undefined;
  #progress: WriteProgress | undefined;
  #writtenBytes = 0;
  #queueWatched = false;

  constructor(context: ServerContext, tcp: TcpConnection) {
    this.#context = context;
    this.#tcp = tcp;
    this.world = context.world;
    this.requests = context.requests;
    this.#decoder = new FrameDecoder(context.limits);
    tcp.setKeepAlive({
      idleMicros: secsToMicros(keepAliveIdleSecs),
      intervalMicros: secsToMicros(keepAliveIntervalSecs),
    });
    context.deadlines.add(this, 'logon', context.times.logonMicros);
  }

  get remote(): Endpoint {
    return this.#tcp.remote;
  }

  /** True while the connection has a user who may speak. */
  get isOpen(): boolean {
    return this.#state === 'bound';
  }

  /** Microseconds since its user was bound. */
  get boundForMicros(): number {
    return this.#context.platform.monotonicMicros() - this.#boundMicros;
  }

  /** True while its logon waits for a decision. */
  get isDeciding(): boolean {
    return this.#state === 'deciding';
  }

  /** An asynchronous handler of its information has not finished, in mode IocpDirectly. */
  get isHandling(): boolean {
    return this.#queue?.busy === true;
  }

  get queuedBytes(): number {
    return this.#tcp.queuedBytes;
  }

  /** Takes one step by the table; a pair that is not in it changes nothing. */
  input(input: ServerInput, frame?: FrameView): void {
    const move = SERVER_MOVES[this.#state][input];
    if (move === undefined) return;
    this.#state = move.to;
    for (const action of move.actions) {
      this.#act(action, frame, move.reason);
      if (this.#state !== move.to) return;
    }
  }

  onData(bytes: Uint8Array): void {
    if (this.#state === 'closed') return;
    // One look at the clock a chunk is enough for "alive".
    this.#chunkMicros = this.#context.platform.monotonicMicros();
    const error = pushBytes(this.#context.platform, this.#decoder, bytes, this.#sink);
    if (error === undefined) return;
    this.#invalidKind = error.kind;
    this.#context.platform.log(
      'warn',
      `${this.#describe()} sent an invalid message: ${error.detail} (${error.clause})`,
    );
    this.input('invalid');
  }

  onEnd(): void {
    if (this.#state === 'closed') return;
    const error = this.#decoder.end();
    if (error === undefined) {
      this.input('peerEnded');
      return;
    }
    this.#invalidKind = error.kind;
    this.input('invalid');
    // A logon under decision holds the error back; its peer is gone all the same.
    this.input('peerEnded');
  }

  onDrain(): void {
    this.#blobs?.handleDrain();
    this.world.files.handleDrain(this.userID);
    this.#context.fileRelief.handleDrain(this);
  }

  onClosed(): void {
    this.#gone = true;
    this.input('peerEnded');
    this.#context.fileRelief.handleDrain(this);
    this.#context.noteGone(this);
  }

  handleDeadline(kind: DeadlineKind, nowMicros: number): number {
    switch (kind) {
      case 'logon':
        this.input('logonOverdue');
        return Infinity;
      case 'heartbeat':
        return this.#checkLife(nowMicros);
      case 'write':
        return this.#checkProgress(nowMicros);
      case 'linger':
        if (!this.#gone) this.#tcp.abort();
        return Infinity;
    }
  }

  senderOf(): string {
    return this.userID;
  }

  noteInformation(informationType: number, content: Uint8Array | null): void {
    const { informationReceived } = this.#context.events;
    if (!informationReceived.hasHandlers) return;
    informationReceived.raise({ sourceID: this.userID, destID: null, informationType, content });
  }

  post<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void {
    if (this.#state !== 'closed') this.#send(outgoing, codec, value);
  }

  /** A server is the server: there is no other way. */
  postByServer<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void {
    this.post(outgoing, codec, value);
  }

  /** Sends a message that a user sent, as it is (FRM-022). */
  forward(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  violate(detail: string): void {
    this.#invalidKind = 'DataLacked';
    this.#context.platform.log('warn', `${this.#describe()} sent a body that fits no contract: ${detail} (FRM-019)`);
    this.input('invalid');
  }

  callQueue(make: false): HandlerQueue | undefined;
  callQueue(make: true): HandlerQueue;
  callQueue(make: boolean): HandlerQueue | undefined {
    if (make) this.#queue ??= new HandlerQueue(this.#context.platform, this);
    return this.#queue;
  }

  assembly(): BlobAssembly {
    this.#assembly ??= new BlobAssembly(this.#context.blobBytesMax);
    return this.#assembly;
  }

  /** Where blobs to this user are sent from. */
  blobs(): BlobChannel {
    this.#blobs ??= new BlobChannel(this.#context.platform, this.#tcp, (of, fragment) =>
      postFragment(this, of, fragment),
    );
    return this.#blobs;
  }

  pauseReading(): void {
    this.#readingPaused = true;
    this.#tcp.pause();
  }

  resumeReading(): void {
    if (!this.#readingPaused) return;
    this.#readingPaused = false;
    this.#readOn();
  }

  /** Reads nothing from this user until `readAgainForFiles`. */
  holdForFiles(): void {
    this.#heldForFiles = true;
    this.#tcp.pause();
  }

  readAgainForFiles(): void {
    if (!this.#heldForFiles) return;
    this.#heldForFiles = false;
    this.#readOn();
  }

  #readOn(): void {
    if (this.#readingPaused || this.#heldForFiles) return;
    // Its messages could not be seen while we did not look.
    this.#lastLifeMicros = this.#context.platform.monotonicMicros();
    this.#tcp.resume();
  }

  readonly #sink = (frame: FrameView): boolean => {
    this.#lastLifeMicros = this.#chunkMicros;
    // The one path that must be fast: the table would say "dispatch" as well.
    if (this.#state === 'bound' && frame.messageType !== MessageType.Logon) {
      if (frame.sourceEquals(this.#userIdBytes)) this.#context.dispatch(this, frame);
      else this.input('wrongUser');
      return this.isOpen;
    }
    if (this.#state === 'deciding' || frame.messageType !== MessageType.Logon) this.input('message', frame);
    else this.#handleLogon(frame);
    return this.#state !== 'closed';
  };

  #handleLogon(frame: FrameView): void {
    // SEC-018: who speaks is asked before what is said.
    if (this.#state === 'bound' && !frame.sourceEquals(this.#userIdBytes)) {
      this.input('wrongUser');
      return;
    }
    const request = codecs.ReqLogonContract.decode(frame.body());
    if (!request.ok) {
      this.violate(request.error.detail);
      return;
    }
    const { clientType, messageId } = frame;
    this.#claim = { userID: frame.sourceId(), clientType, messageId, request: request.value };
    this.input('logon', frame);
  }

  #act(action: ServerAction, frame: FrameView | undefined, reason: DisconnectedTypeValue | undefined): void {
    const context = this.#context;
    switch (action) {
      case 'decide':
        this.#decide();
        break;
      case 'hold':
        this.#hold(frame);
        break;
      case 'bind':
        this.#bind();
        break;
      case 'dispatch':
        context.dispatch(this, frame!);
        break;
      case 'answerHadLoggedOn':
        context.desk.answer(this, this.#claim!, { logonResult: LogonResult.HadLoggedOn, failureCause: null });
        break;
      case 'logStranger':
        context.platform.log('warn', `${this.#describe()} sent type ${frame!.messageType} before its logon (SEC-004)`);
        break;
      case 'notifyKickedOut':
        this.#notify(MessageType.BeingKickedOutNotify);
        break;
      case 'notifyPushedOut':
        this.#notify(MessageType.BeingPushedOutNotify);
        break;
      case 'end':
        this.#end(reason);
        break;
      case 'abort':
        this.#release(reason);
        this.#tcp.abort();
        break;
      case 'raiseInvalid':
        context.raiseInvalid(this.remote, this.#invalidKind);
        break;
      case 'raiseTimedOut':
        context.users.someOneTimeOuted.raiseThen([this.userData!], () => this.input('timeoutHandled'));
        break;
      case 'unbind':
        this.#unbind(reason!);
        break;
      case 'reportCount':
        context.users.reportCount();
        break;
    }
  }

  #decide(): void {
    this.userID = this.#claim!.userID;
    this.#context.desk.handleLogon(this, this.#claim!);
    if (this.#state === 'deciding') this.pauseReading();
  }

  /** Without a frame it is the stream's error that is held. */
  #hold(frame: FrameView | undefined): void {
    this.#held ??= new HeldFrames();
    if (frame === undefined) this.#held.endsInvalid = true;
    else this.#held.add(frame);
  }

  #bind(): void {
    const context = this.#context;
    const { userID, clientType } = this.#claim!;
    this.#userIdBytes = encodeUtf8(userID) ?? NO_BYTES;
    this.userData = new UserRecord({
      userID,
      address: this.remote,
      timeLogon: context.platform.wallMillis(),
      clientType: clientType as ClientType,
      appServerID: context.serverID,
    });
    context.users.bind(userID, this);
    this.#lastLifeMicros = context.platform.monotonicMicros();
    this.#boundMicros = this.#lastLifeMicros;
    context.cluster?.noteBound(this);
    context.deadlines.add(this, 'heartbeat', context.times.heartbeatMicros);
    context.desk.answer(this, this.#claim!, { logonResult: LogonResult.Succeed, failureCause: null });
    context.users.someOneConnected.raise(this.userData);
    context.users.reportCount();
    this.#takeUpReading();
  }

  /** What came during the decision is handled as if it came now. */
  #takeUpReading(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#chunkMicros = this.#context.platform.monotonicMicros();
    if (this.isOpen) held?.replay(this.#context.limits, this.#sink);
    if (this.isOpen && held?.endsInvalid === true) this.input('invalid');
    this.resumeReading();
  }

  #notify(messageType: number): void {
    this.#send({ messageType, messageId: this.requests.nextId(), destId: this.userID }, null, null);
  }

  #end(reason: DisconnectedTypeValue | undefined): void {
    this.#release(reason);
    this.#tcp.end();
    this.readAgainForFiles();
    this.resumeReading();
    if (!this.#gone) this.#context.deadlines.add(this, 'linger', secsToMicros(CLOSE_LINGER_SECS));
  }

  /** Gives up what the connection holds. What its peer said before is still handled (SEC-003), unless we cut it off (REL-011). */
  #release(reason: DisconnectedTypeValue | undefined): void {
    const cutOff = reason === undefined || reason === DisconnectedType.BeingPushedOut;
    if (cutOff) {
      this.#queue?.clear();
      this.world.tasks?.forget(this);
    }
    this.#blobs?.fail(() => new DisconnectedException('BLB-015'));
    this.#assembly = undefined;
    this.#held = undefined;
    this.#context.noteClosed(this);
  }

  #unbind(reason: DisconnectedTypeValue): void {
    const { users, requests } = this.#context;
    users.unbind(this.userID);
    this.#context.cluster?.noteOffline(this.userID, this.session);
    requests.failAsked(this.userID, () => new DisconnectedException('QRY-014'));
    endTransfersOf(this.#context, this.userID);
    users.someOneDisconnected.raise(this.userData!, reason);
  }

  #send<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void {
    const { limits } = this.#context;
    // Named one by one: a spread costs more here than all the rest of sending.
    const { messageType, messageId, destId } = outgoing;
    const header = { clientType: ClientType.Others, messageType, messageId, sourceId: SERVER_ID, destId };
    this.#write(
      codec === null ? encodeFrame(header, null, limits.userIdBytesMax) : encodeMessage(header, codec, value, limits),
    );
  }

  #write(bytes: Uint8Array): void {
    this.#tcp.write(bytes);
    this.#writtenBytes += bytes.length;
    if (this.#tcp.queuedBytes > 0) this.#watchQueue();
  }

  /** The peer does not read as fast as we write: mind the size of the queue and whether it moves. */
  #watchQueue(): void {
    const { channelBytesMax, deadlines, platform, times } = this.#context;
    if (channelBytesMax > 0 && this.#tcp.queuedBytes > channelBytesMax) {
      this.input('overflow');
      return;
    }
    if (this.#queueWatched || times.writeMicros === Infinity) return;
    this.#queueWatched = true;
    this.#progress ??= new WriteProgress(times.writeMicros);
    const nowMicros = platform.monotonicMicros();
    const verdict = this.#progress.poll(nowMicros, { written: this.#writtenBytes, queued: this.#tcp.queuedBytes });
    if (verdict.kind === 'wait') deadlines.add(this, 'write', verdict.untilMicros - nowMicros);
  }

  #checkProgress(nowMicros: number): number {
    this.#queueWatched = false;
    if (this.#state === 'closed') return Infinity;
    const channel = { written: this.#writtenBytes, queued: this.#tcp.queuedBytes };
    const verdict = this.#progress!.poll(nowMicros, channel);
    if (verdict.kind === 'stuck') this.input('stuck');
    if (verdict.kind !== 'wait') return Infinity;
    this.#queueWatched = true;
    return verdict.untilMicros;
  }

  #checkLife(nowMicros: number): number {
    if (this.#state !== 'bound') return Infinity;
    // Nobody can be blamed for silence while we do not listen.
    if (this.#readingPaused || this.#heldForFiles) this.#lastLifeMicros = nowMicros;
    // HDL-007: a handler that does not come to its end is as good as silence.
    const sinceMicros = Math.min(this.#lastLifeMicros, this.#queue?.busySinceMicros ?? Infinity);
    const dueMicros = sinceMicros + this.#context.times.heartbeatMicros;
    if (nowMicros < dueMicros) return dueMicros;
    this.input('heartbeatTimedOut');
    return Infinity;
  }

  #describe(): string {
    const { address, port } = this.remote;
    return this.userID === '' ? `${address}:${port}` : `${this.userID} at ${address}:${port}`;
  }
}
