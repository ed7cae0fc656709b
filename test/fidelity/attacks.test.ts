import { expect, it } from 'vitest';
import { attackLaws } from './attacks.ts';

it('the laws of TCP under attack hold', () => {
  const rows = attackLaws(2_000);
  expect(rows.filter(({ holds }) => !holds)).toEqual([]);
  expect(rows.length).toBeGreaterThan(45);
});
