/**
 * The file that repeats one run: the choices of its plan and the seed of its world, not only the seed they came from.
 *
 * Choices outlive what draws them: a file still repeats the same run after the case draws its plans in another way, as long
 * as its body understands them. It is JSON; `parseRepro` refuses what it does not understand and says what to do.
 * `esf run` writes one for each failure, `esf run --repro FILE` runs one, the tests replay those in `test/regressions`.
 */
import { OUTCOMES } from '../../reports/law.ts';
import type { CaseVerdict, Outcome } from '../../reports/model.ts';
import { ChoicesError, decodeChoices } from './choices.ts';
import type { Encoded } from './choices.ts';

const REPRO_SCHEMA = 1;

/** One stored run. */
export type Repro = {
  readonly schema: typeof REPRO_SCHEMA;
  /** Of the tool that wrote it. */
  readonly version: string;
  readonly case: string;
  readonly target: 'sim' | 'loopback';
  /** Seed of the world, an integer from 0 to 2^31 - 1. */
  readonly worldSeed: number;
  /** The plan of a property; absent for a case without plan. */
  readonly choices?: Encoded;
  /** What happened when it was stored. */
  readonly found: {
    readonly outcome: Outcome;
    readonly clause?: string;
    readonly message?: string;
    /** Of the trace of this one run. */
    readonly digest?: string;
    /** The way there: the digest after every so many events. */
    readonly checkpoints?: { readonly everyRecords: number; readonly digests: readonly string[] };
  };
  /** What must happen from now on; absent in a file that was just found. */
  readonly expected?: { readonly outcome: Outcome; readonly digest?: string };
  /** For people: what was wrong, and where it was mended. */
  readonly note?: string;
};

/** A file that cannot be used; `message` is one sentence. */
export class ReproError extends Error {}

const FIELDS = ['schema', 'version', 'case', 'target', 'worldSeed', 'choices', 'found', 'expected', 'note'];
const SEED_MAX = 0x7fff_ffff;

/** The repro of a failed verdict; undefined when the failure came with no world to repeat, as on a foreign client. */
export function reproOf(verdict: CaseVerdict, version: string): Repro | undefined {
  const { failure, target } = verdict;
  if (failure?.worldSeed === undefined || (target !== 'sim' && target !== 'loopback')) return undefined;
  const { choices, clause, message, worldDigest, worldCheckpoints } = failure;
  return {
    schema: REPRO_SCHEMA,
    version,
    case: verdict.case,
    target,
    worldSeed: failure.worldSeed,
    ...(choices === undefined ? {} : { choices: choices as Encoded }),
    found: {
      outcome: verdict.outcome,
      ...(clause === undefined ? {} : { clause }),
      message,
      ...(worldDigest === undefined ? {} : { digest: worldDigest }),
      ...(worldCheckpoints === undefined ? {} : { checkpoints: worldCheckpoints }),
    },
  };
}

/** @throws ReproError naming the field, its value, and what it must be. */
export function parseRepro(text: string): Repro {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new ReproError(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isRecord(root)) throw new ReproError('it must be one JSON object, as `esf run` writes for a failure');
  if (root.schema !== REPRO_SCHEMA) {
    throw new ReproError(
      `its schema is ${show(root.schema)}, and this tool reads ${REPRO_SCHEMA}; use the version that wrote it (${show(root.version)})`,
    );
  }
  const unknown = Object.keys(root).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) throw new ReproError(`unknown field "${unknown}"; known are ${FIELDS.join(', ')}`);
  need(root, 'version', isText, 'the version of the tool, as text');
  need(root, 'case', isText, 'the id of a case; `esf list` shows all');
  need(root, 'target', (value) => value === 'sim' || value === 'loopback', '"sim" or "loopback"');
  need(root, 'worldSeed', isSeed, `an integer from 0 to ${SEED_MAX}`);
  need(root, 'found', isFound, `an object with an outcome, one of ${OUTCOMES.join(', ')}`);
  const isAbsentOr = (value: unknown): boolean => value === undefined || isOutcomeRecord(value);
  need(root, 'expected', isAbsentOr, `absent, or an object with an outcome, one of ${OUTCOMES.join(', ')}`);
  need(root, 'note', (value) => value === undefined || typeof value === 'string', 'absent, or text');
  checkChoices(root.choices as Encoded | undefined);
  return root as Repro;
}

function checkChoices(choices: Encoded | undefined): void {
  try {
    if (choices !== undefined) decodeChoices(choices);
  } catch (error) {
    if (error instanceof ChoicesError) throw new ReproError(error.message);
    throw error;
  }
}

function need(
  root: Readonly<Record<string, unknown>>,
  field: string,
  holds: (value: unknown) => boolean,
  wanted: string,
): void {
  if (!holds(root[field])) throw new ReproError(`"${field}" is ${show(root[field])}; it must be ${wanted}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isSeed(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= SEED_MAX;
}

function isOutcomeRecord(value: unknown): boolean {
  return isRecord(value) && OUTCOMES.includes(value.outcome as Outcome);
}

/** An outcome, and a hash chain that can be compared, if any. */
function isFound(value: unknown): boolean {
  if (!isOutcomeRecord(value)) return false;
  const { checkpoints } = value as { readonly checkpoints?: unknown };
  if (checkpoints === undefined) return true;
  if (!isRecord(checkpoints)) return false;
  const { everyRecords, digests } = checkpoints;
  const isEvery = Number.isInteger(everyRecords) && Number.isInteger(Math.log2(everyRecords as number));
  return isEvery && Array.isArray(digests) && digests.every((digest) => /^[0-9a-f]{16}$/.test(String(digest)));
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

/** How a verdict compares with what its file says, in one sentence for people. */
export function compareWithRepro({ found }: Repro, verdict: CaseVerdict): string {
  const digest = verdict.failure?.worldDigest;
  const stored = `${found.outcome}${found.message === undefined ? '' : `, "${found.message}"`}`;
  if (verdict.outcome === 'pass') return `it passes now; when it was stored: ${stored}`;
  const isSame = verdict.outcome === found.outcome && verdict.failure?.message === found.message;
  if (!isSame) return `it fails otherwise than when it was stored, which was: ${stored}`;
  if (found.digest === undefined || digest === undefined) return 'it fails as when it was stored';
  return digest === found.digest
    ? 'it fails as when it was stored, event by event'
    : 'it fails as when it was stored, by other events: engine or simulator have changed since';
}
