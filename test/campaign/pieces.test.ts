/** Seeds, signatures, the schedule, and what a store knows of a failure. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Schedule, weightOf } from '../../scenarios/campaign/schedule.ts';
import { SEED_COUNT, SeedSource, addSeed, countSeeds, uniteSeeds } from '../../scenarios/campaign/seeds.ts';
import type { SeedRanges } from '../../scenarios/campaign/seeds.ts';
import { normalise, signatureOf } from '../../scenarios/campaign/signature.ts';

const all = { index: 1, count: 1 };

describe('seeds', () => {
  test('are a set: what was added is in, once, in as few ranges as there can be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 })), fc.array(fc.nat({ max: 30 })), (left, right) => {
        const of = (seeds: readonly number[]): SeedRanges => seeds.reduce(addSeed, []);
        const united = uniteSeeds(of(left), of(right));
        const wanted = [...new Set([...left, ...right])].sort((a, b) => a - b);
        expect(
          united.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
        ).toEqual(wanted);
        expect(countSeeds(united)).toBe(wanted.length);
        expect(united.every(([first], index) => index === 0 || first > united[index - 1]![1] + 1)).toBe(true);
      }),
    );
  });

  test('of all shards together are every seed once, from whatever start', () => {
    fc.assert(
      fc.property(fc.nat({ max: SEED_COUNT - 1 }), fc.integer({ min: 1, max: 1000 }), (start, count) => {
        // Where one shard ends the next begins: the first seed after the last of each is the first of the next.
        const first = (index: number): number => new SeedSource(start, { index, count }, []).take()!;
        const firsts = Array.from(
          { length: count },
          (_, index) => (first(index + 1) - start + SEED_COUNT) % SEED_COUNT,
        );
        expect(firsts[0]).toBe(0);
        expect(firsts.every((seed, index) => index === 0 || seed > firsts[index - 1]!)).toBe(true);
      }),
    );
  });

  test('of a shard stay in it, go round the end of the circle, and leave out what was run', () => {
    const start = SEED_COUNT - 3;
    const source = new SeedSource(start, { index: 1, count: 2 }, [
      [0, 4],
      [SEED_COUNT - 2, SEED_COUNT - 1],
    ]);
    expect([source.take(), source.take(), source.take()]).toEqual([SEED_COUNT - 3, 5, 6]);
    const half = SEED_COUNT / 2;
    const end = new SeedSource(0, { index: 1, count: 2 }, [[0, half - 2]]);
    expect([end.take(), end.take()]).toEqual([half - 1, undefined]);
  });
});

describe('a signature', () => {
  const of = (message: string, clause?: string): string | undefined =>
    signatureOf('ACK-1', 'fail', { message, ...(clause === undefined ? {} : { clause }) });

  test('forgets numbers, addresses, hexadecimal and the length of lists', () => {
    const one = 'after 12.5 s 10.0.0.7:4530 got [1, 2, 3] of deadbeef01 from [2001:db8::1]:80, id -4';
    const two = 'after 0.25 s 192.168.1.2:80 got [9] of 0011223344 from [2001:db8:1::2]:443, id 17';
    expect(normalise(one)).toBe(normalise(two));
    expect(of(one)).toBe(of(two));
    expect(of(one)).toMatch(/^F[0-9a-f]{9}$/);
  });

  test('keeps words, the clause, the case and the kind apart', () => {
    const different = [
      of('the ack was lost'),
      of('the query was lost'),
      of('the ack was lost', 'ACK-002'),
      signatureOf('ACK-2', 'fail', { message: 'the ack was lost' }),
      signatureOf('ACK-1', 'timeout', { message: 'the ack was lost' }),
    ];
    expect(new Set(different).size).toBe(5);
    expect(signatureOf('ACK-1', 'pass', undefined)).toBeUndefined();
  });

  test('of two runs that are not one is the same wherever they part', () => {
    const at = (text: string): string | undefined =>
      signatureOf('ACK-1', 'harness-fault', {
        message: `two runs of one plan and one seed are not one run (digests a and b): ${text}`,
      });
    expect(at('event 3, a timer')).toBe(at('event 9, a packet'));
    expect(at('event 3')).not.toBe(signatureOf('ACK-1', 'harness-fault', { message: 'it is broken' }));
  });
});

describe('the schedule', () => {
  const cases = [
    { id: 'cheap', weight: 1, done: [] },
    { id: 'dear', weight: 1, done: [] },
    { id: 'swarm', weight: 3, done: [] },
  ];
  const shares = (by: 'millis' | 'runs'): Record<string, { runs: number; millis: number }> => {
    const schedule = new Schedule(cases, { startSeed: 0, shard: all, by });
    const sums: Record<string, { runs: number; millis: number }> = {};
    for (let run = 0; run < 5_000; run++) {
      const { id } = schedule.take()!;
      const millis = id === 'cheap' ? 1 : 10;
      schedule.ended(id, millis, false);
      const sum = (sums[id] ??= { runs: 0, millis: 0 });
      sum.runs += 1;
      sum.millis += millis;
    }
    return sums;
  };

  test('shares time by weight, so that cheap cases run more often', () => {
    const { cheap, dear, swarm } = shares('millis');
    expect(cheap!.millis / dear!.millis).toBeCloseTo(1, 1);
    expect(swarm!.millis / dear!.millis).toBeCloseTo(3, 1);
    expect(cheap!.runs / dear!.runs).toBeCloseTo(10, 0);
  });

  test('shares runs by weight when it is told to, whatever they cost', () => {
    const { cheap, dear, swarm } = shares('runs');
    expect([cheap!.runs, dear!.runs, swarm!.runs]).toEqual([1_000, 1_000, 3_000]);
  });

  test('gives up a case that takes worker after worker with it, and ends when none is left', () => {
    const schedule = new Schedule([cases[0]!], { startSeed: 5, shard: all, by: 'runs' });
    expect([schedule.take(), schedule.take()]).toEqual([
      { id: 'cheap', seed: 5 },
      { id: 'cheap', seed: 6 },
    ]);
    expect(schedule.ended('cheap', 1, true)).toBe(true);
    // Two were under way, and after a death it is one at a time.
    expect(schedule.take()).toBeUndefined();
    expect(schedule.ended('cheap', 1, true)).toBe(true);
    expect(schedule.take()).toEqual({ id: 'cheap', seed: 7 });
    expect(schedule.ended('cheap', 1, true)).toBe(false);
    expect(schedule.take()).toBeUndefined();
  });

  test('weighs more what has marks to reach and what failed', () => {
    expect(weightOf({}, false)).toBe(1);
    expect(weightOf({ runs: 40, reachable: ['x'] }, false)).toBe(16);
    expect(weightOf({ runs: 2_000 }, false)).toBe(2);
    expect(weightOf({ runs: 5 }, true)).toBe(0.5);
  });
});
