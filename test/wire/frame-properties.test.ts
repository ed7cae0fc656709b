/** Laws of the frame decoder over random streams, divisions and limits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameDecoder } from '../../impl/wire/index.ts';
import type { FrameError } from '../../impl/wire/index.ts';
import { headerBytes } from '../../spec/limits.ts';

const limitsArbitrary = fc.record({
  userIdBytesMax: fc.constantFrom(1, 2, 4, 11, 255),
  extraBytes: fc.constantFrom(0, 1, 40, 5000),
});

type Limits = { userIdBytesMax: number; messageBytesMax: number };

/** A random well-formed message within the limits. */
function frames({ userIdBytesMax, messageBytesMax }: Limits): fc.Arbitrary<Uint8Array> {
  const id = fc.string({ maxLength: Math.min(userIdBytesMax, 12) });
  const body = fc.uint8Array({ maxLength: Math.min(3000, messageBytesMax - headerBytes(userIdBytesMax)), size: '+1' });
  return fc
    .record({
      clientType: fc.nat(8),
      messageType: fc.nat(65_535),
      messageId: fc.integer(),
      sourceId: id,
      destId: id,
      body,
    })
    .map(({ body: bytes, ...header }) => encodeFrame(header, bytes, userIdBytesMax, messageBytesMax).slice());
}

/** Streams of good messages, changed bytes and junk. */
const streams = limitsArbitrary.chain(({ userIdBytesMax, extraBytes }) => {
  const limits = { userIdBytesMax, messageBytesMax: headerBytes(userIdBytesMax) + extraBytes };
  const damage = fc.tuple(fc.nat(), fc.nat(255));
  const parts = fc.array(
    fc.oneof({ weight: 9, arbitrary: frames(limits) }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }) }),
    {
      maxLength: 8,
    },
  );
  return fc.tuple(fc.constant(limits), parts, fc.option(damage)).map(([, list, change]) => {
    const bytes = Uint8Array.from(Buffer.concat(list));
    if (change !== null && bytes.length > 0) bytes[change[0] % bytes.length] = change[1];
    return { limits, bytes };
  });
});

type Seen = { frames: string[]; error: FrameError | undefined };

/** Feeds the stream in pieces of the given sizes, over and over; each piece is overwritten afterwards, as a socket would. */
function feed(limits: Limits, bytes: Uint8Array, sizes: readonly number[]): Seen {
  const decoder = new FrameDecoder(limits);
  const seen: Seen = { frames: [], error: undefined };
  let pushed = 0;
  for (let k = 0; pushed < bytes.length && seen.error === undefined; k++) {
    const size = sizes[k % sizes.length]!;
    const chunk = bytes.slice(pushed, pushed + size);
    seen.error = decoder.push(chunk, (frame) => {
      const text = Buffer.from(frame.bytes()).toString('hex');
      seen.frames.push(`${frame.messageType} ${frame.messageId} ${frame.sourceId()} ${frame.destId()} ${text}`);
    });
    chunk.fill(0xe5);
    pushed += size;
    // SEC-011: never more than the longest message, and never more than the bytes that came, times two.
    expect(decoder.heldBytes).toBeLessThanOrEqual(Math.min(limits.messageBytesMax, Math.max(512, 2 * pushed)));
    expect(decoder.bufferedBytes).toBeLessThanOrEqual(decoder.heldBytes);
  }
  seen.error ??= decoder.end();
  return seen;
}

describe('FRM-017 any division into chunks gives the same', () => {
  test('messages, errors and where they are', () => {
    fc.assert(
      fc.property(
        streams,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 }),
        ({ limits, bytes }, sizes) => {
          const whole = feed(limits, bytes, [Math.max(1, bytes.length)]);
          expect(feed(limits, bytes, sizes)).toEqual(whole);
          expect(feed(limits, bytes, [1])).toEqual(whole);
          for (const text of whole.frames) expect(text).toContain(' e5');
        },
      ),
      { numRuns: 150 },
    );
  });

  test('what is delivered, put together again, is the beginning of the stream', () => {
    fc.assert(
      fc.property(streams, ({ limits, bytes }) => {
        const { frames: list, error } = feed(limits, bytes, [7]);
        const joined = list.map((text) => text.slice(text.lastIndexOf(' ') + 1)).join('');
        expect(Buffer.from(bytes).toString('hex').startsWith(joined)).toBe(true);
        if (error === undefined) expect(joined.length).toBe(2 * bytes.length);
        else expect(error.streamOffset).toBeGreaterThanOrEqual(joined.length / 2);
      }),
      { numRuns: 150 },
    );
  });
});

test('random bytes never throw, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (bytes, size) => {
      bytes[0] = 0xe5;
      bytes[1] = 3;
      feed({ userIdBytesMax: 11, messageBytesMax: 200 }, bytes, [size]);
    }),
    { numRuns: 1000 },
  );
});
