import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { BlobAssembly } from '../../impl/core/blob-assembly.ts';
import type { BlobFragment, BlobOutcome } from '../../impl/core/blob-assembly.ts';
import { BlobSending } from '../../impl/core/blob-sending.ts';

const BLOB = 106;
const MESSAGE = 107;
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const fragment = (of: Partial<BlobFragment>): BlobFragment => ({
  blobId: 2,
  index: 0,
  isLast: false,
  messageType: BLOB,
  bytes: bytes(1),
  ...of,
});
const kinds = (outcomes: BlobOutcome[]): string[] => outcomes.map((outcome) => outcome.kind);
const feed = (assembly: BlobAssembly, fragments: Partial<BlobFragment>[], sender = 'alice'): BlobOutcome[] =>
  fragments.map((of) => assembly.handleFragment(sender, fragment(of)));

describe('blob assembly', () => {
  test('BLB-004: the whole is delivered once, with the last fragment', () => {
    const assembly = new BlobAssembly(100);
    const outcomes = feed(assembly, [
      { index: 0, bytes: bytes(1, 2) },
      { index: 1, bytes: bytes(3) },
      { index: 2, isLast: true, bytes: bytes(4) },
    ]);
    expect(kinds(outcomes)).toEqual(['partial', 'partial', 'whole']);
    expect(outcomes[2]).toEqual({ kind: 'whole', content: bytes(1, 2, 3, 4) });
    expect(assembly.unfinishedCount).toBe(0);
  });

  test.each([
    ['a gap', [{ index: 0 }, { index: 2 }, { index: 1, isLast: true }]],
    ['a repeated index', [{ index: 0 }, { index: 1 }, { index: 1 }, { index: 2, isLast: true }]],
    ['an unknown blob', [{ index: 1 }, { index: 2, isLast: true }]],
  ])('BLB-011: %s delivers nothing', (_, fragments) => {
    const assembly = new BlobAssembly(100);
    const outcomes = feed(assembly, fragments);
    expect(kinds(outcomes)).not.toContain('whole');
    expect(kinds(outcomes)).toContain('dropped');
    expect(assembly.unfinishedCount).toBe(0);
  });

  test('BLB-016: index 0 of an unfinished blob begins it anew', () => {
    const assembly = new BlobAssembly(100);
    const outcomes = feed(assembly, [
      { bytes: bytes(9) },
      { bytes: bytes(1) },
      { index: 1, isLast: true, bytes: bytes(2) },
    ]);
    expect(outcomes.at(-1)).toEqual({ kind: 'whole', content: bytes(1, 2) });
  });

  test('BLB-006, BLB-011: senders and ids are kept apart, and another type drops the blob', () => {
    const assembly = new BlobAssembly(100);
    feed(assembly, [{ bytes: bytes(1) }]);
    feed(assembly, [{ bytes: bytes(2) }], 'bob');
    feed(assembly, [{ blobId: 3, bytes: bytes(3) }]);
    const last = { index: 1, isLast: true, bytes: bytes(0) };
    expect(feed(assembly, [{ ...last, blobId: 3 }])).toEqual([{ kind: 'whole', content: bytes(3, 0) }]);
    expect(feed(assembly, [last], 'bob')).toEqual([{ kind: 'whole', content: bytes(2, 0) }]);
    expect(kinds(feed(assembly, [{ ...last, messageType: MESSAGE }, last]))).toEqual(['dropped', 'dropped']);
  });

  test('BLB-013: blob 1 from its beginning drops what the sender left unfinished, of both types', () => {
    const assembly = new BlobAssembly(100);
    feed(assembly, [{}, { blobId: 3, messageType: MESSAGE }]);
    feed(assembly, [{}], 'bob');
    feed(assembly, [{ blobId: 1, isLast: true }]);
    expect(assembly.unfinishedCount).toBe(1);
    expect(kinds(feed(assembly, [{ index: 1, isLast: true }]))).toEqual(['dropped']);
  });

  test('BLB-017: id -1 is whole or nothing', () => {
    const assembly = new BlobAssembly(100);
    expect(kinds(feed(assembly, [{ blobId: -1, isLast: true }]))).toEqual(['whole']);
    expect(kinds(feed(assembly, [{ blobId: -1 }, { blobId: -1, index: 1, isLast: true }]))).toEqual([
      'dropped',
      'dropped',
    ]);
  });

  test('BLB-012: the bound holds for the sum, exactly', () => {
    const parts = (sizes: number[]): Partial<BlobFragment>[] =>
      sizes.map((size, index) => ({ index, isLast: index === sizes.length - 1, bytes: new Uint8Array(size) }));
    expect(kinds(feed(new BlobAssembly(10), parts([6, 4])))).toEqual(['partial', 'whole']);
    expect(kinds(feed(new BlobAssembly(10), parts([6, 5])))).toEqual(['partial', 'dropped']);
    expect(kinds(feed(new BlobAssembly(10), parts([11])))).toEqual(['dropped']);
  });

  test('BLB-012: the 65th unfinished blob of a sender is dropped, the 64 stay', () => {
    const assembly = new BlobAssembly(100);
    const begun = Array.from({ length: 65 }, (_, index) => ({ blobId: index + 2 }));
    expect(kinds(feed(assembly, begun)).indexOf('dropped')).toBe(64);
    expect(assembly.unfinishedCount).toBe(64);
    expect(kinds(feed(assembly, [{}], 'bob'))).toEqual(['partial']);
  });

  test('dropSender and dropAll forget', () => {
    const assembly = new BlobAssembly(100);
    feed(assembly, [{}]);
    feed(assembly, [{}], 'bob');
    assembly.dropSender('alice');
    expect(assembly.unfinishedCount).toBe(1);
    assembly.dropAll();
    expect(assembly.unfinishedCount).toBe(0);
  });
});

describe('blob sending', () => {
  test('BLB-001, BLB-002: fragments are full but the last, in order, and make up the blob', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 45 }), (blob, size) => {
        const sending = new BlobSending<string>();
        sending.add({ blobId: 1, bytes: blob, fragmentSizeBytes: size, context: 'x' });
        const parts = [];
        for (let next = sending.pollFragment(); next !== undefined; next = sending.pollFragment()) parts.push(next);
        expect(parts.map((part) => part.index)).toEqual(parts.map((_, index) => index));
        expect(parts.map((part) => part.isLast)).toEqual(parts.map((_, index) => index === parts.length - 1));
        expect(parts.slice(0, -1).every((part) => part.bytes.length === size)).toBe(true);
        const last = parts.at(-1)!.bytes.length;
        expect(blob.length === 0 ? last === 0 : last >= 1 && last <= size).toBe(true);
        expect(parts.flatMap((part) => [...part.bytes])).toEqual([...blob]);
      }),
      { seed: 7 },
    );
  });

  test('blobs take turns', () => {
    const sending = new BlobSending<string>();
    sending.add({ blobId: 1, bytes: new Uint8Array(3), fragmentSizeBytes: 1, context: 'a' });
    sending.add({ blobId: 2, bytes: new Uint8Array(2), fragmentSizeBytes: 1, context: 'b' });
    const order = [1, 2, 3, 4, 5].map(() => sending.pollFragment()!.blobId);
    expect(order).toEqual([1, 2, 1, 2, 1]);
    expect(sending.pollFragment()).toBeUndefined();
  });

  test('BLB-007: takeAll gives back what is not finished', () => {
    const sending = new BlobSending<string>();
    sending.add({ blobId: 1, bytes: new Uint8Array(1), fragmentSizeBytes: 1, context: 'done' });
    sending.add({ blobId: 2, bytes: new Uint8Array(9), fragmentSizeBytes: 1, context: 'half' });
    sending.pollFragment();
    sending.pollFragment();
    expect(sending.takeAll()).toEqual(['half']);
    expect(sending.size).toBe(0);
  });
});
