/** What a campaign says while it runs: one live line on a terminal, a line now and then otherwise, a line for each news. */
import type { CampaignHooks } from '../campaign/campaign.ts';
import { clearProgress, isTerminal, progress } from './output.ts';

/** On a terminal the line is renewed so often, and elsewhere a line written. */
const LIVE_MILLIS = 250;
const LINE_MILLIS = 30_000;

/** The progress of one campaign; `end` it. */
export class CampaignProgress {
  readonly #budget: { readonly seconds: number } | { readonly runs: number };
  readonly #caseCount: number;
  readonly #startMillis = performance.now();
  readonly #timer: NodeJS.Timeout;
  #searchStartMillis: number | undefined;
  #phase = 'starting';
  #runs = 0;
  #signatures = 0;

  constructor(budget: { readonly seconds: number } | { readonly runs: number }, caseCount: number) {
    this.#budget = budget;
    this.#caseCount = caseCount;
    this.#timer = setInterval(() => this.#show(), isTerminal ? LIVE_MILLIS : LINE_MILLIS);
  }

  hooks(): CampaignHooks {
    return {
      onRun: () => (this.#runs += 1),
      onPhase: (phase) => {
        this.#phase = phase;
        if (phase === 'searching') this.#searchStartMillis ??= performance.now();
        this.#show();
      },
      onFailure: ({ signature, case: id, kind, best }, known) => {
        this.#signatures += 1;
        const news = known === undefined ? 'new' : known.status === 'fixed' ? 'back again' : 'again';
        this.#say(`${news}: ${signature} ${id} ${kind}: ${best.message}`);
      },
      onReplay: ({ signature, end }, known) => {
        const what = { failing: 'still fails', changed: 'fails otherwise', fixed: 'is fixed' }[end];
        this.#say(`replay: ${signature} ${known.case} ${what}`);
      },
      onCanary: ({ mutant, end, runs, text }) => this.#say(`canary ${mutant}: ${end} after ${runs} runs; ${text}`),
      remark: (text) => this.#say(text),
    };
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #say(text: string): void {
    clearProgress();
    process.stderr.write(`${text.replace(/\s+/g, ' ').slice(0, 300)}\n`);
  }

  #show(): void {
    const line = this.#line();
    if (isTerminal) progress(line);
    else process.stderr.write(`${line}\n`);
  }

  #line(): string {
    const nowMillis = performance.now();
    if (this.#phase !== 'searching' || this.#searchStartMillis === undefined) {
      return `${clock(nowMillis - this.#startMillis)}  ${this.#phase}`;
    }
    const millis = nowMillis - this.#searchStartMillis;
    const goal =
      'seconds' in this.#budget ? `of ${clock(this.#budget.seconds * 1_000)}` : `${this.#runs}/${this.#budget.runs}`;
    const speed = ((this.#runs * 1_000) / Math.max(1, millis)).toFixed(1);
    const found = this.#signatures === 0 ? 'nothing found' : `${this.#signatures} found`;
    return `${clock(millis)} ${goal}  ${this.#runs} runs, ${speed} a second, ${this.#caseCount} cases, ${found}`;
  }
}

function clock(millis: number): string {
  const secs = Math.floor(millis / 1_000);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${pad(Math.floor(secs / 3_600))}:${pad(Math.floor(secs / 60) % 60)}:${pad(secs % 60)}`;
}
