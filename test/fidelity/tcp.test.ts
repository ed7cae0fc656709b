import { describe, expect, it } from 'vitest';
import { tcpLaws } from './tcp.ts';

/** Long enough for the tolerance, short enough for every run of the tests. */
const LENGTH = { packets: 40_000, cycles: 8 };

describe('the laws of TCP', () => {
  it.each(tcpLaws(LENGTH).map((row) => [row.law, row] as const))('%s', (_law, { expected, measured, holds }) => {
    expect({ expected, measured, holds }).toMatchObject({ holds: true });
  });
});
