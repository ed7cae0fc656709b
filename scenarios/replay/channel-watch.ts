/**
 * The messages of one P2P channel over reliable UDP, judged by what a channel's rules say of both sides (18.8), and by
 * those rules of the other chapters that need no server. Drive: `message(...)` for each, in the order of the capture.
 */
import { MessageType } from '../../spec/grammar/index.ts';
import { FrameDecoder, type FrameView } from '../../impl/wire/index.ts';
import { decodeBody } from './decode-body.ts';
import { guessDialect } from './dialect.ts';
import { Facts } from './facts.ts';
import { judgeInvalid, type FindingSink } from './judge.ts';
import type { JudgedMessage, MessageRule } from './judged.ts';
import { Neighbours } from './neighbours.ts';
import { rules } from './rules/index.ts';
import type { UdpFound, UdpPlace } from './udp-rules.ts';
import { nameOf, quoted } from './wording.ts';

/** Rules about a message alone; those about bodies are added. */
const ALONE: ReadonlySet<string> = new Set(['id-padding-zero', 'no-body-where-none-belongs', 'no-reserved-type']);
const messageRules = rules.filter(
  (rule): rule is MessageRule => rule.on === 'message' && (rule.needsBadBody === true || ALONE.has(rule.name)),
);

/** P2P-044: types that are not counted. */
const UNCOUNTED: ReadonlySet<number> = new Set([
  MessageType.P2PChannelHello,
  MessageType.P2PChannelProbe,
  MessageType.P2PChannelCount,
  MessageType.P2PPathMarked,
  MessageType.P2PStreamFinal,
]);

type Side = {
  user: string | undefined;
  streamId: number | undefined;
  messages: number;
  counted: number;
  /** What the other side has told as count of this side's stream; -1 before. */
  told: number;
  isUnreadable: boolean;
};

export type ChannelWatchOptions = {
  readonly userIdBytesMax: number | undefined;
  readonly messageBytesMax: number;
  readonly found: UdpFound;
  /** Findings of the rules of other chapters. */
  foundByRule(at: UdpPlace, userIdBytesMax: number): FindingSink;
  /** Counts a message. */
  seen(at: UdpPlace, type: number): void;
};

/** One channel. */
export class ChannelWatch {
  readonly #options: ChannelWatchOptions;
  readonly #sides: readonly [Side, Side] = [newSide(), newSide()];
  readonly #neighbours = new Neighbours();
  #userIdBytesMax: number | undefined;

  constructor(options: ChannelWatchOptions) {
    this.#options = options;
    this.#userIdBytesMax = options.userIdBytesMax;
  }

  /** One message of the stream of a side. */
  message(index: 0 | 1, bytes: Uint8Array, at: UdpPlace): void {
    const { found, messageBytesMax } = this.#options;
    const side = this.#sides[index];
    if (side.isUnreadable) return;
    this.#userIdBytesMax ??= guessDialect(Buffer.from(bytes), undefined).userIdBytesMax;
    const userIdBytesMax = this.#userIdBytesMax;
    const facts = new Facts(userIdBytesMax, false, {}, this.#neighbours);
    const sink = this.#options.foundByRule(at, userIdBytesMax);
    const decoder = new FrameDecoder({ userIdBytesMax, messageBytesMax });
    let frames = 0;
    const error = decoder.push(bytes, (frame) => {
      frames += 1;
      this.#judge(index, this.#read(frame, at), facts, sink, at);
    });
    if (error !== undefined) {
      side.isUnreadable = true;
      judgeInvalid(error, { ...at, isFromServer: false, offset: 0 }, bytes, facts, sink);
    } else if (frames !== 1 || decoder.bufferedBytes > 0) {
      found('channel-whole-messages', `${bytes.length} bytes of the stream hold ${frames} whole messages, not one`, at);
    }
  }

  #read(frame: FrameView, at: UdpPlace): JudgedMessage {
    const { messageType: type, messageId: id, clientType, bodyLength } = frame;
    const bytes = frame.bytes();
    const body = decodeBody(type, false, bytes.subarray(bytes.length - bodyLength));
    return {
      packet: at.packet,
      timeMicros: at.timeMicros,
      isFromServer: false,
      offset: 0,
      type,
      id,
      clientType,
      source: frame.sourceId(),
      dest: frame.destId(),
      bodyLength,
      value: body.ok ? body.value : undefined,
      bodyError: body.ok ? undefined : body.error,
      request: undefined,
      forward: undefined,
      bytes,
    };
  }

  #judge(index: 0 | 1, message: JudgedMessage, facts: Facts, sink: FindingSink, at: UdpPlace): void {
    for (const rule of messageRules) {
      if (rule.types !== undefined && !rule.types.includes(message.type)) continue;
      if (rule.needsBadBody === true && message.bodyError === undefined) continue;
      const sentence = rule.check(message, facts);
      if (sentence !== undefined) sink(rule, sentence, message, message.bytes);
    }
    this.#options.seen(at, message.type);
    const own = this.#sides[index];
    const other = this.#sides[index === 0 ? 1 : 0];
    this.#judgeOrder(own, other, message, at);
    this.#judgeNames(own, other, message, at);
    if (message.type === MessageType.P2PChannelCount) this.#judgeCount(other, message, at);
    own.messages += 1;
    if (!UNCOUNTED.has(message.type)) own.counted += 1;
  }

  #judgeOrder(own: Side, other: Side, { type, value }: JudgedMessage, at: UdpPlace): void {
    const { found } = this.#options;
    const isHello = type === MessageType.P2PChannelHello;
    if (isHello !== (own.messages === 0)) {
      const what = isHello ? 'a second P2PChannelHello' : `${nameOf(type)} before P2PChannelHello`;
      found('channel-hello-first', `${what} is sent`, at);
    }
    if (isHello) own.streamId ??= (value as { StreamID?: number } | null | undefined)?.StreamID;
    if (UNCOUNTED.has(type) || (other.messages > 0 && own.told >= 0)) return;
    const missing = other.messages === 0 ? 'has said hello' : 'has answered its hello';
    found('channel-open-before-messages', `${nameOf(type)} is sent before the other side ${missing}`, at);
  }

  #judgeNames(own: Side, other: Side, { source, dest }: JudgedMessage, at: UdpPlace): void {
    const { found } = this.#options;
    own.user ??= source;
    other.user ??= dest;
    if (source !== own.user) {
      found('channel-sender', `the source is ${quoted(source)}, this end of the channel is ${quoted(own.user)}`, at);
    }
    if (dest !== other.user) {
      found('channel-sender', `the destination is ${quoted(dest)}, the other end is ${quoted(other.user)}`, at);
    }
  }

  /** `counted` is the side whose stream the count is about. */
  #judgeCount(counted: Side, { value }: JudgedMessage, at: UdpPlace): void {
    const { found } = this.#options;
    const told = value as { Count: number | bigint; StreamID: number } | null | undefined;
    if (told === null || told === undefined) return;
    const count = Number(told.Count);
    if (told.StreamID !== counted.streamId) {
      found('channel-answers-hello', `the count is about stream ${told.StreamID}, not ${counted.streamId}`, at);
    } else if (counted.told < 0 && count !== 0) {
      found('channel-answers-hello', `the first count is ${count}, not 0`, at);
    } else if (count > counted.counted || count < counted.told) {
      const bounds = `${counted.counted} were sent, ${Math.max(counted.told, 0)} counted before`;
      found('channel-count', `the count is ${count}; ${bounds}`, at);
    }
    counted.told = Math.max(counted.told, count);
  }
}

function newSide(): Side {
  return { user: undefined, streamId: undefined, messages: 0, counted: 0, told: -1, isUnreadable: false };
}
