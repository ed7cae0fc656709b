import { describe, expect, it } from 'vitest';
import { ALWAYS, NEVER, RandomStream, SimError, World, ratio } from '../../sim/index.ts';

describe('RandomStream', () => {
  it('draws the same numbers on every machine', () => {
    // Computed by another implementation of sfc32, in another language.
    const stream = new RandomStream(42, 'golden');
    const drawn = Array.from({ length: 6 }, () => stream.uint32());
    expect(drawn).toEqual([2781046551, 1312822371, 3710783226, 3074407885, 3343414955, 3973720019]);
  });

  it('shares nothing between names, seeds, and the halves of a large seed', () => {
    const first = (seed: number, name: string): number => new RandomStream(seed, name).uint32();
    const values = [first(1, 'a'), first(1, 'b'), first(2, 'a'), first(1 + 2 ** 32, 'a'), first(1, 'ab')];
    expect(new Set(values).size).toBe(values.length);
  });

  it('is one object a name in a world, and a draw from one shifts no other', () => {
    const alone = new World({ seed: 5 }).stream('b');
    const expected = [alone.uint32(), alone.uint32()];
    const world = new World({ seed: 5 });
    const a = world.stream('a');
    const first = world.stream('b').uint32();
    for (let index = 0; index < 100; index += 1) a.uint32();
    expect([first, world.stream('b').uint32()]).toEqual(expected);
  });

  it('is uniform below a limit and within a range', () => {
    const stream = new RandomStream(7, 'uniform');
    const counts = new Array<number>(6).fill(0);
    for (let index = 0; index < 60_000; index += 1) counts[stream.below(6)]! += 1;
    // Six cells of 10,000 expected; the chi-square with 5 degrees of freedom is below 20.5 in 99.9 % of cases.
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(20.5);
    for (let index = 0; index < 1000; index += 1) {
      const value = stream.between(-3, 3);
      expect(value).toBeGreaterThanOrEqual(-3);
      expect(value).toBeLessThanOrEqual(3);
    }
    expect(stream.below(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it('has no modulo bias where the limit does not divide 2^32', () => {
    // With a plain remainder the lower third of this range would come up twice as often.
    const limit = 3 * 2 ** 30;
    const stream = new RandomStream(9, 'bias');
    let low = 0;
    for (let index = 0; index < 30_000; index += 1) if (stream.below(limit) < 2 ** 30) low += 1;
    expect(low).toBeGreaterThan(9_700);
    expect(low).toBeLessThan(10_300);
  });

  it('draws chances as ratios of integers', () => {
    const stream = new RandomStream(3, 'chance');
    let hits = 0;
    for (let index = 0; index < 100_000; index += 1) if (stream.chance(ratio(1, 100))) hits += 1;
    // Mean 1,000, standard deviation 31.5.
    expect(hits).toBeGreaterThan(880);
    expect(hits).toBeLessThan(1_120);
    expect(stream.chance(NEVER)).toBe(false);
    expect(stream.chance(ALWAYS)).toBe(true);
  });

  it.each([
    [1, 0],
    [2, 1],
    [-1, 5],
    [0.5, 1],
    [1, 2 ** 33],
  ])('refuses %d/%d as a probability, naming it', (numerator, denominator) => {
    expect(() => ratio(numerator, denominator)).toThrow(SimError);
    expect(() => ratio(numerator, denominator)).toThrow(`${numerator}/${denominator}`);
  });
});
