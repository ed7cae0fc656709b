/** Every vector of spec/vectors against the codecs and the frame decoder: whole, byte by byte, and back to the same bytes. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codecs, defineType, encodeFrame, encodeMessage, FrameDecoder } from '../../impl/wire/index.ts';
import type { Codec, FrameError } from '../../impl/wire/index.ts';
import { bodyOf } from '../../spec/grammar/index.ts';
import type { ContractName, FieldType } from '../../spec/grammar/index.ts';
import { MESSAGE_BYTES_MAX_DEFAULT, USER_ID_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import type { Vector } from '../../spec/vectors/generate.ts';
import { bytesOfHex, valueOfJson } from '../spec-data/vector-values.ts';

const folder = new URL('../../spec/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const vectors = files.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector[]);

type SeenFrame = {
  clientType: number;
  messageType: number;
  messageId: number;
  sourceId: string;
  destId: string;
  /** As hex: comparing text is much faster than comparing large arrays. */
  body: string;
};
type ShownFrame = SeenFrame & { contract?: ContractName | null; value?: unknown };

function codecOf(vector: Vector): Codec<unknown> {
  if (vector.contract !== undefined) return codecs[vector.contract as ContractName];
  return defineType(vector.type as FieldType);
}

function limitsOf({ userIdBytesMax, messageBytesMax }: Vector): { userIdBytesMax: number; messageBytesMax: number } {
  return {
    userIdBytesMax: userIdBytesMax ?? USER_ID_BYTES_MAX_DEFAULT,
    messageBytesMax: messageBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT,
  };
}

function feed(
  vector: Vector,
  bytes: Uint8Array,
  chunkBytes: number,
): { frames: SeenFrame[]; error: FrameError | undefined } {
  const decoder = new FrameDecoder(limitsOf(vector));
  const frames: SeenFrame[] = [];
  let error: FrameError | undefined;
  for (let at = 0; at < bytes.length && error === undefined; at += chunkBytes) {
    error = decoder.push(bytes.slice(at, at + chunkBytes), (frame) => {
      const { clientType, messageType, messageId } = frame;
      const body = Buffer.from(frame.body()).toString('hex');
      frames.push({ clientType, messageType, messageId, sourceId: frame.sourceId(), destId: frame.destId(), body });
    });
  }
  return { frames, error: error ?? decoder.end() };
}

const bodies = vectors.filter((vector) => vector.kind === 'body');
const streams = vectors.filter((vector) => vector.kind === 'stream');

test('there are enough vectors, enough of them at a limit or invalid, and no id twice', () => {
  expect(vectors.length).toBeGreaterThanOrEqual(300);
  const hard = vectors.filter((vector) => vector.result === 'invalid' || vector.flags.includes('limit'));
  expect(hard.length * 3).toBeGreaterThanOrEqual(vectors.length);
  expect(new Set(vectors.map((vector) => vector.id)).size).toBe(vectors.length);
});

describe('bodies', () => {
  test.each(bodies.filter((vector) => vector.result !== 'invalid').map((vector) => [vector.id, vector] as const))(
    '%s decodes, and encodes to the same bytes',
    (_, vector) => {
      const codec = codecOf(vector);
      const bytes = bytesOfHex(vector.hex);
      const expected = valueOfJson(codec.type, vector.decoded);
      const result = codec.decodeNullable(bytes);
      expect(result).toEqual({ ok: true, value: expected });
      if (expected === null) expect(codec.decode(bytes)).toMatchObject({ ok: false, error: { code: 'E_NULL' } });
      if (vector.flags.includes('nonCanonical')) return;
      expect(codec.encode(expected)).toEqual(bytes);
      expect(codec.sizeOf(expected)).toBe(bytes.length);
    },
  );

  test.each(bodies.filter((vector) => vector.result === 'invalid').map((vector) => [vector.id, vector] as const))(
    '%s is refused where it is wrong',
    (_, vector) => {
      const result = codecOf(vector).decode(bytesOfHex(vector.hex));
      expect(result).toMatchObject({ ok: false, error: { ...vector.error, clause: vector.clause } });
    },
  );
});

describe('streams', () => {
  test.each(streams.map((vector) => [vector.id, vector] as const))('%s gives the same in any division', (_, vector) => {
    const bytes = bytesOfHex(vector.hex);
    const expected = (vector.decoded as ShownFrame[]).map((frame) => ({
      clientType: frame.clientType,
      messageType: frame.messageType,
      messageId: frame.messageId,
      sourceId: frame.sourceId,
      destId: frame.destId,
      body: Buffer.from(bytesOfHex(frame.body)).toString('hex'),
    }));
    const chunkSizes = bytes.length > 10_000 ? [bytes.length, 1021] : [Math.max(1, bytes.length), 1, 7, 36];
    for (const chunkBytes of chunkSizes) {
      const { frames, error } = feed(vector, bytes, chunkBytes);
      expect(frames).toEqual(expected);
      if (vector.error === undefined) expect(error).toBeUndefined();
      else expect(error).toMatchObject({ kind: vector.error.kind, streamOffset: vector.error.offset });
    }
  });

  const whole = streams.filter((vector) => vector.result === 'valid');
  test.each(whole.map((vector) => [vector.id, vector] as const))('%s is what a sender makes of it', (_, vector) => {
    const limits = limitsOf(vector);
    const made = (vector.decoded as ShownFrame[]).map((frame) => {
      const plain = encodeFrame(frame, bytesOfHex(frame.body), limits.userIdBytesMax, limits.messageBytesMax);
      if (frame.contract === undefined) return plain;
      const body = bodyOf(frame.messageType, frame.sourceId === '_0');
      expect(body?.contract ?? null).toBe(frame.contract);
      if (frame.contract === null) return plain;
      const codec = codecs[frame.contract] as Codec<unknown>;
      const value = valueOfJson(codec.type, frame.value);
      expect(codec.decodeNullable(bytesOfHex(frame.body))).toEqual({ ok: true, value });
      return encodeMessage(frame, codec, value, limits);
    });
    expect(Buffer.concat(made).toString('hex')).toBe(Buffer.from(bytesOfHex(vector.hex)).toString('hex'));
  });
});
