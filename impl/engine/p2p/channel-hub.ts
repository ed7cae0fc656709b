/**
 * All peer-to-peer channels of a client: users, links from the connector, messages of the P2P room, events.
 *
 * It lives as long as the engine; the engine tells it when sessions begin and end. It chooses no way itself
 * (`user-channels.ts`) and makes no link itself (the connector).
 */
import type { Platform } from '../../../spec/platform.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { UNKNOWN_COUNT } from '../../core/pair-receiving.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import type { BlobChannel } from '../blob-channel.ts';
import type { ClientLink, LinkRouter } from '../client/client-link.ts';
import { decodeOrViolate } from '../decode-body.ts';
import { P2PChannelMode } from '../enums.ts';
import { describeError, EventSource } from '../event.ts';
import type { P2PChannelState } from './api.ts';
import { P2PChannel } from './p2p-channel.ts';
import type { Connector, ConnectorOwner, DirectLink, DirectLinkHandlers } from './link.ts';
import { UserChannels } from './user-channels.ts';

/** Users of whom something is remembered. Ours: beyond it, those without a channel and without debts are forgotten. */
const USERS_MAX = 1000;
/** Links of one user at a time, whoever made them. Ours: TCP and UDP, and one of each that has not ended yet. */
const LINKS_PER_USER_MAX = 4;

/** Makes the session's connector; null: no channels. */
export type MakeConnector = (owner: ConnectorOwner) => Connector | null;

/** The inside of `p2pController`. */
export class ChannelHub implements LinkRouter, ConnectorOwner {
  readonly allP2PChannelClosed: EventSource<[]>;
  readonly p2pChannelClosed: EventSource<[state: P2PChannelState]>;
  readonly p2pChannelOpened: EventSource<[state: P2PChannelState]>;
  readonly p2pConnectFailed: EventSource<[userID: string]>;
  mode: P2PChannelMode = P2PChannelMode.TcpAndUdp;
  readonly #platform: Platform;
  readonly #users = new Map<string, UserChannels>();
  /** Whom the application asked for, and who has not been told of yet. */
  readonly #asked = new Set<string>();
  #link: ClientLink | undefined;
  #connector: Connector | null = null;
  #lastStream = 0;
  #readingPaused = false;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.allP2PChannelClosed = new EventSource(platform, 'allP2PChannelClosed');
    this.p2pChannelClosed = new EventSource(platform, 'p2pChannelClosed');
    this.p2pChannelOpened = new EventSource(platform, 'p2pChannelOpened');
    this.p2pConnectFailed = new EventSource(platform, 'p2pConnectFailed');
  }

  /** Whether this session can have channels. */
  get isEnabled(): boolean {
    return this.#connector !== null;
  }

  startSession(link: ClientLink, makeConnector: MakeConnector): void {
    this.#link = link;
    this.#readingPaused = false;
    this.#connector = makeConnector(this);
    for (const user of [...this.#users.values()]) user.startSession(link);
  }

  /** The session is over, whatever the reason: all channels are closed (P2P-058). */
  endSession(reason: string): void {
    if (this.#link === undefined) return;
    const asked = [...this.#asked];
    this.#asked.clear();
    for (const user of [...this.#users.values()]) user.endSession(reason);
    const connector = this.#connector;
    this.#link = undefined;
    this.#connector = null;
    connector?.close();
    for (const userID of asked) this.p2pConnectFailed.raise(userID);
  }

  /** Forgets everything: another user may log on with this engine. */
  clear(): void {
    this.#users.clear();
  }

  /** P2P-071. */
  connect(userID: string): void {
    if (this.best(userID) !== undefined || this.#asked.has(userID)) return;
    this.#asked.add(userID);
    this.#connector?.connect(userID);
  }

  /** The channel messages to the user would take. */
  best(userID: string): P2PChannel | undefined {
    return this.#users.get(userID)?.best;
  }

  /** Who is remembered, with or without channels. */
  users(): IterableIterator<UserChannels> {
    return this.#users.values();
  }

  user(userID: string): UserChannels | undefined {
    return this.#users.get(userID);
  }

  carry(userID: string, frame: Uint8Array): boolean {
    const user = this.#users.get(userID);
    user?.post(frame);
    return user !== undefined;
  }

  blobsFor(userID: string): BlobChannel | undefined {
    return this.#users.get(userID)?.blobs();
  }

  handleServerDrain(): void {
    for (const user of [...this.#users.values()]) user.handleServerDrain();
  }

  handleReading(paused: boolean): void {
    this.#readingPaused = paused;
    for (const { channels } of this.#users.values()) {
      for (const channel of channels) {
        if (paused) channel.pauseReading();
        else channel.resumeReading();
      }
    }
  }

  handleFrame(frame: FrameView): void {
    const link = this.#link;
    if (link === undefined) return;
    if (frame.messageType === MessageType.P2PUserGone) {
      if (frame.sourceIsServer()) this.#handleUserGone(link, frame);
      return;
    }
    if (frame.sourceIsServer()) this.#connector?.handleSignal(frame);
    else if (!this.#handleUserFrame(link, frame)) this.#connector?.handleSignal(frame);
  }

  signal<Value>(userID: string, messageType: number, codec: Codec<Value> | null, value: Value | null): void {
    const link = this.#link;
    if (link === undefined) return;
    try {
      link.postByServer({ messageType, messageId: link.requests.nextId(), destId: userID }, codec, value);
    } catch (error) {
      // Where messages may not even be this long there are no channels; nobody called whom it could be thrown at.
      this.#platform.log('warn', `no message ${messageType} to ${userID || 'the server'}: ${describeError(error)}`);
    }
  }

  handleLink(userID: string, link: DirectLink): DirectLinkHandlers {
    const session = this.#link;
    const user = this.userFor(userID);
    if (session === undefined || user.channels.length >= LINKS_PER_USER_MAX) {
      link.abort();
      return { onData: () => undefined, onDrain: () => undefined, onClosed: () => undefined };
    }
    const channel = new P2PChannel(session, link, user, { userID, stream: ++this.#lastStream });
    user.add(channel);
    channel.greet();
    if (this.#readingPaused) channel.pauseReading();
    return channel;
  }

  handleFailed(userID: string, detail: string): void {
    this.#platform.log('info', `no channel to ${userID}: ${detail}`);
    this.#tellFailed(userID);
  }

  handleOpened(channel: P2PChannel): void {
    const { userID } = channel;
    this.#asked.delete(userID);
    const link = this.#link;
    if (link !== undefined) {
      const outgoing = { messageType: MessageType.P2PChannelReport, messageId: link.requests.nextId(), destId: '' };
      link.postByServer(outgoing, codecs.P2PChannelReportContract, { DestUserID: userID });
    }
    if (this.#siblings(channel).length === 0) this.p2pChannelOpened.raise(channel.state());
  }

  handleClosed(channel: P2PChannel, reason: string, wasOpen: boolean): void {
    this.#platform.log('info', `the ${channel.protocol} channel to ${channel.userID} ended: ${reason}`);
    if (wasOpen && this.#siblings(channel).length === 0) this.p2pChannelClosed.raise(channel.state());
    else if (!wasOpen) this.#tellFailed(channel.userID);
    const isLast = [...this.#users.values()].every(({ best }) => best === undefined);
    if (wasOpen && isLast) this.allP2PChannelClosed.raise();
  }

  /** Other open channels of the same kind to the same user: two clients may find each other twice at once. */
  #siblings(channel: P2PChannel): P2PChannel[] {
    const all = this.#users.get(channel.userID)?.channels ?? [];
    return all.filter((each) => each !== channel && each.isUsable && each.protocol === channel.protocol);
  }

  /** P2P-075: told to those who asked. */
  #tellFailed(userID: string): void {
    if (this.best(userID) === undefined && this.#asked.delete(userID)) this.p2pConnectFailed.raise(userID);
  }

  #handleUserGone(link: ClientLink, frame: FrameView): void {
    const gone = decodeOrViolate(link, frame, codecs.P2PUserGoneContract);
    const userID = gone?.UserID ?? null;
    if (userID === null) return;
    this.#connector?.forget(userID);
    this.#users.get(userID)?.handleGone();
    this.#tellFailed(userID);
  }

  /** @returns whether the message is about channels that exist, or did */
  #handleUserFrame(link: ClientLink, frame: FrameView): boolean {
    const userID = frame.sourceId();
    const user = this.#users.get(userID);
    switch (frame.messageType) {
      case MessageType.P2PPathMark: {
        const { messageId } = frame;
        if (user?.handleMark(messageId) !== true) {
          link.postByServer({ messageType: MessageType.P2PPathMarked, messageId, destId: userID }, null, null);
        }
        return true;
      }
      case MessageType.P2PPathMarked:
        user?.handleMarked(frame.messageId);
        return true;
      case MessageType.P2PStreamAsk: {
        const ask = decodeOrViolate(link, frame, codecs.P2PStreamContract);
        if (ask === undefined) return true;
        const Count = user?.handleAsk(ask.StreamID) ?? UNKNOWN_COUNT;
        const outgoing = { messageType: MessageType.P2PStreamFinal, messageId: frame.messageId, destId: userID };
        link.postByServer(outgoing, codecs.P2PStreamCountContract, { Count, StreamID: ask.StreamID });
        return true;
      }
      case MessageType.P2PStreamFinal: {
        const told = decodeOrViolate(link, frame, codecs.P2PStreamCountContract);
        if (told !== undefined) user?.handleFinalByServer(told.StreamID, Number(told.Count));
        return true;
      }
      default:
        return false;
    }
  }

  /** The user's record, made when there is none. */
  userFor(userID: string): UserChannels {
    const known = this.#users.get(userID);
    if (known !== undefined) return known;
    if (this.#users.size >= USERS_MAX) this.#forgetIdle();
    const user = new UserChannels(this.#platform, userID, this);
    this.#users.set(userID, user);
    if (this.#link !== undefined) user.startSession(this.#link);
    return user;
  }

  #forgetIdle(): void {
    for (const [userID, user] of this.#users) {
      if (!user.isIdle) continue;
      this.#users.delete(userID);
      return;
    }
  }
}
