/**
 * The quick look at an input: decodes it as the full examination does, but compares the subject only with itself.
 *
 * Most inputs lead where many have been before; for those this is enough. It tells what kind of outcome it was, so that the
 * caller can examine the rare ones in full, and whether anything at all was odd. Finds nothing by itself.
 */
import { bodyOf, messageByType } from '../../spec/grammar/index.ts';
import type { BodyInput, FuzzInput, SeenFrame, SeenFrameError, StreamInput, Subject } from './model.ts';
import { hasNaN, sameBytes } from './same-value.ts';

export type Probe = {
  /** Something is wrong, or may be: examine in full. */
  readonly isOdd: boolean;
  /** A body was refused, or the stream. */
  readonly isRefused: boolean;
  readonly decodes: number;
  /** A number over the outcome, for the digest of a run. */
  readonly outcome: number;
  /** Inputs with the same number took the same way through the parser, as far as can be seen from outside. */
  readonly kind: number;
  /** The same for the body: the first that was refused, or the last. */
  readonly bodyKind: number;
};

type Tally = { decodes: number; outcome: number; kind: number; bodyKind: number; isOdd: boolean; isRefused: boolean };

const mix = (hash: number, value: number): number => Math.imul(hash ^ value, 0x01000193);

/** Looks at one input; never throws, whatever the subject does. */
export function probe(input: FuzzInput, subject: Subject): Probe {
  const tally: Tally = { decodes: 0, outcome: 0x811c9dc5, kind: 0, bodyKind: 0, isOdd: false, isRefused: false };
  try {
    if (input.kind === 'stream') probeStream(input, subject, tally);
    else probeBody(input.target, input.bytes, subject, tally);
  } catch {
    tally.isOdd = true;
  }
  return tally;
}

function probeStream(input: StreamInput, subject: Subject, tally: Tally): void {
  const whole = passHash(input, subject, WHOLE, tally, true);
  const chunked = passHash(input, subject, input.chunkBytes, tally, false);
  if (whole !== chunked) tally.isOdd = true;
  tally.outcome = mix(tally.outcome, whole);
}

const WHOLE = [0x7fff_ffff] as const;

/** A number over all frames and the error of one pass. */
function passHash(
  input: StreamInput,
  subject: Subject,
  chunkBytes: readonly number[],
  tally: Tally,
  isFirst: boolean,
): number {
  const { bytes, limits, isFromServer } = input;
  const decoder = subject.decoder(limits);
  let hash = 0x811c9dc5;
  let frames = 0;
  const sink = (frame: SeenFrame): void => {
    frames += 1;
    hash = frameHash(hash, frame);
    if (isFirst) probeFrameBody(frame, isFromServer, subject, tally);
  };
  tally.decodes += 1;
  let error: SeenFrameError | undefined;
  let at = 0;
  for (let turn = 0; at < bytes.length && error === undefined; turn += 1) {
    const chunk = bytes.subarray(at, at + chunkBytes[turn % chunkBytes.length]!);
    error = decoder.push(chunk, sink);
    at += chunk.length;
    if (decoder.bufferedBytes > at) tally.isOdd = true;
  }
  error ??= decoder.end();
  if (isFirst) {
    const how = error === undefined ? 0 : error.value * 1024 + clauseNumber(error.clause);
    tally.kind = mix(mix(1, Math.min(frames, 2)), how);
    if (error !== undefined) tally.isRefused = true;
  }
  return error === undefined ? hash : mix(mix(hash, error.value), error.streamOffset);
}

function frameHash(hash: number, frame: SeenFrame): number {
  let result = mix(mix(mix(hash, frame.clientType), frame.messageType), frame.messageId);
  result = textHash(textHash(result, frame.sourceId()), frame.destId());
  const body = frame.body();
  for (const byte of body) result = mix(result, byte);
  return result;
}

function textHash(hash: number, text: string): number {
  let result = mix(hash, text.length);
  for (let index = 0; index < text.length; index += 1) result = mix(result, text.charCodeAt(index));
  return result;
}

function probeFrameBody(frame: SeenFrame, isFromServer: boolean, subject: Subject, tally: Tally): void {
  const expected = bodyOf(frame.messageType, isFromServer);
  if (expected === null || expected === undefined || messageByType(frame.messageType)?.reserved === true) return;
  const body = frame.body();
  if (body.length > 0) probeBody(expected.contract, body, subject, tally);
}

function probeBody(target: string, bytes: BodyInput['bytes'], subject: Subject, tally: Tally): void {
  tally.decodes += 1;
  const seen = subject.decodeBody(target, bytes);
  if (!seen.ok) {
    const { code, clause, offset } = seen.error;
    if (!tally.isRefused) tally.bodyKind = mix(textHash(textHash(2, target), code), clauseNumber(clause));
    tally.isRefused = true;
    tally.outcome = mix(tally.outcome, offset);
    return;
  }
  if (!tally.isRefused) tally.bodyKind = textHash(3, target);
  tally.outcome = mix(tally.outcome, bytes.length);
  if (bytes.length === 0) return;
  const again = subject.encodeBody(target, seen.value);
  if (!sameBytes(again, bytes) && !hasNaN(seen.value)) tally.isOdd = true;
}

/** The digits of a clause id. */
function clauseNumber(clause: string): number {
  return Number(clause.slice(-3)) | 0;
}
