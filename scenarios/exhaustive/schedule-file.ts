/**
 * The file that repeats one schedule: the model or case, the seed, the limits, and every choice. `parseSchedule` refuses what
 * it does not understand and says what to do.
 */
import { FAULT_KINDS } from './arena.ts';
import type { ScheduleLimits } from './arena.ts';

const SCHEDULE_SCHEMA = 1;

/** One stored schedule. */
export type StoredSchedule = {
  readonly schema: typeof SCHEDULE_SCHEMA;
  readonly version: string;
  readonly kind: 'model' | 'case';
  readonly name: string;
  readonly seed: number;
  readonly limits: ScheduleLimits;
  readonly choices: readonly number[];
  /** What came of it when it was stored. */
  readonly found: { readonly message: string; readonly digest: string };
};

/** A file that cannot be used; `message` is one sentence. */
export class ScheduleFileError extends Error {}

/** Fills in what all files share. */
export function storedSchedule(schedule: Omit<StoredSchedule, 'schema'>): StoredSchedule {
  return { schema: SCHEDULE_SCHEMA, ...schedule };
}

type Check = readonly [field: string, isGood: (value: unknown) => boolean, wanted: string];

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const CHECKS: readonly Check[] = [
  ['version', isText, 'the version of the tool, as text'],
  ['kind', (value) => value === 'model' || value === 'case', '"model" or "case"'],
  ['name', isText, 'a model (`esf explore --list`) or the id of a case'],
  ['seed', isCount, 'a whole number from 0'],
  ['limits', isLimits, 'the limits that the file was written with'],
  ['choices', (value) => Array.isArray(value) && value.every(isCount), 'a list of whole numbers from 0'],
  ['found', (value) => isRecord(value) && isText(value.message) && isText(value.digest), 'a message and a digest'],
];

/** @throws ScheduleFileError naming the field, its value, and what it must be. */
export function parseSchedule(text: string): StoredSchedule {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new ScheduleFileError(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isRecord(root) || root.schema !== SCHEDULE_SCHEMA || !('limits' in root)) {
    throw new ScheduleFileError(
      'it is no stored schedule; `esf explore` writes them, and `esf run --repro` reads others',
    );
  }
  for (const [field, isGood, wanted] of CHECKS) {
    if (isGood(root[field])) continue;
    throw new ScheduleFileError(
      `"${field}" is ${field in root ? JSON.stringify(root[field]) : 'absent'}; it must be ${wanted}`,
    );
  }
  return root as StoredSchedule;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLimits(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const counts = ['skipPackets', 'packetsMax', 'faultsMax', 'settleMicros', 'lateMicros'];
  const { faults, order } = value;
  const areFaults = Array.isArray(faults) && faults.every((each) => FAULT_KINDS.some((kind) => kind === each));
  return counts.every((name) => isCount(value[name])) && areFaults && (order === 'any' || order === 'fifo');
}
