/**
 * Watches one simulated case and writes what was seen: a capture for Wireshark, a page to look at, text.
 *
 * Of a property that runs many times, the smallest plan that failed is shown; when none failed, the last one. A run that is
 * watched has the digest of one that is not.
 */
import { statSync, writeFileSync } from 'node:fs';
import { captureWorld, recordFlight } from '../../sim/index.ts';
import type { FlightRecorder, World, WorldCapture } from '../../sim/index.ts';
import type { CaseVerdict, RunHeader } from '../../reports/model.ts';
import { runSim } from '../attach/sim-stage.ts';
import type { TargetRunner } from '../runner/execute.ts';
import type { RunOptions } from '../runner/run.ts';
import { CliError, EXIT } from './output.ts';
import type { WatchFlags } from './watch.ts';

/** What was seen of one body. */
type Seen = {
  readonly capture: WorldCapture | undefined;
  readonly recorder: FlightRecorder | undefined;
  readonly failed: boolean;
};

/** Watches the run it is spread into. */
export class Watch {
  readonly #flags: WatchFlags & { readonly json?: boolean };
  #title = '';
  #seen: Seen | undefined = undefined;

  constructor(flags: WatchFlags & { readonly json?: boolean }) {
    this.#flags = flags;
  }

  /** Options that make `runSuites` run the case in this thread, watched. */
  runOptions(): Pick<RunOptions, 'ownRunners' | 'onPlanned'> {
    return {
      ownRunners: { sim: { runner: this.#runner(), concurrency: 1 } },
      onPlanned: (header) => (this.#title = titleOf(header)),
    };
  }

  /** Writes the files asked for. `verdicts` are those of the run: one. */
  async write([verdict]: readonly CaseVerdict[]): Promise<void> {
    const { pcapng, view, trace } = this.#flags;
    const { capture, recorder } = this.#seen ?? {};
    if (pcapng !== undefined && capture !== undefined) {
      const missed = capture.missedCount > 0 ? `, ${capture.missedCount} more did not fit` : '';
      writeTo(pcapng, '--pcapng', capture.toPcapng(), `${capture.packetCount} packets${missed}`);
    }
    if (recorder === undefined || verdict === undefined) return;
    const { renderTrace, renderView } = await import('../../reports/index.ts');
    const run = recorder.recording();
    if (trace === true) {
      const out = this.#flags.json === true ? process.stderr : process.stdout;
      out.write(renderTrace(run, out.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb'));
    }
    if (view === undefined) return;
    const about = {
      title: this.#title,
      subtitle: `${verdict.outcome}; seed ${run.seed}, digest ${run.digest}`,
      command: `${verdict.repro} --view ${view}`,
    };
    writeTo(view, '--view', renderView(run, about), `${run.hops.from.length} packets on links`);
  }

  #runner(): TargetRunner {
    const { pcapng, view, trace } = this.#flags;
    return {
      target: 'sim',
      run: async (options, _scenario, body) => {
        let capture: WorldCapture | undefined;
        let recorder: FlightRecorder | undefined;
        const onWorld = (world: World): void => {
          if (pcapng !== undefined) capture = captureWorld(world);
          if (view !== undefined || trace === true) recorder = recordFlight(world);
        };
        const result = await runSim({ ...options, onWorld }, body);
        const failed = result.error !== undefined;
        if (failed || this.#seen?.failed !== true) this.#seen = { capture, recorder, failed };
        return result;
      },
      close: () => Promise.resolve(),
    };
  }
}

/** @throws CliError when it is not exactly one case on the simulator. */
function titleOf({ planned }: RunHeader): string {
  const [first] = planned;
  if (planned.length === 1 && first?.target === 'sim') return `${first.case}: ${first.title}`;
  const what = planned.length === 1 ? 'a case on real sockets' : `${planned.length} cases`;
  throw new CliError(
    EXIT.usage,
    `only one case on the simulator can be watched, and this selects ${what}; give --case ID --target sim`,
  );
}

function writeTo(path: string, option: string, content: Uint8Array | string, what: string): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `${option} ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  process.stderr.write(`${option.slice(2)}: ${path}, ${what}, ${Math.ceil(statSync(path).size / 1_000)} kB\n`);
}
