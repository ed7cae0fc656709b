import { expect, test } from 'vitest';
import { ordersLaws } from './orders.ts';

test('what must hold for every order of packets does', async () => {
  const rows = await ordersLaws({ free: 5, withFault: 3, probes: 5 });
  expect(rows.filter(({ holds }) => !holds)).toEqual([]);
  expect(rows).toHaveLength(9);
});
