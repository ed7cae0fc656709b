/** Faults planted in the engine's codecs: each turns one refusal into an acceptance, or one value into another. */
import { engineSubject } from '../../scenarios/fuzz/engine-subject.ts';
import type { SeenBody, Subject } from '../../scenarios/fuzz/model.ts';

/** Processor time the slow fault takes. */
const SLOW_MICROS = 60_000;

/** Turns of an idle loop between two looks at the clock; well under a millisecond. */
const IDLE_TURNS = 100_000;

type Decode = (target: string, bytes: Uint8Array, seen: SeenBody) => SeenBody;

/** Accepts what was refused with this code. */
const accepting =
  (code: string): Decode =>
  (_target, _bytes, seen) =>
    !seen.ok && seen.error.code === code ? { ok: true, value: {} } : seen;

const includes = (bytes: Uint8Array, ...wanted: readonly number[]): boolean =>
  bytes.some((_, at) => wanted.every((byte, index) => bytes[at + index] === byte));

/** Changes every value in a decoded body that `change` changes. */
function mapValues(value: unknown, change: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapValues(item, change));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Map)
    return change(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapValues(item, change)]));
}

const changing =
  (change: (leaf: unknown) => unknown): Decode =>
  (_target, _bytes, seen) =>
    seen.ok ? { ok: true, value: mapValues(seen.value, change) } : seen;

export const BODY_FAULTS: Readonly<Record<string, Decode>> = {
  'bool byte 2 accepted': accepting('E_BOOL'),
  'trailing bytes accepted': accepting('E_TRAILING'),
  'same key twice accepted': accepting('E_DUPLICATE_KEY'),
  'any depth accepted': accepting('E_DEPTH'),
  'object length not compared': accepting('E_OBJECT_LENGTH'),
  'strings not checked for UTF-8': accepting('E_UTF8'),
  'throws on an overlong zero': (_target, bytes, seen) => {
    if (includes(bytes, 0xc0, 0x80)) throw new RangeError('invalid code point');
    return seen;
  },
  'byte order mark swallowed': changing((leaf) => (typeof leaf === 'string' ? leaf.replace('\ufeff', '') : leaf)),
  'bigint cut to a number': changing((leaf) => (typeof leaf === 'bigint' && leaf > 2n ** 60n ? Number(leaf) : leaf)),
  'minus zero becomes zero': changing((leaf) => (Object.is(leaf, -0) ? 0 : leaf)),
  'null text becomes empty': changing((leaf) => (leaf === null ? '' : leaf)),
  'room made for the count announced': (_target, bytes, seen) => {
    const count = bytes.length >= 8 ? new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true) : 0;
    if (count > 0) new Uint8Array(count).fill(0, 0, 1);
    return seen;
  },
  'slow on the largest length': (_target, bytes, seen) => {
    if (!includes(bytes, 0xff, 0xff, 0xff, 0x7f)) return seen;
    const start = process.cpuUsage();
    let spent = { user: 0, system: 0 };
    while (spent.user + spent.system < SLOW_MICROS) {
      // Between two looks at the clock nothing is allocated: this fault is slow and nothing else.
      for (let turn = 0; turn < IDLE_TURNS; turn += 1);
      spent = process.cpuUsage(start);
    }
    return seen;
  },
};

/** The engine with a fault in its codecs. */
export function subjectWithBodyFault(fault: string): Subject {
  const decode = BODY_FAULTS[fault]!;
  return {
    ...engineSubject,
    decodeBody: (target, bytes) => decode(target, bytes, engineSubject.decodeBody(target, bytes)),
  };
}
