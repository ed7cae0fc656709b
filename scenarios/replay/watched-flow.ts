/**
 * One TCP connection of the capture from its first segment to its end: admission first, then the conversation.
 *
 * Events that come before admission is decided are copied and played back, in order.
 */
import { admit, type Admission, type AdmissionOptions } from './admission.ts';
import { Conversation, type ConversationOptions } from './conversation.ts';
import type { FlowEnd, FlowInfo, FlowSide, FlowSink } from './tcp-flows.ts';
import type { Gap } from './tcp-stream.ts';

export type WatchedFlowOptions = {
  readonly admission: AdmissionOptions;
  /** Makes the conversation once it is clear that there is one. */
  converse(info: FlowInfo, admission: Extract<Admission, { kind: 'protocol' }>): Omit<ConversationOptions, 'isWhole'>;
  /** The connection has ended; undefined when it is none of ours. */
  ended(flow: WatchedFlow, how: FlowEnd, timeMicros: number): void;
};

/** Bytes kept of each side until admission is decided. */
const START_BYTES_MAX = 65_536;

/** Decides what a connection is, and passes on what happens on it. */
export class WatchedFlow implements FlowSink {
  readonly info: FlowInfo;
  conversation: Conversation | undefined;
  admission: Admission | undefined;
  readonly #options: WatchedFlowOptions;
  #early: (() => void)[] = [];
  #starts: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];

  constructor(info: FlowInfo, options: WatchedFlowOptions) {
    this.info = info;
    this.#options = options;
  }

  onBytes(side: FlowSide, bytes: Uint8Array, packet: number, timeMicros: number): void {
    if (this.conversation !== undefined) {
      this.conversation.bytes(this.#isServer(side), bytes, packet, timeMicros);
      return;
    }
    if (this.admission !== undefined) return;
    const copy = Buffer.from(bytes);
    this.#early.push(() => this.conversation?.bytes(this.#isServer(side), copy, packet, timeMicros));
    if (this.#starts[side].length < START_BYTES_MAX) this.#starts[side] = Buffer.concat([this.#starts[side], copy]);
    this.#decide(false);
  }

  onGap(side: FlowSide, gap: Gap): void {
    this.#decide(true);
    this.conversation?.gap(this.#isServer(side), gap);
  }

  onFin(side: FlowSide, packet: number, timeMicros: number): void {
    if (this.admission === undefined) {
      this.#early.push(() => this.conversation?.closed(this.#isServer(side), packet, timeMicros, false));
    } else this.conversation?.closed(this.#isServer(side), packet, timeMicros, false);
  }

  onReset(side: FlowSide, packet: number, timeMicros: number): void {
    this.#decide(true);
    this.conversation?.closed(this.#isServer(side), packet, timeMicros, true);
  }

  onEnd(how: FlowEnd, timeMicros: number): void {
    this.#decide(true);
    this.conversation?.end({ how, timeMicros });
    this.#options.ended(this, how, timeMicros);
  }

  #isServer(side: FlowSide): boolean {
    return this.admission?.kind === 'protocol' && this.admission.serverSide === side;
  }

  #decide(isLast: boolean): void {
    if (this.admission !== undefined) return;
    const decision = admit(this.info, this.#starts, this.#options.admission, isLast);
    if (decision === undefined) return;
    this.admission = decision;
    if (decision.kind === 'protocol') {
      const options = this.#options.converse(this.info, decision);
      this.conversation = new Conversation({ ...options, isWhole: this.info.start === 'syn' });
      for (const event of this.#early) event();
    }
    this.#early = [];
    this.#starts = [Buffer.alloc(0), Buffer.alloc(0)];
  }
}
