/** The annotated hexdump covers every byte of valid messages and names the fault of every invalid one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { annotate, annotations } from '../../impl/wire/index.ts';
import { vectorsByFile } from '../../spec/vectors/generate.ts';
import { bytesOfHex } from '../spec-data/vector-values.ts';

const streams = [...vectorsByFile().values()]
  .flat()
  .filter((vector) => vector.kind === 'stream' && vector.hex.length < 5000);
const limitsOf = (vector: (typeof streams)[number]): { userIdBytesMax: number; messageBytesMax: number } => ({
  userIdBytesMax: vector.userIdBytesMax ?? 11,
  messageBytesMax: vector.messageBytesMax ?? 1_048_576,
});

describe('vectors', () => {
  test.each(streams.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const bytes = bytesOfHex(vector.hex);
    const list = annotations(bytes, limitsOf(vector));
    const fields = list.filter((each) => each.length > 0);
    let at = 0;
    for (const { offset, length } of fields) {
      expect(offset).toBe(at);
      at += length;
    }
    expect(at).toBe(bytes.length);
    const problems = list.flatMap(({ offset, length, problem }) =>
      problem === undefined ? [] : [{ offset, length, problem }],
    );
    if (vector.error === undefined) {
      // These give real message types an empty body or one of another kind, which is a fault of the body, not the frame.
      if (vector.clause !== 'FRM-007') expect(problems).toEqual([]);
      return;
    }
    const fault = problems.at(-1)!;
    const { kind, offset } = vector.error as { kind: string; offset: number };
    expect(fault.problem).toContain(kind);
    expect(offset).toBeGreaterThanOrEqual(fault.offset);
    expect(offset).toBeLessThanOrEqual(fault.offset + fault.length);
  });
});

test('a fault in a body is marked at its field with code, clause and path', () => {
  const bytes = bytesOfHex(streams.find((vector) => vector.id === 'onlines')!.hex);
  bytes[0x34] = 2;
  const text = annotate(bytes, { userIdBytesMax: 11, messageBytesMax: 1000 });
  const [shown, mark] = text.trimEnd().split('\n').slice(-2);
  expect(shown).toMatch(/^000034 {2}02 04 00 00 00 63 63 30 33 00 +not decoded$/);
  expect(mark).toMatch(
    /^ +\^\^ +DataLacked \(FRM-019\): E_BOOL \(SER-005\) at Result\.value\(0\): bool byte is 2, not 0 or 1$/,
  );
});

test('a fault known only at the end of an object is marked at its length, and no byte is listed twice', () => {
  const bytes = bytesOfHex(streams.find((vector) => vector.id === 'query-online')!.hex);
  const longer = Uint8Array.from([...bytes, 0]);
  longer[4] = 13; // The body, and the object that fills it, have a byte that no property takes.
  longer[36] = 13;
  const list = annotations(longer, { userIdBytesMax: 11, messageBytesMax: 1000 });
  expect(list.filter((each) => each.problem !== undefined)).toMatchObject([
    { offset: 36, label: 'object QueryOnlineContract length' },
  ]);
  expect(list.at(-1)).toMatchObject({ offset: 48, length: 1, label: 'not decoded' });
  expect(list.reduce((sum, each) => sum + each.length, 0)).toBe(49);
});

test('the text has offset, bytes, field and value', () => {
  const bytes = bytesOfHex(streams.find((vector) => vector.id === 'query-online')!.hex);
  expect(annotate(bytes, { userIdBytesMax: 11, messageBytesMax: 1000 }).split('\n')).toEqual([
    '000000                                                   QueryOnline = 48 bytes',
    '000000  e5                                                 startToken = 0xE5',
    '000001  00                                                 clientType = 0 DotNET',
    '000002  08 00                                              messageType = 8 QueryOnline',
    '000004  0c 00 00 00                                        bodyLength = 12',
    '000008  07 00 00 00                                        messageId = 7',
    '00000c  04 61 61 30 31 00 00 00 00 00 00 00                sourceId = length 4 "aa01"',
    '000018  00 00 00 00 00 00 00 00 00 00 00 00                destId = length 0 ""',
    '000024  0c 00 00 00                                          object QueryOnlineContract length = 12',
    '000028  04 00 00 00                                            UserID: string length = 4',
    '00002c  62 62 30 32                                            UserID: UTF-8 = "bb02"',
    '',
  ]);
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(120), (bytes, type) => {
      bytes.set([0xe5, 0, type, 0, 20, 0, 0, 0].slice(0, bytes.length));
      if (bytes.length > 24) bytes[12] = bytes[24] = 0;
      expect(annotate(bytes, { userIdBytesMax: 11, messageBytesMax: 1000 }).length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});
