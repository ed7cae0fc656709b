/**
 * Reads an expectations file: what an implementer says beforehand about cases that fail, flicker or are skipped.
 *
 * JSON, owned by the implementer: `{"known-failing":[{"case":"LOG-7Q2K","target":"loopback","message":"..."}],
 * "known-flaky":[{"case":"..","outcomes":["fail"],"until":"2026-01-31"}],"skip":[{"case":"..","reason":".."}]}`.
 * `target` may be absent (all targets). It only reads; judging is verdict.ts. Every error names the entry and the remedy.
 */
import type { Expectation, Outcome } from '../../reports/model.ts';

export type ExpectationEntry = { readonly case: string; readonly target?: string; readonly expectation: Expectation };

/** A file that cannot be used; `message` is one sentence. */
export class ExpectationsError extends Error {}

const KINDS = ['known-failing', 'known-flaky', 'skip'] as const;
const OUTCOMES: readonly Outcome[] = ['pass', 'fail', 'timeout', 'crash', 'declined', 'not-applicable'];
const FIELDS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  'known-failing': ['case', 'target', 'message', 'issue'],
  'known-flaky': ['case', 'target', 'outcomes', 'until', 'issue'],
  skip: ['case', 'target', 'reason', 'until', 'issue'],
};

/** @throws ExpectationsError when the text is not an expectations file. */
export function parseExpectations(text: string): readonly ExpectationEntry[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new ExpectationsError(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isRecord(root)) throw new ExpectationsError(`it must be an object with the keys ${KINDS.join(', ')}`);
  const entries: ExpectationEntry[] = [];
  const seen = new Set<string>();
  for (const [key, list] of Object.entries(root)) {
    const kind = KINDS.find((known) => known === key);
    if (kind === undefined) throw new ExpectationsError(`unknown key "${key}"; known are ${KINDS.join(', ')}`);
    if (!Array.isArray(list)) throw new ExpectationsError(`"${key}" must be a list`);
    list.forEach((raw: unknown, index) => {
      const entry = parseEntry(kind, raw, `${kind}[${index}]`);
      const name = `${entry.case} ${entry.target ?? '*'}`;
      if (seen.has(name))
        throw new ExpectationsError(`${kind}[${index}]: case ${entry.case} is listed twice; keep one entry`);
      seen.add(name);
      entries.push(entry);
    });
  }
  return entries;
}

function parseEntry(kind: (typeof KINDS)[number], raw: unknown, where: string): ExpectationEntry {
  if (!isRecord(raw)) throw new ExpectationsError(`${where} must be an object`);
  const unknown = Object.keys(raw).find((field) => !FIELDS[kind].includes(field));
  if (unknown !== undefined) {
    throw new ExpectationsError(`${where}: unknown field "${unknown}"; known are ${FIELDS[kind].join(', ')}`);
  }
  const name = text(raw, 'case', where);
  const target = optionalText(raw, 'target', where);
  return { case: name, ...(target === undefined ? {} : { target }), expectation: parseExpectation(kind, raw, where) };
}

function parseExpectation(kind: (typeof KINDS)[number], raw: Record<string, unknown>, where: string): Expectation {
  switch (kind) {
    case 'known-failing': {
      const message = optionalText(raw, 'message', where);
      return message === undefined ? { kind } : { kind, message };
    }
    case 'known-flaky':
      return { kind, outcomes: outcomes(raw, where), until: date(text(raw, 'until', where), where) };
    case 'skip': {
      const until = optionalText(raw, 'until', where);
      const reason = text(raw, 'reason', where);
      return until === undefined ? { kind, reason } : { kind, reason, until: date(until, where) };
    }
  }
}

function outcomes(raw: Record<string, unknown>, where: string): readonly Outcome[] {
  const list = raw.outcomes;
  if (!Array.isArray(list) || list.length === 0)
    throw new ExpectationsError(`${where}: "outcomes" must be a list of outcomes`);
  return list.map((item: unknown) => {
    const outcome = OUTCOMES.find((known) => known === item);
    if (outcome === undefined) {
      throw new ExpectationsError(
        `${where}: unknown outcome ${JSON.stringify(item)}; known are ${OUTCOMES.join(', ')}`,
      );
    }
    return outcome;
  });
}

function date(value: string, where: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(value)) {
    throw new ExpectationsError(`${where}: "until" must be a date such as 2026-01-31, not "${value}"`);
  }
  return value;
}

function text(raw: Record<string, unknown>, field: string, where: string): string {
  const value = raw[field];
  if (typeof value !== 'string' || value === '') throw new ExpectationsError(`${where}: "${field}" must be a text`);
  return value;
}

function optionalText(raw: Record<string, unknown>, field: string, where: string): string | undefined {
  return raw[field] === undefined ? undefined : text(raw, field, where);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NONE: Expectation = { kind: 'none' };

/** What is expected of a case on a target; an entry that names the target wins over one that does not. */
export function expectationFor(entries: readonly ExpectationEntry[], caseId: string, target: string): Expectation {
  const exact = entries.find((entry) => entry.case === caseId && entry.target === target);
  const general = entries.find((entry) => entry.case === caseId && entry.target === undefined);
  return (exact ?? general)?.expectation ?? NONE;
}

/** Entries that name no case of the suites, as sentences; stale for good, so the run refuses to start. */
export function unknownEntries(entries: readonly ExpectationEntry[], caseIds: ReadonlySet<string>): readonly string[] {
  return entries
    .filter((entry) => !caseIds.has(entry.case))
    .map((entry) => `${entry.expectation.kind}: there is no case ${entry.case}; remove the entry`);
}
