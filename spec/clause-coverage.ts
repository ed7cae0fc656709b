/**
 * What the clauses cover and what covers them: inventory rows, decisions, scenarios, mutants.
 *
 * Pure functions over text and lists; nothing is opened or run. Drive it with the parse functions for `inventory.tsv`,
 * `decisions.md` and `not-applicable.md`, then `lintInventory`, `lintDecisions`, `lintScenarios` and `clauseCounts`.
 */
import { areas } from './clauses.ts';
import type { Area, ChapterText, Clause, Finding, Level } from './clauses.ts';

/** Areas of the inventory whose every row has to be accounted for in this edition. */
const inventoryAreas = [
  'HDR',
  'SER',
  'LIM',
  'BAS',
  'HBT',
  'REL',
  'ACK',
  'SEC',
  'BLB',
  'MSG',
  'USR',
  'ENG',
  'CON',
  'HDL',
  'CLU',
  'FIL',
  'P2P',
  'PSV',
] as const;

export type InventoryRow = { readonly id: string; readonly level: string; readonly statement: string };

/** A list of rows or clauses that a line of a document names. */
export type Mention = { readonly file: string; readonly line: number; readonly ids: readonly string[] };

export type Decision = { readonly id: string; readonly clauses: Mention; readonly rows: Mention };

/** A scenario and the clauses it says it proves. */
export type ScenarioCitation = { readonly scenarioId: string; readonly clauses: readonly string[] };

/** A fault planted in the engine: the clauses it breaks, and the scenarios that noticed. */
export type MutantOutcome = {
  readonly mutantId: string;
  readonly clauses: readonly string[];
  readonly killedBy: readonly string[];
};

/** Rows of a tab-separated file with the columns id, level, statement and one heading line. */
export function parseInventory(tsv: string): readonly InventoryRow[] {
  return tsv
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', level = '', statement = ''] = line.split('\t');
      return { id, level, statement };
    });
}

/** Every `- ROWS: reason` line; ROWS is a list of `ABC-001` and `ABC-001..ABC-009`. */
export function parseNotApplicable({ file, text }: ChapterText): readonly Mention[] {
  return text.split('\n').flatMap((line, index) => {
    const match = /^- ([A-Z0-9]{3}-\d{3}[^:]*):/.exec(line);
    return match === null ? [] : [{ file, line: index + 1, ids: expandRanges(match[1]!) }];
  });
}

/** Every `### D-nnn title` with its `- Clauses:` and `- Rows:` lines. */
export function parseDecisions({ file, text }: ChapterText): readonly Decision[] {
  const lines = text.split('\n').map((content, index) => ({ content, line: index + 1 }));
  const starts = lines.filter(({ content }) => /^### D-\d{3} /.test(content));
  return starts.map((start, index) => {
    const part = lines.slice(start.line, (starts[index + 1]?.line ?? lines.length + 1) - 1);
    const mention = (key: string): Mention => {
      const found = part.find(({ content }) => content.startsWith(`- ${key}: `));
      return { file, line: found?.line ?? start.line, ids: expandRanges(found?.content.slice(key.length + 4) ?? '') };
    };
    return { id: start.content.slice(4, 9), clauses: mention('Clauses'), rows: mention('Rows') };
  });
}

function expandRanges(text: string): readonly string[] {
  return [...text.matchAll(/([A-Z0-9]{3})-(\d{3})(?:\.\.\1-(\d{3}))?/g)].flatMap((match) => {
    const first = Number(match[2]);
    const last = Number(match[3] ?? match[2]);
    return Array.from(
      { length: last - first + 1 },
      (_, step) => `${match[1]!}-${String(first + step).padStart(3, '0')}`,
    );
  });
}

export type InventoryInput = {
  readonly clauses: readonly Clause[];
  readonly inventory: readonly InventoryRow[];
  readonly decisions: readonly Decision[];
  readonly notApplicable: readonly Mention[];
  /** Where findings about the inventory itself are reported. */
  readonly inventoryFile: string;
};

/** Rows that do not exist, rows of `inventoryAreas` nobody accounts for, and rows both covered and not applicable. */
export function lintInventory(input: InventoryInput): readonly Finding[] {
  const known = new Set(input.inventory.map((row) => row.id));
  const covering: readonly Mention[] = [
    ...input.clauses.map((clause) => ({ file: clause.chapter, line: clause.line, ids: clause.inventory })),
    ...input.decisions.map((decision) => decision.rows),
  ];
  const covered = new Set(covering.flatMap((mention) => mention.ids));
  const excused = new Set(input.notApplicable.flatMap((mention) => mention.ids));
  const unknown = [...covering, ...input.notApplicable].flatMap(({ file, line, ids }) =>
    ids.filter((id) => !known.has(id)).map((id) => ({ file, line, message: `inventory row ${id} does not exist` })),
  );
  const both = input.notApplicable.flatMap(({ file, line, ids }) =>
    ids
      .filter((id) => covered.has(id))
      .map((id) => ({ file, line, message: `row ${id} is covered and not applicable` })),
  );
  const missing = input.inventory.flatMap(({ id, statement }, index) =>
    (inventoryAreas as readonly string[]).includes(id.slice(0, 3)) && !covered.has(id) && !excused.has(id)
      ? [{ file: input.inventoryFile, line: index + 2, message: `row ${id} is not accounted for: ${statement}` }]
      : [],
  );
  return [...unknown, ...both, ...missing];
}

/** Decisions with an id used twice or a clause that does not exist, and clauses of our own making without a decision. */
export function lintDecisions(clauses: readonly Clause[], decisions: readonly Decision[]): readonly Finding[] {
  const known = new Set(clauses.map((clause) => clause.id));
  const decided = new Set(decisions.flatMap((decision) => decision.clauses.ids));
  const ids = decisions.map((decision) => decision.id);
  const twice = decisions.flatMap(({ id, clauses: { file, line } }, index) =>
    ids.indexOf(id) < index ? [{ file, line, message: `decision ${id} stands twice` }] : [],
  );
  const unknown = decisions.flatMap(({ id, clauses: { file, line, ids: cited } }) =>
    cited
      .filter((clause) => !known.has(clause))
      .map((clause) => ({ file, line, message: `${id} names unknown clause ${clause}` })),
  );
  const groundless = clauses
    .filter((clause) => clause.source === 'ours' && !decided.has(clause.id))
    .map((clause) => ({
      file: clause.chapter,
      line: clause.line,
      message: `${clause.id} is ours and no decision gives the reason`,
    }));
  return [...twice, ...unknown, ...groundless];
}

/** Scenarios that cite a clause that does not exist or cite none, and testable MUST clauses that no scenario cites. */
export function lintScenarios(clauses: readonly Clause[], scenarios: readonly ScenarioCitation[]): readonly Finding[] {
  const known = new Set(clauses.map((clause) => clause.id));
  const cited = new Set(scenarios.flatMap((scenario) => scenario.clauses));
  const wrong = scenarios.flatMap(({ scenarioId, clauses: ids }) => {
    const messages = ids.filter((id) => !known.has(id)).map((id) => `cites unknown clause ${id}`);
    if (ids.length === 0) messages.push('cites no clause');
    return messages.map((message) => ({ file: scenarioId, line: 1, message: `scenario ${scenarioId} ${message}` }));
  });
  const uncited = clauses
    .filter(({ id, level, testability }) => level === 'MUST' && testability.kind === 'test' && !cited.has(id))
    .map(({ id, chapter, line }) => ({ file: chapter, line, message: `${id} is a MUST that no scenario cites` }));
  return [...wrong, ...uncited];
}

/** `covered`: some scenario cites it. `proved`: a mutant that breaks it was killed by a scenario that cites it. */
export type Count = { readonly total: number; readonly covered: number; readonly proved: number };
export type CountByLevel = { readonly must: Count; readonly should: Count; readonly may: Count };
export type ClauseCounts = CountByLevel & {
  readonly areas: readonly (CountByLevel & { readonly area: Area; readonly title: string })[];
};

export type Coverage = { readonly scenarios: readonly ScenarioCitation[]; readonly mutants: readonly MutantOutcome[] };

/** Counts by level, over all areas and for each. */
export function clauseCounts(clauses: readonly Clause[], coverage: Coverage): ClauseCounts {
  const citedBy = new Map(coverage.scenarios.map(({ scenarioId, clauses: ids }) => [scenarioId, new Set(ids)]));
  const covered = new Set(coverage.scenarios.flatMap((scenario) => scenario.clauses));
  const proved = new Set(
    coverage.mutants.flatMap(({ clauses: broken, killedBy }) =>
      broken.filter((id) => killedBy.some((scenarioId) => citedBy.get(scenarioId)?.has(id))),
    ),
  );
  const count = (level: Level, area?: string): Count => {
    const chosen = clauses.filter((clause) => clause.level === level && (area === undefined || clause.area === area));
    return {
      total: chosen.length,
      covered: chosen.filter(({ id }) => covered.has(id)).length,
      proved: chosen.filter(({ id }) => proved.has(id)).length,
    };
  };
  const byLevel = (area?: string): CountByLevel => ({
    must: count('MUST', area),
    should: count('SHOULD', area),
    may: count('MAY', area),
  });
  return {
    ...byLevel(),
    areas: (Object.keys(areas) as Area[]).map((area) => ({ area, title: areas[area], ...byLevel(area) })),
  };
}
