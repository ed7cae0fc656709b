/**
 * Decides what a run owes: which cases on which targets. Loads the suites it needs, and runs nothing.
 *
 * A wish that names something unknown is refused with what there is, because a typo must not look like a green run.
 */
import type { ClauseLevel, PlannedCase } from '../../reports/model.ts';
import type { AnyScenario, TargetName } from '../api.ts';
import { SUITES } from '../suites/index.ts';
import type { SuiteModule } from '../suites/index.ts';
import { shardOf } from './seeds.ts';

/** What to run; every absent field means everything. */
export type Selection = {
  readonly suites?: readonly string[];
  readonly cases?: readonly string[];
  readonly tags?: readonly Tag[];
  readonly targets: readonly TargetName[];
  /** Found in id, title or clauses, whatever its case. */
  readonly text?: string;
  readonly shard?: { readonly index: number; readonly count: number };
  /** Only these verdicts of an earlier run. */
  readonly only?: readonly { readonly case: string; readonly target: string }[];
};

/** One case on one target. */
export type PlannedUnit = {
  readonly scenario: AnyScenario;
  readonly area: string;
  readonly target: TargetName;
  readonly level: ClauseLevel;
};

/** A selection that cannot be met; `message` is one sentence that says what there is. */
export class SelectionError extends Error {}

export type LoadedScenario = { readonly area: string; readonly scenario: AnyScenario };

/** Loads suites by area (all when absent) and checks that no id is used twice. */
export async function loadScenarios(
  areas?: readonly string[],
  suites: Readonly<Record<string, () => Promise<SuiteModule>>> = SUITES,
): Promise<readonly LoadedScenario[]> {
  const known = Object.keys(suites);
  const unknown = areas?.find((area) => !known.includes(area));
  if (unknown !== undefined) throw new SelectionError(`there is no suite "${unknown}"; suites are ${known.join(', ')}`);
  const wanted = known.filter((area) => areas?.includes(area) ?? true);
  const modules = await Promise.all(wanted.map(async (area) => ({ area, module: await suites[area]!() })));
  const loaded = modules.flatMap(({ area, module }) => module.scenarios.map((scenario) => ({ area, scenario })));
  const seen = new Map<string, string>();
  for (const { area, scenario } of loaded) {
    const other = seen.get(scenario.id);
    if (other !== undefined)
      throw new SelectionError(`case ${scenario.id} stands in the suites ${other} and ${area}; ids are unique`);
    seen.set(scenario.id, area);
    if (scenario.clauses.length === 0)
      throw new SelectionError(`case ${scenario.id} cites no clause; every case cites at least one`);
  }
  return loaded;
}

/** The targets a scenario makes sense on. */
export function targetsOf(scenario: AnyScenario): readonly TargetName[] {
  if (scenario.targets !== undefined) return scenario.targets;
  return scenario.clients === 'reference' ? ['sim', 'loopback'] : ['sim', 'loopback', 'exec'];
}

/** Words that stand for a kind of cases. `parity`: the simulator and real sockets must give the same class of outcome. */
export const TAGS = ['parity'] as const;
export type Tag = (typeof TAGS)[number];

/** The tags of a case. */
export function tagsOf(scenario: AnyScenario): readonly Tag[] {
  const targets = targetsOf(scenario);
  const isOnBoth = targets.includes('sim') && targets.includes('loopback');
  return isOnBoth && scenario.noParity === undefined ? ['parity'] : [];
}

/** What `selection` means for the loaded scenarios, in order of suite, case, target. */
export function planRun(
  loaded: readonly LoadedScenario[],
  selection: Selection,
  levelOf: (clauses: readonly string[]) => ClauseLevel,
): readonly PlannedUnit[] {
  const ids = new Set(loaded.map(({ scenario }) => scenario.id));
  const missing = selection.cases?.find((id) => !ids.has(id));
  if (missing !== undefined) throw new SelectionError(missingCase(missing, [...ids]));
  const text = selection.text?.toLowerCase();
  const { shard, only } = selection;
  const units: PlannedUnit[] = [];
  for (const { area, scenario } of loaded) {
    if (selection.cases !== undefined && !selection.cases.includes(scenario.id)) continue;
    if (selection.tags?.every((tag) => tagsOf(scenario).includes(tag)) === false) continue;
    if (text !== undefined && !searchText(scenario).includes(text)) continue;
    if (shard !== undefined && shardOf(scenario.id, shard.count) !== shard.index) continue;
    for (const target of selection.targets) {
      if (!targetsOf(scenario).includes(target)) continue;
      if (only !== undefined && !only.some((each) => each.case === scenario.id && each.target === target)) continue;
      units.push({ scenario, area, target, level: levelOf(scenario.clauses) });
    }
  }
  return units;
}

function searchText(scenario: AnyScenario): string {
  return [scenario.id, scenario.title, ...scenario.clauses].join(' ').toLowerCase();
}

function missingCase(wanted: string, ids: readonly string[]): string {
  const near = ids.filter((id) => id.slice(0, 3).toLowerCase() === wanted.slice(0, 3).toLowerCase());
  const shown = (near.length > 0 ? near : ids).slice(0, 12).join(', ');
  return `there is no case "${wanted}" in these suites; ${near.length > 0 ? 'near ones are' : 'there are'} ${shown}`;
}

/** The line of the log's header. */
export function plannedRow(unit: PlannedUnit): PlannedCase {
  const { scenario, area, target, level } = unit;
  return {
    case: scenario.id,
    target,
    title: scenario.title,
    area,
    kind: scenario.kind,
    clauses: scenario.clauses,
    level,
  };
}
