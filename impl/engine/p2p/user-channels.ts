/**
 * Everything between this client and one other user: the channels, the way messages take, blobs, who watches.
 *
 * The decisions are `core/pair-sending.ts`'; here its outputs are carried out. The record outlives channels and sessions,
 * because what a dead channel owes is settled later. TCP before UDP, older before newer (P2P-060).
 */
import type { Platform } from '../../../spec/platform.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { PairReceiving } from '../../core/pair-receiving.ts';
import { PairSending, SERVER_WAY } from '../../core/pair-sending.ts';
import type { PairOutput, PairSendingOptions } from '../../core/pair-sending.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import { BlobChannel } from '../blob-channel.ts';
import { DisconnectedException } from '../errors.ts';
import type { PathKind, PathWatcher } from '../path.ts';
import type { ChannelSession } from './channel-session.ts';
import type { ChannelOwner, P2PChannel } from './p2p-channel.ts';

/** Ours: a few round trips of a fast line; what is on a channel beyond it waits (P2P-055). */
const SENDING: PairSendingOptions = { windowBytes: 4_194_304, answerMicrosMax: 30_000_000 };

/** What the record tells the hub. */
export type UserChannelsOwner = {
  handleOpened(channel: P2PChannel): void;
  handleClosed(channel: P2PChannel, reason: string, wasOpen: boolean): void;
};

/** One other user. */
export class UserChannels implements ChannelOwner {
  readonly userID: string;
  readonly #platform: Platform;
  readonly #owner: UserChannelsOwner;
  readonly #sending = new PairSending(SENDING);
  readonly #receiving = new PairReceiving();
  readonly #alarm: Alarm;
  readonly #channels: P2PChannel[] = [];
  readonly #watchers = new Set<PathWatcher>();
  #session: ChannelSession | undefined;
  #blobs: BlobChannel | undefined;
  /** The last mark that was answered over a channel: the answer goes again when that channel dies (P2P-052). */
  #answered: { readonly markId: number; readonly channel: P2PChannel } | undefined;
  #draining = false;
  #wasQueued = false;

  constructor(platform: Platform, userID: string, owner: UserChannelsOwner) {
    this.#platform = platform;
    this.userID = userID;
    this.#owner = owner;
    this.#alarm = new Alarm(platform, () => this.#drain());
  }

  /** The channel messages would take; undefined when there is none. */
  get best(): P2PChannel | undefined {
    const open = this.#channels.filter((channel) => channel.isUsable);
    return open.find(({ protocol }) => protocol === 'tcp') ?? open[0];
  }

  get channels(): readonly P2PChannel[] {
    return this.#channels;
  }

  /** Bytes sent over a channel that the other side has not reported as received. */
  get keptBytes(): number {
    return this.#sending.keptBytes;
  }

  /** Nothing would be missed if the record went, except counts of dead channels. */
  get isIdle(): boolean {
    return this.#channels.length === 0 && this.#sending.isIdle && this.#watchers.size === 0;
  }

  /** How the next message goes. */
  get kind(): PathKind {
    return this.best?.protocol ?? 'server';
  }

  /** Bytes posted and not yet handed to the network. */
  get queuedBytes(): number {
    const { way, waitingBytes } = this.#sending;
    const wayBytes = way === SERVER_WAY ? this.#session?.queuedBytes : this.#channelOf(way)?.queuedBytes;
    return waitingBytes + (wayBytes ?? 0);
  }

  startSession(session: ChannelSession): void {
    this.#session = session;
    this.#sending.handleSessionStart();
    this.#drain();
  }

  /** The own session ended: channels are closed, watchers and blobs end, what is owed waits (P2P-058). */
  endSession(reason: string): void {
    this.#closeAll((channel) => channel.close(reason));
    this.#sending.handleSessionEnd();
    this.#alarm.clear();
    this.#session = undefined;
    this.#wasQueued = false;
    const blobs = this.#blobs;
    this.#blobs = undefined;
    blobs?.fail(() => new DisconnectedException('BLB-007'));
    this.#endWatching(reason);
  }

  /** Takes an encoded message for the user. */
  post(frame: Uint8Array): void {
    this.#sending.post(frame);
    this.#drain();
  }

  /** Where blobs for the user are sent from: their fragments go on when the way changes. */
  blobs(): BlobChannel {
    const session = this.#session!;
    this.#blobs ??= new BlobChannel(this.#platform, this, session.fragmentPoster('any'), session.blobIds);
    return this.#blobs;
  }

  watch(watcher: PathWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** A new channel; it counts from its hello on. */
  add(channel: P2PChannel): void {
    this.#channels.push(channel);
  }

  /** The server's connection took all it had. */
  handleServerDrain(): void {
    if (this.#sending.way === SERVER_WAY) this.handleDrain();
  }

  /** P2P-048: the user is gone, and so is what was on its channels. */
  handleGone(): void {
    this.#closeAll((channel) => channel.abort('the other user is gone'));
    this.#sending.handleGone();
    this.#drain();
    this.#endWatching('the other user is gone');
  }

  /** P2P-052: a mark that came through the server. */
  handleMark(markId: number): boolean {
    const channel = this.best;
    channel?.answerMark(markId);
    this.#answered = channel === undefined ? undefined : { markId, channel };
    return channel !== undefined;
  }

  /** P2P-054: the other side lost its stream and asks what came out of it; nothing more may. */
  handleAsk(stream: number): number {
    for (const channel of [...this.#channels]) {
      if (channel.peerStream === stream) channel.abort('the other side lost the channel');
    }
    return this.#receiving.countOf(stream);
  }

  handleOpen(channel: P2PChannel): void {
    this.#sending.handleBest(this.best?.stream ?? SERVER_WAY);
    this.#owner.handleOpened(channel);
    this.#drain();
  }

  handleClosed(channel: P2PChannel, reason: string, wasOpen: boolean): void {
    const at = this.#channels.indexOf(channel);
    if (at >= 0) this.#channels.splice(at, 1);
    this.#sending.handleDead(channel.stream);
    this.#sending.handleBest(this.best?.stream ?? SERVER_WAY);
    this.#owner.handleClosed(channel, reason, wasOpen);
    this.#answerAgain(channel);
    this.#drain();
  }

  handleDrain(): void {
    this.#wasQueued = true;
    this.#checkDrained();
  }

  beginStream(stream: number): void {
    this.#receiving.begin(stream);
  }

  noteReceived(stream: number): number {
    return this.#receiving.note(stream);
  }

  handleCount(stream: number, count: number): boolean {
    const isPossible = this.#sending.handleCount(stream, count);
    this.#drain();
    return isPossible;
  }

  /** The last word on a stream, over its channel, which is about to be closed. */
  handleFinal(stream: number, count: number): void {
    this.#sending.handleDead(stream);
    this.#sending.handleFinal(stream, count);
  }

  /** The last word on a stream, through the server. */
  handleFinalByServer(stream: number, count: number): void {
    this.#sending.handleFinal(stream, count);
    this.#drain();
  }

  handleMarked(markId: number): void {
    this.#sending.handleMarked(markId);
    this.#drain();
  }

  #answerAgain(dead: P2PChannel): void {
    const answered = this.#answered;
    if (answered?.channel !== dead) return;
    this.#answered = undefined;
    const session = this.#session;
    if (session === undefined || this.handleMark(answered.markId)) return;
    this.#toServer(session, MessageType.P2PPathMarked, answered.markId, null, null);
  }

  /** Nothing is sent another way in between: where to is decided when all are closed. */
  #closeAll(close: (channel: P2PChannel) => void): void {
    this.#draining = true;
    for (const channel of [...this.#channels]) close(channel);
    this.#draining = false;
  }

  #channelOf(stream: number): P2PChannel | undefined {
    return this.#channels.find((channel) => channel.stream === stream);
  }

  /** Carries out what the machine says, until it waits. A write may close a channel and so come back here. */
  #drain(): void {
    const session = this.#session;
    if (this.#draining || session === undefined) return;
    this.#draining = true;
    for (;;) {
      const output = this.#sending.poll(this.#platform.monotonicMicros());
      if (output.kind === 'wait') {
        if (output.untilMicros === Infinity) this.#alarm.clear();
        else this.#alarm.aim(output.untilMicros);
        break;
      }
      this.#carryOut(output, session);
    }
    this.#draining = false;
    if (this.queuedBytes > 0) this.#wasQueued = true;
    else this.#checkDrained();
  }

  #carryOut(output: Exclude<PairOutput, { kind: 'wait' }>, session: ChannelSession): void {
    switch (output.kind) {
      case 'send':
        if (output.way === SERVER_WAY) session.writeByServer(output.frame);
        else this.#channelOf(output.way)?.send(output.frame);
        break;
      case 'mark':
        this.#toServer(session, MessageType.P2PPathMark, output.markId, null, null);
        break;
      case 'probe':
        this.#channelOf(output.stream)?.probe();
        break;
      case 'ask': {
        const id = session.requests.nextId();
        this.#toServer(session, MessageType.P2PStreamAsk, id, codecs.P2PStreamContract, { StreamID: output.stream });
        break;
      }
      case 'unanswered':
        this.#channelOf(output.stream)?.close('the other side did not answer through the server (P2P-051)');
        break;
      case 'lost':
        this.#platform.log('warn', `${output.count} message(s) to ${this.userID} are lost: ${output.why} (P2P-057)`);
        break;
    }
  }

  #toServer<Value>(
    session: ChannelSession,
    messageType: number,
    messageId: number,
    codec: Codec<Value> | null,
    value: Value | null,
  ): void {
    session.postByServer({ messageType, messageId, destId: this.userID }, codec, value);
  }

  #checkDrained(): void {
    if (!this.#wasQueued || this.queuedBytes > 0) return;
    this.#wasQueued = false;
    this.#blobs?.handleDrain();
    for (const watcher of [...this.#watchers]) watcher.onDrain();
  }

  #endWatching(reason: string): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.onEnd(reason);
  }
}
