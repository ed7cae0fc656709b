/**
 * A direct link whose other end is the scenario itself: it sees every message byte for byte and sends what it likes.
 *
 * The engine's side is a DirectLink like any other. Bytes for the engine arrive by a timer of its platform, never inside a
 * call of its own.
 */
import type { Endpoint, Platform } from '../../spec/platform.ts';
import { codecs, encodeFrame, FrameDecoder } from '../../impl/wire/index.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import type { DirectLink, DirectLinkHandlers } from '../../impl/engine/p2p/link.ts';
import type { OutgoingMessage, SeenMessage } from './raw-peer.ts';

const N = 11;
const MESSAGE_BYTES_MAX = 1_048_576;
const DELAY_MICROS = 1_000;

/** One link between an engine and the scenario. */
export class MemoryLink implements DirectLink {
  readonly protocol: DirectLink['protocol'];
  readonly local: Endpoint = { address: '192.0.2.1', port: 1 };
  readonly remote: Endpoint = { address: '198.51.100.1', port: 2 };
  readonly queuedBytes = 0;
  /** What the engine wrote, in order. */
  readonly received: SeenMessage[] = [];
  /** How the engine ended it; undefined while it lives. */
  ended: 'closed' | 'aborted' | undefined;
  handlers: DirectLinkHandlers | undefined;
  readonly #platform: Platform;
  readonly #userID: string;
  readonly #peerID: string;
  readonly #decoder = new FrameDecoder({ userIdBytesMax: N, messageBytesMax: MESSAGE_BYTES_MAX });
  #lastId = 0;

  /** @param of - `userID` runs the engine, `peerID` is who the scenario speaks for. */
  constructor(
    platform: Platform,
    of: { readonly userID: string; readonly peerID: string; readonly protocol: DirectLink['protocol'] },
  ) {
    this.#platform = platform;
    this.#userID = of.userID;
    this.#peerID = of.peerID;
    this.protocol = of.protocol;
  }

  write(frame: Uint8Array): void {
    this.#decoder.push(frame, (view) => {
      this.received.push({
        atMicros: this.#platform.monotonicMicros(),
        clientType: view.clientType,
        messageType: view.messageType,
        messageId: view.messageId,
        sourceId: view.sourceId(),
        destId: view.destId(),
        body: view.body().slice(),
        bytes: view.bytes().slice(),
      });
    });
  }

  pause(): void {
    // Nothing is under way.
  }

  resume(): void {
    // Nothing is under way.
  }

  close(): void {
    this.ended ??= 'closed';
  }

  abort(): void {
    this.ended ??= 'aborted';
  }

  /** Bytes for the engine. */
  sendBytes(bytes: Uint8Array): void {
    this.#platform.setTimer(DELAY_MICROS, () => {
      if (this.ended === undefined) this.handlers?.onData(bytes);
    });
  }

  /** A message for the engine; what is absent is filled in. */
  send(message: OutgoingMessage): void {
    const { messageType, clientType = 0, messageId = ++this.#lastId, body = null } = message;
    const { sourceId = this.#peerID, destId = this.#userID } = message;
    this.sendBytes(encodeFrame({ clientType, messageType, messageId, sourceId, destId }, body, N));
  }

  /** The first message of a stream. */
  hello(stream: number): void {
    const body = codecs.P2PStreamContract.encode({ StreamID: stream });
    this.send({ messageType: MessageType.P2PChannelHello, body });
  }

  /** Says how much of the engine's stream has come. */
  count(stream: number, count: number): void {
    const body = codecs.P2PStreamCountContract.encode({ StreamID: stream, Count: count });
    this.send({ messageType: MessageType.P2PChannelCount, body });
  }

  /** The network ends the link. */
  die(): void {
    if (this.ended !== undefined) return;
    this.ended = 'aborted';
    this.#platform.setTimer(0, () => this.handlers?.onClosed('reset'));
  }
}
