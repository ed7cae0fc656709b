/** The body of a message by its type and direction: which contract it has, and the value or what is wrong with the bytes. */
import { bodyOf, type ContractOf } from '../../spec/grammar/index.ts';
import { codecs, type Codec, type DecodeError } from '../../impl/wire/index.ts';
import { isReserved } from './message-kinds.ts';

export type BodyResult =
  /** `value` is null for an empty body and for types without a contract. */
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: DecodeError };

const NO_BODY: BodyResult = { ok: true, value: null };

/**
 * The two bulky contracts read where they lie: the codec copies their content, which costs more than all the rest and is
 * not needed to judge. Undefined for anything that is not plainly right; the codec then says what is wrong.
 */
function informationInPlace(body: Uint8Array): Information | undefined {
  const size = body.length;
  if (size < 12 || int32(body, 0) !== size) return undefined;
  const length = int32(body, 4);
  if (length !== size - 12 && !(length === -1 && size === 12)) return undefined;
  return { Content: length < 0 ? null : body.subarray(8, 8 + length), InformationType: int32(body, size - 4) };
}

function fragmentInPlace(body: Uint8Array): BlobFragment | undefined {
  const size = body.length;
  if (size < 21 || int32(body, 0) !== size) return undefined;
  const length = int32(body, 8);
  const last = body[size - 1]!;
  if ((length !== size - 21 && !(length === -1 && size === 21)) || last > 1) return undefined;
  return {
    BlobID: int32(body, 4),
    Fragment: length < 0 ? null : body.subarray(12, 12 + length),
    FragmentIndex: int32(body, size - 9),
    InformationType: int32(body, size - 5),
    IsLast: last === 1,
  };
}

function int32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/**
 * Decodes a body (FRM-019, FRM-023, FRM-028, SER-028). Nobody reads the body of an unknown or reserved type
 * (FRM-008); they are let pass.
 * @param isFromServer a reply of the server may have the type of its request and another body
 */
export function decodeBody(type: number, isFromServer: boolean, body: Uint8Array): BodyResult {
  const expected = bodyOf(type, isFromServer);
  if (expected === null || expected === undefined || isReserved(type)) return NO_BODY;
  if (expected.contract === 'BinaryInformationContract') {
    const value = informationInPlace(body);
    if (value !== undefined) return { ok: true, value };
  } else if (expected.contract === 'BlobFragmentContract') {
    const value = fragmentInPlace(body);
    if (value !== undefined) return { ok: true, value };
  }
  const codec = codecs[expected.contract] as Codec<unknown>;
  return expected.optional ? codec.decodeNullable(body) : codec.decode(body);
}

/** The values the rules look into, by the contract they come from. */
export type LogonRequest = ContractOf<'ReqLogonContract'>;
export type LogonReply = ContractOf<'ResLogonContract'>;
export type Information = ContractOf<'BinaryInformationContract'>;
export type BlobFragment = ContractOf<'BlobFragmentContract'>;
export type Ping = ContractOf<'PingContract'>;
