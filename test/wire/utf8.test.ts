/** The own UTF-8 against the runtime's: same bytes, same text, same refusals. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeUtf8, isUtf8, readUtf8, utf8Length } from '../../impl/wire/index.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Text of any code units, lone surrogates among them, short and long. */
const anyUnits = fc.oneof(
  fc.array(fc.nat(0xffff), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.nat(6000).map((size) => 'x'.repeat(size)),
  fc.nat(6000).map((size) => `${'x'.repeat(size)}é`),
  fc.nat(3000).map((size) => '€'.repeat(size)),
);

test('writing: the same bytes, and lone surrogates refused', () => {
  fc.assert(
    fc.property(anyUnits, (text) => {
      const bytes = encodeUtf8(text);
      // The runtime replaces lone surrogates, so only text without them comes back.
      expect(bytes !== undefined).toBe(decoder.decode(encoder.encode(text)) === text);
      expect(utf8Length(text)).toBe(bytes?.length ?? -1);
      if (bytes === undefined) return;
      expect(Buffer.compare(bytes, encoder.encode(text))).toBe(0);
      expect(readUtf8(bytes, 0, bytes.length) === text).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

/** Bytes near UTF-8: every lead byte with continuations at their limits, cut and joined. */
const nearUtf8 = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf),
      fc.integer({ min: 0xbe, max: 0xff }),
      fc.nat(255),
    ),
    {
      maxLength: 12,
    },
  )
  .map((bytes) => Uint8Array.from(bytes));

test('reading: the same text or the same refusal, wherever the bytes lie', () => {
  fc.assert(
    fc.property(nearUtf8, fc.nat(3), fc.nat(3), (bytes, before, after) => {
      const expected = decoded(bytes);
      // Continuation bytes on both sides must not be taken for part of the text.
      const padded = Uint8Array.from([
        ...Array<number>(before).fill(0x80),
        ...bytes,
        ...Array<number>(after).fill(0x80),
      ]);
      expect(readUtf8(padded, before, before + bytes.length)).toBe(expected);
      expect(isUtf8(padded, before, before + bytes.length)).toBe(expected !== undefined);
    }),
    { numRuns: 5000 },
  );
});

test('reading: every sequence of a lead byte and two others', () => {
  const bytes = new Uint8Array(4);
  for (let lead = 0x80; lead <= 0xff; lead++) {
    for (const second of [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]) {
      for (const third of [0x41, 0x80, 0xbf, 0xc0]) {
        for (const fourth of [0x41, 0x80, 0xbf]) {
          bytes.set([lead, second, third, fourth]);
          for (let size = 1; size <= 4; size++) {
            if (readUtf8(bytes, 0, size) !== decoded(bytes.subarray(0, size))) {
              throw new Error(`${Buffer.from(bytes).toString('hex')} to ${size}`);
            }
          }
        }
      }
    }
  }
});
