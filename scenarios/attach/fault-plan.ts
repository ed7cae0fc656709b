/**
 * Plans of faults for random search over the one vocabulary: each class of `FAULT_CLASSES` on or off, every knob drawn.
 *
 * A plan is data, so it shrinks: first to fewer classes, then to fewer and milder faults. `applyFaults` does what a plan says
 * through `stage.net.fault`, until a moment from which on nothing begins or ends any more, and marks which classes were on
 * and which fired. It waits for no outcome.
 */
import * as fc from 'fast-check';
import { FAULT_CLASSES, FAULT_CLASS_NAMES, whereFaultClassActs } from '../../sim/index.ts';
import type { Fault, FaultClass, FaultClassRow } from '../../sim/index.ts';
import type { Stage } from '../api.ts';
import { HarnessFault } from './failures.ts';

/** One fault: from when on, for how long, to which of the hosts, how bad. */
export type FaultAction = {
  readonly atMillis: number;
  readonly forMillis: number;
  /** Index into the hosts given to `applyFaults`. */
  readonly host: number;
  /** 1 to 100; what it means depends on the class. */
  readonly strength: number;
  /** 0 to 255, default 0: which others, which way. */
  readonly choice?: number;
};

/** Which classes are on, and what each does; null is off, absent is not drawn at all. */
export type FaultPlan = Readonly<Partial<Record<FaultClass, readonly FaultAction[] | null>>>;

export type FaultPlanOptions = {
  /** How many hosts there are. */
  readonly hosts: number;
  /** Those that need not come back, by index; without any no class is drawn that needs one. */
  readonly expendable: readonly number[];
  /** Those that nobody dials, by index; without any no class is drawn that needs one. */
  readonly mobile?: readonly number[];
  /** Those behind a NAT, by index; without any no class is drawn that needs one. */
  readonly natted?: readonly number[];
  /** Those whose files matter, by index; without any no fault of disks is drawn. */
  readonly storing?: readonly number[];
  /** Those of them that need not come back, by index; without any no crash in the middle of a write is drawn. */
  readonly tearable?: readonly number[];
  /** Faults begin before that time ... */
  readonly withinMillis: number;
  /** ... and last up to that long. */
  readonly lastMillisMax: number;
  /** Default: all. Those for real sockets are the ones that `whereFaultClassActs` calls `all`. */
  readonly classes?: readonly FaultClass[];
};

/** The hosts that a class may strike. */
function struckBy(name: FaultClass, options: FaultPlanOptions): readonly number[] {
  const { strikes }: FaultClassRow = FAULT_CLASSES[name];
  if (strikes !== undefined) return options[strikes] ?? [];
  return Array.from({ length: options.hosts }, (_, index) => index);
}

/** Plans in which each class is off with probability 1/2. */
export function faultPlans(options: FaultPlanOptions): fc.Arbitrary<FaultPlan> {
  const { withinMillis, lastMillisMax, classes = FAULT_CLASS_NAMES } = options;
  const actions = (hosts: readonly number[]): fc.Arbitrary<FaultAction[]> =>
    fc.array(
      fc.record({
        atMillis: fc.nat({ max: withinMillis }),
        forMillis: fc.integer({ min: 10, max: lastMillisMax }),
        host: fc.constantFrom(...hosts),
        strength: fc.integer({ min: 1, max: 100 }),
        choice: fc.nat({ max: 255 }),
      }),
      { minLength: 1, maxLength: 3 },
    );
  const drawn = classes.filter((name) => struckBy(name, options).length > 0);
  const rows = drawn.map((name) => [name, fc.option(actions(struckBy(name, options)), { freq: 2 })] as const);
  return fc.record(Object.fromEntries(rows) as Record<FaultClass, (typeof rows)[number][1]>);
}

type Step = { readonly atMillis: number; readonly act: () => Promise<void> };

/** Faults that are being done. */
export type Hardship = {
  /** Resolves when nothing begins or ends any more; rejects when the plan cannot be done. */
  readonly done: Promise<void>;
  /** Whether a process runs there: one that stands still, or has no power, makes no calls. */
  canCall(host: string): boolean;
};

/**
 * Does to the hosts what the plan says, in the order of time, until `untilMillis`; then leaves everything as it is.
 *
 * `done` rejects with a HarnessFault when the plan has a class that is unknown, or that the target cannot do.
 */
export function applyFaults(stage: Stage, plan: FaultPlan, hosts: readonly string[], untilMillis: number): Hardship {
  const halts = new Halts();
  const done = doFaults({ stage, plan, hosts, untilMillis, halts });
  // Awaited later than it may reject.
  done.catch(() => undefined);
  return { done, canCall: (host) => halts.runs(host) };
}

/** Why processes stand still. */
class Halts {
  readonly down = new Set<string>();
  readonly #paused = new Set<string>();
  readonly #asleep = new Set<string>();

  runs(host: string): boolean {
    return !this.down.has(host) && !this.#paused.has(host) && !this.#asleep.has(host);
  }

  note(fault: Fault): void {
    if (fault.fault === 'crash') {
      for (const halted of [this.#paused, this.#asleep]) halted.delete(fault.host);
      this.down.add(fault.host);
    } else if (fault.fault === 'restart') this.down.delete(fault.host);
    else if (fault.fault === 'pause') this.#paused.add(fault.host);
    else if (fault.fault === 'resume') this.#paused.delete(fault.host);
    else if (fault.fault === 'suspend') this.#asleep.add(fault.host);
    else if (fault.fault === 'wake') this.#asleep.delete(fault.host);
  }
}

type Doing = {
  readonly stage: Stage;
  readonly plan: FaultPlan;
  readonly hosts: readonly string[];
  readonly untilMillis: number;
  readonly halts: Halts;
};

async function doFaults({ stage, plan, hosts, untilMillis, halts }: Doing): Promise<void> {
  const steps = Object.entries(plan).flatMap(([name, actions]) => {
    const row = rowOf(name, actions !== null, stage);
    stage.faultClass(name, actions === null ? 'off' : 'on');
    return (actions ?? []).flatMap((action, index) =>
      stepsOf(action, { stage, row, hosts, halts, name, cut: `${name} ${index}` }),
    );
  });
  steps.sort((a, b) => a.atMillis - b.atMillis);
  let nowMillis = 0;
  for (const { atMillis, act } of [...steps, { atMillis: Infinity, act: () => Promise.resolve() }]) {
    await stage.sleep((Math.min(atMillis, untilMillis) - nowMillis) / 1000);
    nowMillis = Math.min(atMillis, untilMillis);
    if (atMillis > untilMillis) return;
    await act();
  }
}

function rowOf(name: string, isOn: boolean, stage: Stage): FaultClassRow {
  const known = FAULT_CLASS_NAMES.find((each) => each === name);
  if (known === undefined) {
    throw new HarnessFault(`there is no class of faults "${name}"; classes are ${FAULT_CLASS_NAMES.join(', ')}`);
  }
  if (isOn && stage.target !== 'sim' && whereFaultClassActs(known) !== 'all') {
    const possible = FAULT_CLASS_NAMES.filter((each) => whereFaultClassActs(each) === 'all').join(', ');
    throw new HarnessFault(
      `the plan has "${name}", which cannot be done on ${stage.target}; draw it with classes: ${possible}`,
    );
  }
  return FAULT_CLASSES[known];
}

type StepContext = {
  readonly stage: Stage;
  readonly row: FaultClassRow;
  readonly hosts: readonly string[];
  readonly halts: Halts;
  readonly name: string;
  readonly cut: string;
};

function stepsOf(action: FaultAction, { stage, row, hosts, halts, name, cut }: StepContext): readonly Step[] {
  const { atMillis, forMillis, strength, choice = 0 } = action;
  const host = hosts[action.host];
  if (host === undefined) throw new HarnessFault(`the plan strikes host ${action.host}; there are ${hosts.length}`);
  const struck = { host, hosts, cut, strength, choice };
  const apply = async (fault: Fault): Promise<void> => {
    halts.note(fault);
    await stage.net.fault(fault);
  };
  let hasBegun = false;
  const begin = async (): Promise<void> => {
    // Nothing else happens to a host without power.
    if (halts.down.has(host)) return;
    hasBegun = true;
    for (const fault of row.begin(struck)) await apply(fault);
    stage.faultClass(name, 'fired');
  };
  const end = async (): Promise<void> => {
    if (!hasBegun) return;
    for (const fault of row.end?.(struck) ?? []) {
      const endsPower = fault.fault === 'restart';
      if (halts.down.has(host) === endsPower || fault.fault === 'heal') await apply(fault);
    }
  };
  return [
    { atMillis, act: begin },
    { atMillis: atMillis + forMillis, act: end },
  ];
}
