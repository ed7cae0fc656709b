/**
 * The marks of one run: what happened that sometimes should, which points were reached, which classes of faults fired.
 *
 * It sums nothing; `runner/coverage.ts` does, over the runs of a campaign.
 */
import { CheckFailed, HarnessFault } from './failures.ts';

/** What a plan says of a class of faults or attacks, and whether it came to it. */
export type FaultState = 'off' | 'on' | 'fired';

/** One mark of one run. */
export type Mark = {
  readonly kind: 'sometimes' | 'reachable' | 'fault' | 'attack' | 'rareWay';
  readonly mark: string;
  readonly happened: boolean;
  /** Of a class of faults or attacks: the plan had it. */
  readonly isOn?: boolean;
};

const STATES: readonly FaultState[] = ['off', 'on', 'fired'];

/** The marks of one run, each once, in the order in which they were first set. */
export class Marks {
  readonly #marks = new Map<string, Mark>();

  get all(): readonly Mark[] {
    return [...this.#marks.values()];
  }

  sometimes(mark: string, happened: boolean): void {
    const before = this.#marks.get(`sometimes ${mark}`);
    this.#set({ kind: 'sometimes', mark, happened: happened || before?.happened === true });
  }

  reachable(mark: string): void {
    this.#set({ kind: 'reachable', mark, happened: true });
  }

  /** @throws CheckFailed always. */
  unreachable(mark: string, clause: string): never {
    throw new CheckFailed(`a point was reached that must not be: ${mark}`, { clause });
  }

  /** A later state counts when it says more. */
  classOf(kind: 'fault' | 'attack' | 'rareWay', mark: string, state: FaultState): void {
    const before = this.#marks.get(`${kind} ${mark}`);
    const old: FaultState = before?.happened === true ? 'fired' : before?.isOn === true ? 'on' : 'off';
    const best = STATES.indexOf(state) > STATES.indexOf(old) ? state : old;
    this.#set({ kind, mark, happened: best === 'fired', isOn: best !== 'off' });
  }

  #set(mark: Mark): void {
    if (mark.mark === '') throw new HarnessFault('a mark has no text; give it one that no other has');
    this.#marks.set(`${mark.kind} ${mark.mark}`, mark);
  }
}
