/**
 * Valid inputs to start from: messages of every kind made from the grammar, and bodies of every contract and type.
 *
 * Each knows where its fields are, so that mutations can aim. A pool is filled once and renewed bit by bit.
 */
import type { Random } from './random.ts';
import { bodyOf, bytesByRule, contracts, headerFields, messages } from '../../spec/grammar/index.ts';
import type { ContractName } from '../../spec/grammar/index.ts';
import { headerBytes, MESSAGE_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import { codecs, encodeFrame, walkBody, type Codec, type FrameLimits } from '../../impl/wire/index.ts';
import { engineSubject } from './engine-subject.ts';
import { BODY_TARGETS } from './model.ts';
import { randomValue } from './values.ts';

/** What a field is, as far as a mutation cares. */
export type AimKind =
  'length' | 'bool' | 'enum' | 'text' | 'number' | 'key' | 'id' | 'token' | 'clientType' | 'type' | 'bodyLength';
/** A field: where it starts, how long it is. */
export type Aim = { readonly kind: AimKind; readonly offset: number; readonly length: number };

/** The fields of some bytes, all and by kind. */
export class Aims {
  readonly all: readonly Aim[];
  readonly #byKind = new Map<AimKind, Aim[]>();

  constructor(all: readonly Aim[]) {
    this.all = all;
    for (const aim of all) {
      const same = this.#byKind.get(aim.kind);
      if (same === undefined) this.#byKind.set(aim.kind, [aim]);
      else same.push(aim);
    }
  }

  /** The fields of a kind; none when there are none. */
  of(kind: AimKind): readonly Aim[] {
    return this.#byKind.get(kind) ?? [];
  }
}

export type StreamSeed = {
  readonly bytes: Uint8Array;
  readonly limits: FrameLimits;
  readonly isFromServer: boolean;
  /** Where messages start, and the end. */
  readonly starts: readonly number[];
  readonly aims: Aims;
};

export type BodySeed = { readonly bytes: Uint8Array; readonly target: string; readonly aims: Aims };

const USER_IDS_MAX = [11, 11, 11, 1, 2, 30, 255] as const;
const USERS = ['alice', 'b', '_0', '', 'Zoë', '1#abc001'] as const;

/** A stream of one to four valid messages. */
export function streamSeed(random: Random): StreamSeed {
  const userIdBytesMax = random.pick(USER_IDS_MAX);
  const isFromServer = random.below(2) === 1;
  const parts: Uint8Array[] = [];
  const starts: number[] = [];
  const aims: Aim[] = [];
  let size = 0;
  const count = random.pick([1, 1, 1, 2, 2, 4]);
  for (let index = 0; index < count; index += 1) {
    const { bytes, type } = randomMessage(random, userIdBytesMax, isFromServer);
    starts.push(size);
    aims.push(...headerAims(size, userIdBytesMax), ...messageBodyAims(bytes, size, userIdBytesMax, type, isFromServer));
    parts.push(bytes);
    size += bytes.length;
  }
  starts.push(size);
  const bytes = new Uint8Array(size);
  parts.forEach((part, index) => bytes.set(part, starts[index]));
  const longest = Math.max(...parts.map((part) => part.length));
  // Sometimes the limit is exactly the longest message, so that one more byte is too many.
  const messageBytesMax = random.below(4) === 0 ? longest : MESSAGE_BYTES_MAX_DEFAULT;
  return { bytes, limits: { userIdBytesMax, messageBytesMax }, isFromServer, starts, aims: new Aims(aims) };
}

function randomMessage(
  random: Random,
  userIdBytesMax: number,
  isFromServer: boolean,
): { bytes: Uint8Array; type: number } {
  const isUnknown = random.below(20) === 0;
  const type = isUnknown ? random.below(65_536) : random.pick(messages).type;
  const header = {
    clientType: random.below(9),
    messageType: type,
    messageId: random.below(3) === 0 ? random.uint32() | 0 : random.below(100),
    sourceId: fitting(random.pick(USERS), userIdBytesMax),
    destId: fitting(random.pick(USERS), userIdBytesMax),
  };
  const expected = bodyOf(type, isFromServer);
  const isEmpty = expected?.optional === true && random.below(3) === 0;
  const body =
    expected === undefined
      ? random.bytes(random.below(40))
      : expected === null || isEmpty
        ? null
        : randomBody(random, expected.contract);
  return { bytes: encodeFrame(header, body, userIdBytesMax), type };
}

function fitting(id: string, bytesMax: number): string {
  return Buffer.byteLength(id) <= bytesMax ? id : id.slice(0, 1).replace(/[^a-z0-9_]/, 'z');
}

function randomBody(random: Random, contract: ContractName): Uint8Array {
  return (codecs[contract] as Codec<unknown>).encode(randomValue({ object: contract }, random));
}

const HEADER_KINDS: Readonly<Record<string, AimKind>> = {
  startToken: 'token',
  clientType: 'clientType',
  messageType: 'type',
  bodyLength: 'bodyLength',
  messageId: 'number',
  sourceId: 'id',
  destId: 'id',
};

function headerAims(start: number, userIdBytesMax: number): Aim[] {
  return headerFields.map((field) => ({
    kind: HEADER_KINDS[field.name] ?? 'number',
    offset: start + bytesByRule(field.offset, userIdBytesMax),
    length: bytesByRule(field.size, userIdBytesMax),
  }));
}

function messageBodyAims(
  message: Uint8Array,
  start: number,
  userIdBytesMax: number,
  type: number,
  isFromServer: boolean,
): Aim[] {
  const expected = bodyOf(type, isFromServer);
  const from = headerBytes(userIdBytesMax);
  if (expected === null || expected === undefined || message.length === from) return [];
  return aimsOf({ object: expected.contract }, message.subarray(from), start + from);
}

/** The fields of a valid encoding. */
function aimsOf(type: Parameters<typeof walkBody>[0], bytes: Uint8Array, start: number): Aim[] {
  const aims: Aim[] = [];
  walkBody(type, contracts, bytes, ({ what, offset, length, path }) => {
    if (length === 0) return;
    aims.push({ kind: aimKindOf(what, path), offset: start + offset, length });
  });
  return aims;
}

function aimKindOf(what: string, path: string): AimKind {
  if (/\.key\(\d+\)$/.test(path)) return what.endsWith('length') ? 'length' : 'key';
  if (what.endsWith('length') || what.endsWith('count')) return 'length';
  if (what === 'bool') return 'bool';
  if (what.startsWith('enum')) return 'enum';
  return what === 'UTF-8' ? 'text' : 'number';
}

/** A valid body of any contract or bare type. */
export function bodySeed(random: Random): BodySeed {
  const target = random.pick(BODY_TARGETS);
  const bytes = engineSubject.encodeBody(target.name, randomValue(target.type, random)).slice();
  return { bytes, target: target.name, aims: new Aims(aimsOf(target.type, bytes, 0)) };
}

/** Seeds kept and reused; one is replaced every so often. */
export class SeedPool<Seed> {
  readonly #make: (random: Random) => Seed;
  readonly #seeds: Seed[];
  #next = 0;

  constructor(size: number, random: Random, make: (random: Random) => Seed) {
    this.#make = make;
    this.#seeds = Array.from({ length: size }, () => make(random));
  }

  pick(random: Random): Seed {
    return random.pick(this.#seeds);
  }

  /** Replaces the oldest seed. */
  renew(random: Random): void {
    this.#seeds[this.#next] = this.#make(random);
    this.#next = (this.#next + 1) % this.#seeds.length;
  }
}
