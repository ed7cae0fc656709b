/** Two gates before each rare way: armed by run, fired by passing, both from a stream of the point's own. */
import { expect, it } from 'vitest';
import { World, ratio, rareWaysOf, takeRareWays } from '../../sim/index.ts';
import { RARE_WAYS, takesRareWay } from '../../impl/engine/rare-ways.ts';
import type { RareWay } from '../../impl/engine/rare-ways.ts';
import { aPair } from './helpers.ts';

const WAYS = Object.keys(RARE_WAYS) as RareWay[];

it('a world that was not asked has none, and a point then costs no draw', () => {
  const { world, alice } = aPair();
  expect(alice.platform().rareWay).toBeUndefined();
  for (const way of WAYS) expect(takesRareWay(alice.platform(), way)).toBe(false);
  expect(rareWaysOf(world)).toBeUndefined();
});

it('a point is armed in half of the worlds, and fires in a quarter of its passages there', () => {
  let [armed, passed, fired] = [0, 0, 0];
  for (let seed = 0; seed < 400; seed += 1) {
    const { world, alice } = aPair({ seed });
    const ways = takeRareWays(world);
    for (let count = 0; count < 20; count += 1) takesRareWay(alice.platform(), WAYS[0]!);
    const [only] = ways.counts;
    if (only?.isArmed !== true) {
      expect(only?.fired).toBe(0);
      continue;
    }
    armed += 1;
    passed += only.passed;
    fired += only.fired;
  }
  // Three standard deviations: of 400 draws at a half 30, of about 4,000 at a quarter 2 %.
  expect(Math.abs(armed - 200)).toBeLessThan(30);
  expect(Math.abs(fired / passed - 0.25)).toBeLessThan(0.02);
});

it('whether one point fires does not depend on which others are passed', () => {
  const fires = (others: readonly RareWay[]): readonly boolean[] => {
    const ways = takeRareWays(new World({ seed: 5 }), { armed: ratio(1, 1) });
    return Array.from({ length: 50 }, () => {
      for (const way of others) ways.pass(way);
      return ways.pass(WAYS[0]!);
    });
  };
  expect(fires(WAYS.slice(1))).toEqual(fires([]));
});
