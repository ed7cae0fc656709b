/**
 * A fresh TCP connection between two clients, until it is chosen or closed (P2P-025, P2P-026).
 *
 * Dialled ones belong to an attempt; accepted ones learn from the peer's test to which. After the
 * choice it hands everything to a TcpLink.
 */
import type { Endpoint, TcpCloseReason, TcpConnection, TcpHandlers, Timer } from '../../../spec/platform.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { headerBytes } from '../../../spec/limits.ts';
import { p2pAttemptSecs } from '../../../spec/timing.ts';
import { codecs, encodeMessage, FrameDecoder } from '../../wire/index.ts';
import { secsToMicros } from '../settings.ts';
import type { ConnectorWorld } from './connector-world.ts';
import { tokenOf } from './invitation.ts';
import { TcpLink } from './tcp-link.ts';

/** A test that has the right form. */
export type ChannelTest = { readonly peerID: string; readonly token: bigint; readonly isChosen: boolean };

/** What a connection asks of those who know the attempts. */
export type ConnectionOwner = {
  /** A dialled connection is up: the owner sends the first test. */
  handleUp(connection: TestedConnection): void;
  /** A test came. False: nobody waits for it, and the connection is closed. */
  handleTest(connection: TestedConnection, test: ChannelTest): boolean;
  /** It ended before it was chosen. */
  handleLost(connection: TestedConnection, reason: TcpCloseReason): void;
};

const NO_BYTES = new Uint8Array(0);

/** One connection; give it to `listenTcp` or `connectTcp` as its handlers, then `attach`. */
export class TestedConnection implements TcpHandlers {
  /** Where it was dialled to; undefined for accepted ones. */
  readonly dialledTo: Endpoint | undefined;
  readonly #world: ConnectorWorld;
  readonly #owner: ConnectionOwner;
  readonly #testBytes: number;
  #tcp: TcpConnection | undefined;
  #timer: Timer | undefined;
  #received: Uint8Array = NO_BYTES;
  #link: TcpLink | undefined;
  #hasSentTest = false;
  #isConnected = false;
  #isOver = false;

  constructor(world: ConnectorWorld, owner: ConnectionOwner, dialledTo?: Endpoint) {
    this.#world = world;
    this.#owner = owner;
    this.dialledTo = dialledTo;
    this.#testBytes = headerBytes(world.limits.userIdBytesMax) + TEST_BODY_BYTES;
  }

  /** The transport below; a dialled one is not connected yet. */
  attach(tcp: TcpConnection): void {
    this.#tcp = tcp;
    if (this.#isOver) tcp.abort();
    else if (this.dialledTo === undefined) this.#awaitTest();
  }

  /** The handshake of TCP is done. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  get isLink(): boolean {
    return this.#link !== undefined;
  }

  sendTest(peerID: string, token: bigint, isChosen: boolean): void {
    const { clientType, limits, userID } = this.#world;
    const messageType = MessageType.TcpP2PChannelTest;
    const header = { clientType, messageType, messageId: 0, sourceId: userID, destId: peerID };
    const value = { Chosen: isChosen, Token: BigInt.asIntN(64, token) };
    this.#hasSentTest = true;
    this.#tcp?.write(encodeMessage(header, codecs.P2PChannelTestContract, value, limits));
  }

  get hasSentTest(): boolean {
    return this.#hasSentTest;
  }

  /** From now on this is a link; the caller opens it with its handlers and what came behind the test. */
  becomeLink(): { readonly link: TcpLink; readonly rest: Uint8Array } {
    this.#timer?.cancel();
    const link = new TcpLink(this.#world.platform, this.#tcp!);
    this.#link = link;
    const rest = this.#received;
    this.#received = NO_BYTES;
    return { link, rest };
  }

  /** Not needed, not wanted, or too late. */
  drop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#tcp?.abort();
  }

  onConnected(): void {
    this.#isConnected = true;
    if (this.#isOver) return;
    this.#awaitTest();
    this.#owner.handleUp(this);
  }

  onData(bytes: Uint8Array): void {
    if (this.#link !== undefined) {
      this.#link.handleData(bytes);
      return;
    }
    if (this.#isOver) return;
    const joined = new Uint8Array(this.#received.length + bytes.length);
    joined.set(this.#received);
    joined.set(bytes, this.#received.length);
    this.#received = joined;
    this.#readTests();
  }

  onEnd(): void {
    if (this.#link !== undefined) this.#link.handleEnd();
    else this.#tcp?.end();
  }

  onDrain(): void {
    this.#link?.handleDrain();
  }

  onClosed(reason: TcpCloseReason, detail?: string): void {
    this.#timer?.cancel();
    if (this.#link !== undefined) {
      this.#link.handleClosed(detail === undefined ? reason : `${reason}: ${detail}`);
      return;
    }
    this.#isOver = true;
    this.#owner.handleLost(this, reason);
  }

  /** Until the choice there are only tests; the inviter's choice ends them, and what follows is the link's. */
  #readTests(): void {
    while (!this.#isOver && this.#link === undefined && this.#received.length >= this.#testBytes) {
      const test = this.#decodeTest(this.#received.subarray(0, this.#testBytes));
      this.#received = this.#received.slice(this.#testBytes);
      if (test === undefined || !this.#owner.handleTest(this, test)) {
        this.drop();
        return;
      }
    }
    // becomeLink took what was left before its handlers were known; the owner has opened it with that.
  }

  #decodeTest(bytes: Uint8Array): ChannelTest | undefined {
    const { limits, userID } = this.#world;
    let test: ChannelTest | undefined;
    const error = new FrameDecoder(limits).push(bytes, (frame) => {
      if (frame.messageType !== MessageType.TcpP2PChannelTest || frame.destId() !== userID) return false;
      const body = codecs.P2PChannelTestContract.decode(frame.body());
      if (!body.ok) return false;
      test = { peerID: frame.sourceId(), token: tokenOf(body.value.Token), isChosen: body.value.Chosen };
      return false;
    });
    return error === undefined ? test : undefined;
  }

  #awaitTest(): void {
    this.#timer = this.#world.platform.setTimer(secsToMicros(p2pAttemptSecs), () => this.drop());
  }
}

/** An object's length, a bool and an int64. */
const TEST_BODY_BYTES = 4 + 1 + 8;
