/**
 * Runs one input through the subject and checks every promise that can be checked: the oracles.
 *
 * The independent decoder (`oracle-decoder.ts`) says what is right; the subject is compared with it frame by frame, once
 * with the whole stream and once in chunks. Gives the first broken promise. The clock is looked at by the caller.
 */
import { bodyOf, messageByType } from '../../spec/grammar/index.ts';
import { MessageInvalidType } from '../../spec/errors.ts';
import { headerBytes } from '../../spec/limits.ts';
import {
  bodyTarget,
  type BodyInput,
  type Finding,
  type FuzzInput,
  type OracleName,
  type SeenBody,
  type SeenFrame,
  type SeenFrameError,
  type StreamInput,
  type Subject,
} from './model.ts';
import { BODY_ERROR_CODES, FRAME_ERROR_CLAUSES } from './known-errors.ts';
import {
  oracleBody,
  oracleStream,
  oracleValue,
  type OracleMessage,
  type OracleStream,
  type OracleValue,
} from './oracle-decoder.ts';
import { excessGrowth } from './memory.ts';
import type { ExcessMeter } from './memory.ts';
import { hasNaN, sameBytes, sameValue, sizeOfValue } from './same-value.ts';

/** What one input led to. */
export type Examination = {
  readonly finding: Finding | undefined;
  /** How often the subject decoded a stream or a body. */
  readonly decodes: number;
  /** A number over the outcome; equal inputs and equal subjects give equal numbers. */
  readonly outcome: number;
};

/** Leaves an examination at the first broken promise. */
class Broken extends Error {
  readonly oracle: OracleName;
  readonly detail: string;
  constructor(oracle: OracleName, detail: string, message: string) {
    super(message);
    this.oracle = oracle;
    this.detail = detail;
  }
}

function broken(oracle: OracleName, detail: string, message: string): never {
  throw new Broken(oracle, detail, message);
}

/** Runs the subject's code; an exception from it is a finding. */
function guarded<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof Broken) throw thrown;
    const name = thrown instanceof Error ? thrown.constructor.name : typeof thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return broken('throws', `${what}:${name}`, `${what} threw ${name}: ${text}`);
  }
}

/** Counts while an input is examined, and how it is measured. */
type Tally = { decodes: number; outcome: number; readonly excessBytes: ExcessMeter };

function note(tally: Tally, value: number): void {
  tally.outcome = Math.imul(tally.outcome ^ value, 0x01000193);
}

/** Examines one input. @param excessBytes - How memory is measured: quickly, or exactly for a second look. */
export function examine(input: FuzzInput, subject: Subject, excessBytes: ExcessMeter = excessGrowth): Examination {
  const tally: Tally = { decodes: 0, outcome: 0x811c9dc5, excessBytes };
  try {
    if (input.kind === 'stream') examineStream(input, subject, tally);
    else examineBody(input, subject, tally);
    return { finding: undefined, decodes: tally.decodes, outcome: tally.outcome >>> 0 };
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown;
    const { oracle, detail, message } = thrown;
    const finding: Finding = { oracle, signature: `${oracle}:${detail}`, message, input };
    return { finding, decodes: tally.decodes, outcome: (tally.outcome ^ 0x5bd1e995) >>> 0 };
  }
}

function examineStream(input: StreamInput, subject: Subject, tally: Tally): void {
  const expected = oracleStream(input.bytes, input.limits);
  let whole: SeenFrameError | undefined;
  const excess = tally.excessBytes(input.bytes.length, () => {
    whole = pass(input, subject, expected, [input.bytes.length], tally, 'verdict');
  });
  if (excess > 0)
    broken('memory', 'allocated', `decoding ${input.bytes.length} bytes takes ${excess} bytes more than they justify`);
  const chunked = pass(input, subject, expected, input.chunkBytes, tally, 'chunking');
  if (whole === undefined || chunked === undefined) return;
  if (whole.kind !== chunked.kind || whole.streamOffset !== chunked.streamOffset || whole.clause !== chunked.clause) {
    const text = (error: SeenFrameError): string => `${error.kind} ${error.clause} at ${error.streamOffset}`;
    broken('chunking', 'error', `in one piece: ${text(whole)}; in chunks: ${text(chunked)}`);
  }
}

/** One pass over the stream. Differences from what is expected are reported under `blame`. */
function pass(
  input: StreamInput,
  subject: Subject,
  expected: OracleStream,
  chunkBytes: readonly number[],
  tally: Tally,
  blame: 'verdict' | 'chunking',
): SeenFrameError | undefined {
  const { bytes, limits } = input;
  const decoder = guarded('new decoder', () => subject.decoder(limits));
  let seen = 0;
  const sink = (frame: SeenFrame): void => {
    const message = expected.messages[seen];
    if (message === undefined)
      return broken(blame, 'extra-frame', `frame ${seen + 1} is shown where ${describeEnd(expected)} is right`);
    compareFrame(frame, message, blame);
    seen += 1;
    if (blame === 'verdict') examineFrame(frame, message, input, subject, tally);
  };
  tally.decodes += 1;
  let error: SeenFrameError | undefined;
  let at = 0;
  for (let turn = 0; at < bytes.length && error === undefined; turn += 1) {
    const size = Math.max(1, chunkBytes[turn % chunkBytes.length]!);
    const chunk = bytes.subarray(at, at + size);
    error = guarded('push', () => decoder.push(chunk, sink));
    at += chunk.length;
    checkMemory(decoder, limits.messageBytesMax, at);
  }
  error ??= guarded('end', () => decoder.end());
  if (error !== undefined) checkFrameError(error, bytes.length);
  if (seen < expected.messages.length) {
    const what = error === undefined ? 'the stream ended well' : `${error.kind} (${error.clause})`;
    broken(blame, 'lost-frame', `${seen} of ${expected.messages.length} messages are shown, then ${what}`);
  }
  const kind = expected.error?.kind ?? (expected.leftBytes > 0 ? 'DataLacked' : undefined);
  if (error?.kind !== kind) {
    broken(
      blame,
      `${kind ?? 'valid'}->${error?.kind ?? 'valid'}`,
      `the outcome is ${error?.kind ?? 'valid'}, ${describeEnd(expected)} is right`,
    );
  }
  note(tally, seen);
  note(tally, error === undefined ? 0 : error.value * 31 + error.streamOffset);
  return error;
}

function describeEnd(expected: OracleStream): string {
  if (expected.error !== undefined) return expected.error.kind;
  return expected.leftBytes > 0 ? 'DataLacked' : 'the end of the stream';
}

function compareFrame(frame: SeenFrame, message: OracleMessage, blame: 'verdict' | 'chunking'): void {
  const oracle = blame === 'chunking' ? 'chunking' : 'value';
  for (const field of ['clientType', 'messageType', 'messageId'] as const) {
    if (frame[field] !== message[field])
      broken(oracle, field, `${field} is ${frame[field]}, ${message[field]} is right`);
  }
  if (frame.sourceId() !== message.sourceId)
    broken(
      oracle,
      'sourceId',
      `sourceId is ${JSON.stringify(frame.sourceId())}, ${JSON.stringify(message.sourceId)} is right`,
    );
  if (frame.destId() !== message.destId)
    broken(oracle, 'destId', `destId is ${JSON.stringify(frame.destId())}, ${JSON.stringify(message.destId)} is right`);
  if (!sameBytes(frame.body(), message.body)) broken(oracle, 'body', 'the body has other bytes than were sent');
}

/** Header and body of a good frame: the body's value, and both encoded again. */
function examineFrame(
  frame: SeenFrame,
  message: OracleMessage,
  input: StreamInput,
  subject: Subject,
  tally: Tally,
): void {
  const { userIdBytesMax } = input.limits;
  const again = guarded('encodeFrame', () => subject.encodeFrame(frame, userIdBytesMax));
  compareEncodedFrame(again, message, userIdBytesMax);
  const expected = bodyOf(frame.messageType, input.isFromServer);
  if (expected === null || expected === undefined || messageByType(frame.messageType)?.reserved === true) return;
  const right = oracleBody(frame.messageType, input.isFromServer, message.body);
  const target = expected.contract;
  examineValue({ target, bytes: message.body }, right, expected.optional, subject, tally);
}

function compareEncodedFrame(again: Uint8Array, message: OracleMessage, userIdBytesMax: number): void {
  const header = headerBytes(userIdBytesMax);
  const fields = oracleStream(again, { userIdBytesMax, messageBytesMax: again.length }).messages[0];
  // FRM-031: where `_0` does not fit the server is the empty id; padding is written as zeros (FRM-015).
  if (again.length !== header + message.body.length || fields === undefined)
    return broken('re-encode', 'frame', 'encoding the decoded message gives no message of the same size');
  const { body, ...rest } = fields;
  const { body: sent, ...wanted } = message;
  if (!sameValue(rest, wanted) || !sameBytes(body, sent))
    broken('re-encode', 'frame', 'encoding the decoded message gives another message');
}

function examineBody(input: BodyInput, subject: Subject, tally: Tally): void {
  const { target, bytes } = input;
  const right: OracleValue =
    bytes.length === 0 ? { ok: true, value: null } : oracleValue(bodyTarget(target).type, bytes);
  examineValue(input, right, true, subject, tally);
}

/** Decodes one body and compares: verdict, value, size, and the bytes it encodes to. */
function examineValue(
  { target, bytes }: { readonly target: string; readonly bytes: Uint8Array },
  right: OracleValue,
  mayBeNull: boolean,
  subject: Subject,
  tally: Tally,
): void {
  tally.decodes += 1;
  let seen: SeenBody = REFUSED_NULL;
  const excess = tally.excessBytes(bytes.length, () => {
    seen = guarded(`decode ${target}`, () => subject.decodeBody(target, bytes));
  });
  if (excess > 0)
    broken(
      'memory',
      `allocated:${target}`,
      `decoding ${bytes.length} bytes of ${target} takes ${excess} bytes more than they justify`,
    );
  compareValue({ target, bytes }, seen, right, mayBeNull, subject, tally);
}

/** What a message gets that needs a body and has none. */
const REFUSED_NULL: SeenBody = { ok: false, error: { code: 'E_NULL', clause: 'FRM-028', offset: 0 } };

function compareValue(
  { target, bytes }: { readonly target: string; readonly bytes: Uint8Array },
  decoded: SeenBody,
  right: OracleValue,
  mayBeNull: boolean,
  subject: Subject,
  tally: Tally,
): void {
  let seen = decoded;
  if (!seen.ok) checkBodyError(seen, target, bytes.length);
  // FRM-028: where the message needs a body, null is none.
  if (seen.ok && seen.value === null && !mayBeNull) seen = REFUSED_NULL;
  note(tally, seen.ok ? bytes.length : seen.error.offset + seen.error.code.length * 4096);
  if (seen.ok !== right.ok) {
    const text = (ok: boolean): string => (ok ? 'accepted' : 'refused');
    broken(
      'verdict',
      `${target}:${text(seen.ok)}`,
      `a body ${target} is ${text(seen.ok)}, it should be ${text(right.ok)}`,
    );
  }
  if (!seen.ok || !right.ok) return;
  if (sizeOfValue(seen.value) > bytes.length + 1)
    broken('memory', `value:${target}`, `the decoded ${target} is larger than its ${bytes.length} bytes`);
  if (!sameValue(seen.value, right.value))
    broken('value', target, `the value of a body ${target} is not the one in its bytes`);
  checkReencoding(target, bytes, seen.value, subject);
}

/** SER-025 and its reverse: there is one encoding for each value; only the bits of NaN may change. */
function checkReencoding(target: string, bytes: Uint8Array, value: unknown, subject: Subject): void {
  if (bytes.length === 0) return;
  const again = guarded(`encode ${target}`, () => subject.encodeBody(target, value));
  if (sameBytes(again, bytes)) return;
  if (
    hasNaN(value) &&
    again.length === bytes.length &&
    sameValue(oracleValue(bodyTarget(target).type, again), { ok: true, value })
  )
    return;
  broken('re-encode', target, `encoding the decoded ${target} gives other bytes`);
}

function checkMemory(
  decoder: { readonly bufferedBytes: number; readonly heldBytes: number },
  messageBytesMax: number,
  fed: number,
): void {
  if (decoder.bufferedBytes > Math.min(fed, messageBytesMax))
    broken(
      'memory',
      'buffered',
      `${decoder.bufferedBytes} bytes are buffered after ${fed} were fed; the longest message has ${messageBytesMax}`,
    );
  // Room may be made ahead, but in proportion to what has arrived.
  if (decoder.heldBytes > Math.min(Math.max(4 * fed, 8_192), Math.max(messageBytesMax, 8_192)))
    broken('memory', 'held', `${decoder.heldBytes} bytes are held after ${fed} were fed`);
}

function checkFrameError(error: SeenFrameError, fed: number): void {
  const clauses = FRAME_ERROR_CLAUSES.get(error.kind);
  if (clauses === undefined)
    return broken('error-shape', `kind:${error.kind}`, `an error of the unknown kind ${error.kind}`);
  if (!clauses.includes(error.clause))
    broken(
      'error-shape',
      `clause:${error.kind}`,
      `${error.kind} names ${error.clause}, one of ${clauses.join(', ')} is right`,
    );
  if (error.value !== MessageInvalidType[error.kind as keyof typeof MessageInvalidType])
    broken('error-shape', `value:${error.kind}`, `${error.kind} has the number ${error.value}`);
  if (!(error.streamOffset >= 0 && error.streamOffset <= fed))
    broken('error-shape', `offset:${error.kind}`, `${error.kind} at offset ${error.streamOffset} of ${fed} bytes`);
  if (error.detail === '') broken('error-shape', `detail:${error.kind}`, `${error.kind} does not say what is wrong`);
}

function checkBodyError(seen: Extract<SeenBody, { ok: false }>, target: string, length: number): void {
  const { code, clause, offset } = seen.error;
  if (!BODY_ERROR_CODES.has(code))
    broken('error-shape', `code:${code}`, `an error of the unknown code ${code} for ${target}`);
  if (!/^(SER|FRM)-\d{3}$/.test(clause))
    broken('error-shape', `clause:${code}`, `${code} names ${JSON.stringify(clause)}, which is no clause`);
  if (!(offset >= 0 && offset <= length))
    broken('error-shape', `offset:${code}`, `${code} at offset ${offset} of ${length} bytes`);
}
