/** What is fuzzed, what goes in, and what can come out. Types, and the list of things whose bodies are decoded. */
import type { FieldType } from '../../spec/grammar/index.ts';
import { contractNames } from '../../spec/grammar/index.ts';
import type { FrameLimits } from '../../impl/wire/index.ts';

/** A contract, or a bare type (SER-018), whose encoding is fuzzed. */
export type BodyTarget = { readonly name: string; readonly type: FieldType };

const BARE_TYPES: readonly FieldType[] = [
  { list: 'string' },
  { list: 'int32' },
  { list: { list: 'byte' } },
  { dict: ['string', 'bool'] },
  { dict: ['int64', 'string'] },
  'string',
  'bytes',
  'image',
  'font',
];

/** Everything that has an encoding: all contracts of the grammar, and bare types of every shape. */
export const BODY_TARGETS: readonly BodyTarget[] = [
  ...contractNames.map((name) => ({ name, type: { object: name } })),
  ...BARE_TYPES.map((type) => ({ name: JSON.stringify(type), type })),
];

/** The target with this name. */
export function bodyTarget(name: string): BodyTarget {
  const found = BODY_TARGETS.find((target) => target.name === name);
  if (found === undefined) throw new Error(`there is no body ${name}`);
  return found;
}

/** The bytes of one direction of a connection, from its beginning to its end. */
export type StreamInput = {
  readonly kind: 'stream';
  readonly bytes: Uint8Array;
  readonly limits: FrameLimits;
  /** Who sends: replies of the server have bodies of their own. */
  readonly isFromServer: boolean;
  /** Sizes of the chunks for the second pass, used over and over; the first pass is whole. */
  readonly chunkBytes: readonly number[];
};

/** The bytes of one body. */
export type BodyInput = { readonly kind: 'body'; readonly bytes: Uint8Array; readonly target: string };

export type FuzzInput = StreamInput | BodyInput;

/** A message as the subject shows it. */
export type SeenFrame = {
  readonly clientType: number;
  readonly messageType: number;
  readonly messageId: number;
  sourceId(): string;
  destId(): string;
  body(): Uint8Array;
};

export type SeenFrameError = {
  readonly kind: string;
  readonly value: number;
  readonly clause: string;
  readonly streamOffset: number;
  readonly detail: string;
};

export type SubjectDecoder = {
  push(chunk: Uint8Array, sink: (frame: SeenFrame) => void): SeenFrameError | undefined;
  end(): SeenFrameError | undefined;
  readonly bufferedBytes: number;
  readonly heldBytes: number;
};

export type SeenBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly clause: string; readonly offset: number } };

/** The parser under test: the engine's, or the engine's with a fault planted. */
export type Subject = {
  decoder(limits: FrameLimits): SubjectDecoder;
  /** A body as it stands; null of the type and an empty body give null. */
  decodeBody(target: string, bytes: Uint8Array): SeenBody;
  encodeBody(target: string, value: unknown): Uint8Array;
  encodeFrame(frame: SeenFrame, userIdBytesMax: number): Uint8Array;
};

/** Which promise was broken. */
export type OracleName =
  /** Decoding threw. */
  | 'throws'
  /** An error without a known kind, clause or place. */
  | 'error-shape'
  /** The independent decoder accepts what this one refuses, or the other way round, or names another kind. */
  | 'verdict'
  /** Both accept and give different values. */
  | 'value'
  /** Other chunks, other result (FRM-017). */
  | 'chunking'
  /** Encoding the decoded value gives other bytes (SER-025). */
  | 're-encode'
  /** More memory than the bytes justify (SEC-011, SER-027). */
  | 'memory'
  /** Decoding took too long, three times in a row. */
  | 'time';

export type Finding = {
  readonly oracle: OracleName;
  /** Equal for equal faults: findings with the same signature are reported once. */
  readonly signature: string;
  /** One sentence. */
  readonly message: string;
  readonly input: FuzzInput;
};
