/** The sequence of inputs of a run: equal seed, equal inputs, whatever was found on the way. */
import { Random } from './random.ts';
import { headerBytes, MESSAGE_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import type { BodyInput, FuzzInput, StreamInput } from './model.ts';
import { mutate } from './mutations.ts';
import { bodySeed, SeedPool, streamSeed, type BodySeed, type StreamSeed } from './seeds.ts';
import { WorkBytes } from './work-bytes.ts';

export type TargetName = 'decoder' | 'codecs' | 'all';

const POOL_SIZE = 256;
/** Inputs after which one seed of each pool is replaced. */
const RENEW_EVERY = 64;

/** Ways to cut a stream into chunks: byte by byte, around the header, at random. */
const FINE_CHUNKINGS: readonly (readonly number[])[] = [[1], [2], [1, 2, 3]];
const CHUNKINGS: readonly (readonly number[])[] = [
  [1, 35],
  [35, 1, 40],
  [36],
  [7, 1, 64],
  [1_000],
  [13],
  [1, 1, 4_096],
];
/** Long streams are cut finely less often: it takes a push for every byte or two. */
const FINE_BYTES_MAX = 80;

/** Makes one input after the other. */
export class InputSource {
  readonly #random: Random;
  readonly #target: TargetName;
  readonly #streams: SeedPool<StreamSeed>;
  readonly #bodies: SeedPool<BodySeed>;
  /** The last input was damaged where it should matter. */
  isAimed = false;
  readonly #work = new WorkBytes();
  #count = 0;

  constructor(seed: number, target: TargetName) {
    this.#random = new Random(seed);
    this.#target = target;
    this.#streams = new SeedPool(POOL_SIZE, this.#random, streamSeed);
    this.#bodies = new SeedPool(POOL_SIZE, this.#random, bodySeed);
  }

  /** The next input; its bytes are only valid until the one after it. */
  next(): FuzzInput {
    this.#count += 1;
    this.isAimed = false;
    if (this.#count % RENEW_EVERY === 0) {
      if (this.#target !== 'codecs') this.#streams.renew(this.#random);
      if (this.#target !== 'decoder') this.#bodies.renew(this.#random);
    }
    const isStream = this.#target === 'all' ? this.#random.below(2) === 0 : this.#target === 'decoder';
    return isStream ? this.#stream() : this.#body();
  }

  #stream(): StreamInput {
    const random = this.#random;
    const seed = this.#streams.pick(random);
    const { isFromServer } = seed;
    const chunkBytes = chunking(seed.bytes.length, random);
    if (random.below(32) === 0) {
      // Nothing but noise, half of it with a plausible beginning.
      const bytes = random.bytes(random.below(120));
      if (random.below(2) === 0) bytes.set([0xe5, 0].slice(0, bytes.length));
      const limits = { userIdBytesMax: 11, messageBytesMax: MESSAGE_BYTES_MAX_DEFAULT };
      return { kind: 'stream', bytes, limits, isFromServer, chunkBytes };
    }
    const work = this.#work;
    work.load(seed.bytes);
    this.isAimed = mutate(work, seed.aims, random);
    // The last message ends where the bytes end, so that damage to its body is reached.
    const last = seed.starts.at(-2) ?? 0;
    const bodyLength = work.length - last - headerBytes(seed.limits.userIdBytesMax);
    if (bodyLength >= 0 && random.below(3) === 0) work.putInt32(last + 4, bodyLength);
    return { kind: 'stream', bytes: work.view(), limits: seed.limits, isFromServer, chunkBytes };
  }

  #body(): BodyInput {
    const random = this.#random;
    if (random.below(256) === 0) return { kind: 'body', bytes: nestedBytes(random), target: 'ZooTree' };
    const seed = this.#bodies.pick(random);
    const work = this.#work;
    work.load(seed.bytes);
    this.isAimed = mutate(work, seed.aims, random);
    if (random.below(3) === 0 && seed.aims.all[0]?.kind === 'length') work.putInt32(0, work.length);
    return { kind: 'body', bytes: work.view(), target: seed.target };
  }
}

function chunking(size: number, random: Random): readonly number[] {
  return random.below(size <= FINE_BYTES_MAX ? 3 : 24) === 0 ? random.pick(FINE_CHUNKINGS) : random.pick(CHUNKINGS);
}

/**
 * Objects inside each other, around the limit of SER-023 and far beyond it. Mutations would hardly ever find the way there,
 * because all the lengths have to fit.
 */
function nestedBytes(random: Random): Uint8Array {
  const levels = random.pick([31, 32, 33, 34, 64, 1_000]);
  const total = 16 + 12 * (levels - 1);
  const bytes = new Uint8Array(total).fill(0xff);
  const view = new DataView(bytes.buffer);
  // Each level: length, Children null, Left (the next level, null in the last), Name null.
  for (let level = 0; level < levels; level += 1) view.setInt32(8 * level, total - 12 * level, true);
  return bytes;
}
