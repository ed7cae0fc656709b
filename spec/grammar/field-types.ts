/**
 * The type language of the grammar: what a field, an element or a whole body can be, and the TypeScript value it stands for.
 *
 * Types are plain data: a word for a simple type, a one-key object for a composed one. This file knows no contract.
 *   'int32'   { list: 'string' }   { dict: ['string', 'bool'] }   { enum: 'LogonResult' }   { object: 'PingContract' }
 */

/** One simple type: what it takes on the wire, the clause, and whether it has a null. */
type SimpleTypeInfo = {
  /** Bytes a value takes, or the fewest it can take. */
  readonly bytesMin: number;
  readonly fixed: boolean;
  readonly nullable: boolean;
  readonly clause: string;
  readonly doc: string;
};

/** Every simple type (SER-004 to SER-012, SER-019 to SER-022). */
export const simpleTypes = {
  bool: { bytesMin: 1, fixed: true, nullable: false, clause: 'SER-004', doc: 'one byte, 0 or 1' },
  byte: { bytesMin: 1, fixed: true, nullable: false, clause: 'SER-006', doc: 'unsigned 8-bit' },
  int16: { bytesMin: 2, fixed: true, nullable: false, clause: 'SER-006', doc: 'signed 16-bit, little-endian' },
  int32: { bytesMin: 4, fixed: true, nullable: false, clause: 'SER-006', doc: 'signed 32-bit, little-endian' },
  int64: { bytesMin: 8, fixed: true, nullable: false, clause: 'SER-006', doc: 'signed 64-bit, little-endian' },
  float32: { bytesMin: 4, fixed: true, nullable: false, clause: 'SER-006', doc: 'IEEE 754 single, little-endian' },
  float64: { bytesMin: 8, fixed: true, nullable: false, clause: 'SER-006', doc: 'IEEE 754 double, little-endian' },
  string: { bytesMin: 4, fixed: false, nullable: true, clause: 'SER-009', doc: 'int32 byte length (-1 null), UTF-8' },
  bytes: { bytesMin: 4, fixed: false, nullable: true, clause: 'SER-012', doc: 'int32 byte length (-1 null), bytes' },
  dateTime: {
    bytesMin: 8,
    fixed: true,
    nullable: false,
    clause: 'SER-019',
    doc: 'int64 ticks of 100 ns since 0001-01-01 UTC',
  },
  color: { bytesMin: 3, fixed: true, nullable: false, clause: 'SER-020', doc: 'three bytes: R, G, B' },
  font: { bytesMin: 4, fixed: false, nullable: true, clause: 'SER-021', doc: 'object SimpleFont' },
  image: {
    bytesMin: 4,
    fixed: false,
    nullable: true,
    clause: 'SER-022',
    doc: 'int32 content length (-1 null), isGif byte, content',
  },
} as const satisfies Readonly<Record<string, SimpleTypeInfo>>;

export type SimpleType = keyof typeof simpleTypes;

/** Types a dictionary key may have: those with an identity that survives the round trip (SER-014). */
export type KeyType = 'bool' | 'byte' | 'int16' | 'int32' | 'int64' | 'string' | 'dateTime' | { readonly enum: string };

/** Any type a field, an element or a bare body can have. */
export type FieldType =
  | SimpleType
  | { readonly enum: string }
  | { readonly list: FieldType }
  | { readonly dict: readonly [key: KeyType, value: FieldType] }
  | { readonly object: string };

/** One property of a contract. */
export type Field = { readonly name: string; readonly type: FieldType; readonly clause: string; readonly doc: string };

/** One class: its properties in any order; on the wire they stand in ordinal order of name (SER-002). */
export type Contract = { readonly clause: string; readonly doc: string; readonly fields: readonly Field[] };

/** Contracts by name. */
export type ContractMap = Readonly<Record<string, Contract>>;

/** SER-020: a colour; each part 0 to 255. */
export type Color = { R: number; G: number; B: number };
/** SER-021: a font. `Size` is a single-precision number. */
export type SimpleFont = { FontFamily: string | null; FontStyle: number; Size: number };
/** SER-022: a picture file as bytes, and whether it is an animated one. */
export type ImageValue = { IsGif: boolean; Content: Uint8Array };

type SimpleValues = {
  bool: boolean;
  byte: number;
  int16: number;
  int32: number;
  /** A number when it is a safe integer, otherwise a bigint. Either is accepted when encoding. */
  int64: number | bigint;
  float32: number;
  float64: number;
  string: string | null;
  bytes: Uint8Array | null;
  /** Ticks of 100 ns since 0001-01-01 UTC. */
  dateTime: bigint;
  color: Color;
  font: SimpleFont | null;
  image: ImageValue | null;
};

/** The TypeScript value of a type; `Contracts` says what the names in `{ object }` mean. */
export type ValueOf<Type, Contracts extends ContractMap> = Type extends SimpleType
  ? SimpleValues[Type]
  : Type extends { readonly enum: string }
    ? number
    : Type extends { readonly list: infer Element }
      ? ValueOf<Element, Contracts>[] | null
      : Type extends { readonly dict: readonly [infer Key, infer Value] }
        ? Map<NonNullable<ValueOf<Key, Contracts>>, ValueOf<Value, Contracts>> | null
        : Type extends { readonly object: infer Name extends string }
          ? (Name extends keyof Contracts ? ObjectOf<Contracts[Name], Contracts> : unknown) | null
          : never;

/** The TypeScript object of a contract: one property per field. */
export type ObjectOf<Of extends Contract, Contracts extends ContractMap> = {
  [Each in Of['fields'][number] as Each['name']]: ValueOf<Each['type'], Contracts>;
};

/** Ordinal order: by UTF-16 code unit, as the manual's runtime compares (SER-002). */
export function compareOrdinal(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorted once for each contract; contracts never change. */
const wireOrders = new WeakMap<Contract, readonly Field[]>();

/** The fields in the order they have on the wire (SER-002). */
export function fieldsInWireOrder(contract: Contract): readonly Field[] {
  let fields = wireOrders.get(contract);
  if (fields === undefined) {
    fields = [...contract.fields].sort((a, b) => compareOrdinal(a.name, b.name));
    wireOrders.set(contract, fields);
  }
  return fields;
}

/** The fewest bytes a value of the type takes; a count that cannot fit by this measure is refused (SER-027). */
export function bytesMinOf(type: FieldType): number {
  if (typeof type === 'string') return simpleTypes[type].bytesMin;
  return 4; // enum, list, dict and object each start with, or are, one int32.
}
