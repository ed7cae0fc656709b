/**
 * Findings as test vectors, in the form of `spec/vectors`: the bytes, and what the specification makes of them.
 *
 * What is right comes from the independent decoder, not from the parser that was found wrong.
 */
import type { ContractMap, FieldType } from '../../spec/grammar/index.ts';
import { contracts } from '../../spec/grammar/index.ts';
import { MESSAGE_BYTES_MAX_DEFAULT, USER_ID_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import { engineSubject } from './engine-subject.ts';
import type { FoundFinding } from './fuzz.ts';
import { bodyTarget, type BodyInput, type FuzzInput, type StreamInput } from './model.ts';
import { oracleStream, oracleValue } from './oracle-decoder.ts';
import { sameBytes } from './same-value.ts';

/** A vector as in `spec/vectors/README.md`, and how it was found. */
export type FoundVector = {
  readonly id: string;
  readonly clause: string;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly kind: 'body' | 'stream';
  readonly contract?: string;
  readonly type?: FieldType;
  readonly userIdBytesMax?: number;
  readonly messageBytesMax?: number;
  readonly hex: string;
  readonly result: 'valid' | 'acceptable' | 'invalid';
  readonly decoded?: unknown;
  readonly error?: { readonly kind?: string; readonly code?: string; readonly offset: number };
  readonly found: {
    readonly signature: string;
    readonly seed: number;
    readonly target: string;
    readonly run: number;
    /** Streams only. */
    readonly isFromServer?: boolean;
    readonly chunkBytes?: readonly number[];
  };
};

/** The clause that a kind of finding is about when the bytes themselves break none. */
const CLAUSES = {
  throws: 'SEC-011',
  'error-shape': 'SEC-002',
  verdict: 'FRM-019',
  value: 'SER-025',
  chunking: 'FRM-017',
  're-encode': 'SER-025',
  memory: 'SEC-011',
  time: 'SEC-011',
} as const;

/** For streams that are refused: the clause of the kind that is right. */
const KIND_CLAUSES: ReadonlyMap<string, string> = new Map([
  ['InvalidToken', 'FRM-004'],
  ['InvalidClientType', 'FRM-006'],
  ['InvalidHeader', 'FRM-014'],
  ['MessageSizeOverflow', 'LIM-006'],
  ['DataLacked', 'FRM-018'],
]);

/** The vector of a finding. `seed` and `target` are those of the run. */
export function vectorOf(finding: FoundFinding, seed: number, target: string): FoundVector {
  const { input, oracle, signature, message, run } = finding;
  const base = {
    id: `fuzz-${idOf(signature)}`,
    clause: CLAUSES[oracle],
    comment: message,
    flags: [],
    hex: Buffer.from(input.bytes).toString('hex'),
  };
  const found = { signature, seed, target, run };
  if (input.kind === 'body') return { ...base, ...bodyPart(input), found };
  const { isFromServer, chunkBytes } = input;
  const part = streamPart(input);
  const clause = (oracle === 'verdict' ? KIND_CLAUSES.get(part.error?.kind ?? '') : undefined) ?? base.clause;
  return { ...base, ...part, clause, found: { ...found, isFromServer, chunkBytes } };
}

/** The input of a stored vector, to examine it again. */
export function inputOf(vector: FoundVector): FuzzInput {
  const bytes = new Uint8Array(Buffer.from(vector.hex, 'hex'));
  if (vector.kind === 'body') return { kind: 'body', bytes, target: vector.contract ?? JSON.stringify(vector.type) };
  return {
    kind: 'stream',
    bytes,
    limits: {
      userIdBytesMax: vector.userIdBytesMax ?? USER_ID_BYTES_MAX_DEFAULT,
      messageBytesMax: vector.messageBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT,
    },
    isFromServer: vector.found.isFromServer ?? false,
    chunkBytes: vector.found.chunkBytes ?? [1],
  };
}

type Judged = Pick<FoundVector, 'kind' | 'result'> & Partial<FoundVector>;

function bodyPart({ target, bytes }: BodyInput): Judged {
  const { type } = bodyTarget(target);
  const what = target in contracts ? { contract: target } : { type };
  const right = oracleValue(type, bytes);
  if (!right.ok) {
    const seen = engineSubject.decodeBody(target, bytes);
    const error = seen.ok ? { offset: 0 } : { code: seen.error.code, offset: seen.error.offset };
    return { kind: 'body', ...what, result: 'invalid', error };
  }
  const isCanonical = sameBytes(engineSubject.encodeBody(target, right.value), bytes);
  return { kind: 'body', ...what, result: isCanonical ? 'valid' : 'acceptable', decoded: jsonOf(type, right.value) };
}

function streamPart({ bytes, limits }: StreamInput): Judged {
  const { messages, error, leftBytes } = oracleStream(bytes, limits);
  const limitsPart = {
    ...(limits.userIdBytesMax === USER_ID_BYTES_MAX_DEFAULT ? {} : { userIdBytesMax: limits.userIdBytesMax }),
    ...(limits.messageBytesMax === MESSAGE_BYTES_MAX_DEFAULT ? {} : { messageBytesMax: limits.messageBytesMax }),
  };
  const decoded = messages.map((message) => ({ ...message, body: Buffer.from(message.body).toString('hex') }));
  if (error !== undefined) return { kind: 'stream', ...limitsPart, result: 'invalid', decoded, error };
  if (leftBytes > 0) {
    return {
      kind: 'stream',
      ...limitsPart,
      result: 'invalid',
      decoded,
      error: { kind: 'DataLacked', offset: bytes.length },
    };
  }
  return { kind: 'stream', ...limitsPart, result: 'acceptable', decoded };
}

/** FNV-1a, 8 hex digits: equal signatures get equal ids. */
function idOf(signature: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < signature.length; index += 1)
    hash = Math.imul(hash ^ signature.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** A value as `spec/vectors/README.md` writes it. */
function jsonOf(type: FieldType, value: unknown): unknown {
  if (value === null) return null;
  if (type === 'font') return jsonOf({ object: 'SimpleFont' }, value);
  if (type === 'int64' || type === 'dateTime') return `${value as bigint}`;
  if (type === 'float32' || type === 'float64') return floatJson(value as number);
  if (type === 'bytes') return hexOf(value);
  if (type === 'image') {
    const { IsGif, Content } = value as { IsGif: boolean; Content: Uint8Array };
    return { IsGif, Content: hexOf(Content) };
  }
  if (typeof type === 'string' || 'enum' in type) return value;
  if ('list' in type) return (value as unknown[]).map((item) => jsonOf(type.list, item));
  if ('dict' in type) {
    return [...(value as Map<unknown, unknown>)].map(([key, item]) => [
      jsonOf(type.dict[0], key),
      jsonOf(type.dict[1], item),
    ]);
  }
  const object = value as Readonly<Record<string, unknown>>;
  const fields = type.object === 'SimpleFont' ? SIMPLE_FONT : (contracts as ContractMap)[type.object]!.fields;
  return Object.fromEntries(fields.map((field) => [field.name, jsonOf(field.type, object[field.name])]));
}

const SIMPLE_FONT: readonly { readonly name: string; readonly type: FieldType }[] = [
  { name: 'FontFamily', type: 'string' },
  { name: 'FontStyle', type: 'int32' },
  { name: 'Size', type: 'float32' },
];

function floatJson(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

function hexOf(value: unknown): string {
  return Buffer.from(value as Uint8Array).toString('hex');
}
