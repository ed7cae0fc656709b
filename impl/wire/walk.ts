/**
 * Reads a body step by step along the grammar and tells of every value it meets, or what is wrong and where.
 *
 * Slow and plain on purpose: it words the errors of the generated readers, feeds the annotated hexdump, and is the second
 * opinion the tests compare the generated readers with. It builds no values.
 */
import { DecodeErrorCode } from '../../spec/errors.ts';
import type { DecodeErrorCodeName } from '../../spec/errors.ts';
import { NESTING_DEPTH_MAX } from '../../spec/limits.ts';
import { bytesMinOf, enumValueName, fieldsInWireOrder, simpleTypes } from '../../spec/grammar/index.ts';
import type { ContractMap, FieldType, SimpleType } from '../../spec/grammar/index.ts';
import { getBigInt64, getFloat32, getFloat64, getInt32, getInt64 } from './codec-runtime.ts';
import { readUtf8 } from './utf8.ts';

/** UTF-16 units of a text that a step shows. */
const TEXT_SHOWN_MAX = 60;

/** What is wrong with the bytes of a body. */
export type DecodeError = {
  readonly code: DecodeErrorCodeName;
  readonly clause: string;
  /** Bytes from the start of the body. */
  readonly offset: number;
  /** Where in the value: `UserList[2]`, `Target.X`; empty for the body itself. */
  readonly path: string;
  readonly detail: string;
};

/** One piece of a body as it stands in the bytes. */
export type WalkStep = {
  readonly path: string;
  /** What the piece is: `int32`, `string length`, `object length`, `list count`, ... */
  readonly what: string;
  readonly offset: number;
  readonly length: number;
  readonly value: string;
  readonly depth: number;
};

/** Leaves the walk at the first error; caught in `walkBody`. One object for all: refusals are as frequent as a peer likes. */
const STOP = new Error('the walk has met an error');

/**
 * Walks the bytes from `start` to `end` as one value of the type, and nothing after it (SER-017).
 * @returns the first error, or undefined when the bytes are a valid encoding
 */
export function walkBody(
  type: FieldType,
  contracts: ContractMap,
  bytes: Uint8Array,
  visit?: (step: WalkStep) => void,
): DecodeError | undefined {
  const walker = new Walker(bytes, contracts, visit);
  try {
    const after = walker.value(type, 0, bytes.length, '', 1);
    if (after !== bytes.length) {
      walker.fail('E_TRAILING', 'SER-017', after, '', `${bytes.length - after} bytes follow the outermost value`);
    }
    return undefined;
  } catch (failure) {
    if (failure === STOP) return walker.error;
    throw failure;
  }
}

class Walker {
  /** What `fail` was told. */
  error: DecodeError | undefined;
  readonly #bytes: Uint8Array;
  readonly #contracts: ContractMap;
  /** Without a visitor no step is put into words: that is most of the work for a body that is refused. */
  readonly #visit: ((step: WalkStep) => void) | undefined;
  #objectsOpen = 0;

  constructor(bytes: Uint8Array, contracts: ContractMap, visit: ((step: WalkStep) => void) | undefined) {
    this.#bytes = bytes;
    this.#contracts = contracts;
    this.#visit = visit;
  }

  fail(code: DecodeErrorCodeName, clause: string, offset: number, path: string, detail: string): never {
    this.error = { code, clause, offset, path, detail };
    throw STOP;
  }

  /** Walks one value at `pos`; `end` bounds it; `depth` is the level an object or list here would have. Returns its end. */
  value(type: FieldType, pos: number, end: number, path: string, depth: number): number {
    if (type === 'font') return this.#object('SimpleFont', pos, end, path, depth);
    if (type === 'string' || type === 'bytes' || type === 'image') return this.#prefixed(type, pos, end, path, depth);
    if (typeof type === 'string') return this.#fixed(type, pos, end, path, depth);
    if ('enum' in type) return this.#enum(type.enum, pos, end, path, depth);
    if ('list' in type) return this.#list(type.list, pos, end, path, depth);
    if ('dict' in type) return this.#dict(type.dict, pos, end, path, depth);
    return this.#object(type.object, pos, end, path, depth);
  }

  #need(bytes: number, pos: number, end: number, path: string, clause: string): void {
    if (end - pos >= bytes) return;
    this.fail('E_TRUNCATED', clause, pos, path, `needs ${bytes} bytes, ${end - pos} are left`);
  }

  /** The clause of a value that does not fit: that of its object's length, or of its own type outside any object. */
  #shortClause(clauseOfType: string): string {
    return this.#objectsOpen > 0 ? DecodeErrorCode.E_TRUNCATED.clause : clauseOfType;
  }

  #step(path: string, what: string, offset: number, length: number, value: string, depth: number): void {
    this.#visit?.({ path, what, offset, length, value, depth });
  }

  #fixed(type: SimpleType, pos: number, end: number, path: string, depth: number): number {
    const size = simpleTypes[type].bytesMin;
    this.#need(size, pos, end, path, this.#shortClause(simpleTypes[type].clause));
    const byte = this.#bytes[pos]!;
    if (type === 'bool' && byte > 1) this.fail('E_BOOL', 'SER-005', pos, path, `bool byte is ${byte}, not 0 or 1`);
    if (this.#visit !== undefined) this.#step(path, type, pos, size, fixedText(type, this.#bytes, pos), depth);
    return pos + size;
  }

  #enum(name: string, pos: number, end: number, path: string, depth: number): number {
    this.#need(4, pos, end, path, this.#shortClause('SER-007'));
    const value = getInt32(this.#bytes, pos);
    const told = this.#visit === undefined ? '' : `${value} ${enumValueName(name, value) ?? '(undefined)'}`;
    this.#step(path, `enum ${name}`, pos, 4, told, depth);
    return pos + 4;
  }

  /** Reads a length or count of at least -1; `bytesEach` is what each counted thing takes at least. */
  #prefix(
    what: string,
    clause: string,
    bytesEach: number,
    pos: number,
    end: number,
    path: string,
    depth: number,
  ): number {
    this.#need(4, pos, end, path, clause);
    const count = getInt32(this.#bytes, pos);
    if (count < -1) this.fail('E_LENGTH', clause, pos, path, `${what} ${count} is below -1`);
    const left = end - pos - 4;
    if (count * bytesEach > left) {
      // What is counted in elements has a clause of its own for counts that cannot be true.
      const overClause = what.endsWith('count') ? 'SER-027' : clause;
      this.fail(
        'E_LENGTH',
        overClause,
        pos,
        path,
        `${what} ${count} needs ${count * bytesEach} bytes, ${left} are left`,
      );
    }
    this.#step(path, what, pos, 4, count === -1 ? 'null' : String(count), depth);
    return count;
  }

  #prefixed(type: 'string' | 'bytes' | 'image', pos: number, end: number, path: string, depth: number): number {
    const clause = type === 'string' ? 'SER-010' : simpleTypes[type].clause;
    const size = this.#prefix(`${type} length`, clause, 1, pos, end, path, depth);
    if (size === -1) return pos + 4;
    let at = pos + 4;
    if (type === 'image') {
      this.#need(size + 1, at, end, path, clause);
      at = this.#fixed('bool', at, end, `${path}.IsGif`, depth + 1);
    }
    const shown = type === 'string' ? this.#text(at, at + size, path) : `${size} bytes`;
    if (size > 0) this.#step(path, type === 'string' ? 'UTF-8' : 'bytes', at, size, shown, depth);
    return at + size;
  }

  #text(start: number, end: number, path: string): string {
    const text = readUtf8(this.#bytes, start, end);
    if (text === undefined) this.fail('E_UTF8', 'SER-011', start, path, `the ${end - start} bytes are not UTF-8`);
    if (this.#visit === undefined) return '';
    return JSON.stringify(text.length > TEXT_SHOWN_MAX ? `${text.slice(0, TEXT_SHOWN_MAX)}...` : text);
  }

  #deep(depth: number, pos: number, path: string): void {
    if (depth <= NESTING_DEPTH_MAX) return;
    this.fail('E_DEPTH', 'SER-023', pos, path, `nested ${depth} levels deep, the limit is ${NESTING_DEPTH_MAX}`);
  }

  #list(element: FieldType, pos: number, end: number, path: string, depth: number): number {
    const count = this.#prefix('list count', 'SER-013', bytesMinOf(element), pos, end, path, depth);
    let at = pos + 4;
    if (count >= 0) this.#deep(depth, pos, path);
    for (let i = 0; i < count; i++) at = this.value(element, at, end, `${path}[${i}]`, depth + 1);
    return at;
  }

  #dict(
    [key, element]: readonly [FieldType, FieldType],
    pos: number,
    end: number,
    path: string,
    depth: number,
  ): number {
    const bytesEach = bytesMinOf(key) + bytesMinOf(element);
    const count = this.#prefix('dictionary count', 'SER-014', bytesEach, pos, end, path, depth);
    let at = pos + 4;
    if (count >= 0) this.#deep(depth, pos, path);
    const seen = new Set<string>();
    for (let i = 0; i < count; i++) {
      const keyPath = `${path}.key(${i})`;
      const keyAt = at;
      at = this.value(key, at, end, keyPath, depth + 1);
      if (key === 'string' && getInt32(this.#bytes, keyAt) === -1) {
        this.fail('E_NULL_KEY', 'SER-026', keyAt, keyPath, 'a dictionary key is null');
      }
      const keyBytes = this.#bytes.subarray(keyAt, at).join();
      if (seen.has(keyBytes)) this.fail('E_DUPLICATE_KEY', 'SER-026', keyAt, keyPath, 'the key occurs twice');
      seen.add(keyBytes);
      at = this.value(element, at, end, `${path}.value(${i})`, depth + 1);
    }
    return at;
  }

  #object(name: string, pos: number, end: number, path: string, depth: number): number {
    this.#need(4, pos, end, path, 'SER-015');
    const length = getInt32(this.#bytes, pos);
    const left = end - pos;
    if (length !== -1 && length < 4) {
      this.fail('E_LENGTH', 'SER-015', pos, path, `object length ${length} is neither -1 nor at least 4`);
    }
    if (length > left) this.fail('E_LENGTH', 'SER-016', pos, path, `object length ${length}, ${left} bytes are left`);
    this.#step(path, `object ${name} length`, pos, 4, length === -1 ? 'null' : String(length), depth);
    if (length === -1) return pos + 4;
    this.#deep(depth, pos, path);
    const stop = pos + length;
    let at = pos + 4;
    this.#objectsOpen += 1;
    for (const field of fieldsInWireOrder(this.#contracts[name]!)) {
      at = this.value(field.type, at, stop, path === '' ? field.name : `${path}.${field.name}`, depth + 1);
    }
    this.#objectsOpen -= 1;
    if (at !== stop) {
      const detail = `object length ${length}, but its properties take ${at - pos} bytes`;
      this.fail('E_OBJECT_LENGTH', 'SER-016', pos, path, detail);
    }
    return stop;
  }
}

function fixedText(type: SimpleType, bytes: Uint8Array, pos: number): string {
  const byte = bytes[pos]!;
  if (type === 'bool') return String(byte === 1);
  if (type === 'byte') return String(byte);
  if (type === 'int16') return String(((byte | (bytes[pos + 1]! << 8)) << 16) >> 16);
  if (type === 'int64') return String(getInt64(bytes, pos));
  if (type === 'float32') return String(getFloat32(bytes, pos));
  if (type === 'float64') return String(getFloat64(bytes, pos));
  if (type === 'dateTime') return `${getBigInt64(bytes, pos)} ticks`;
  if (type === 'color') return `rgb(${byte}, ${bytes[pos + 1]!}, ${bytes[pos + 2]!})`;
  return String(getInt32(bytes, pos));
}
