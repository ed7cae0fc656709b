/**
 * What makes two failures one: case, kind, clause, and the message without what differs from run to run. Pure.
 *
 * Numbers, addresses, hexadecimal runs and lists of such are replaced by signs. Two causes with one message in one case count
 * as one failure, and one cause that two cases notice counts as two: nothing here knows causes.
 */
import { createHash } from 'node:crypto';
import type { Failure, Outcome } from '../../reports/model.ts';
import { DIVERGED } from '../runner/twice.ts';

/** What kind of failure a run ended with. */
export type FailureKind = 'fail' | 'timeout' | 'crash' | 'nondeterminism' | 'harness-fault';

/** What is replaced by what, in this order. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/\[?\b(?:[0-9a-f]{1,4}:){2,}[0-9a-f:]*[0-9a-f](?:\]:\d+)?/gi, '<address>'],
  [/\b(?=[0-9a-f]*\d)(?:0x)?[0-9a-f]{8,}\b/gi, '#'],
  [/-?\d+(?:[.,]\d+)*/g, '#'],
  [/#(?:[,;]? #)+/g, '#'],
  [/\s+/g, ' '],
];

/** The kind of an outcome; undefined when it is no failure. */
export function failureKind(outcome: Outcome, message = ''): FailureKind | undefined {
  if (outcome === 'fail' || outcome === 'timeout' || outcome === 'crash') return outcome;
  if (outcome !== 'harness-fault' && outcome !== 'adapter-fault') return undefined;
  return message.startsWith(DIVERGED) ? 'nondeterminism' : 'harness-fault';
}

/** The message with signs in place of what differs from run to run. */
export function normalise(message: string): string {
  return VARIABLE.reduce((text, [what, sign]) => text.replace(what, sign), message).trim();
}

/** `F` and nine hexadecimal digits; undefined when the outcome is no failure. */
export function signatureOf(
  caseId: string,
  outcome: Outcome,
  failure: Pick<Failure, 'message' | 'clause'> | undefined,
): string | undefined {
  const message = failure?.message ?? '';
  const kind = failureKind(outcome, message);
  if (kind === undefined) return undefined;
  // Where two runs part differs from run to run; that they do is the failure.
  const said = kind === 'nondeterminism' ? DIVERGED : normalise(message);
  const text = [caseId, kind, failure?.clause ?? '', said].join('\n');
  return `F${createHash('sha256').update(text).digest('hex').slice(0, 9)}`;
}
