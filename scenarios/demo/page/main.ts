/** The page: puts controls, worker and picture together. State is a plan, the run that came of it, and a time in it. */
import { PLAN_DEFAULT, formatPlan, parsePlan, planAddress } from '../plan.ts';
import type { DemoPlan, SceneName } from '../plan.ts';
import { formatScript, parseScript } from '../script.ts';
import type { DemoFault } from '../script.ts';
import { FAULT_KINDS } from '../../../sim/index.ts';
import type { Fault } from '../../../sim/index.ts';
import { byId, setText } from './dom.ts';
import { Matrix } from './matrix.ts';
import { Player } from './player.ts';
import { readPlan, showPlan, withScene } from './plan-form.ts';
import { RunIndex } from './run-index.ts';
import { Runner } from './runner.ts';

type View = SceneName | 'matrix';

/** Starts the page. */
export function start(): void {
  new Page().begin();
}

class Page {
  readonly #runner = new Runner();
  readonly #player = new Player((faults) => this.#throwStones(faults));
  readonly #matrix = new Matrix(
    (plan) => this.#show(plan, 'beginning'),
    () => this.#plan.seed,
  );
  #plan: DemoPlan = PLAN_DEFAULT;
  #runNumber = 0;

  begin(): void {
    byId('plan').addEventListener('change', () => this.#show(readPlan(this.#plan), 'beginning'));
    byId('plan').addEventListener('submit', (event) => event.preventDefault());
    byId('dice').addEventListener('click', () =>
      this.#show({ ...this.#plan, seed: (this.#plan.seed + 1) % 2_147_483_647 }, 'beginning'),
    );
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-view]')) {
      button.addEventListener('click', () => this.#choose(button.dataset.view as View));
    }
    byId('script-apply').addEventListener('click', () => this.#applyScript());
    byId('script-clear').addEventListener('click', () => this.#show({ ...this.#plan, faults: [] }, 'now'));
    byId('copy-link').addEventListener('click', () => void copy(location.href));
    byId('copy-command').addEventListener('click', () => void copy(commandOf(this.#plan)));
    window.addEventListener('hashchange', () => this.#readAddress());
    this.#readAddress();
    this.#player.start();
  }

  #readAddress(): void {
    const line = location.hash.replace(/^#/, '');
    if (line === 'matrix') {
      this.#choose('matrix');
      return;
    }
    try {
      this.#show(parsePlan(line), 'beginning');
    } catch (error) {
      this.#show(this.#plan, 'beginning');
      this.#complain(`The address is no plan: ${messageOf(error)}`);
    }
  }

  #choose(view: View): void {
    if (view !== 'matrix') {
      this.#show(withScene(this.#plan, view), 'beginning');
      return;
    }
    this.#player.pause();
    this.#showView('matrix');
    setAddress('matrix');
    this.#matrix.show(this.#plan.seed);
  }

  #showView(view: View): void {
    for (const button of document.querySelectorAll<HTMLElement>('[data-view]')) {
      button.setAttribute('aria-pressed', String(button.dataset.view === view));
    }
    byId('matrix-view').hidden = view !== 'matrix';
    byId('run-view').hidden = byId('plan').hidden = view === 'matrix';
  }

  /** Runs a plan and shows it from its beginning, or from the time that is shown now. */
  #show(plan: DemoPlan, from: 'beginning' | 'now'): void {
    this.#plan = plan;
    this.#complain('');
    showPlan(plan);
    this.#showView(plan.scene);
    setAddress(planAddress(plan));
    byId<HTMLTextAreaElement>('script').value = formatScript(plan.faults, '\n');
    setText(byId('command'), commandOf(plan));
    setText(byId('digest'), '…');
    setText(byId('events'), '');
    const number = (this.#runNumber += 1);
    document.body.dataset.state = 'running';
    this.#player.hold(from);
    this.#runner.run(formatPlan(plan)).then(
      (run) => {
        if (number !== this.#runNumber) return;
        this.#player.load(new RunIndex(plan, run));
        setText(byId('digest'), run.digest);
        setText(byId('events'), `${run.events} events in ${run.endMicros / 1e6} s`);
        document.body.dataset.state = 'ready';
      },
      (error: unknown) => {
        if (number !== this.#runNumber) return;
        this.#complain(`The run failed: ${messageOf(error)}`);
        document.body.dataset.state = 'failed';
      },
    );
  }

  #throwStones(faults: readonly (Fault | DemoFault)[]): void {
    // A whole millisecond reads better, and nothing that was shown may change.
    const atMicros = Math.ceil(this.#player.nowMicros / 1_000) * 1_000;
    const lines = [...this.#plan.faults, ...faults.map((fault) => ({ atMicros, fault }))];
    this.#show({ ...this.#plan, faults: lines.sort((left, right) => left.atMicros - right.atMicros) }, 'now');
  }

  #applyScript(): void {
    try {
      const faults = parseScript(byId<HTMLTextAreaElement>('script').value, FAULT_KINDS);
      this.#show({ ...this.#plan, faults }, 'now');
    } catch (error) {
      this.#complain(`The script cannot be read: ${messageOf(error)}`);
    }
  }

  #complain(text: string): void {
    setText(byId('trouble'), text);
  }
}

function commandOf(plan: DemoPlan): string {
  return `npx esf demo --run '${formatPlan(plan)}'`;
}

/** Without a step in the browser's history, and without the event that says it has changed. */
function setAddress(hash: string): void {
  history.replaceState(null, '', `#${hash}`);
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    setText(byId('copied'), 'Copied');
  } catch {
    setText(byId('copied'), 'The browser does not allow it; select the text instead');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
