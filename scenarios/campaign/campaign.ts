/**
 * One campaign: replays what failed before, sends the canary, searches, and keeps everything in the store.
 *
 * It prints nothing and sets no exit code; `cli/campaign.ts` does. `new Campaign(options).run()` once; `stop` ends it early.
 */
import { randomBytes } from 'node:crypto';
import type { Mutant } from '../mutants/mutant.ts';
import type { MutantOutcome } from '../../spec/clause-coverage.ts';
import { runCanary } from './canary.ts';
import type { CampaignCase } from './cases.ts';
import { knownFailures } from './known.ts';
import type { KnownFailure } from './known.ts';
import type { CanaryResult, Replay, Revision, SessionFailure, SessionHead, Store } from './model.ts';
import { dueReplays, replayAll } from './replays.ts';
import { Schedule, weightOf } from './schedule.ts';
import { Search } from './search.ts';
import type { SearchEnd, SearchOptions } from './search.ts';
import { uniteSeeds } from './seeds.ts';
import type { SeedRanges, SeedShard } from './seeds.ts';
import type { NewEvent, OpenStore } from './store-file.ts';

export type CampaignOptions = Pick<SearchOptions, 'workers' | 'budget' | 'twicePercent' | 'runMillisMax' | 'strict'> & {
  readonly open: OpenStore;
  readonly cases: ReadonlyMap<string, CampaignCase>;
  /** Absent: no canary. */
  readonly canary?: {
    readonly root: string;
    readonly mutants: readonly Mutant[];
    readonly proved: readonly MutantOutcome[];
    /** Real seconds from one to the next. */
    readonly everySecs: number;
  };
  readonly hooks: CampaignHooks;
  /** The workers' file; for tests. */
  readonly entry?: URL;
};

/** What a campaign tells while it runs. */
export type CampaignHooks = {
  /** A failure that this campaign had not seen yet; `known` is what the store knew of it before. */
  readonly onFailure?: (failure: SessionFailure, known: KnownFailure | undefined) => void;
  readonly onReplay?: (replay: Replay, known: KnownFailure) => void;
  readonly onCanary?: (result: CanaryResult) => void;
  readonly onRun?: () => void;
  /** What it is doing, in a few words. */
  readonly onPhase?: (phase: string) => void;
  readonly remark?: (text: string) => void;
};

export type CampaignEnd = SearchEnd & {
  /** False when it was stopped. */
  readonly complete: boolean;
  readonly isBlind: boolean;
};

/** The head of a new session. */
export function sessionHead(
  revision: Revision,
  rest: { version: string; command: string; workers: number; startSeed: number; shard: SeedShard },
): SessionHead {
  const id = randomBytes(6).toString('hex');
  return { id, ...revision, startedAt: new Date().toISOString(), node: process.version, ...rest };
}

/** One campaign. */
export class Campaign {
  readonly #options: CampaignOptions;
  readonly #before: ReadonlyMap<string, KnownFailure>;
  #search: Search | undefined;
  #stopped = false;
  #isBlind = false;
  #canaries = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#before = new Map(knownFailures(options.open.store).map((failure) => [failure.signature, failure]));
  }

  /** Runs it; resolves when the budget is used up, or soon after `stop`. */
  async run(): Promise<CampaignEnd> {
    const { canary, hooks, open } = this.#options;
    await this.#replay();
    if (canary !== undefined && !this.#stopped) await this.#sendCanary();
    const everyMillis = (canary?.everySecs ?? 0) * 1_000;
    let flying: Promise<void> | undefined;
    const timer = setInterval(() => {
      flying ??= this.#sendCanary().finally(() => (flying = undefined));
    }, everyMillis);
    if (everyMillis === 0) clearInterval(timer);
    hooks.onPhase?.('searching');
    this.#search = new Search(this.#searchOptions());
    if (this.#stopped) this.#search.stop();
    const end = this.#stopped ? { runs: 0, elapsedMillis: 0, busyMillis: 0 } : await this.#search.run();
    clearInterval(timer);
    await flying;
    open.close(!this.#stopped);
    return { ...end, complete: !this.#stopped, isBlind: this.#isBlind };
  }

  /** Ends it; runs under way are lost. */
  stop(): void {
    this.#stopped = true;
    this.#search?.stop();
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  async #replay(): Promise<void> {
    const { open, cases, workers, runMillisMax, strict, hooks, entry } = this.#options;
    const due = dueReplays([...this.#before.values()], open.session.build, cases);
    if (due.length === 0) return;
    hooks.onPhase?.(`replaying ${due.length} stored failures`);
    await replayAll(due, {
      cases,
      workers,
      runMillisMax,
      strict,
      version: open.session.version,
      ...(entry === undefined ? {} : { entry }),
      take: (replay, other) => {
        this.#take({ event: 'replay', replay });
        hooks.onReplay?.(replay, this.#before.get(replay.signature)!);
        if (other !== undefined) this.#take({ event: 'failure', failure: other });
      },
    });
  }

  async #sendCanary(): Promise<void> {
    const { canary, open, cases, workers, runMillisMax, hooks } = this.#options;
    if (canary === undefined || this.#stopped) return;
    hooks.onPhase?.('sending the canary');
    const { id, startSeed, version } = open.session;
    const result = await runCanary({
      ...canary,
      cases,
      choice: Number.parseInt(id.slice(0, 8), 16) + this.#canaries++,
      startSeed,
      workers: Math.min(workers, 1),
      runMillisMax,
      version,
    });
    if (this.isStopped) return;
    if (this.#search !== undefined) hooks.onPhase?.('searching');
    if (result === undefined) {
      hooks.remark?.('no canary: none of the selected cases is recorded as noticing a planted fault');
      return;
    }
    if (result.end === 'blind') this.#isBlind = true;
    this.#take({ event: 'canary', canary: result });
    hooks.onCanary?.(result);
  }

  #searchOptions(): SearchOptions {
    const { open, cases, workers, budget, twicePercent, runMillisMax, strict, hooks, entry } = this.#options;
    const { startSeed, shard, version, build } = open.session;
    const openCases = new Set(
      [...this.#before.values()].filter(({ status }) => status === 'open').map((each) => each.case),
    );
    const scheduled = [...cases].map(([id, { scenario }]) => ({
      id,
      weight: weightOf(scenario, openCases.has(id)),
      done: seedsDone(open.store, build, id),
    }));
    return {
      cases,
      schedule: new Schedule(scheduled, { startSeed, shard, by: 'runs' in budget ? 'runs' : 'millis' }),
      workers,
      budget,
      twicePercent,
      runMillisMax,
      version,
      strict,
      take: (event) => this.#take(event),
      ...(hooks.remark === undefined ? {} : { remark: hooks.remark }),
      ...(entry === undefined ? {} : { entry }),
    };
  }

  #take(event: NewEvent): void {
    const { open, hooks } = this.#options;
    const isNew = event.event === 'failure' && open.session.failures[event.failure.signature] === undefined;
    open.add(event);
    if (event.event === 'run') hooks.onRun?.();
    if (event.event === 'failure' && isNew) hooks.onFailure?.(event.failure, this.#before.get(event.failure.signature));
  }
}

/** Every seed of the case that was run on this build. */
function seedsDone(store: Store, build: string, caseId: string): SeedRanges {
  return [...store.values()]
    .filter((session) => session.build === build)
    .map((session) => session.cases[caseId]?.seeds ?? [])
    .reduce(uniteSeeds, []);
}
