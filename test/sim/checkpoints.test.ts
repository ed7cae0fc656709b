/** The hash chain at regular places: it stays small, and names the stretch in which two runs part. */
import { expect, test } from 'vitest';
import type { Checkpoints } from '../../sim/index.ts';
import { TRACE_KIND, Trace, firstDivergentStretch, keepCheckpoints } from '../../sim/index.ts';

/** A trace of so many records, of which one may be another. */
function chainOf(count: number, otherAt = -1): { readonly trace: Trace; readonly checkpoints: Checkpoints } {
  const trace = new Trace({ recordsMax: 0 });
  const checkpoints = keepCheckpoints(trace);
  for (let index = 0; index < count; index += 1)
    trace.record(TRACE_KIND.mark, 0, index, index === otherAt ? 1 : 0, 0, 0);
  return { trace, checkpoints: checkpoints() };
}

test.each([0, 63, 64, 1_000, 16_384, 100_000, 1_000_000])('of %d records at most 256 digests are kept', (count) => {
  const { everyRecords, digests } = chainOf(count).checkpoints;
  expect(digests.length).toBeLessThan(256);
  expect(digests.length).toBe(Math.floor(count / everyRecords));
  if (count > 16_384) expect(digests.length).toBeGreaterThanOrEqual(100);
});

test('each digest is that of a shorter trace', () => {
  const { everyRecords, digests } = chainOf(40_000).checkpoints;
  for (const place of [1, 17, digests.length]) {
    expect(digests[place - 1]).toBe(chainOf(place * everyRecords).trace.digest());
  }
});

test('two runs part in the stretch of the first record that differs, also when one is longer', () => {
  for (const otherAt of [0, 63, 64, 5_000, 30_000]) {
    for (const count of [31_000, 200_000]) {
      const stretch = firstDivergentStretch(chainOf(31_000).checkpoints, chainOf(count, otherAt).checkpoints)!;
      expect(stretch.fromIndex).toBeLessThanOrEqual(otherAt);
      expect(stretch.toIndex).toBeGreaterThan(otherAt);
      expect(stretch.toIndex - stretch.fromIndex).toBeLessThanOrEqual(count === 31_000 ? 256 : 1_024);
    }
  }
  expect(firstDivergentStretch(chainOf(31_000).checkpoints, chainOf(200_000).checkpoints)).toBeUndefined();
});
