/**
 * One connection of the protocol: both byte streams to messages, messages to the judge, in the order of the capture.
 *
 * It is told which side is the server and which N to read with; finding that out is `admission.ts`.
 */
import { MessageType } from '../../spec/grammar/index.ts';
import { FrameDecoder, type FrameError, type FrameView } from '../../impl/wire/index.ts';
import { startsLikeMessage, guessDialect } from './dialect.ts';
import { decodeBody } from './decode-body.ts';
import { Facts, isServerName, type Expectations } from './facts.ts';
import { judgeEnd, judgeInvalid, judgeMessage, type FindingSink } from './judge.ts';
import type { ConnectionEnd, JudgedMessage, Place } from './judged.ts';
import { isForwardable } from './message-kinds.ts';
import type { ForwardCheck, Neighbours } from './neighbours.ts';
import type { Gap } from './tcp-stream.ts';

export type ConversationOptions = {
  readonly userIdBytesMax: number;
  readonly messageBytesMax: number;
  /** Seen from its SYN on. */
  readonly isWhole: boolean;
  readonly expectations: Expectations;
  readonly neighbours: Neighbours;
  readonly found: FindingSink;
};

/** Bytes kept of a stream that turned out to be invalid, for the report. */
const EVIDENCE_BYTES_MAX = 256;

/** One direction. */
class Direction {
  readonly decoder: FrameDecoder;
  readonly byType = new Map<number, number>();
  messages = 0;
  /** All bytes of the stream, and those of whole messages. */
  bytes = 0;
  decodedBytes = 0;
  lostBytes = 0;
  /** False while looking for the first message of a connection that began before the capture. */
  isInStep: boolean;
  isUnreadable = false;
  /** The beginning of the message that is not whole yet. */
  evidence: Uint8Array = new Uint8Array(0);
  /** The packet being read. */
  packet = 0;
  timeMicros = 0;
  firstUnread: { readonly packet: number; readonly offset: number } | undefined;

  constructor(options: ConversationOptions) {
    this.decoder = new FrameDecoder(options);
    this.isInStep = options.isWhole;
  }
}

/**
 *
 */
/** One connection of the protocol. */
export class Conversation {
  readonly facts: Facts;
  readonly client: Direction;
  readonly server: Direction;
  readonly #options: ConversationOptions;
  readonly #clientFrame = (frame: FrameView): void => this.#frame(this.client, frame, false);
  readonly #serverFrame = (frame: FrameView): void => this.#frame(this.server, frame, true);

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.facts = new Facts(options.userIdBytesMax, options.isWhole, options.expectations, options.neighbours);
    this.client = new Direction(options);
    this.server = new Direction(options);
  }

  /** The next bytes of one direction. */
  bytes(isFromServer: boolean, bytes: Uint8Array, packet: number, timeMicros: number): void {
    const direction = isFromServer ? this.server : this.client;
    const offset = direction.bytes;
    direction.bytes += bytes.length;
    if (direction.isUnreadable) {
      direction.lostBytes += bytes.length;
      return;
    }
    if (!direction.isInStep) {
      if (!this.#canBegin(bytes, isFromServer)) {
        direction.lostBytes += bytes.length;
        direction.firstUnread ??= { packet, offset };
        return;
      }
      direction.isInStep = true;
    }
    direction.packet = packet;
    direction.timeMicros = timeMicros;
    const error = direction.decoder.push(bytes, isFromServer ? this.#serverFrame : this.#clientFrame);
    if (error !== undefined) this.#invalid(direction, error, bytes, { packet, timeMicros, isFromServer });
    else this.#keepEvidence(direction, bytes);
  }

  /** Bytes are missing; what comes after them cannot be read. */
  gap(isFromServer: boolean, gap: Gap): void {
    const direction = isFromServer ? this.server : this.client;
    direction.isUnreadable = true;
    direction.firstUnread ??= { packet: gap.packet, offset: gap.offset };
    this.facts.isWhole = false;
    this.#noteWholeness();
  }

  /** One side has sent FIN or RST. */
  closed(isFromServer: boolean, packet: number, timeMicros: number, isReset: boolean): void {
    const side = this.facts.side(isFromServer);
    side.closed ??= { packet, timeMicros, isReset };
    const direction = isFromServer ? this.server : this.client;
    if (isReset || direction.isUnreadable || !direction.isInStep) return;
    const error = direction.decoder.end();
    if (error === undefined) return;
    this.#invalid(direction, error, new Uint8Array(0), { packet, timeMicros, isFromServer });
  }

  /** The connection, or the capture, is over. */
  end(end: ConnectionEnd): void {
    judgeEnd(end, this.facts, this.#options.found);
    const { user } = this.facts;
    if (user !== undefined) this.#options.neighbours.release(user, this.facts);
  }

  /** A direction is entered in its middle only where a message plainly begins. */
  #canBegin(bytes: Uint8Array, isFromServer: boolean): boolean {
    if (!startsLikeMessage(bytes)) return false;
    return guessDialect(Buffer.from(bytes), isFromServer, [this.#options.userIdBytesMax]).certainty !== 'none';
  }

  #frame(direction: Direction, frame: FrameView, isFromServer: boolean): void {
    const message = this.#read(direction, frame, isFromServer);
    judgeMessage(message, this.facts, this.#options.found);
    if (message.bodyError !== undefined) this.#noteInvalidBody(message);
    this.facts.observe(message);
    direction.messages += 1;
    direction.decodedBytes += message.bytes.length;
    direction.byType.set(message.type, (direction.byType.get(message.type) ?? 0) + 1);
    this.#tellNeighbours(message);
  }

  /** The message where it lies, its body decoded, with what it has to do with others. */
  #read(direction: Direction, frame: FrameView, isFromServer: boolean): JudgedMessage {
    const { messageType: type, messageId: id, clientType, bodyLength } = frame;
    const source = frame.sourceId();
    const dest = frame.destId();
    const bytes = frame.bytes();
    const body = decodeBody(type, isFromServer, bytes.subarray(bytes.length - bodyLength));
    const message = {
      packet: direction.packet,
      timeMicros: direction.timeMicros,
      isFromServer,
      offset: direction.lostBytes + direction.decodedBytes,
      type,
      id,
      clientType,
      source,
      dest,
      bodyLength,
      value: body.ok ? body.value : undefined,
      bodyError: body.ok ? undefined : body.error,
      request: this.facts.requestOf({ type, id, dest, isFromServer }),
      forward: undefined as ForwardCheck | undefined,
      bytes,
    };
    const isForwarded = isFromServer && !isServerName(source) && isForwardable(type);
    if (isForwarded) message.forward = this.#options.neighbours.check(message, this.facts);
    return message;
  }

  #tellNeighbours(message: JudgedMessage): void {
    const { facts } = this;
    const { neighbours } = this.#options;
    if (!message.isFromServer) {
      const isOwn = facts.phase === 'bound' && message.source === facts.user;
      if (isOwn && isForwardable(message.type) && !isServerName(message.dest)) neighbours.sent(message);
      return;
    }
    if (message.type !== MessageType.Logon || facts.phase !== 'bound' || facts.user === undefined) return;
    const before = neighbours.bind(facts.user, facts);
    if (before === undefined) return;
    const { packet, timeMicros, isFromServer, offset } = message;
    before.replacedBy = { packet, timeMicros, isFromServer, offset };
  }

  #noteWholeness(): void {
    if (this.facts.user !== undefined) this.#options.neighbours.noteWholeness(this.facts.user, this.facts.isWhole);
  }

  /** A server need not look into bodies it only passes on. */
  #noteInvalidBody(message: JudgedMessage): void {
    if (!message.isFromServer && !isServerName(message.dest)) return;
    this.facts.side(message.isFromServer).invalid ??= { error: undefined, place: message };
  }

  #invalid(direction: Direction, error: FrameError, chunk: Uint8Array, at: Omit<Place, 'offset'>): void {
    const consumed = direction.decodedBytes + direction.lostBytes;
    const place: Place = { ...at, offset: consumed };
    direction.isUnreadable = true;
    direction.firstUnread ??= { packet: at.packet, offset: consumed };
    // The chunk may begin with the end of earlier messages; the invalid one starts where they stop.
    const inChunk = Math.max(chunk.length - (direction.bytes - consumed), 0);
    const rest = chunk.subarray(inChunk, inChunk + EVIDENCE_BYTES_MAX);
    const evidence = new Uint8Array(direction.evidence.length + rest.length);
    evidence.set(direction.evidence);
    evidence.set(rest, direction.evidence.length);
    judgeInvalid(error, place, evidence, this.facts, this.#options.found);
    this.facts.side(at.isFromServer).invalid ??= { error, place };
  }

  /** Keeps the first bytes of an incomplete message: if it turns out bad, the report shows them. */
  #keepEvidence(direction: Direction, chunk: Uint8Array): void {
    const pending = direction.decoder.bufferedBytes;
    if (pending === 0) {
      if (direction.evidence.length > 0) direction.evidence = new Uint8Array(0);
      return;
    }
    const isNew = pending <= chunk.length;
    const known = isNew ? new Uint8Array(0) : direction.evidence;
    if (known.length >= EVIDENCE_BYTES_MAX) return;
    const from = isNew ? chunk.length - pending : 0;
    const more = chunk.subarray(from, from + EVIDENCE_BYTES_MAX - known.length);
    const joined = new Uint8Array(known.length + more.length);
    joined.set(known);
    joined.set(more, known.length);
    direction.evidence = joined;
  }
}
