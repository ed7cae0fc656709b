/** Makes the report of a session out of the store. Pure. */
import type { CampaignCaseRow, CampaignFailure, CampaignReport } from '../../reports/campaign-model.ts';
import { addCoverage } from '../../reports/coverage.ts';
import type { SpecIndex } from '../runner/spec-files.ts';
import type { CampaignCase } from './cases.ts';
import { knownFailures } from './known.ts';
import type { KnownFailure } from './known.ts';
import type { Session, Store } from './model.ts';
import { countSeeds, uniteSeeds } from './seeds.ts';
import type { SeedRanges } from './seeds.ts';
import type { SearchEnd } from './search.ts';

export type SummaryOptions = {
  readonly store: Store;
  readonly session: Session;
  readonly cases: ReadonlyMap<string, Pick<CampaignCase, 'scenario'>>;
  readonly spec: SpecIndex;
  /** What the search measured; absent when the report is made from the store. */
  readonly end?: SearchEnd;
  readonly problems: readonly string[];
};

/** The report of one session. */
export function reportOf({ store, session, cases, spec, end, problems }: SummaryOptions): CampaignReport {
  const failures = knownFailures(store).map((known) => failureRow(known, session, cases, spec));
  const rows = Object.values(session.cases);
  const isBlind = session.canaries.some((canary) => canary.end === 'blind');
  const hasFailed = failures.some(({ status, counts }) => status === 'open' && counts);
  const { version, commit, build, node, startedAt, command, workers, startSeed, elapsedMillis } = session;
  return {
    verdict: !session.complete ? 'incomplete' : isBlind ? 'blind' : hasFailed ? 'failures' : 'clean',
    ...{ command, version, commit, build, node, startedAt, session: session.id, workers, startSeed, elapsedMillis },
    shard: `${session.shard.index}/${session.shard.count}`,
    runs: rows.reduce((sum, { runs }) => sum + runs, 0),
    twice: rows.reduce((sum, { twice }) => sum + twice, 0),
    ...(end === undefined
      ? {}
      : {
          searchMillis: Math.round(end.elapsedMillis),
          busyPercent: Math.round((100 * end.busyMillis) / Math.max(1, end.elapsedMillis * workers)),
        }),
    cases: caseRows(store, session, cases, failures),
    coverage: addCoverage(rows.flatMap(({ coverage }) => coverage)),
    failures,
    canaries: session.canaries.map(({ mutant, end: came, runs, text }) => ({ mutant, end: came, runs, text })),
    store: storeFigures(store, build),
    problems,
  };
}

function failureRow(
  known: KnownFailure,
  session: Session,
  cases: SummaryOptions['cases'],
  spec: SpecIndex,
): CampaignFailure {
  const scenario = cases.get(known.case)?.scenario;
  const blamed = known.clause ?? scenario?.clauses[0];
  const clause = spec.rows.find(({ id }) => id === blamed);
  const { best } = known;
  return {
    signature: known.signature,
    case: known.case,
    title: scenario?.title ?? 'a case that is not here any more',
    kind: known.kind,
    status: known.status,
    counts: known.counts,
    ...(clause === undefined ? {} : { clause: { id: clause.id, level: clause.level, text: clause.text } }),
    message: best.message,
    count: known.count,
    countNow: session.failures[known.signature]?.count ?? 0,
    first: known.first,
    last: known.last,
    ...(known.status === 'fixed' && known.replayed !== undefined
      ? { fixedOn: `${known.replayed.commit} (build ${known.replayed.build})` }
      : {}),
    command: `npx esf run --case ${known.case} --target sim --seed ${best.seed} --runs 1`,
    ...(best.repro === undefined ? {} : { repro: best.repro }),
    shrinks: best.shrinks,
    steps: best.steps,
  };
}

function caseRows(
  store: Store,
  session: Session,
  cases: SummaryOptions['cases'],
  failures: readonly CampaignFailure[],
): readonly CampaignCaseRow[] {
  const ofBuild = [...store.values()].filter(({ build }) => build === session.build);
  return Object.entries(session.cases)
    .map(([id, { runs, twice, millis, seeds }]) => ({
      case: id,
      title: cases.get(id)?.scenario.title ?? '',
      runs,
      twice,
      millis: Math.round(millis),
      seeds: seeds.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(' '),
      runsOnBuild: ofBuild.reduce((sum, other) => sum + (other.cases[id]?.runs ?? 0), 0),
      open: failures.filter((failure) => failure.case === id && failure.status === 'open').length,
    }))
    .sort((a, b) => b.millis - a.millis);
}

function storeFigures(store: Store, build: string): CampaignReport['store'] {
  const sessions = [...store.values()];
  const runsOf = (each: Session): number => Object.values(each.cases).reduce((sum, { runs }) => sum + runs, 0);
  const ofBuild = sessions.filter((each) => each.build === build);
  return {
    sessions: sessions.length,
    builds: new Set(sessions.map((each) => each.build)).size,
    runs: sessions.reduce((sum, each) => sum + runsOf(each), 0),
    runsOnBuild: ofBuild.reduce((sum, each) => sum + runsOf(each), 0),
    seedsTwice: seedsTwice(sessions),
  };
}

/** Seeds that were run more than once on one build: what the sessions ran, less what is different. */
export function seedsTwice(sessions: readonly Session[]): number {
  const united = new Map<string, SeedRanges>();
  let all = 0;
  for (const { build, cases } of sessions) {
    for (const [id, { seeds }] of Object.entries(cases)) {
      const key = `${build} ${id}`;
      united.set(key, uniteSeeds(united.get(key) ?? [], seeds));
      all += countSeeds(seeds);
    }
  }
  return all - [...united.values()].reduce((sum, ranges) => sum + countSeeds(ranges), 0);
}
