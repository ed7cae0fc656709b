/** The codecs of all contracts, and the ways to make codecs for other classes and types. */
import { contractNames, contracts, simpleTypes } from '../../spec/grammar/index.ts';
import type { Contract, ContractMap, ContractName, ContractOf, FieldType, ValueOf } from '../../spec/grammar/index.ts';
import { Codec } from './codec.ts';
import type { DecodeResult } from './codec.ts';
import { createCodecSet } from './compile-codec.ts';
import { describeValue, LocalProtocolError } from './local-error.ts';

/** The fields of a class: name to type, in any order. */
export type FieldTypes = Readonly<Record<string, FieldType>>;

type GrammarContracts = typeof contracts;
type FieldsValue<Fields extends FieldTypes, Others extends Readonly<Record<string, FieldTypes>>> = {
  -readonly [Name in keyof Fields]: Fields[Name] extends { readonly object: infer Other extends keyof Others & string }
    ? FieldsValue<Others[Other], Others> | null
    : Fields[Name] extends { readonly list: { readonly object: infer Other extends keyof Others & string } }
      ? (FieldsValue<Others[Other], Others> | null)[] | null
      : ValueOf<Fields[Name], GrammarContracts>;
};

const grammarSet = createCodecSet(contracts);

/** One codec per contract of the grammar: `codecs.PingContract.encode({ SendTicks: 1 })`. */
export const codecs = Object.fromEntries(
  contractNames.map((name) => [name, new Codec({ object: name }, grammarSet)]),
) as unknown as { readonly [Name in ContractName]: Codec<ContractOf<Name>> };

function toContract(fields: FieldTypes): Contract {
  for (const [name, type] of Object.entries(fields)) {
    // The name would set the prototype of a decoded object instead of a property.
    if (name === '__proto__')
      throw new LocalProtocolError('E_ARGUMENT', 'SER-003', 'a property cannot be named __proto__');
    checkType(type, name);
  }
  const list = Object.entries(fields).map(([name, type]) => ({ name, type, clause: 'SER-003', doc: '' }));
  return { clause: 'SER-015', doc: '', fields: list };
}

/** Refuses what is not a type of the grammar, by name of the property. */
function checkType(type: FieldType, path: string): void {
  if (typeof type === 'string' ? Object.hasOwn(simpleTypes, type) : 'enum' in type || 'object' in type) return;
  if (typeof type === 'object' && 'list' in type) checkType(type.list, path);
  else if (typeof type === 'object' && 'dict' in type) for (const part of type.dict) checkType(part, path);
  else {
    const wanted = `must be one of ${Object.keys(simpleTypes).join(', ')}, or { enum | list | dict | object }`;
    throw new LocalProtocolError('E_ARGUMENT', 'SER-003', `the type of ${path} ${wanted}, got ${describeValue(type)}`);
  }
}

/**
 * A codec for a class of one's own (SER-002, SER-003): `defineContract({ Name: 'string', Tags: { list: 'string' } })`.
 * @param fields property name to type; the order does not matter
 * @param others classes that `{ object: 'Name' }` may name besides those of the grammar; `{ object: 'Self' }` is the class itself
 */
export function defineContract<
  const Fields extends FieldTypes,
  const Others extends Readonly<Record<string, FieldTypes>> = { readonly Self: Fields },
>(fields: Fields, others?: Others): Codec<FieldsValue<Fields, Others & { readonly Self: Fields }>> {
  const own: Record<string, Contract> = { ...(contracts as ContractMap), Self: toContract(fields) };
  for (const [name, otherFields] of Object.entries(others ?? {})) own[name] = toContract(otherFields);
  return new Codec({ object: 'Self' }, createCodecSet(own));
}

/** A codec for a bare type (SER-018): `defineType({ list: 'string' })`. */
export function defineType<const Type extends FieldType>(
  type: Type,
): Codec<NonNullable<ValueOf<Type, GrammarContracts>>> {
  return new Codec(type, grammarSet);
}

/** The manual's own words for the two directions; `contract` comes from `codecs`, `defineContract` or `defineType`. */
export const compactPropertySerializer = {
  /** The value as bytes; null gives the null of the type. @throws LocalProtocolError for a value that is not of the class */
  serialize<Value>(contract: Codec<Value>, value: Value | null): Uint8Array {
    return contract.encode(value);
  },
  /** The value in the bytes, or what is wrong with them. */
  deserialize<Value>(contract: Codec<Value>, bytes: Uint8Array): DecodeResult<Value | null> {
    return contract.decodeNullable(bytes);
  },
} as const;
