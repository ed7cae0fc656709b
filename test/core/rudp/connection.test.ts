/** Two machines over a scripted path in virtual time. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RudpConnection } from '../../../impl/core/rudp/index.ts';
import { TOKEN, VirtualPath, pattern } from './virtual-path.ts';

const SECOND = 1_000_000;

function bothClosed(path: VirtualPath): () => boolean {
  return () => path.left.closed !== undefined && path.right.closed !== undefined;
}

describe('a connection', () => {
  test('delivers in both directions and closes, under loss, doubling and reordering of many kinds', () => {
    const plan = fc.record({
      seed: fc.integer({ min: 1, max: 1e6 }),
      lossPerMille: fc.constantFrom(0, 10, 100, 300),
      duplicatePerMille: fc.constantFrom(0, 100),
      reorderPerMille: fc.constantFrom(0, 200),
      congestionControl: fc.constantFrom('model' as const, 'cubic' as const),
      sizes: fc.array(fc.oneof(fc.nat(20), fc.nat(20_000)), { maxLength: 8 }),
      datagramBytesMax: fc.constantFrom(64, 700, 1200, 9000),
    });
    fc.assert(
      fc.property(plan, ({ congestionControl, datagramBytesMax, sizes, ...options }) => {
        const own = { congestionControl, datagramBytesMax };
        const path = new VirtualPath({ ...options, left: own, right: own });
        path.left.machine.start(path.nowMicros);
        const messages = sizes.map((size, index) => pattern(size, index));
        for (const message of messages) {
          expect(path.left.machine.send(message)).toBe('queued');
          expect(path.right.machine.send(message)).toBe('queued');
        }
        path.run(path.nowMicros + 9 * SECOND, () => path.left.isConnected && path.right.isConnected);
        path.left.machine.close(path.nowMicros);
        expect(path.run(path.nowMicros + 600 * SECOND, bothClosed(path))).toBe(true);
        expect([path.left.closed, path.right.closed]).toEqual(['closed', 'closed']);
        expect(path.left.received).toEqual(messages);
        expect(path.right.received).toEqual(messages);
        path.run(path.nowMicros + 30 * SECOND);
        expect(path.left.machine.isFinished && path.right.machine.isFinished).toBe(true);
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  test('bounds what it holds, says so, and says when it has drained', () => {
    const limits = { messageBytesMax: 1000, sendBytesMax: 2500 };
    const path = new VirtualPath({ left: limits, right: limits });
    const { machine } = path.left;
    expect(machine.send(pattern(1001, 0))).toBe('tooLong');
    expect(machine.send(pattern(1000, 0))).toBe('queued');
    expect(machine.send(pattern(1000, 1))).toBe('queued');
    expect(machine.send(pattern(1000, 2))).toBe('full');
    path.connect();
    path.run(path.nowMicros + SECOND);
    expect(path.left.drainedCount).toBe(1);
    expect(machine.unacknowledgedBytes).toBe(0);
    expect(machine.send(pattern(1000, 2))).toBe('queued');
    machine.close(path.nowMicros);
    expect(machine.send(pattern(1, 3))).toBe('closed');
  });

  test('holds messages back while paused and gives the end only after them', () => {
    const path = new VirtualPath().connect();
    path.right.machine.pause();
    path.left.machine.send(pattern(10, 1));
    path.left.machine.close(path.nowMicros);
    path.run(path.nowMicros + 2 * SECOND);
    expect(path.left.closed).toBe('closed');
    expect([path.right.received.length, path.right.closed]).toEqual([0, undefined]);
    path.right.machine.resume();
    path.run(path.nowMicros + SECOND);
    expect([path.right.received.length, path.right.closed]).toEqual([1, 'closed']);
  });

  test('takes a late acknowledgement for a sign of reordering, and then waits longer', () => {
    const path = new VirtualPath({ reorderPerMille: 300, seed: 3 }).connect();
    for (let index = 0; index < 40; index++) path.left.machine.send(pattern(20_000, index));
    path.run(path.nowMicros + 20 * SECOND, () => path.right.received.length === 40);
    const { spuriousLosses, retransmittedChunks } = path.left.machine.statistics;
    expect(path.right.received.length).toBe(40);
    expect(spuriousLosses).toBeGreaterThan(0);
    // Without learning it is 200; what is left is found by time.
    expect(retransmittedChunks).toBeLessThan(185);
  });

  test('a message is not sent twice on a path that loses nothing', () => {
    const path = new VirtualPath().connect();
    for (let index = 0; index < 30; index++) {
      path.left.machine.send(pattern(500, index));
      path.run(path.nowMicros + 20_000);
    }
    path.run(path.nowMicros + SECOND);
    expect(path.left.machine.statistics.retransmittedChunks).toBe(0);
    expect(path.right.machine.statistics.duplicateChunks).toBe(0);
  });

  test('options outside their range are refused by name, value and clause', () => {
    expect(() => new RudpConnection(0, { token: TOKEN, identity: 0 })).toThrow(/identity is 0.*RUD-004/);
    expect(() => new RudpConnection(0, { token: -1n, identity: 1 })).toThrow(/RUD-003/);
    expect(() => new RudpConnection(0, { token: TOKEN, identity: 1, datagramBytesMax: 63 })).toThrow(/63.*64 to 65507/);
  });

  test('any inputs in any order leave it sound: poll comes to rest and the bytes sent are datagrams', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('start', 'close', 'abort', 'pause', 'resume') }),
      fc.record({ send: fc.nat(3000) }),
      fc.record({ wait: fc.nat(3_000_000) }),
      fc.record({
        inject: fc.tuple(fc.integer({ min: 0x40, max: 0x47 }), fc.uint8Array({ minLength: 8, maxLength: 40 })),
      }),
      fc.record({ peer: fc.constantFrom('start', 'close', 'abort', 'send') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const path = new VirtualPath({ lossPerMille: 50 });
        for (const each of steps) {
          if ('do' in each) {
            if (each.do === 'pause' || each.do === 'resume') path.left.machine[each.do]();
            else path.left.machine[each.do as 'start'](path.nowMicros);
          } else if ('send' in each) path.left.machine.send(pattern(each.send, 1));
          else if ('inject' in each) path.inject(path.left, Uint8Array.of(each.inject[0], ...each.inject[1]));
          else if ('peer' in each) {
            if (each.peer === 'send') path.right.machine.send(pattern(100, 2));
            else path.right.machine[each.peer as 'start'](path.nowMicros);
          } else path.run(path.nowMicros + each.wait);
          path.drain(path.left);
          path.drain(path.right);
        }
        path.left.machine.resume();
        path.left.machine.abort(path.nowMicros);
        path.run(path.nowMicros + 60 * SECOND);
        expect(path.left.machine.isFinished).toBe(true);
      }),
      { numRuns: 150, seed: 3 },
    );
  });
});

describe('congestion control', () => {
  /** Megabits a second of a transfer of two seconds over a path without a bottleneck but with loss. */
  function rate(congestionControl: 'model' | 'cubic', lossPerMille: number): number {
    const path = new VirtualPath({ lossPerMille, seed: 9, left: { congestionControl } }).connect();
    for (let index = 0; index < 200; index++) path.left.machine.send(pattern(20_000, index));
    const began = path.nowMicros;
    path.run(began + 2 * SECOND, () => path.right.received.length === 200);
    return (path.right.received.length * 20_000 * 8) / (path.nowMicros - began);
  }

  test('random loss slows CUBIC to a fraction of what the model moves', () => {
    expect(rate('cubic', 20)).toBeLessThan(0.5 * rate('model', 20));
  });
});
