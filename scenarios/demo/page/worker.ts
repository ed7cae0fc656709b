/** The worker of the page: runs plans, and the cells of the 9 x 9 table one after the other. The engine lives here. */
import { NINE } from '../../nat/nine.ts';
import { PLAN_DEFAULT, parsePlan } from '../plan.ts';
import type { DemoPlan } from '../plan.ts';
import { runDemo } from '../run-demo.ts';
import type { DemoRun } from '../run-demo.ts';

/** What a worker is asked. */
export type Job =
  | { readonly kind: 'run'; readonly line: string }
  | {
      readonly kind: 'matrix';
      readonly by: 'punch' | 'pair';
      readonly reading: DemoPlan['reading'];
      readonly seed: number;
    };

/** What it answers; a matrix is answered cell by cell. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'run'; readonly run: DemoRun }
  | {
      readonly kind: 'cell';
      readonly row: number;
      readonly column: number;
      readonly line: DemoPlan;
      readonly isDirect: boolean;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** The part of a worker's global scope that is used here. */
type Scope = {
  postMessage(answer: Answer): void;
  onmessage: ((event: { readonly data: Job }) => void) | null;
};

/** Waits for jobs. */
export function start(): void {
  const scope = globalThis as unknown as Scope;
  const post = (answer: Answer): void => scope.postMessage(answer);
  const turn = turnTaker();
  scope.onmessage = ({ data }) => {
    const done = data.kind === 'run' ? runOne(data.line, turn, post) : runCells(data, turn, post);
    done.catch((error: unknown) =>
      post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
  };
  post({ kind: 'ready' });
}

/** There is no `setImmediate`; a message to oneself is a turn of the event loop as well. */
function turnTaker(): (resume: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port2.onmessage = () => waiting.shift()?.();
  return (resume) => {
    waiting.push(resume);
    port1.postMessage(0);
  };
}

type Turn = ReturnType<typeof turnTaker>;

async function runOne(line: string, macrotask: Turn, post: (answer: Answer) => void): Promise<void> {
  post({ kind: 'run', run: await runDemo(parsePlan(line), { record: true, macrotask }) });
}

/** Long enough for the engine to try twice. */
const PAIR_SECONDS = 20;

async function runCells(job: Job & { kind: 'matrix' }, macrotask: Turn, post: (answer: Answer) => void): Promise<void> {
  const { by, reading, seed } = job;
  for (const [row, left] of NINE.entries()) {
    for (const [column, right] of NINE.entries()) {
      const line: DemoPlan = {
        ...PLAN_DEFAULT,
        scene: by,
        reading,
        seed,
        left: left.name,
        right: right.name,
        link: 'lan',
        seconds: PAIR_SECONDS,
      };
      post({ kind: 'cell', row, column, line, isDirect: isDirect(line, await runDemo(line, { macrotask })) });
      await new Promise<void>((resolve) => macrotask(resolve));
    }
  }
}

/** Plain punching says so itself; with the engine, messages must have arrived directly both ways. */
function isDirect({ scene }: DemoPlan, { tales, letters }: DemoRun): boolean {
  if (scene === 'punch') return tales.some(({ state }) => state === 'direct');
  return ['ann', 'ben'].every((host) =>
    letters.some(({ from, way, arrivedMicros }) => from === host && way === 'direct' && arrivedMicros >= 0),
  );
}
