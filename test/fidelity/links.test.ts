import { describe, expect, it } from 'vitest';
import { linksFidelity } from './links.ts';

describe('the laws of links and queues', () => {
  it('hold, every one', { timeout: 120_000 }, () => {
    const rows = linksFidelity();
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(({ holds }) => !holds)).toEqual([]);
  });
});
