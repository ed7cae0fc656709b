/**
 * The test vectors as codec cases for adapters that declare `decode` or `encode` (chapter 20, section 8).
 *
 * A vector is one case. It is decoded when the adapter can, and encoded when it can and the vector is one that a sender
 * produces. No stage takes part.
 */
import { vectorsByFile } from '../../spec/vectors/generate.ts';
import type { Vector } from '../../spec/vectors/generate.ts';
import { MESSAGE_BYTES_MAX_DEFAULT, USER_ID_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import type { Adapter, Reply } from './exec-adapter.ts';
import { deepEqual, show } from './describe.ts';
import { CheckFailed, Declined } from './failures.ts';
import { AdapterFault } from './failures.ts';
import { shippedAdapterSchema } from './exec-schema.ts';
import { toRunError } from './exec-client.ts';

export type VectorCase = {
  /** `vector:FILE/ID`, stable as long as the vector is. */
  readonly id: string;
  readonly title: string;
  readonly clause: string;
  readonly vector: Vector;
};

/** Whether a case id is a vector's. */
export function isVectorId(id: string): boolean {
  return id.startsWith('vector:');
}

/** All vectors as cases, in the order of the files. */
export function vectorCases(): readonly VectorCase[] {
  return [...vectorsByFile()].flatMap(([file, vectors]) =>
    vectors.map((vector) => ({
      id: `vector:${file.replace(/\.json$/, '')}/${vector.id}`,
      title: vector.comment,
      clause: vector.clause,
      vector,
    })),
  );
}

/** Hex with its groups `(a5)*1000` written out. */
function writtenOut(hex: string): string {
  return hex.replace(/\(([0-9a-f]*)\)\*(\d+)/g, (_all, group: string, times: string) => group.repeat(Number(times)));
}

/** Groups of repeated bytes occur inside values as well. */
function valueWrittenOut(value: unknown): unknown {
  if (typeof value === 'string') return /^(?:[0-9a-f]|\([0-9a-f]*\)\*\d+)+$/.test(value) ? writtenOut(value) : value;
  if (Array.isArray(value)) return value.map(valueWrittenOut);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, valueWrittenOut(member)]));
}

/** Runs one; throws as a scenario does. */
export async function runVectorCase(
  adapter: Pick<Adapter, 'ask' | 'hello' | 'stderrTail'>,
  { vector, clause }: VectorCase,
): Promise<void> {
  const { features } = adapter.hello;
  const hex = writtenOut(vector.hex);
  if (features.includes('decode')) {
    const reply = await ask(adapter, 'decode', { ...subjectOf(vector), hex });
    if (vector.kind === 'stream') judgeStream(vector, clause, reply);
    else judgeBody(vector, clause, reply);
  }
  if (features.includes('encode') && vector.kind === 'body' && vector.result === 'valid') {
    const reply = await ask(adapter, 'encode', { ...subjectOf(vector), value: valueWrittenOut(vector.decoded) });
    const actual = reply.kind === 'ok' ? reply.value.hex : reply;
    if (actual !== hex)
      throw new CheckFailed('the value is encoded to other bytes', {
        clause,
        expected: show(hex),
        actual: show(actual),
      });
  }
}

/** The member of a request that says what the bytes are. */
function subjectOf(vector: Vector): Readonly<Record<string, unknown>> {
  if (vector.kind === 'body')
    return vector.contract === undefined ? { type: vector.type } : { contract: vector.contract };
  const { userIdBytesMax = USER_ID_BYTES_MAX_DEFAULT, messageBytesMax = MESSAGE_BYTES_MAX_DEFAULT } = vector;
  return { stream: { userIdBytesMax, messageBytesMax } };
}

/** @throws Declined, AdapterFault and their like; gives `ok` and `failed`. */
async function ask(
  adapter: Pick<Adapter, 'ask' | 'hello' | 'stderrTail'>,
  verb: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Extract<Reply, { kind: 'ok' | 'failed' }>> {
  const reply = await adapter.ask(verb, args).catch((error: unknown) => {
    throw toRunError(error);
  });
  if (reply.kind === 'unsupported') throw new Declined(`${verb}: ${reply.reason}`);
  if (reply.kind === 'fault')
    throw new AdapterFault(`${verb} was answered with a fault: ${reply.message}`, adapter.stderrTail());
  return reply;
}

function judgeBody(vector: Vector, clause: string, reply: Extract<Reply, { kind: 'ok' | 'failed' }>): void {
  if (vector.result === 'invalid') {
    if (reply.kind === 'failed') return;
    throw new CheckFailed('bytes that are no valid encoding are accepted', {
      clause,
      expected: `failed (${String(vector.error?.code)} at offset ${String(vector.error?.offset)})`,
      actual: show(reply.value.value),
    });
  }
  if (reply.kind === 'failed') {
    if (vector.result === 'acceptable') return;
    throw new CheckFailed('a valid encoding is refused', {
      clause,
      expected: show(vector.decoded),
      actual: `${reply.code}: ${reply.message}`,
    });
  }
  const expected = valueWrittenOut(vector.decoded);
  if (deepEqual(reply.value.value, expected)) return;
  throw new CheckFailed('the bytes are decoded to another value', {
    clause,
    expected: show(expected),
    actual: show(reply.value.value),
  });
}

const MESSAGE_MEMBERS = ['clientType', 'messageType', 'messageId', 'sourceId', 'destId', 'body'] as const;

function judgeStream(vector: Vector, clause: string, reply: Extract<Reply, { kind: 'ok' | 'failed' }>): void {
  if (reply.kind === 'failed')
    throw new AdapterFault(`a stream is never refused as a whole, but: ${reply.code} ${reply.message}`);
  const problem = shippedAdapterSchema().problem('stream', reply.value.value);
  if (problem !== undefined) throw new AdapterFault(`the value of a decoded stream is malformed: ${problem}`);
  const actual = reply.value.value as {
    readonly messages: readonly Record<string, unknown>[];
    readonly invalid: string | null;
  };
  const wanted = (vector.decoded as readonly Record<string, unknown>[]).map((message) =>
    Object.fromEntries(
      MESSAGE_MEMBERS.map((name) => [name, name === 'body' ? valueWrittenOut(message[name]) : message[name]]),
    ),
  );
  const expected = { messages: wanted, invalid: vector.error?.kind ?? null };
  // A receiver may be stricter than it has to with what no sender produces.
  if (vector.result === 'acceptable' && actual.invalid !== null) return;
  const seen = { messages: actual.messages.map((message) => pick(message)), invalid: actual.invalid };
  if (deepEqual(seen, expected)) return;
  throw new CheckFailed('the stream is read otherwise', { clause, expected: show(expected), actual: show(seen) });
}

function pick(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(MESSAGE_MEMBERS.map((name) => [name, message[name]]));
}
