/** The body of a message by its type and direction: which contract it has, and the value or what is wrong with the bytes. */
import { bodyOf, type ContractOf } from '../../spec/grammar/index.ts';
import { codecs, type Codec, type DecodeError } from '../../impl/wire/index.ts';

export type BodyResult =
  /** `value` is null for an empty body and for types without a contract. */
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: DecodeError };

const NO_BODY: BodyResult = { ok: true, value: null };

/**
 * Decodes a body (FRM-019, FRM-023, FRM-028, SER-028). Unknown types have a body nobody can read; they are let pass.
 * @param isFromServer a reply of the server may have the type of its request and another body
 */
export function decodeBody(type: number, isFromServer: boolean, body: Uint8Array): BodyResult {
  const expected = bodyOf(type, isFromServer);
  if (expected === null || expected === undefined) return NO_BODY;
  const codec = codecs[expected.contract] as Codec<unknown>;
  return expected.optional ? codec.decodeNullable(body) : codec.decode(body);
}

/** The values the rules look into, by the contract they come from. */
export type LogonRequest = ContractOf<'ReqLogonContract'>;
export type LogonReply = ContractOf<'ResLogonContract'>;
export type Information = ContractOf<'BinaryInformationContract'>;
export type BlobFragment = ContractOf<'BlobFragmentContract'>;
export type Ping = ContractOf<'PingContract'>;
