import { describe, expect, it } from 'vitest';
import { ipv6Laws } from './ipv6.ts';

describe('the laws of IPv6', () => {
  it.each(ipv6Laws(3_000).map((row) => [row.law, row] as const))('%s', (_law, { expected, measured, holds }) => {
    expect({ expected, measured, holds }).toMatchObject({ holds: true });
  });
});
