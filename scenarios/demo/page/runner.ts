/** Workers as promises: the last job counts, one that is no longer wanted is ended with its worker. */
import type { DemoRun } from '../run-demo.ts';
import type { Answer, Job } from './worker.ts';

/** One worker at a time, made from the page's own script. */
export class Runner {
  #worker: Worker | undefined = undefined;
  #isBusy = false;
  #onAnswer: (answer: Answer) => void = () => undefined;

  /** Runs a plan; rejects when it fails. A run that was asked for before is forgotten: its promise stays open. */
  run(line: string): Promise<DemoRun> {
    return new Promise((resolve, reject) => {
      this.#ask({ kind: 'run', line }, (answer) => {
        this.#isBusy = false;
        if (answer.kind === 'run') resolve(answer.run);
        else if (answer.kind === 'failed') reject(new Error(answer.message));
      });
    });
  }

  /** Fills the table; `onAnswer` is called for each of 81 cells. */
  matrix(job: Job & { kind: 'matrix' }, onAnswer: (answer: Answer) => void): void {
    let left = 81;
    this.#ask(job, (answer) => {
      left -= 1;
      if (left === 0) this.#isBusy = false;
      onAnswer(answer);
    });
  }

  #ask(job: Job, onAnswer: (answer: Answer) => void): void {
    if (this.#isBusy) this.#end();
    this.#isBusy = true;
    this.#onAnswer = onAnswer;
    this.#worker ??= this.#begin();
    this.#worker.postMessage(job);
  }

  #begin(): Worker {
    const worker = new Worker(document.documentElement.dataset.script!);
    worker.onmessage = ({ data }: { readonly data: Answer }) => {
      if (worker === this.#worker && data.kind !== 'ready') this.#onAnswer(data);
    };
    worker.onerror = (event) => {
      if (worker === this.#worker) this.#onAnswer({ kind: 'failed', message: event.message });
    };
    return worker;
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
