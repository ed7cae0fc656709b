/**
 * Faults for random search: one list of classes, each on or off per plan, with every knob drawn.
 *
 * A plan is data, so it shrinks: first to fewer classes, then to fewer and milder faults. `applyFaults` does what a plan says
 * through the stage's `net` and counts, as `sometimes` marks, which classes fired in the run. It waits for no outcome.
 */
import * as fc from 'fast-check';
import type { Stage } from '../api.ts';
import type { LinkConditions } from './net-control.ts';

/** One fault: from when on, for how long, to which of the hosts, how bad. */
export type FaultAction = {
  readonly atMillis: number;
  readonly forMillis: number;
  /** Index into the hosts given to `applyFaults`. */
  readonly host: number;
  /** 1 to 100; what it means depends on the class. */
  readonly strength: number;
};

type Net = Stage['net'];
type Effect = {
  begin(net: Net, host: string, strength: number): void | Promise<void>;
  end?(net: Net, host: string): void;
};

function conditions(of: (strength: number) => LinkConditions): Effect {
  return {
    begin: (net, host, strength) => net.conditions(host, of(strength)),
    end: (net, host) => net.conditions(host, {}),
  };
}

/** Every class, and what it does when it begins and when it ends. */
const EFFECTS = {
  loss: conditions((strength) => ({ lossPerMille: 3 * strength })),
  delay: conditions((strength) => ({ delayMillis: 10 * strength, jitterMillis: strength })),
  duplication: conditions((strength) => ({ duplicatePerMille: 5 * strength })),
  reordering: conditions((strength) => ({ reorderPerMille: 5 * strength })),
  narrowing: conditions((strength) => ({ bandwidthBitsPerSec: Math.floor(2_000_000 / strength) })),
  pieces: conditions((strength) => ({ chunkBytesMax: strength })),
  partition: { begin: (net, host) => net.partition(host), end: (net, host) => net.heal(host) },
  reset: { begin: (net, host) => net.resetConnections(host) },
  crash: { begin: (net, host) => net.crash(host) },
} as const satisfies Readonly<Record<string, Effect>>;

export type FaultClass = keyof typeof EFFECTS;
export const FAULT_CLASSES = Object.keys(EFFECTS) as readonly FaultClass[];

/** Which classes are on, and what each does; null is off. */
export type FaultPlan = Readonly<Record<FaultClass, readonly FaultAction[] | null>>;

/** Plans in which each class is off with probability 1/2. `hosts` counts them; crashes spare the first `crashFrom`. */
export function faultPlans(options: {
  readonly hosts: number;
  readonly crashFrom: number;
  readonly withinMillis: number;
}): fc.Arbitrary<FaultPlan> {
  const actions = (hostMin: number): fc.Arbitrary<FaultAction[]> =>
    fc.array(
      fc.record({
        atMillis: fc.nat({ max: options.withinMillis }),
        forMillis: fc.integer({ min: 10, max: 20_000 }),
        host: fc.integer({ min: hostMin, max: options.hosts - 1 }),
        strength: fc.integer({ min: 1, max: 100 }),
      }),
      { minLength: 1, maxLength: 3 },
    );
  const classes = FAULT_CLASSES.map(
    (name) => [name, fc.option(actions(name === 'crash' ? options.crashFrom : 0), { freq: 2 })] as const,
  );
  return fc.record(Object.fromEntries(classes) as Record<FaultClass, (typeof classes)[number][1]>);
}

/** Does to the hosts what the plan says, in the order of time; resolves when the last fault has ended. */
export async function applyFaults(stage: Stage, plan: FaultPlan, hosts: readonly string[]): Promise<void> {
  const crashed = new Set<string>();
  const steps = FAULT_CLASSES.flatMap((name) => {
    stage.sometimes(`fault: ${name}`, false);
    const effect: Effect = EFFECTS[name];
    return (plan[name] ?? []).flatMap(({ atMillis, forMillis, host, strength }) => {
      const at = hosts[host]!;
      const begin = async (): Promise<void> => {
        if (crashed.has(at)) return;
        if (name === 'crash') crashed.add(at);
        await effect.begin(stage.net, at, strength);
        stage.sometimes(`fault: ${name}`, true);
      };
      const end = (): Promise<void> => {
        if (!crashed.has(at)) effect.end?.(stage.net, at);
        return Promise.resolve();
      };
      return [
        { atMillis, act: begin },
        { atMillis: atMillis + forMillis, act: end },
      ];
    });
  });
  steps.sort((a, b) => a.atMillis - b.atMillis);
  let nowMillis = 0;
  for (const { atMillis, act } of steps) {
    await stage.sleep((atMillis - nowMillis) / 1000);
    nowMillis = atMillis;
    await act();
  }
}
