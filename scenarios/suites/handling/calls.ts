/** Handler calls with durations of their own, as the cases here need them, and what became of them. */
import type { Stage } from '../../api.ts';
import type { ServerOptions } from '../../attach/server-subject.ts';

/** The information type of number 0; the first few types have rules of their own. */
export const FIRST_TYPE = 100;

/** One call of handleInformation; its information type is `FIRST_TYPE` and its number. */
export type Call = {
  readonly source: string;
  readonly number: number;
  readonly beginSecs: number;
  endSecs: number | undefined;
};

export type Mode = 'IocpDirectly' | 'TaskQueue';
export const MODES = ['IocpDirectly', 'TaskQueue'] as const;

/** Calls in the order in which they were made. */
export class CallLog {
  readonly calls: Call[] = [];
  readonly #stage: Stage;
  readonly #secsOf: (number: number) => number;

  /** @param secsOf - How long the handler takes for a number; 0 returns at once. */
  constructor(stage: Stage, secsOf: (number: number) => number) {
    this.#stage = stage;
    this.#secsOf = secsOf;
  }

  readonly handle = (source: string, informationType: number): void | Promise<void> => {
    const number = informationType - FIRST_TYPE;
    const call: Call = { source, number, beginSecs: this.#stage.nowSecs(), endSecs: undefined };
    this.calls.push(call);
    this.#stage.note(`call ${number} of ${source} begins`);
    const secs = this.#secsOf(number);
    const finish = (): void => {
      call.endSecs = this.#stage.nowSecs();
      this.#stage.note(`call ${number} of ${source} ends`);
    };
    if (secs > 0) return this.#stage.sleep(secs).then(finish);
    finish();
    return undefined;
  };

  /** Waits until so many calls have ended, and the engine has taken note of the last. */
  async untilFinished(count: number, withinSecs: number, clause: string): Promise<void> {
    const what = `not every one of ${count} calls came to its end`;
    await this.#stage.until(() => this.finished.length >= count, withinSecs, what, clause);
    await this.#stage.sleep(0.05);
  }

  get finished(): Call[] {
    return this.calls.filter((call) => call.endSecs !== undefined);
  }

  /** The most calls that were under way at one time, of all or of one source. */
  mostAtOnce(source?: string): number {
    const own = this.calls.filter((call) => source === undefined || call.source === source);
    return Math.max(
      0,
      ...own.map(
        ({ beginSecs }) =>
          own.filter((other) => other.beginSecs <= beginSecs && (other.endSecs ?? Infinity) > beginSecs).length,
      ),
    );
  }
}

/** Options of a server in this mode. */
export function inMode(mode: Mode, workers = 20, options: ServerOptions = {}): ServerOptions {
  return {
    ...options,
    beforeStart: (engine) => {
      engine.advanced.customizeInfoHandleMode = mode === 'TaskQueue' ? 1 : 0;
      engine.advanced.queueWorkerThreadCount = workers;
      options.beforeStart?.(engine);
    },
  };
}
