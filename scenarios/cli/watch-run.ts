/**
 * Watches one simulated case and writes what was seen: a capture for Wireshark.
 *
 * Of a property that runs many times, the smallest plan that failed is shown; when none failed, the last one. A run that is
 * watched has the digest of one that is not.
 */
import { writeFileSync } from 'node:fs';
import { captureWorld } from '../../sim/index.ts';
import type { World, WorldCapture } from '../../sim/index.ts';
import type { RunHeader } from '../../reports/model.ts';
import { runSim } from '../attach/sim-stage.ts';
import type { TargetRunner } from '../runner/execute.ts';
import type { RunOptions } from '../runner/run.ts';
import { CliError, EXIT } from './output.ts';
import type { WatchFlags } from './watch.ts';

/** What was seen of one body. */
type Seen = { readonly capture: WorldCapture | undefined; readonly failed: boolean };

/** Watches the run it is spread into. */
export class Watch {
  readonly #flags: WatchFlags;
  #seen: Seen | undefined = undefined;

  constructor(flags: WatchFlags) {
    this.#flags = flags;
  }

  /** Options that make `runSuites` run the case in this thread, watched. */
  runOptions(): Pick<RunOptions, 'ownRunners' | 'onPlanned'> {
    return { ownRunners: { sim: { runner: this.#runner(), concurrency: 1 } }, onPlanned: checkPlan };
  }

  /** Writes the files asked for. */
  async write(): Promise<void> {
    const { pcapng } = this.#flags;
    const capture = this.#seen?.capture;
    if (pcapng !== undefined && capture !== undefined) {
      writeTo(pcapng, '--pcapng', capture.toPcapng());
      const missed = capture.missedCount > 0 ? `; ${capture.missedCount} more did not fit` : '';
      process.stderr.write(`capture: ${pcapng}, ${capture.packetCount} packets${missed}\n`);
    }
    return Promise.resolve();
  }

  #runner(): TargetRunner {
    return {
      target: 'sim',
      run: async (options, _scenario, body) => {
        let capture: WorldCapture | undefined;
        const onWorld = (world: World): void => {
          if (this.#flags.pcapng !== undefined) capture = captureWorld(world);
        };
        const result = await runSim({ ...options, onWorld }, body);
        const failed = result.error !== undefined;
        if (failed || this.#seen?.failed !== true) this.#seen = { capture, failed };
        return result;
      },
      close: () => Promise.resolve(),
    };
  }
}

function checkPlan({ planned }: RunHeader): void {
  const [first] = planned;
  if (planned.length === 1 && first?.target === 'sim') return;
  const what = planned.length === 1 ? 'a case on real sockets' : `${planned.length} cases`;
  throw new CliError(
    EXIT.usage,
    `only one case on the simulator can be watched, and this selects ${what}; give --case ID --target sim`,
  );
}

function writeTo(path: string, option: string, content: Uint8Array | string): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `${option} ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
