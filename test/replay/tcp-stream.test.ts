/** One direction of TCP: whatever order, repetition and wrap, the bytes come out once and in order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TcpStream, WAITING_BYTES_MAX, type Gap } from '../../scenarios/replay/tcp-stream.ts';

type Run = {
  readonly stream: TcpStream;
  readonly output: () => Buffer;
  readonly gaps: Gap[];
  readonly budget: { bytes: number; readonly bytesMax: number };
};

function run(firstSequence: number, bytesMax = 1 << 26): Run {
  const parts: Buffer[] = [];
  const gaps: Gap[] = [];
  const budget = { bytes: 0, bytesMax };
  const sink = {
    onBytes: (bytes: Buffer) => void parts.push(Buffer.from(bytes)),
    onGap: (gap: Gap) => void gaps.push(gap),
  };
  const stream = new TcpStream(sink, budget);
  stream.open(firstSequence);
  return { stream, output: () => Buffer.concat(parts), gaps, budget };
}

const text = (value: string): Buffer => Buffer.from(value);

describe('a stream', () => {
  it('comes out once and in order for any segments that cover it, in any order, across the wrap', () => {
    const plan = fc.record({
      size: fc.integer({ min: 1, max: 600 }),
      first: fc.constantFrom(0, 5, 0xffff_ff00, 0xffff_ffff, 0x7fff_ff80),
      pieces: fc.array(fc.record({ at: fc.nat(599), length: fc.integer({ min: 1, max: 80 }) }), { maxLength: 60 }),
      order: fc.array(fc.nat(1000), { minLength: 80, maxLength: 80 }),
    });
    fc.assert(
      fc.property(plan, ({ size, first, pieces, order }) => {
        const data = Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + 3) & 0xff));
        const cover = Array.from({ length: Math.ceil(size / 37) }, (_, index) => ({ at: index * 37, length: 37 }));
        const segments = [...pieces, ...cover].filter(({ at }) => at < size);
        segments.sort((a, b) => order[(a.at + a.length) % 80]! - order[(b.at * 3 + b.length) % 80]! || a.at - b.at);
        const { stream, output, budget, gaps } = run(first);
        segments.forEach(({ at, length }, index) => {
          // The segment's memory is used again right away, as a reader's slice would be.
          const payload = Buffer.from(data.subarray(at, at + length));
          stream.segment((first + at) >>> 0, payload, index + 1, 0);
          payload.fill(0);
        });
        stream.finish();
        expect(output().equals(data)).toBe(true);
        expect(budget.bytes).toBe(0);
        expect(gaps).toEqual([]);
        expect(stream.stats.conflictingPackets).toEqual([]);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('counts retransmissions, and takes the first copy of a byte', () => {
    const { stream, output } = run(100);
    stream.segment(100, text('abcd'), 1, 0);
    stream.segment(100, text('abcd'), 2, 0);
    stream.segment(102, text('cXef'), 3, 0);
    expect(output().toString()).toBe('abcdef');
    expect(stream.stats).toMatchObject({ retransmittedBytes: 6, conflictingPackets: [3] });
  });

  it('prefers what waited over what came later', () => {
    const { stream, output } = run(0);
    stream.segment(4, text('EF'), 1, 0);
    stream.segment(0, text('abcdef'), 2, 0);
    expect(output().toString()).toBe('abcdEF');
    expect(stream.stats.conflictingPackets).toEqual([2]);
  });

  it('does not mistake keep-alive probes for data', () => {
    const { stream, output } = run(0);
    stream.segment(0, text('ab'), 1, 0);
    stream.segment(1, text(''), 2, 0);
    stream.segment(1, text('?'), 3, 0);
    expect(output().toString()).toBe('ab');
    expect(stream.stats).toMatchObject({ keepAliveProbes: 2, retransmittedBytes: 0, conflictingPackets: [] });
  });

  it('reports a hole that nothing fills, and hands out nothing behind it', () => {
    const { stream, output, gaps, budget } = run(0);
    stream.segment(0, text('ab'), 1, 0);
    stream.segment(5, text('fgh'), 2, 0);
    stream.finish();
    expect(output().toString()).toBe('ab');
    expect(gaps).toEqual([{ offset: 2, missingBytes: 3, packet: 2 }]);
    stream.segment(2, text('cde'), 3, 0);
    expect(output().toString()).toBe('ab');
    expect(stream.stats.lostBytes).toBe(6);
    expect(budget.bytes).toBe(0);
  });

  it('gives a hole up when too much waits behind it', () => {
    const { stream, gaps, budget } = run(0);
    const piece = Buffer.alloc(60_000);
    let sequence = 10;
    while (gaps.length === 0 && sequence < 2 * WAITING_BYTES_MAX) {
      stream.segment(sequence, piece, 1, 0);
      sequence += piece.length;
      expect(budget.bytes).toBeLessThanOrEqual(WAITING_BYTES_MAX + piece.length);
    }
    expect(gaps).toEqual([{ offset: 0, missingBytes: 10, packet: 1 }]);
    expect(budget.bytes).toBe(0);
  });

  it('gives a hole up when all streams together keep too much', () => {
    const { stream, gaps } = run(0, 100);
    stream.segment(10, Buffer.alloc(101), 1, 0);
    expect(gaps.length).toBe(1);
  });

  it('is complete at its FIN, also when the FIN came before the last data', () => {
    const { stream } = run(0xffff_fffe);
    stream.fin(3);
    expect(stream.isComplete).toBe(false);
    stream.segment(0xffff_fffe, text('abcde'), 1, 0);
    expect(stream.isComplete).toBe(true);
  });
});
