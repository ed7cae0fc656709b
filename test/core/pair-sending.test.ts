/** One direction of a pair between server and channels that open and die at any moment: all messages, each once, in order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PairReceiving, STREAMS_KEPT_MAX, UNKNOWN_COUNT } from '../../impl/core/pair-receiving.ts';
import { PairSending, SERVER_WAY } from '../../impl/core/pair-sending.ts';
import type { PairOutput } from '../../impl/core/pair-sending.ts';

const OPTIONS = { windowBytes: 400, answerMicrosMax: 1000 };
const frame = (n: number): Uint8Array => new Uint8Array([n & 255, n >> 8]);
const numberOf = (bytes: Uint8Array): number => bytes[0]! | (bytes[1]! << 8);

type OnWire =
  | { readonly of: 'data'; readonly n: number }
  | { readonly of: 'probe' }
  | { readonly of: 'mark'; id: number }
  | { readonly of: 'ask'; stream: number };
type Back =
  | { readonly of: 'count' | 'final'; readonly stream: number; readonly count: number }
  | { readonly of: 'marked'; readonly id: number };

/** Both ends of one direction, with everything under way in queues that the test empties step by step. */
class Pair {
  readonly sending = new PairSending(OPTIONS);
  readonly receiving = new PairReceiving();
  readonly received: number[] = [];
  readonly byWay = { server: 0, stream: 0 };
  readonly #server: OnWire[] = [];
  readonly #back: Back[] = [];
  readonly #streams = new Map<number, OnWire[]>();
  /** Streams the receiver has closed: nothing that is still under way comes out of them. */
  readonly #closed = new Set<number>();
  #lastStream = 0;
  posted = 0;

  post(): void {
    this.sending.post(frame(this.posted++));
    this.drain();
  }

  open(): void {
    if (this.#streams.size >= 2) return;
    this.#streams.set(++this.#lastStream, []);
    this.receiving.begin(this.#lastStream);
    this.#best();
  }

  /** A live stream dies; what is under way on it is gone. */
  kill(which: number): void {
    const live = [...this.#streams.keys()];
    const stream = live[which % Math.max(1, live.length)];
    if (stream === undefined) return;
    this.#streams.delete(stream);
    this.sending.handleDead(stream);
    this.#best();
  }

  /** Moves the oldest thing under way on one of the ways; 0 is the server, 1 the answers, then the streams. */
  deliver(which: number): void {
    const ways = [this.#server, this.#back, ...this.#streams.values()];
    const index = which % ways.length;
    if (index === 1) this.#answer();
    else {
      const item = ways[index]!.shift() as OnWire | undefined;
      const stream = [...this.#streams.keys()][index - 2];
      if (item !== undefined) this.#arrive(item, stream);
    }
    this.drain();
  }

  finish(): void {
    for (let round = 0; round < 2000; round++) this.deliver(round);
  }

  drain(): void {
    for (;;) {
      const output: PairOutput = this.sending.poll(0);
      if (output.kind === 'wait') return;
      if (output.kind === 'send') {
        const item: OnWire = { of: 'data', n: numberOf(output.frame) };
        if (output.way === SERVER_WAY) this.#server.push(item);
        else this.#streams.get(output.way)!.push(item);
        this.byWay[output.way === SERVER_WAY ? 'server' : 'stream']++;
      } else if (output.kind === 'mark') this.#server.push({ of: 'mark', id: output.markId });
      else if (output.kind === 'ask') this.#server.push({ of: 'ask', stream: output.stream });
      else if (output.kind === 'probe') this.#streams.get(output.stream)!.push({ of: 'probe' });
      else throw new Error(`did not expect ${output.kind}`);
    }
  }

  #best(): void {
    this.sending.handleBest([...this.#streams.keys()][0] ?? SERVER_WAY);
    this.drain();
  }

  #arrive(item: OnWire, stream: number | undefined): void {
    if (stream !== undefined && this.#closed.has(stream)) return;
    if (item.of === 'mark') this.#back.push({ of: 'marked', id: item.id });
    else if (item.of === 'ask') {
      this.#closed.add(item.stream);
      this.#back.push({ of: 'final', stream: item.stream, count: this.receiving.countOf(item.stream) });
    } else if (item.of === 'probe') {
      this.#back.push({ of: 'count', stream: stream!, count: this.receiving.countOf(stream!) });
    } else {
      this.received.push(item.n);
      if (stream === undefined) return;
      const count = this.receiving.note(stream);
      if (count % 3 === 0) this.#back.push({ of: 'count', stream, count });
    }
  }

  #answer(): void {
    const answer = this.#back.shift();
    if (answer === undefined) return;
    if (answer.of === 'marked') this.sending.handleMarked(answer.id);
    else if (answer.of === 'final') this.sending.handleFinal(answer.stream, answer.count);
    else expect(this.sending.handleCount(answer.stream, answer.count)).toBe(true);
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'post' as const }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'open' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), which: fc.nat(1) }) },
);

test('whatever opens and dies when, every message comes once and in order', () => {
  const used = { server: 0, stream: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 120 }), (steps) => {
      const pair = new Pair();
      for (const each of steps) {
        if (each.do === 'post') pair.post();
        else if (each.do === 'open') pair.open();
        else if (each.do === 'kill') pair.kill(each.which);
        else pair.deliver(each.which);
      }
      pair.finish();
      expect(pair.received).toEqual([...Array(pair.posted).keys()]);
      used.server += pair.byWay.server;
      used.stream += pair.byWay.stream;
    }),
    { numRuns: 2000, seed: 7 },
  );
  // Both kinds of way have been taken, or the law above said little.
  expect(used.server).toBeGreaterThan(1000);
  expect(used.stream).toBeGreaterThan(1000);
});

describe('the window', () => {
  test('bounds what is on a stream without having been received', () => {
    const sending = new PairSending(OPTIONS);
    sending.handleBest(1);
    expect(sending.poll(0)).toEqual({ kind: 'mark', markId: 1 });
    sending.handleMarked(1);
    for (let n = 0; n < 50; n++) sending.post(frame(n));
    let sent = 0;
    while (sending.poll(0).kind === 'send') sent++;
    expect(sent).toBeLessThan(10);
    expect(sending.keptBytes).toBeLessThanOrEqual(OPTIONS.windowBytes + 66);
    expect(sending.handleCount(1, 1)).toBe(true);
    expect(sending.poll(0).kind).toBe('send');
    expect(sending.handleCount(1, 1000)).toBe(false);
  });
});

describe('ends', () => {
  const onStream = (): PairSending => {
    const sending = new PairSending(OPTIONS);
    sending.handleBest(1);
    sending.poll(0);
    sending.handleMarked(1);
    sending.post(frame(1));
    expect(sending.poll(0)).toMatchObject({ kind: 'send', way: 1 });
    return sending;
  };

  test('what the other end does not know is lost, never sent again', () => {
    const sending = onStream();
    sending.handleDead(1);
    sending.handleBest(SERVER_WAY);
    expect(sending.poll(0)).toEqual({ kind: 'ask', stream: 1 });
    sending.post(frame(2));
    expect(sending.poll(0).kind).toBe('wait');
    sending.handleFinal(1, UNKNOWN_COUNT);
    expect(sending.poll(0)).toMatchObject({ kind: 'lost', count: 1 });
    expect(sending.poll(0)).toMatchObject({ kind: 'send', way: SERVER_WAY, frame: frame(2) });
  });

  test('an ask that nobody answers ends, a mark that nobody answers gives up the stream', () => {
    const sending = onStream();
    sending.handleDead(1);
    sending.handleBest(SERVER_WAY);
    sending.poll(0);
    expect(sending.poll(0)).toEqual({ kind: 'wait', untilMicros: 1000 });
    expect(sending.poll(1000)).toMatchObject({ kind: 'lost', count: 1 });
    const other = new PairSending(OPTIONS);
    other.handleBest(3);
    other.poll(0);
    expect(other.poll(1000)).toEqual({ kind: 'unanswered', stream: 3 });
  });

  test('what is owed when the own session ends goes when the next one has begun', () => {
    const sending = onStream();
    sending.handleSessionEnd();
    sending.post(frame(2));
    expect(sending.poll(0)).toEqual({ kind: 'wait', untilMicros: Infinity });
    sending.handleSessionStart();
    expect(sending.poll(0)).toEqual({ kind: 'ask', stream: 1 });
    sending.handleFinal(1, 0);
    expect(sending.poll(0)).toMatchObject({ kind: 'send', way: SERVER_WAY, frame: frame(1) });
    expect(sending.poll(0)).toMatchObject({ kind: 'send', way: SERVER_WAY, frame: frame(2) });
    expect(sending.isIdle).toBe(true);
  });

  test('the other user gone: what was on the stream is lost, what waits goes through the server', () => {
    const sending = onStream();
    sending.handleGone();
    sending.post(frame(2));
    expect(sending.poll(0)).toMatchObject({ kind: 'lost', count: 1 });
    expect(sending.poll(0)).toMatchObject({ kind: 'send', way: SERVER_WAY });
  });
});

test('only the last streams of a user are remembered', () => {
  const receiving = new PairReceiving();
  for (let stream = 1; stream <= STREAMS_KEPT_MAX + 1; stream++) receiving.begin(stream);
  expect(receiving.countOf(1)).toBe(UNKNOWN_COUNT);
  expect(receiving.note(1)).toBe(UNKNOWN_COUNT);
  expect(receiving.note(2)).toBe(1);
  receiving.begin(2);
  expect(receiving.countOf(2)).toBe(0);
});
