import { expect, it } from 'vitest';
import { boxesLaws } from './boxes.ts';

it('every law of middleboxes holds', () => {
  const rows = boxesLaws();
  expect(rows.filter(({ holds }) => !holds)).toEqual([]);
  expect(rows).toHaveLength(10);
});
