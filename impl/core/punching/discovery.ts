/**
 * Address discovery of one socket: asks both ports of a P2P server, repeats what is lost, and reads the NAT (P2P-003, P2P-005).
 *
 * Sans-I/O: `handleTimer` and `handleAnswer`, then drain `poll`. Answers are checked by message id and source before they
 * count. One machine is one measurement; a new one needs new ids.
 */
import { MessageType } from '../../../spec/grammar/index.ts';
import { P2P_DISCOVER_PADDING_BYTES } from '../../../spec/limits.ts';
import type { Endpoint } from '../../../spec/platform.ts';
import { codecs, encodeDiscover, encodeFrame, FrameDecoder } from '../../wire/index.ts';
import type { FrameLimits } from '../../wire/index.ts';
import { readNat } from './prediction.ts';
import type { NatReading } from './prediction.ts';
import { sameEndpoint } from './types.ts';

export type DiscoveryResult = NatReading & {
  readonly observed: Endpoint;
  /** The server's other port, to be used from the start next time; 0 for none. */
  readonly secondPort: number;
};

export type DiscoveryOutput =
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array; readonly to: Endpoint }
  /** The last output but waiting; undefined: no answer came at all. */
  | { readonly kind: 'done'; readonly result: DiscoveryResult | undefined }
  | { readonly kind: 'wait'; readonly untilMicros: number };

export type DiscoveryOptions = {
  readonly userID: string;
  readonly clientType: number;
  readonly limits: FrameLimits;
  readonly server: Endpoint;
  /** From an earlier measurement: both ports are asked at once. 0: learned on the way. */
  readonly secondPort: number;
  /** A random unsigned 32-bit number. */
  readonly firstId: number;
};

/** Ours: pause before a request is repeated, and how often it is sent. */
const REPEAT_MICROS = 250_000;
const SENDS_MAX = 6;

type Question = { readonly to: Endpoint; readonly id: number; observed: Endpoint | undefined };

/** One measurement. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #questions: Question[] = [];
  readonly #outputs: DiscoveryOutput[] = [];
  #secondPort: number;
  #sends = 0;
  #nextSendMicros: number;
  #isDone = false;

  constructor(nowMicros: number, options: DiscoveryOptions) {
    this.#options = options;
    this.#secondPort = options.secondPort;
    this.#nextSendMicros = nowMicros;
    this.#ask(options.server.port);
    if (options.secondPort !== 0) this.#ask(options.secondPort);
    this.handleTimer(nowMicros);
  }

  /** A DiscoverResponse; false when it answers nothing that was asked here. */
  handleAnswer(nowMicros: number, from: Endpoint, message: Uint8Array): boolean {
    const answer = readAnswer(message, this.#options.limits);
    const question = this.#questions.find(({ to, id }) => answer?.id === id && sameEndpoint(to, from));
    if (answer === undefined || question === undefined) return false;
    if (question.observed !== undefined || this.#isDone) return true;
    question.observed = answer.observed;
    if (this.#questions.length === 1 && answer.secondPort !== 0) {
      this.#secondPort = answer.secondPort;
      this.#ask(answer.secondPort);
      this.#sends = 0;
      this.#nextSendMicros = nowMicros;
      this.handleTimer(nowMicros);
    }
    if (this.#questions.every(({ observed }) => observed !== undefined)) this.#finish();
    return true;
  }

  /** Early or late is harmless. */
  handleTimer(nowMicros: number): void {
    if (this.#isDone || nowMicros < this.#nextSendMicros) return;
    if (this.#sends === SENDS_MAX) {
      this.#finish();
      return;
    }
    this.#sends += 1;
    this.#nextSendMicros = nowMicros + REPEAT_MICROS;
    for (const { to, id, observed } of this.#questions) {
      if (observed === undefined) this.#outputs.push({ kind: 'datagram', bytes: this.#request(id), to });
    }
  }

  poll(): DiscoveryOutput {
    const output = this.#outputs.shift();
    if (output !== undefined) return output;
    return { kind: 'wait', untilMicros: this.#isDone ? Infinity : this.#nextSendMicros };
  }

  #ask(port: number): void {
    const id = (this.#options.firstId + this.#questions.length) | 0;
    this.#questions.push({ to: { address: this.#options.server.address, port }, id, observed: undefined });
  }

  #request(id: number): Uint8Array {
    const frame = requestFrame(this.#options, id);
    return encodeDiscover('DiscoverRequest', frame, 1 + frame.length + P2P_DISCOVER_PADDING_BYTES);
  }

  #finish(): void {
    this.#isDone = true;
    const [first, second] = this.#questions;
    const seen = first?.observed ?? second?.observed;
    if (seen === undefined) {
      this.#outputs.push({ kind: 'done', result: undefined });
      return;
    }
    const reading =
      first?.observed === undefined ? readNat(seen, undefined) : readNat(first.observed, second?.observed);
    this.#outputs.push({ kind: 'done', result: { observed: seen, secondPort: this.#secondPort, ...reading } });
  }
}

/** The request as a message; over TCP it goes as it is. */
export function requestFrame(
  options: Pick<DiscoveryOptions, 'userID' | 'clientType' | 'limits'>,
  id: number,
): Uint8Array {
  const { clientType, limits, userID } = options;
  const header = { clientType, messageType: MessageType.GetMyPublicIPE, messageId: id, sourceId: userID, destId: '' };
  return encodeFrame(header, null, limits.userIdBytesMax).slice();
}

export type DiscoveryAnswer = { readonly id: number; readonly observed: Endpoint; readonly secondPort: number };

/** What an answer says; undefined when the bytes are none, or name no endpoint. */
export function readAnswer(message: Uint8Array, limits: FrameLimits): DiscoveryAnswer | undefined {
  let answer: DiscoveryAnswer | undefined;
  const error = new FrameDecoder(limits).push(message, (frame) => {
    if (frame.messageType !== MessageType.GetMyPublicIPE) return false;
    const body = codecs.PublicIPEResponseContract.decode(frame.body());
    if (!body.ok || body.value.IP === null) return false;
    const { IP, PublicPort, SecondPort } = body.value;
    if (!isPort(PublicPort) || (SecondPort !== 0 && !isPort(SecondPort))) return false;
    answer = { id: frame.messageId, observed: { address: IP, port: PublicPort }, secondPort: SecondPort };
    return false;
  });
  return error === undefined ? answer : undefined;
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
