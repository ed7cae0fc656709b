/**
 * Ways to damage bytes: at a field of known meaning, or anywhere. Each changes the bytes in place.
 *
 * Aims are offsets in the bytes as they were; after a mutation that moves bytes they may miss, which does no harm.
 */
import type { Random } from './random.ts';
import type { Aim, AimKind, Aims } from './seeds.ts';
import type { WorkBytes } from './work-bytes.ts';

export type Mutation = (work: WorkBytes, aims: Aims, random: Random) => void;

const LENGTHS = [-1, -2, 0, 1, 3, 4, 5, 0x7f, 0xff, 0x7fff_ffff, -0x8000_0000, 0x4000_0000] as const;
const BYTES = [0, 1, 2, 8, 9, 0x7f, 0x80, 0xe4, 0xe5, 0xff] as const;
const TYPES = [0, 2, 3, 7, 9, 11, 13, 14, 99, 101, 103, 105, 107, 109, 110, 0xffff] as const;

/** Byte sequences that are not UTF-8, each in its own way, and some that are and look odd. */
const TEXT_DAMAGE: readonly (readonly number[])[] = [
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xff],
  [0x80],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xef, 0xbb, 0xbf],
  [0xf4, 0x8f, 0xbf, 0xbf],
];

/** A field of one of the kinds, drawn among the kinds first. */
function aimAt(aims: Aims, kinds: readonly AimKind[], random: Random): Aim | undefined {
  const first = random.below(kinds.length);
  for (let turn = 0; turn < kinds.length; turn += 1) {
    const fitting = aims.of(kinds[(first + turn) % kinds.length]!);
    if (fitting.length > 0) return random.pick(fitting);
  }
  return undefined;
}

/** A mutation of a field; without such a field, a bit is flipped instead. */
function atField(kinds: readonly AimKind[], change: (work: WorkBytes, aim: Aim, random: Random) => void): Mutation {
  return (work, aims, random) => {
    const aim = aimAt(aims, kinds, random);
    if (aim === undefined) flipBit(work, aims, random);
    else change(work, aim, random);
  };
}

/** A length or count that lies: by one, by a lot, negative, or exactly what is left. */
const lie = atField(['length', 'bodyLength'], (work, { offset }, random) => {
  work.putInt32(offset, lyingLength(work.int32(offset), work.length - offset - 4, random));
});

function lyingLength(now: number, left: number, random: Random): number {
  switch (random.below(12)) {
    case 0:
      return now + 1;
    case 1:
      return now - 1;
    case 2:
      return left;
    case 3:
      return left + 1;
    case 4:
      return left - 1;
    case 5:
      return now * 2;
    case 6:
      return random.uint32();
    default:
      return random.pick(LENGTHS);
  }
}

/** One of the one-byte fields that only know a few values. */
const damageByteField = atField(['bool', 'token', 'clientType'], (work, { offset }, random) =>
  work.put(offset, random.pick(BYTES)),
);

const changeType = atField(['type'], (work, { offset }, random) => {
  const type = random.below(4) === 0 ? random.below(65_536) : random.pick(TYPES);
  work.put(offset, type);
  work.put(offset + 1, type >> 8);
});

const damageEnumOrNumber = atField(['enum', 'number'], (work, { offset, length }, random) => {
  for (let index = 0; index < length; index += 1)
    work.put(offset + index, random.below(4) === 0 ? random.below(256) : random.pick(BYTES));
});

/** Length byte, text or padding of an id. */
const damageId = atField(['id'], (work, { offset, length }, random) => {
  const n = length - 1;
  const how = random.below(3);
  if (how === 0) work.put(offset, random.pick([0, 1, n, n + 1, n - 1, 0xff]));
  else if (how === 1) work.put(offset + random.between(1, Math.max(n, 1)), random.pick([0x20, 0x80, 0xc3, 0xff]));
  else {
    const damage = random.pick(TEXT_DAMAGE);
    const fitting = Math.min(damage.length, n);
    work.put(offset, fitting);
    for (let index = 0; index < fitting; index += 1) work.put(offset + 1 + index, damage[index]!);
  }
});

const damageText = atField(['text', 'key'], (work, { offset, length }, random) => {
  const damage = random.pick(TEXT_DAMAGE);
  const at = offset + random.below(length);
  for (let index = 0; index < damage.length; index += 1) work.put(at + index, damage[index]!);
});

/** Makes one field equal to another of its kind and length: equal keys, ids and lengths that fit elsewhere. */
const copyField: Mutation = (work, aims, random) => {
  if (aims.all.length === 0) {
    flipBit(work, aims, random);
    return;
  }
  const from = random.pick(aims.all);
  const to = random.pick(aims.of(from.kind));
  if (to === from || to.length !== from.length) {
    flipBit(work, aims, random);
    return;
  }
  for (let index = 0; index < from.length; index += 1)
    work.put(to.offset + index, work.bytes[from.offset + index] ?? 0);
};

const truncate: Mutation = (work, aims, random) => {
  const isAtField = aims.all.length > 0 && random.below(2) === 0;
  const at = isAtField ? random.pick(aims.all).offset + random.below(2) : random.below(work.length + 1);
  work.length = Math.min(work.length, at);
};

const removePart: Mutation = (work, _aims, random) => {
  work.remove(random.below(work.length + 1), random.pick([1, 2, 4, 8, 40]));
};

const repeatPart: Mutation = (work, _aims, random) => {
  const from = random.below(work.length + 1);
  const size = Math.min(work.length - from, random.pick([1, 4, 8, 36, work.length]));
  work.open(from, size);
};

const insertBytes: Mutation = (work, _aims, random) => {
  const at = random.below(work.length + 1);
  const size = work.open(at, random.pick([1, 2, 4, 16]));
  for (let index = 0; index < size; index += 1) work.put(at + index, random.below(256));
};

const flipBit: Mutation = (work, _aims, random) => {
  if (work.length === 0) return;
  const at = random.below(work.length);
  work.bytes[at] = work.bytes[at]! ^ (1 << random.below(8));
};

const randomByte: Mutation = (work, _aims, random) => work.put(random.below(work.length + 1), random.below(256));

/** Mutations that nearly always make the bytes invalid: where they are accepted all the same, something may be wrong. */
const AIMED: readonly Mutation[] = [
  lie,
  lie,
  lie,
  damageByteField,
  damageByteField,
  damageId,
  damageId,
  damageText,
  damageText,
  copyField,
  copyField,
];
const OTHERS: readonly Mutation[] = [
  changeType,
  damageEnumOrNumber,
  truncate,
  removePart,
  repeatPart,
  insertBytes,
  flipBit,
  randomByte,
];

/** How many mutations an input gets. */
const COUNTS = [0, 1, 1, 1, 2, 3] as const;

/**
 * Applies none to three mutations.
 * @returns true when one of them should matter
 */
export function mutate(work: WorkBytes, aims: Aims, random: Random): boolean {
  let isAimed = false;
  for (let left = random.pick(COUNTS); left > 0; left -= 1) {
    const which = random.below(AIMED.length + OTHERS.length);
    const mutation = AIMED[which];
    isAimed ||= mutation !== undefined;
    (mutation ?? OTHERS[which - AIMED.length]!)(work, aims, random);
  }
  return isAimed;
}
