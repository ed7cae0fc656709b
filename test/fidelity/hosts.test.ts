import { expect, it } from 'vitest';
import { hostsLaws } from './hosts.ts';

it('the laws of hosts hold', async () => {
  const rows = await hostsLaws({ datagrams: 5_000, bursts: 5_000 });
  expect(rows.filter(({ holds }) => !holds)).toEqual([]);
  expect(rows.length).toBeGreaterThan(35);
});
