import { expect, it } from 'vitest';
import { natLaws } from './nat.ts';

/** Enough to see a table that is wrong, and quick; `npm run fidelity -- nat` takes ten thousand. */
const TRIALS = 300;

it('every law of NATs holds', { timeout: 60_000 }, async () => {
  const rows = await natLaws(TRIALS);
  expect(rows.filter(({ holds }) => !holds)).toEqual([]);
  expect(rows.length).toBeGreaterThan(40);
});
