/**
 * `crypto` of one process: hashes, ciphers and key objects are the real ones, everything random comes from a stream of the
 * world, and what would use the thread pool or the machine's randomness is refused when called.
 *
 * Nothing secret may rest on these numbers: equal seeds give equal keys.
 */
import * as real from 'node:crypto';
import type { RandomStream } from '../random.ts';
import { refused } from './refused.ts';
import type { ProcessLife } from './process-life.ts';

/** Synchronous, and the same result on every machine. */
const REAL = [
  'Cipheriv',
  'Decipheriv',
  'Hash',
  'Hmac',
  'KeyObject',
  'Verify',
  'X509Certificate',
  'constants',
  'createCipheriv',
  'createDecipheriv',
  'createHash',
  'createHmac',
  'createPrivateKey',
  'createPublicKey',
  'createSecretKey',
  'createVerify',
  'getCipherInfo',
  'getCiphers',
  'getCurves',
  'getHashes',
  'hash',
  'hkdfSync',
  'pbkdf2Sync',
  'privateDecrypt',
  'publicDecrypt',
  'scryptSync',
  'timingSafeEqual',
  'verify',
] as const;

const UUID_MASKS = { version: 0x40, variant: 0x80 } as const;
/** As in Node: the range of `randomInt` is below 2^48. */
const RANGE_MAX = 2 ** 48 - 1;

type Done<T> = (error: Error | null, value: T) => void;

/** The module, and `globalThis.crypto` as its `webcrypto`. */
export function createCrypto(life: ProcessLife): Readonly<Record<string, unknown>> {
  const stream = life.world.stream(`host:${life.host.name}:node-crypto`);
  const later = <T>(value: T, done: Done<T>): void => {
    life.soon(() => {
      done(null, value);
    });
  };
  const answer = <T>(value: T, done: Done<T> | undefined): T | undefined => {
    if (done === undefined) return value;
    later(value, done);
    return undefined;
  };
  const randomUuid = (): string => uuid(stream);
  const module: Record<string, unknown> = refused('crypto', real);
  for (const name of REAL) module[name] = (real as unknown as Record<string, unknown>)[name];
  const randomBytes = (size: number, done?: Done<Buffer>): Buffer | undefined =>
    answer(Buffer.from(stream.bytes(size)), done);
  Object.assign(module, {
    randomBytes,
    pseudoRandomBytes: randomBytes,
    randomUUID: randomUuid,
    randomInt: (...parts: (number | Done<number>)[]): number | undefined => {
      const limits = parts.filter((part) => typeof part === 'number');
      const [min, max] = limits.length === 1 ? [0, limits[0]!] : [limits[0]!, limits[1]!];
      return answer(
        min + below(stream, max - min),
        parts.find((part) => typeof part === 'function'),
      );
    },
    randomFillSync: (target: ArrayBufferView, offset = 0, size?: number) => fill(stream, target, offset, size),
    randomFill: (target: ArrayBufferView, ...parts: (number | Done<ArrayBufferView>)[]): void => {
      const [offset = 0, size] = parts.filter((part) => typeof part === 'number');
      later(
        fill(stream, target, offset, size),
        parts.find((part) => typeof part === 'function')!,
      );
    },
    getRandomValues: (target: ArrayBufferView) => fill(stream, target, 0, undefined),
    webcrypto: {
      getRandomValues: (target: ArrayBufferView) => fill(stream, target, 0, undefined),
      randomUUID: randomUuid,
      subtle: refused('crypto.subtle', Object.getPrototypeOf(real.webcrypto.subtle) as object),
    },
  });
  module.subtle = (module.webcrypto as { readonly subtle: unknown }).subtle;
  return module;
}

/** A version 4 UUID (RFC 9562 section 5.4). */
function uuid(stream: RandomStream): string {
  const bytes = stream.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | UUID_MASKS.version;
  bytes[8] = (bytes[8]! & 0x3f) | UUID_MASKS.variant;
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function below(stream: RandomStream, range: number): number {
  if (!(Number.isSafeInteger(range) && range >= 1 && range <= RANGE_MAX)) {
    throw new RangeError(`the range of randomInt is ${range}; max - min must be an integer from 1 to 2^48 - 1`);
  }
  if (range <= 2 ** 32) return stream.below(range);
  const rest = 2 ** 48 % range;
  for (;;) {
    const drawn = stream.below(2 ** 16) * 2 ** 32 + stream.uint32();
    if (drawn < 2 ** 48 - rest) return drawn % range;
  }
}

function fill<T extends ArrayBufferView>(stream: RandomStream, target: T, offset: number, size?: number): T {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  bytes.set(stream.bytes(size ?? bytes.length - offset), offset);
  return target;
}
