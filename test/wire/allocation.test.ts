/** SEC-011, SER-010, SER-023: nothing is allocated by a length that a peer merely claims. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codecs, defineType, FrameDecoder } from '../../impl/wire/index.ts';
import type { Codec } from '../../impl/wire/index.ts';
import type { Vector } from '../../spec/vectors/generate.ts';
import { vectorsByFile } from '../../spec/vectors/generate.ts';
import type { ContractName, FieldType } from '../../spec/grammar/index.ts';
import { bytesOfHex } from '../spec-data/vector-values.ts';

/** Sizes asked for through `new Uint8Array(size)`, `new Array(size)` and `slice` while a test runs. */
let asked: number[] = [];
const RealUint8Array = globalThis.Uint8Array;
const RealArray = globalThis.Array;
const realSlice = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(RealUint8Array.prototype), 'slice')!.value as (
  this: Uint8Array,
  start?: number,
  end?: number,
) => Uint8Array;

beforeEach(() => {
  asked = [];
  const spy = <Real extends object>(real: Real): Real =>
    new Proxy(real, {
      construct(target, args: unknown[], newTarget) {
        if (typeof args[0] === 'number') asked.push(args[0]);
        return Reflect.construct(target as unknown as new () => object, args, newTarget) as object;
      },
    });
  globalThis.Uint8Array = spy(RealUint8Array);
  globalThis.Array = spy(RealArray);
  Object.defineProperty(RealUint8Array.prototype, 'slice', {
    configurable: true,
    value: function (this: Uint8Array, start?: number, end?: number) {
      const copy = realSlice.call(this, start, end);
      asked.push(copy.length);
      return copy;
    },
  });
});

afterEach(() => {
  globalThis.Uint8Array = RealUint8Array;
  globalThis.Array = RealArray;
  delete (RealUint8Array.prototype as { slice?: unknown }).slice; // The inherited one is back.
});

const total = (): number => asked.reduce((sum, size) => sum + size, 0);

test('the spy sees what a decoder allocates', () => {
  const bytes = codecs.BinaryInformationContract.encode({ Content: new RealUint8Array(5000), InformationType: 1 });
  asked = [];
  codecs.BinaryInformationContract.decode(bytes);
  expect(total()).toBeGreaterThanOrEqual(5000);
});

const bodies = [...vectorsByFile().values()]
  .flat()
  .filter((vector) => vector.kind === 'body' && vector.result === 'invalid');

describe('bodies', () => {
  test.each(bodies.map((vector: Vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const codec = (
      vector.contract === undefined ? defineType(vector.type as FieldType) : codecs[vector.contract as ContractName]
    ) as Codec<unknown>;
    const bytes = bytesOfHex(vector.hex);
    asked = [];
    expect(codec.decode(bytes).ok).toBe(false);
    expect(total()).toBeLessThanOrEqual(bytes.length);
  });
});

describe('frames', () => {
  const limits = { userIdBytesMax: 11, messageBytesMax: 1_048_576 };
  const header = (bodyLength: number): Uint8Array => {
    const bytes = new RealUint8Array(36);
    bytes[0] = 0xe5;
    new DataView(bytes.buffer).setInt32(4, bodyLength, true);
    return bytes;
  };

  test('a header that announces the largest message costs no more than a header', () => {
    const decoder = new FrameDecoder(limits);
    asked = [];
    expect(decoder.push(header(1_048_540), () => undefined)).toBeUndefined();
    expect(total()).toBeLessThanOrEqual(512);
    expect(decoder.bufferedBytes).toBe(36);
  });

  test('one byte at a time, memory follows the bytes that have come, and copying stays in proportion', () => {
    const decoder = new FrameDecoder(limits);
    asked = [];
    decoder.push(header(1_048_540), () => undefined);
    const one = new RealUint8Array(1000);
    for (let sent = 0; sent < 1_048_000; sent += 1000) {
      expect(decoder.push(one, () => undefined)).toBeUndefined();
      expect(decoder.heldBytes).toBeLessThanOrEqual(Math.max(512, 2 * (sent + 1036)));
    }
    expect(decoder.heldBytes).toBeLessThanOrEqual(limits.messageBytesMax);
    expect(total()).toBeLessThanOrEqual(3 * limits.messageBytesMax);
  });

  test('after a large message the memory is given back', () => {
    const decoder = new FrameDecoder(limits);
    decoder.push(header(100_000), () => undefined);
    let seen = 0;
    decoder.push(new RealUint8Array(100_000), (frame) => void (seen = frame.bodyLength));
    expect(seen).toBe(100_000);
    expect(decoder.heldBytes).toBeLessThanOrEqual(4096);
  });

  test('a message above the limit is refused at its header and nothing is kept', () => {
    const decoder = new FrameDecoder(limits);
    asked = [];
    expect(decoder.push(header(1_048_541), () => undefined)?.kind).toBe('MessageSizeOverflow');
    expect(total()).toBe(0);
    expect(decoder.heldBytes).toBe(0);
  });
});
