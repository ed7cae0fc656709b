/**
 * The trace of a run: every event feeds a rolling two-lane 32-bit hash, and, when asked for, a ring of readable records.
 *
 * It judges nothing and draws nothing. Two runs are the same run exactly when `digest()` is equal; `diffTraces` names the
 * first event where two runs part. Records cost memory, so the ring is off unless `recordsMax` is given.
 */
import type { RunObserver } from './observer.ts';
import { hashText } from './random.ts';
import { TRACE_KIND, TRACE_KIND_NAMES, describeWords } from './trace-kinds.ts';
import type { TraceKind } from './trace-kinds.ts';

const LANE_1 = 0x01000193;
const LANE_2 = 0x85ebca6b | 0;
/** Records between two kept digests; `diffTraces` finds the diverging block by them without any ring. */
export const BLOCK_RECORDS = 4096;
const WORDS_PER_RECORD = 6;

/** One event, readable. `index` counts from 0 over the whole run. */
export type TraceRecord = {
  readonly index: number;
  readonly timeMicros: number;
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
};

export type TraceOptions = {
  /** Records kept for reading; 0 keeps none. */
  readonly recordsMax: number;
  /** Keep the first `recordsMax` records from this index on, instead of the last ones of the run. */
  readonly fromRecord?: number | undefined;
};

type MarkedCall = { readonly count: number; readonly call: () => void };

/** What every event of one world is noted in. */
export class Trace {
  /** The time of the event being dispatched; set by the world. */
  timeMicros = 0;
  /** Who watches the run; set by `observe`. */
  observer: RunObserver | undefined = undefined;
  #lane1 = 0x811c9dc5 | 0;
  #lane2 = 0x9747b28c | 0;
  #count = 0;
  readonly #subjects: string[] = [];
  readonly #blockDigests: number[] = [];
  /** The number of records at which there is something to do besides noting. */
  #nextMark = BLOCK_RECORDS;
  #calls: readonly MarkedCall[] = [];
  readonly #recordsMax: number;
  readonly #fromRecord: number | undefined;
  readonly #times: Float64Array;
  readonly #words: Int32Array;
  readonly #texts: (string | undefined)[];

  constructor(options: TraceOptions) {
    this.#recordsMax = options.recordsMax;
    this.#fromRecord = options.fromRecord;
    this.#times = new Float64Array(options.recordsMax);
    this.#words = new Int32Array(options.recordsMax * WORDS_PER_RECORD);
    this.#texts = new Array<string | undefined>(options.recordsMax).fill(undefined);
  }

  /** Records noted so far. */
  get count(): number {
    return this.#count;
  }

  /** Gives a named thing (host, link) a number to be noted under. */
  subject(name: string): number {
    this.#subjects.push(name);
    this.#mix(hashText(name));
    return this.#subjects.length - 1;
  }

  /** Names given so far. */
  get subjectCount(): number {
    return this.#subjects.length;
  }

  subjectName(subject: number): string {
    return this.#subjects[subject] ?? '-';
  }

  /** Notes one event. Words are 32-bit integers; what they mean depends on the kind. */
  record(kind: TraceKind, subject: number, a: number, b: number, c: number, d: number): void {
    const time = this.timeMicros | 0;
    let x = this.#lane1;
    let y = this.#lane2;
    const head = (kind << 24) ^ subject;
    x = Math.imul(((x << 5) | (x >>> 27)) ^ time, LANE_1);
    y = Math.imul(((y << 7) | (y >>> 25)) ^ time, LANE_2);
    x = Math.imul(((x << 5) | (x >>> 27)) ^ head, LANE_1);
    y = Math.imul(((y << 7) | (y >>> 25)) ^ head, LANE_2);
    x = Math.imul(((x << 5) | (x >>> 27)) ^ a, LANE_1);
    y = Math.imul(((y << 7) | (y >>> 25)) ^ a, LANE_2);
    x = Math.imul(((x << 5) | (x >>> 27)) ^ b, LANE_1);
    y = Math.imul(((y << 7) | (y >>> 25)) ^ b, LANE_2);
    x = Math.imul(((x << 5) | (x >>> 27)) ^ c, LANE_1);
    y = Math.imul(((y << 7) | (y >>> 25)) ^ c, LANE_2);
    this.#lane1 = Math.imul(((x << 5) | (x >>> 27)) ^ d, LANE_1);
    this.#lane2 = Math.imul(((y << 7) | (y >>> 25)) ^ d, LANE_2);
    if (this.#recordsMax > 0) this.#keep(kind, subject, a, b, c, d, undefined);
    if (this.observer !== undefined && kind !== TRACE_KIND.deliver && kind !== TRACE_KIND.drop) {
      this.observer.onRecord(kind, subject, a, b, c, d);
    }
    this.#count += 1;
    if (this.#count === this.#nextMark) this.#onMark();
  }

  /** Notes one event that has a text: log lines, faults, marks of a scenario. */
  recordText(kind: TraceKind, subject: number, text: string): void {
    const index = this.#position();
    this.record(kind, subject, hashText(text), text.length, 0, 0);
    if (index >= 0) this.#texts[index] = text;
    this.observer?.onText(kind, subject, text);
  }

  /**
   * Calls once, as soon as so many records have been noted: in the middle of whatever notes the last of them.
   *
   * @param count - More than have been noted so far; with less it is never called.
   */
  callAt(count: number, call: () => void): void {
    this.#calls = [...this.#calls, { count, call }];
    if (count > this.#count && count < this.#nextMark) this.#nextMark = count;
  }

  /** Sixteen hexadecimal digits that name this run. */
  digest(): string {
    return hex(this.#lane1) + hex(this.#lane2);
  }

  /** The kept records, oldest first. */
  records(): TraceRecord[] {
    const first = this.firstKept;
    const kept = Math.min(this.#count - first, this.#recordsMax);
    const records: TraceRecord[] = [];
    for (let index = first; index < first + kept; index += 1) records.push(this.recordAt(index)!);
    return records;
  }

  /** One record by its index in the run; undefined when it was not kept. */
  recordAt(index: number): TraceRecord | undefined {
    const first = this.firstKept;
    if (index < first || index >= this.#count || index >= first + this.#recordsMax) return undefined;
    const at = (index - (this.#fromRecord ?? 0)) % this.#recordsMax;
    const word = (offset: number): number => this.#words[at * WORDS_PER_RECORD + offset]!;
    const kind = word(0) as TraceKind;
    return {
      index,
      timeMicros: this.#times[at]!,
      kind: TRACE_KIND_NAMES[kind],
      subject: this.subjectName(word(1)),
      text: this.#texts[at] ?? describeWords(kind, word(2), word(3), word(4), word(5)),
    };
  }

  /** The index of the oldest record that is still kept. */
  get firstKept(): number {
    if (this.#fromRecord !== undefined) return Math.min(this.#fromRecord, this.#count);
    return Math.max(0, this.#count - this.#recordsMax);
  }

  /** The digest after each full block of records, two numbers a block. */
  get blockDigests(): readonly number[] {
    return this.#blockDigests;
  }

  #onMark(): void {
    const count = this.#count;
    if (count % BLOCK_RECORDS === 0) this.#blockDigests.push(this.#lane1, this.#lane2);
    const due = this.#calls.filter((each) => each.count === count);
    this.#calls = this.#calls.filter((each) => each.count > count);
    const nextBlock = (Math.floor(count / BLOCK_RECORDS) + 1) * BLOCK_RECORDS;
    this.#nextMark = this.#calls.reduce((next, each) => Math.min(next, each.count), nextBlock);
    for (const { call } of due) call();
  }

  /** Where in the ring the next record goes, or -1 when it is not kept. */
  #position(): number {
    if (this.#recordsMax === 0) return -1;
    if (this.#fromRecord === undefined) return this.#count % this.#recordsMax;
    const position = this.#count - this.#fromRecord;
    return position >= 0 && position < this.#recordsMax ? position : -1;
  }

  #keep(kind: number, subject: number, a: number, b: number, c: number, d: number, text: string | undefined): void {
    const at = this.#position();
    if (at < 0) return;
    this.#times[at] = this.timeMicros;
    const words = this.#words;
    const first = at * WORDS_PER_RECORD;
    words[first] = kind;
    words[first + 1] = subject;
    words[first + 2] = a;
    words[first + 3] = b;
    words[first + 4] = c;
    words[first + 5] = d;
    // Most records have no text; the slot is only touched when it must change.
    if (this.#texts[at] !== text) this.#texts[at] = text;
  }

  #mix(word: number): void {
    this.#lane1 = Math.imul(((this.#lane1 << 5) | (this.#lane1 >>> 27)) ^ word, LANE_1);
    this.#lane2 = Math.imul(((this.#lane2 << 7) | (this.#lane2 >>> 25)) ^ word, LANE_2);
  }
}

/** Where two runs part. */
export type TraceDivergence = {
  /** The first record that differs is at or after this index ... */
  readonly fromIndex: number;
  /** ... and before this one; `fromIndex + 1` when it is known exactly. */
  readonly toIndex: number;
  /** The diverging records, when both traces kept them; undefined where a run had already ended. */
  readonly left: TraceRecord | undefined;
  readonly right: TraceRecord | undefined;
  readonly text: string;
};

/**
 * Names the first event where two runs differ; undefined when they are the same run.
 *
 * Without kept records only the block is known; run again with `traceFrom: fromIndex, traceRecords: 4096` to see the event,
 * or let `findDivergence` do it.
 */
export function diffTraces(left: Trace, right: Trace): TraceDivergence | undefined {
  if (left.digest() === right.digest() && left.count === right.count) return undefined;
  const fromIndex = firstUnequalBlock(left.blockDigests, right.blockDigests) * BLOCK_RECORDS;
  const toIndex = Math.min(fromIndex + BLOCK_RECORDS, Math.max(left.count, right.count));
  for (let index = fromIndex; index < toIndex; index += 1) {
    const a = left.recordAt(index);
    const b = right.recordAt(index);
    const unknown = (a === undefined && index < left.count) || (b === undefined && index < right.count);
    if (unknown) break;
    if (describe(a) !== describe(b)) {
      const text = `runs part at event ${index}: ${describe(a)} against ${describe(b)}`;
      return { fromIndex: index, toIndex: index + 1, left: a, right: b, text };
    }
  }
  const names = unequalNames(left, right);
  if (names !== undefined) return { fromIndex, toIndex: fromIndex + 1, left: undefined, right: undefined, text: names };
  const text = `runs part between events ${fromIndex} and ${toIndex}; run both again with traceFrom ${fromIndex} and traceRecords ${BLOCK_RECORDS}`;
  return { fromIndex, toIndex, left: undefined, right: undefined, text };
}

/** Digests are chained: once unequal they stay so, and the first unequal block is found by halving. Two words a block. */
function firstUnequalBlock(left: readonly number[], right: readonly number[]): number {
  const isEqual = (block: number): boolean =>
    left[2 * block] === right[2 * block] && left[2 * block + 1] === right[2 * block + 1];
  let low = 0;
  let high = Math.min(left.length, right.length) / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isEqual(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A node of another name is no event by itself, but is in the digest. */
function unequalNames(left: Trace, right: Trace): string | undefined {
  for (let subject = 0; subject < Math.max(left.subjectCount, right.subjectCount); subject += 1) {
    const [a, b] = [left.subjectName(subject), right.subjectName(subject)];
    if (a !== b) return `runs part in their nodes: number ${subject} is '${a}' against '${b}'`;
  }
  return undefined;
}

function describe(record: TraceRecord | undefined): string {
  if (record === undefined) return 'the end of the run';
  return `[${record.timeMicros} us ${record.kind} ${record.subject} ${record.text}]`;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
