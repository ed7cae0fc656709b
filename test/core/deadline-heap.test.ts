import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { DeadlineHeap } from '../../impl/core/deadline-heap.ts';

const drained = (heap: DeadlineHeap<number>, nowMicros: number): number[] => {
  const items: number[] = [];
  for (let item = heap.pollDue(nowMicros); item !== undefined; item = heap.pollDue(nowMicros)) items.push(item);
  return items;
};

describe('deadline heap', () => {
  test('any set of deadlines comes out by time, equal ones in order of insertion', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), (deadlines) => {
        const heap = new DeadlineHeap<number>();
        deadlines.forEach((deadline, index) => heap.insert(deadline, index));
        const expected = deadlines.map((_, index) => index).sort((a, b) => deadlines[a]! - deadlines[b]! || a - b);
        expect(drained(heap, 20)).toEqual(expected);
        expect(heap.size).toBe(0);
      }),
      { seed: 7 },
    );
  });

  test('interleaved inserts and polls keep the order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat({ max: 50 }), fc.constant('poll' as const))), (steps) => {
        const heap = new DeadlineHeap<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === 'poll') {
            model.sort((a, b) => a - b);
            expect(heap.nextDeadlineMicros).toBe(model[0] ?? Infinity);
            expect(heap.pollDue(50)).toBe(model.shift());
          } else {
            heap.insert(step, step);
            model.push(step);
          }
        }
      }),
      { seed: 7 },
    );
  });

  test('nothing comes out before its deadline, and Infinity is never', () => {
    const heap = new DeadlineHeap<number>();
    heap.insert(10, 1);
    heap.insert(Infinity, 2);
    expect(heap.pollDue(9)).toBeUndefined();
    expect(heap.pollDue(10)).toBe(1);
    expect([heap.size, heap.nextDeadlineMicros]).toEqual([0, Infinity]);
  });

  test('clear forgets all', () => {
    const heap = new DeadlineHeap<number>();
    heap.insert(1, 1);
    heap.clear();
    expect(drained(heap, 100)).toEqual([]);
  });
});
