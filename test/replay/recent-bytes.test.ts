/** The ring of recent bytes, compared with the whole stream kept aside. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentBytes } from '../../scenarios/replay/recent-bytes.ts';

it('knows the last bytes of a stream while it grows and long after it is full', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 900, max: 9_000 })), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (pushes, probes) => {
      const total = pushes.reduce((sum, size) => sum + size, 0);
      const stream = Uint8Array.from({ length: total }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);
      const recent = new RecentBytes();
      let end = 0;
      for (const size of pushes) {
        recent.push(stream.subarray(end, end + size));
        end += size;
      }
      // At least this much is always known; before it, nothing may be called different that is not.
      const known = Math.max(0, total - 1_024);
      for (const probe of probes) {
        const at = probe % total;
        const piece = stream.slice(at, at + 1 + (probe % 700));
        expect(recent.differs(at, piece)).toBe(false);
        if (at < known) continue;
        piece[0]! ^= 1;
        expect(recent.differs(at, piece)).toBe(true);
      }
    }),
    { seed: 11, numRuns: 200 },
  );
});
