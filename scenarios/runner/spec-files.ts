/**
 * Reads the chapters of the specification from the package and gives their clauses. The only file access to `spec/`.
 *
 * Parsing is spec/clauses.ts; this only knows where the files are.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, parseClauses } from '../../spec/clauses.ts';
import type { ChapterText, Clause } from '../../spec/clauses.ts';
import type { ClauseLevel, ClauseRow } from '../../reports/model.ts';
import { packageRoot } from '../cli/output.ts';

/** All chapters, in order of their file names. */
export function readChapters(root: string = packageRoot()): readonly ChapterText[] {
  const folder = join(root, 'spec', 'protocol');
  const files = readdirSync(folder).filter((file) => file.endsWith('.md'));
  files.sort();
  return files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}

/** The specification as the runner needs it. */
export type SpecIndex = {
  readonly clauses: readonly Clause[];
  readonly rows: readonly ClauseRow[];
  /** Hash of all clause texts. */
  readonly hash: string;
  has(id: string): boolean;
  /** The strongest level among those clauses; MUST when none is known, so that nothing is excused by a typo. */
  levelOf(ids: readonly string[]): ClauseLevel;
};

const STRENGTH: readonly ClauseLevel[] = ['MUST', 'SHOULD', 'MAY'];

/** Reads and indexes the specification. */
export function loadSpec(root?: string): SpecIndex {
  const clauses = parseClauses(readChapters(root));
  const byId = new Map(clauses.map((clause) => [clause.id, clause]));
  return {
    clauses,
    rows: clauses.map((clause) => ({
      id: clause.id,
      area: clause.area,
      level: clause.level,
      role: clause.role,
      text: clause.text,
      chapter: clause.chapter,
      testable: clause.testability.kind !== 'untestable',
    })),
    hash: hashOf(clauses.map((clause) => `${clause.id} ${clause.hash}`).join('\n')),
    has: (id) => byId.has(id),
    levelOf: (ids) => {
      const levels = ids.map((id) => byId.get(id)?.level);
      return STRENGTH.find((level) => levels.includes(level)) ?? 'MUST';
    },
  };
}
