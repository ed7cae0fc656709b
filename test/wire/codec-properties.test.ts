/** Laws of the serializer over random contracts, values and bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecs, defineContract, defineType, walkBody } from '../../impl/wire/index.ts';
import type { Codec } from '../../impl/wire/index.ts';
import { contractNames, contracts } from '../../spec/grammar/index.ts';
import type { Contract, FieldType } from '../../spec/grammar/index.ts';
import { anyFields, anyType, valuesOf } from './arbitraries.ts';

function roundTrip(codec: Codec<unknown>, value: unknown): void {
  const bytes = codec.encode(value);
  expect(codec.sizeOf(value)).toBe(bytes.length);
  expect(codec.decodeNullable(bytes)).toEqual({ ok: true, value });
}

describe('SER-025 decode(encode(x)) = x', () => {
  test.each(contractNames)('%s', (name) => {
    const codec = codecs[name] as Codec<unknown>;
    fc.assert(
      fc.property(valuesOf(codec.type), (value) => roundTrip(codec, value)),
      { numRuns: 150 },
    );
  });

  test('bare types of any build', () => {
    const typeAndValue = anyType.chain((type) => fc.tuple(fc.constant(type), valuesOf(type)));
    fc.assert(
      fc.property(typeAndValue, ([type, value]) => roundTrip(defineType(type) as Codec<unknown>, value)),
      { numRuns: 100 },
    );
  });

  test('classes of any build', () => {
    const classAndValue = anyFields.chain((fields) => {
      const contract: Contract = {
        clause: '',
        doc: '',
        fields: Object.entries(fields).map(([name, type]) => ({ name, type, clause: '', doc: '' })),
      };
      return fc.tuple(fc.constant(fields), valuesOf({ object: 'Own' }, { ...contracts, Own: contract }, 3));
    });
    fc.assert(
      fc.property(classAndValue, ([fields, value]) => roundTrip(defineContract(fields) as Codec<unknown>, value)),
      { numRuns: 100 },
    );
  });
});

/** What the codec says of bytes must be what the plain walk along the grammar says; neither may throw. */
function judged(codec: Codec<unknown>, bytes: Uint8Array): boolean {
  const result = codec.decodeNullable(bytes);
  if (bytes.length === 0) return result.ok;
  const walked = walkBody(codec.type, contracts, bytes);
  expect(result.ok).toBe(walked === undefined);
  if (result.ok) return true;
  expect(result.error).toEqual(walked);
  expect(result.error.offset).toBeGreaterThanOrEqual(0);
  expect(result.error.offset).toBeLessThanOrEqual(bytes.length);
  expect(result.error.clause).toMatch(/^SER-0\d\d$/);
  return false;
}

/** Numbers that make trouble as lengths, counts and bools. */
const troublesome = fc.constantFrom(-1, -2, 0, 1, 2, 4, 8, 0x7fff_ffff, -0x8000_0000, 0x0100_0000, 0x4000_0000);

describe('bytes of a peer', () => {
  test.each(contractNames)('%s: random bytes give a result, never a throw', (name) => {
    const codec = codecs[name] as Codec<unknown>;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void judged(codec, bytes)),
      { numRuns: 150 },
    );
  });

  test.each(contractNames)('%s: a valid encoding with one number or byte changed', (name) => {
    const codec = codecs[name] as Codec<unknown>;
    const change = fc.tuple(valuesOf(codec.type), fc.nat(), fc.oneof(troublesome, fc.integer()), fc.boolean());
    fc.assert(
      fc.property(change, ([value, at, number, wholeNumber]) => {
        const bytes = codec.encode(value).slice();
        const view = new DataView(bytes.buffer);
        if (wholeNumber && bytes.length >= 4) view.setInt32(at % (bytes.length - 3), number, true);
        else view.setUint8(at % bytes.length, number & 0xff);
        judged(codec, bytes);
      }),
      { numRuns: 150 },
    );
  });

  test('bare types of any build: random bytes', () => {
    fc.assert(
      fc.property(anyType, fc.uint8Array({ maxLength: 60 }), (type: FieldType, bytes) => {
        judged(defineType(type), bytes);
      }),
      { numRuns: 150 },
    );
  });

  test.each(contractNames)('%s: an encoding cut short anywhere is refused', (name) => {
    const codec = codecs[name] as Codec<unknown>;
    fc.assert(
      fc.property(valuesOf(codec.type), (value) => {
        const bytes = codec.encode(value);
        for (let size = 1; size < Math.min(bytes.length, 400); size++)
          expect(judged(codec, bytes.subarray(0, size))).toBe(false);
        expect(codec.decode(bytes.subarray(0, 0)).ok).toBe(false);
      }),
      { numRuns: 10 },
    );
  });
});
