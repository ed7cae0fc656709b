/**
 * A codec turns values of one type into bytes and back.
 *
 * Encoding refuses bad values with a LocalProtocolError; decoding never throws, whatever the bytes. Encoded bytes are a view
 * into a shared block that is never rewritten (see `slab.ts`); decoded values own all their memory. The codecs of all
 * contracts are in `codecs`; `defineContract` and `defineType` make more.
 */
import type { DecodeErrorCodeName } from '../../spec/errors.ts';
import { MESSAGE_BYTES_HIGHEST } from '../../spec/limits.ts';
import type { ContractMap, FieldType } from '../../spec/grammar/index.ts';
import { BAD } from './codec-runtime.ts';
import type { GeneratedCodec, ReadCursor } from './codec-runtime.ts';
import { compileType } from './compile-codec.ts';
import type { CodecSet } from './compile-codec.ts';
import { LocalProtocolError } from './local-error.ts';
import { measureValue } from './measure.ts';
import { Slab, SlabFull } from './slab.ts';
import { walkBody } from './walk.ts';
import type { DecodeError } from './walk.ts';

/** The outcome of decoding: a value, or what is wrong with the bytes. */
export type DecodeResult<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: DecodeError };

const sharedSlab = new Slab();
let slabInUse = false;

/** Values of one type to bytes and back. `Value` is the value without null. */
export class Codec<Value> {
  /** The type in the grammar's words. */
  readonly type: FieldType;
  readonly #contracts: ContractMap;
  readonly #generated: GeneratedCodec;
  readonly #cursor: ReadCursor = { pos: 0 };

  constructor(type: FieldType, set: CodecSet) {
    this.type = type;
    this.#contracts = set.contracts;
    this.#generated = compileType(type, set);
  }

  /**
   * The value as bytes; null is the null of the type (SER-015: length -1), not an empty body.
   * @param sizeBytesMax the most bytes it may take
   * @throws LocalProtocolError E_ARGUMENT for a value that is not of the type, too deep (SER-023) or cyclic (SER-024);
   *   E_MESSAGE_SIZE when it takes more bytes
   */
  encode(value: Value | null, sizeBytesMax: number = MESSAGE_BYTES_HIGHEST): Uint8Array {
    return writeInSlab(sizeBytesMax, (slab) => this.writeTo(slab, value));
  }

  /**
   * Puts the value at the slab's position; for callers that write something before or after it.
   * @throws LocalProtocolError as `encode`
   */
  writeTo(slab: Slab, value: Value | null): void {
    try {
      this.#generated.write(slab, value, 1);
    } catch (failure) {
      if (failure instanceof SlabFull) throw failure;
      // The generated code says only that something is wrong; measuring finds out what.
      measureValue(this.type, this.#contracts, value);
      throw failure === BAD ? new Error('a value was refused that the grammar allows') : failure;
    }
  }

  /**
   * The value in the bytes, which must be exactly one value. Null, and an empty body, are refused: the message needs a value.
   * @returns an error with code, clause, offset and path when the bytes are not a valid encoding
   */
  decode(bytes: Uint8Array): DecodeResult<Value> {
    const result = this.decodeNullable(bytes);
    return result.ok && result.value === null
      ? failure('E_NULL', 'the body is empty or null')
      : (result as DecodeResult<Value>);
  }

  /** As `decode`, but an empty body (FRM-021) and the null of the type give null (SER-028). */
  decodeNullable(bytes: Uint8Array): DecodeResult<Value | null> {
    const size = bytes.length;
    if (size === 0) return { ok: true, value: null };
    try {
      const value = this.#generated.read(this.#cursor, bytes, 0, size, 1);
      if (this.#cursor.pos === size) return { ok: true, value: value as Value | null };
    } catch (thrown) {
      if (thrown !== BAD) throw thrown;
    }
    return { ok: false, error: this.explain(bytes) };
  }

  /** What is wrong with bytes that `decode` refused. */
  private explain(bytes: Uint8Array): DecodeError {
    const error = walkBody(this.type, this.#contracts, bytes);
    if (error === undefined) throw new Error('bytes were refused that the grammar allows');
    return error;
  }

  /**
   * Bytes the value takes.
   * @throws LocalProtocolError E_ARGUMENT as `encode`
   */
  sizeOf(value: Value | null): number {
    return measureValue(this.type, this.#contracts, value);
  }
}

function failure(code: DecodeErrorCodeName, detail: string): { ok: false; error: DecodeError } {
  return { ok: false, error: { code, clause: 'FRM-028', offset: 0, path: '', detail } };
}

/**
 * Runs `write` on the shared slab and gives out what it wrote.
 * @throws LocalProtocolError E_MESSAGE_SIZE when that is more than `sizeBytesMax`
 */
export function writeInSlab(sizeBytesMax: number, write: (slab: Slab) => void): Uint8Array {
  // A value's own getter may encode something itself; it then gets a slab of its own.
  const outermost = !slabInUse;
  const slab = outermost ? sharedSlab : new Slab();
  slabInUse = true;
  slab.begin(sizeBytesMax);
  try {
    write(slab);
    const size = slab.pos - slab.base;
    if (size > sizeBytesMax) throw new SlabFull(size);
    return slab.finish();
  } catch (failure) {
    if (!(failure instanceof SlabFull)) throw failure;
    const detail = `${failure.sizeBytes} bytes or more, the limit is ${sizeBytesMax}; send less or raise maxLengthOfMessage`;
    throw new LocalProtocolError('E_MESSAGE_SIZE', 'LIM-007', detail);
  } finally {
    if (outermost) slabInUse = false;
  }
}
