import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reassembly } from '../../sim/tcp/reassembly.ts';
import { SendBuffer } from '../../sim/tcp/send-buffer.ts';

/** Byte `n` of the stream that both buffers are filled with. */
const byteAt = (index: number): number => (index * 31 + (index >> 8)) & 255;
const stream = (from: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => byteAt(from + i));

describe('the send buffer', () => {
  it('reads any range as if it were one piece, under any mixture of writes and acknowledgments', () => {
    const step = fc.oneof(
      fc.record({ append: fc.nat(300) }),
      fc.record({ discard: fc.nat(400) }),
      fc.record({ offset: fc.nat(1_000), count: fc.integer({ min: 1, max: 500 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const buffer = new SendBuffer();
        let [first, end] = [0, 0];
        for (const each of steps) {
          if ('append' in each) {
            buffer.append(stream(end, each.append));
            end += each.append;
          } else if ('discard' in each) {
            const count = Math.min(each.discard, end - first);
            buffer.discard(count);
            first += count;
          } else if (each.offset < end - first) {
            const count = Math.min(each.count, end - first - each.offset);
            expect(Buffer.compare(buffer.read(each.offset, count), stream(first + each.offset, count))).toBe(0);
          }
          expect(buffer.length).toBe(end - first);
        }
      }),
      { seed: 99, numRuns: 200 },
    );
  });
});

describe('reassembly', () => {
  it.each([0, 0x7fff_ffff - 500, -500])('gives every byte once and in order, around sequence number %d', (base) => {
    const piece = fc.record({ from: fc.nat(1_000), count: fc.integer({ min: 1, max: 300 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const reassembly = new Reassembly();
        let next = 0;
        for (const { from, count } of pieces) {
          // As the connection does: what is old is cut, what is next is taken at once, the rest is kept.
          const start = Math.max(from, next);
          const bytes = stream(start, Math.max(0, from + count - start));
          if (bytes.length === 0) continue;
          if (start > next) reassembly.insert((base + start) | 0, bytes);
          else next += bytes.length;
          for (;;) {
            const more = reassembly.take((base + next) | 0);
            if (more === undefined) break;
            expect(Buffer.compare(more, stream(next, more.length))).toBe(0);
            next += more.length;
          }
        }
        const covered = new Set(pieces.flatMap(({ from, count }) => Array.from({ length: count }, (_, i) => from + i)));
        let expected = 0;
        while (covered.has(expected)) expected += 1;
        expect(next).toBe(expected);
        if (covered.size === expected) expect(reassembly.isEmpty).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
