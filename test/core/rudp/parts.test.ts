/** The parts of a connection by themselves: ranges, streams, round trip, window, table. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cubeRoot } from '../../../impl/core/rudp/cubic-control.ts';
import { ReceivedNumbers } from '../../../impl/core/rudp/received-numbers.ts';
import { ReceiveStream } from '../../../impl/core/rudp/receive-stream.ts';
import { RttEstimate } from '../../../impl/core/rudp/rtt.ts';
import { SendStream } from '../../../impl/core/rudp/send-stream.ts';
import { RUDP_INPUTS, RUDP_MOVES, RUDP_STATES } from '../../../spec/rudp-states.ts';
import { pattern } from './virtual-path.ts';

describe('received numbers', () => {
  test('as ranges they are what a set would hold, newest first, as many as fit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(32), { maxLength: 60, size: 'max' }), (numbers) => {
        const received = new ReceivedNumbers();
        const known = new Set<number>();
        for (const number of numbers) {
          received.add(number, 0);
          known.add(number);
          const listed = received.ranges.flatMap(({ first, last }) =>
            Array.from({ length: last - first + 1 }, (_, index) => last - index),
          );
          const wanted = [...known].sort((a, b) => b - a);
          expect(listed).toEqual(wanted);
        }
      }),
    );
  });
});

describe('streams', () => {
  test('whatever the cuts and the order, messages come out as they went in', () => {
    const sizes = fc.array(fc.nat(300), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 64 }), fc.infiniteStream(fc.nat(1000)), (lengths, cut, draws) => {
        const sender = new SendStream();
        const receiver = new ReceiveStream({ messageBytesMax: 300, receiveBytesMax: 10_000 });
        const messages = lengths.map((length, index) => pattern(length, index));
        for (const message of messages) sender.push(message);
        const chunks = [];
        for (let chunk = sender.pollNew(cut, 1e9); chunk !== undefined; chunk = sender.pollNew(cut, 1e9))
          chunks.push(chunk);
        while (chunks.length > 0) {
          const [chunk] = chunks.splice(draws.next().value! % chunks.length, 1);
          expect(receiver.handleChunk(chunk!.sequence, chunk!.bytes)).toBe('new');
          expect(receiver.handleChunk(chunk!.sequence, chunk!.bytes)).toBe('duplicate');
          sender.acknowledge(chunk!);
        }
        const out = [];
        for (let got = receiver.pollMessage(); got !== undefined; got = receiver.pollMessage()) out.push(got);
        expect(out).toEqual(messages);
        expect(sender.heldBytes).toBe(0);
      }),
    );
  });

  test('nothing beyond the limit is kept, and taking messages raises it', () => {
    const receiver = new ReceiveStream({ messageBytesMax: 100, receiveBytesMax: 200 });
    const message = Uint8Array.of(46, 0, 0, 0, ...pattern(46, 1));
    for (let sequence = 0; sequence < 4; sequence++) expect(receiver.handleChunk(sequence, message)).toBe('new');
    expect(receiver.handleChunk(4, message)).toBe('refused');
    expect(receiver.limitOffset).toBe(200);
    receiver.pollMessage();
    expect(receiver.limitOffset).toBe(250);
    expect(receiver.handleChunk(4, message)).toBe('new');
  });
});

describe('round trip', () => {
  test('the estimate is that of RFC 9002, worked out by hand', () => {
    const rtt = new RttEstimate();
    rtt.handleSample(100_000, 0);
    expect(rtt.smoothedMicros).toBe(100_000);
    // variance 50,000: 100,000 + 4 * 50,000 + 20,000
    expect(rtt.probeTimeoutMicros).toBe(320_000);
    rtt.handleSample(140_000, 8_000);
    // adjusted 132,000: variance (150,000 + 32,000) / 4 = 45,500, smoothed (700,000 + 132,000) / 8
    expect(rtt.smoothedMicros).toBe(104_000);
    expect(rtt.probeTimeoutMicros).toBe(104_000 + 182_000 + 20_000);
    // 9/8 of the larger of smoothed and latest
    expect(rtt.lossDelayMicros).toBe(157_500);
  });
});

describe('cube root', () => {
  test('it is within a millionth', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
        const root = cubeRoot(value);
        expect(Math.abs(root * root * root - value)).toBeLessThanOrEqual(value * 1e-6);
      }),
    );
    expect(cubeRoot(0)).toBe(0);
  });
});

describe('the table of states', () => {
  test('every state can be reached from idle, and every one but closed can be left for closed', () => {
    const reach = (from: string): Set<string> => {
      const seen = new Set([from]);
      for (const state of seen)
        for (const input of RUDP_INPUTS) {
          const move = RUDP_MOVES[state as 'idle'][input];
          if (move !== undefined) seen.add(move.to);
        }
      return seen;
    };
    expect([...reach('idle')].sort()).toEqual([...RUDP_STATES].sort());
    for (const state of RUDP_STATES) expect(reach(state).has('closed'), state).toBe(true);
    expect(Object.keys(RUDP_MOVES.closed)).toEqual([]);
  });

  test('every way into closed that has a peer to tell or an owner to tell does so', () => {
    for (const state of RUDP_STATES.filter((each) => each !== 'lingering'))
      for (const input of RUDP_INPUTS) {
        const move = RUDP_MOVES[state][input];
        if (move?.to === 'closed') expect(move.actions, `${state} ${input}`).toContain('reportClosed');
      }
  });
});
