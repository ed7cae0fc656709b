/**
 * The hand tools of the vector generator: tiny writers that turn numbers and text into hex, and the shape of a vector.
 *
 * They know nothing of the grammar or the codecs, on purpose: a vector must not be able to repeat a mistake of the code it
 * judges. Text is ASCII here; everything else is spelled out in hex by the case that uses it.
 */

/** One test vector; README.md describes every property. */
export type Vector = {
  readonly id: string;
  readonly clause: string;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly kind: 'body' | 'stream';
  readonly contract?: string;
  readonly type?: unknown;
  readonly userIdBytesMax?: number;
  readonly messageBytesMax?: number;
  readonly hex: string;
  readonly result: 'valid' | 'acceptable' | 'invalid';
  readonly decoded?: unknown;
  readonly error?: Readonly<Record<string, string | number>>;
};

const hexDigits = '0123456789abcdef';

/** The low `count` bytes of a number, lowest first. */
function littleEndian(value: bigint, count: number): string {
  let hex = '';
  let rest = BigInt.asUintN(8 * count, value);
  for (let i = 0; i < count; i++) {
    const byte = Number(rest % 256n);
    hex += hexDigits[byte >> 4]! + hexDigits[byte & 15]!;
    rest /= 256n;
  }
  return hex;
}

/** One byte. */
export const u8 = (value: number): string => littleEndian(BigInt(value), 1);
/** Two bytes, lowest first. */
export const i16 = (value: number): string => littleEndian(BigInt(value), 2);
/** Four bytes, lowest first. */
export const i32 = (value: number): string => littleEndian(BigInt(value), 4);
/** Eight bytes, lowest first. */
export const i64 = (value: bigint): string => littleEndian(value, 8);

/** The bytes a piece of hex stands for; groups `(..)*n` count n times. */
export function byteCount(hex: string): number {
  let count = 0;
  for (const [, group, times, plain] of hex.matchAll(/\(([0-9a-f]*)\)\*(\d+)|([0-9a-f]+)/g)) {
    count += plain === undefined ? (group!.length / 2) * Number(times) : plain.length / 2;
  }
  return count;
}

/** ASCII text as hex. */
export function ascii(text: string): string {
  let hex = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) throw new Error(`spell ${text} out in hex`);
    hex += u8(unit);
  }
  return hex;
}

/** A length-prefixed piece: string or byte array given in hex. */
export const prefixed = (hex: string): string => i32(byteCount(hex)) + hex;
/** A string, or null. */
export const str = (text: string | null): string => (text === null ? i32(-1) : prefixed(ascii(text)));
/** An object: a length that counts itself, then its properties. */
export const obj = (...properties: readonly string[]): string =>
  i32(4 + byteCount(properties.join(''))) + properties.join('');
/** A list or dictionary: a count, then its parts. */
export const list = (count: number, ...parts: readonly string[]): string => i32(count) + parts.join('');

/** What a header of the stream cases says; everything has a default. */
export type HeaderParts = {
  readonly token?: string;
  readonly client?: number;
  readonly type?: number;
  readonly bodyLength?: number;
  readonly id?: number;
  /** Hex of the id; its length byte is its true length unless `sourceLength` says otherwise. */
  readonly source?: string;
  readonly sourceLength?: number;
  readonly sourcePadding?: string;
  readonly dest?: string;
  readonly destLength?: number;
  readonly n?: number;
};

/** A header, by default: DotNET, HeartBeat, empty body, id 1, from `aa01` to the server as empty destination, N = 11. */
export function header(parts: HeaderParts = {}): string {
  const {
    token = 'e5',
    client = 0,
    type = 3,
    bodyLength = 0,
    id = 1,
    source = ascii('aa01'),
    dest = '',
    n = 11,
  } = parts;
  const field = (hex: string, length: number, padding: string): string => {
    const fill = n - byteCount(hex) - byteCount(padding);
    return u8(length) + hex + padding + '00'.repeat(Math.max(0, fill));
  };
  return (
    token +
    u8(client) +
    i16(type) +
    i32(bodyLength) +
    i32(id) +
    field(source, parts.sourceLength ?? byteCount(source), parts.sourcePadding ?? '') +
    field(dest, parts.destLength ?? byteCount(dest), '')
  );
}

/** A message: header with the body's true length, then the body. */
export function message(parts: HeaderParts, body: string): string {
  return header({ ...parts, bodyLength: byteCount(body) }) + body;
}

/** Collects vectors of one file and makes sure that ids are unique. */
export class VectorList {
  readonly vectors: Vector[] = [];
  readonly #ids = new Set<string>();

  #add(vector: Vector): void {
    if (this.#ids.has(vector.id)) throw new Error(`vector id ${vector.id} occurs twice`);
    this.#ids.add(vector.id);
    this.vectors.push(vector);
  }

  /** A body that a receiver must accept, and that a sender of the value must produce. */
  valid(
    id: string,
    clause: string,
    of: BodyOf,
    hex: string,
    decoded: unknown,
    comment: string,
    flags: string[] = [],
  ): void {
    this.#add({ id, clause, comment, flags, kind: 'body', ...of, hex, result: 'valid', decoded });
  }

  /** A body that a receiver accepts although no sender should produce it. */
  acceptable(id: string, clause: string, of: BodyOf, hex: string, decoded: unknown, comment: string): void {
    this.#add({
      id,
      clause,
      comment,
      flags: ['nonCanonical'],
      kind: 'body',
      ...of,
      hex,
      result: 'acceptable',
      decoded,
    });
  }

  /** A body that a receiver must refuse; `offset` is where the part that is wrong begins. */
  invalid(
    id: string,
    clause: string,
    of: BodyOf,
    hex: string,
    code: string,
    offset: number,
    comment: string,
    flags: string[] = [],
  ): void {
    this.#add({ id, clause, comment, flags, kind: 'body', ...of, hex, result: 'invalid', error: { code, offset } });
  }

  /** A stream of messages, complete or broken. */
  stream(vector: Omit<Vector, 'kind' | 'flags'> & { readonly flags?: readonly string[] }): void {
    const { id, clause, comment, flags = [], ...rest } = vector;
    this.#add({ id, clause, comment, flags, kind: 'stream', ...rest });
  }
}

/** What a body vector is a body of: a contract, or a bare type. */
export type BodyOf = { readonly contract: string } | { readonly type: unknown };
