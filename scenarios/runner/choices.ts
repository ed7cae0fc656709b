/**
 * The choices of a plan as JSON and back, without loss: what a stored regression holds instead of a seed.
 *
 * Plain values stand for themselves; what JSON lacks is an object with one key that begins with `$`: `$bytes` (hex),
 * `$number` (`NaN`, `Infinity`, `-Infinity`, `-0`), `$bigint`, `$undefined`, `$date`, and `$object` (pairs) for objects that
 * have such keys themselves. Pure. Functions and objects of classes cannot be stored; `encodeChoices` says which it met.
 */

/** JSON that `decodeChoices` understands. */
export type Encoded =
  null | boolean | number | string | readonly Encoded[] | { readonly [key: string]: Encoded | undefined };

/** A value that cannot be stored or read; `message` names where it stands. */
export class ChoicesError extends Error {}

/** @throws ChoicesError for a value that has no form in JSON. */
export function encodeChoices(value: unknown, where = 'plan'): Encoded {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (value === undefined) return { $undefined: true };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
  if (value instanceof Date) return { $date: value.toISOString() };
  if (Array.isArray(value)) return value.map((each, index) => encodeChoices(each, `${where}[${index}]`));
  if (typeof value !== 'object') throw new ChoicesError(`${where} is a ${typeof value}, which cannot be stored`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ChoicesError(`${where} is an object of a class (${value.constructor.name}), which cannot be stored`);
  }
  const pairs = Object.entries(value).map(([key, each]) => [key, encodeChoices(each, `${where}.${key}`)] as const);
  if (pairs.some(([key]) => key.startsWith('$'))) return { $object: pairs };
  return Object.fromEntries(pairs);
}

function encodeNumber(value: number): Encoded {
  if (Object.is(value, -0)) return { $number: '-0' };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

const NUMBERS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

/** @throws ChoicesError for what `encodeChoices` cannot have written. */
export function decodeChoices(encoded: Encoded, where = 'choices'): unknown {
  if (encoded === null || typeof encoded !== 'object') return encoded;
  if (isList(encoded)) return encoded.map((each, index) => decodeChoices(each, `${where}[${index}]`));
  const [tag] = Object.keys(encoded).filter((key) => key.startsWith('$'));
  if (tag !== undefined) return decodeTagged(tag, encoded[tag], where);
  const pairs = Object.entries(encoded).map(
    ([key, each]) => [key, decodeChoices(each ?? null, `${where}.${key}`)] as const,
  );
  return Object.fromEntries(pairs);
}

function isList(encoded: Encoded): encoded is readonly Encoded[] {
  return Array.isArray(encoded);
}

function decodeTagged(tag: string, value: Encoded | undefined, where: string): unknown {
  const bad = (wanted: string): ChoicesError =>
    new ChoicesError(`${where}.${tag} is ${JSON.stringify(value)}; it must be ${wanted}`);
  const text = typeof value === 'string' ? value : '';
  switch (tag) {
    case '$undefined':
      return undefined;
    case '$bytes':
      if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(value)) throw bad('pairs of hexadecimal digits');
      return new Uint8Array(Buffer.from(value, 'hex'));
    case '$number':
      if (!Object.hasOwn(NUMBERS, text)) throw bad(`one of ${Object.keys(NUMBERS).join(', ')}`);
      return NUMBERS[text];
    case '$bigint':
      if (!/^-?\d+$/.test(text)) throw bad('an integer as text');
      return BigInt(text);
    case '$date':
      if (Number.isNaN(Date.parse(text))) throw bad('a date in ISO 8601');
      return new Date(text);
    case '$object':
      return decodePairs(value, where, bad);
    default:
      throw new ChoicesError(
        `${where} has the key "${tag}", which is none of $bytes, $number, $bigint, $undefined, $date, $object`,
      );
  }
}

function decodePairs(value: Encoded | undefined, where: string, bad: (wanted: string) => ChoicesError): unknown {
  if (value === undefined || value === null || typeof value !== 'object' || !isList(value))
    throw bad('a list of pairs');
  const pairs = value.map((pair, index) => {
    if (pair === null || typeof pair !== 'object' || !isList(pair) || typeof pair[0] !== 'string') {
      throw bad('a list of pairs of a key and a value');
    }
    return [pair[0], decodeChoices(pair[1] ?? null, `${where}[${index}]`)] as const;
  });
  return Object.fromEntries(pairs);
}
