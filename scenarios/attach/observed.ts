/**
 * What a run looked like from outside, as a set of classes: who saw which kinds of events, how calls ended, why connections did.
 *
 * Classes only, without times, orders, counts and contents, because real machines are free in those: two targets that show the
 * same thing give the same set. `runner/parity.ts` compares them.
 */

/** Collects the classes of one run. */
export class Observed {
  readonly #classes = new Set<string>();
  #isOver = false;

  /** In the order of the alphabet. */
  get all(): readonly string[] {
    return [...this.#classes].sort();
  }

  /** `who` saw that, as in `alice: relogonCompleted Succeed`. */
  saw(who: string, what: string): void {
    if (!this.#isOver) this.#classes.add(`${who}: ${what}`);
  }

  /** A call ended well, or with the code of its error. */
  called(who: string, what: string, error?: unknown): void {
    this.saw(who, `${what} ${error === undefined ? 'ok' : codeOf(error)}`);
  }

  /** The body is over: what the closing of everything shows depends on who is closed first. */
  end(): void {
    this.#isOver = true;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'something that is no error';
}
