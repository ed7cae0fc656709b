import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue, Lane, RandomStream } from '../../sim/index.ts';
import type { EventTarget } from '../../sim/index.ts';

const target: EventTarget = { onEvent: () => undefined };

function drain(queue: EventQueue): [number, unknown][] {
  const popped: [number, unknown][] = [];
  while (queue.pop()) popped.push([queue.poppedTimeMicros, queue.poppedArgument]);
  return popped;
}

describe('EventQueue', () => {
  it('gives equal times back in the order they were pushed', () => {
    const queue = new EventQueue();
    for (let index = 0; index < 5_000; index += 1) queue.push(index % 7, target, index);
    const expected = Array.from({ length: 5_000 }, (_, index) => [index % 7, index] as [number, number]);
    expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    expect(drain(queue)).toEqual(expected);
  });

  it('behaves as a sorted list under any mixture of push, lanes, pop and cancel', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ push: fc.nat(50) }) },
      { weight: 4, arbitrary: fc.record({ lane: fc.nat(1), later: fc.integer({ min: -2, max: 9 }) }) },
      { weight: 2, arbitrary: fc.record({ cancel: fc.nat(1000) }) },
      { weight: 4, arbitrary: fc.constant('pop' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 250, size: 'max' }), (steps) => {
        const queue = new EventQueue();
        const lanes = [new Lane(), new Lane()];
        let model: { time: number; id: number; slot: number }[] = [];
        let nextId = 0;
        let now = 0;
        for (const each of steps) {
          if (each === 'pop') {
            model.sort((a, b) => a.time - b.time || a.id - b.id);
            const expected = model.shift();
            expect(queue.pop()).toBe(expected !== undefined);
            if (expected === undefined) continue;
            expect([queue.poppedTimeMicros, queue.poppedArgument]).toEqual([expected.time, expected.id]);
            now = expected.time;
          } else if ('lane' in each) {
            queue.pushInLane(lanes[each.lane]!, now + each.later, target, nextId);
            model.push({ time: now + each.later, id: nextId, slot: -1 });
            nextId += 1;
          } else if ('push' in each) {
            const slot = queue.push(each.push, target, nextId);
            model.push({ time: each.push, id: nextId, slot });
            nextId += 1;
          } else {
            const planned = model.filter(({ slot }) => slot >= 0);
            const victim = planned[each.cancel % planned.length];
            if (victim === undefined) continue;
            queue.cancel(victim.slot);
            model = model.filter((entry) => entry !== victim);
          }
          expect(queue.size).toBe(model.length);
        }
        model.sort((a, b) => a.time - b.time || a.id - b.id);
        expect(drain(queue).map(([, id]) => id)).toEqual(model.map(({ id }) => id));
      }),
      { seed: 4711, numRuns: 80 },
    );
  });

  it('keeps thousands of events in lanes in the order of a plain queue, and gives their places out again', () => {
    const [queue, plain] = [new EventQueue(), new EventQueue()];
    const lanes = Array.from({ length: 3 }, () => new Lane());
    const stream = new RandomStream(1, 'lanes');
    const order: number[][] = [[], []];
    for (let id = 0; id < 20_000; id += 1) {
      const time = id + stream.below(8) * 100;
      queue.pushInLane(lanes[id % 3]!, time, target, id);
      plain.push(time, target, id);
      if (id < 5_000) continue;
      [queue, plain].forEach((each, index) => {
        each.pop();
        order[index]!.push(each.poppedArgument as number);
      });
    }
    expect(order[0]).toEqual(order[1]);
    expect(drain(queue)).toEqual(drain(plain));
    // Five thousand were pending at most; of a slot that is free nothing is left that a lane could be mistaken about.
    expect(queue.push(0, target, 'again')).toBeLessThanOrEqual(5_000);
  });

  it('pops in the same order after it has rebuilt itself', () => {
    const queue = new EventQueue();
    const stream = new RandomStream(1, 'times');
    let model: { time: number; id: number; slot: number }[] = [];
    for (let id = 0; id < 2_000; id += 1) {
      const time = stream.below(500);
      model.push({ time, id, slot: queue.push(time, target, id) });
    }
    // More than half are cancelled, which is what makes the queue rebuild; the rest is pushed behind.
    for (const { id, slot } of model) if (id % 3 !== 0) queue.cancel(slot);
    model = model.filter(({ id }) => id % 3 === 0);
    model.sort((a, b) => a.time - b.time || a.id - b.id);
    expect(drain(queue)).toEqual(model.map(({ time, id }) => [time, id]));
  });

  it('throws cancelled entries out instead of keeping them to their time', () => {
    const queue = new EventQueue();
    queue.push(1_000_000, target, 'kept');
    const slots = new Set<number>();
    for (let index = 0; index < 100_000; index += 1) {
      const slot = queue.push(1_000_000 + index, target, index);
      slots.add(slot);
      queue.cancel(slot);
    }
    // Slots are used again after a rebuild, so a timer that is reset for ever does not grow the queue.
    expect(slots.size).toBeLessThan(200);
    expect(queue.size).toBe(1);
    expect(drain(queue)).toEqual([[1_000_000, 'kept']]);
  });
});
