/**
 * The built-in targets as runners: the simulator, and real loopback TCP. Foreign clients bring a runner of their own.
 *
 * On real sockets a failure counts only when the machine was able to keep time: a run during which the event loop stood
 * still proves nothing and is repeated on slower clocks.
 */
import type { AnyScenario, Stage, TargetName } from '../api.ts';
import type { BodyOptions, TargetRunner } from '../runner/execute.ts';
import { HarnessFault, NotApplicable } from './failures.ts';
import { REAL_SLACK_SECS, TIME_SCALE_DEFAULT, runLoopback } from './loopback-stage.ts';
import { runSim } from './sim-stage.ts';
import type { BodyResult } from './stage.ts';
import { StallMeter } from './stall-meter.ts';

/** A runner for a built-in target. @throws HarnessFault for `exec`, which needs an adapter. */
export function openTarget(target: TargetName): TargetRunner {
  switch (target) {
    case 'sim':
      return {
        target,
        run: (options, _scenario, body) => runSim(options, body),
        close: () => Promise.resolve(),
      };
    case 'loopback':
      return new LoopbackRunner();
    case 'exec':
      throw new HarnessFault('the target exec needs an adapter; use `esf validate --adapter "CMD"`');
  }
}

/** Each repetition gives the machine this many times longer for everything. */
const SLOWER_FACTOR = 4;
const REPETITIONS_MAX = 2;
/** A standstill of one scenario second can turn a verdict round. */
const STALL_SCENARIO_SECS = 1;

class LoopbackRunner implements TargetRunner {
  readonly target = 'loopback';
  readonly #meter = new StallMeter();

  async run(options: BodyOptions, _scenario: AnyScenario, body: (stage: Stage) => Promise<void>): Promise<BodyResult> {
    let timeScale = TIME_SCALE_DEFAULT;
    let note: string | undefined;
    for (let repetition = 0; ; repetition++) {
      const watch = this.#meter.watch();
      const slackSecs = (REAL_SLACK_SECS * TIME_SCALE_DEFAULT) / timeScale;
      const result = await runLoopback({ ...options, timeScale, slackSecs }, body);
      const stallMillis = watch.end();
      const isSpoilt = (stallMillis / 1000) * timeScale > STALL_SCENARIO_SECS;
      const isFinal = result.error === undefined || result.error instanceof NotApplicable || !isSpoilt;
      if (isFinal || repetition === REPETITIONS_MAX) return note === undefined ? result : { ...result, note };
      note = `repeated on slower clocks, because this machine stood still for ${Math.round(stallMillis)} ms`;
      timeScale /= SLOWER_FACTOR;
    }
  }

  close(): Promise<void> {
    this.#meter.stop();
    return Promise.resolve();
  }
}
