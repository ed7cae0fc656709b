/**
 * Runs a plan of the demo from its start to its end: in a page, in a worker of a page, in Node, with the same digest.
 *
 * Everything the page shows is in what comes back; faults come from the plan alone. Whoever throws a stone at second 3 runs
 * the plan with that line in its script again: the first three seconds are the same, because equal plans are equal runs.
 */
import { World, recordFlight } from '../../sim/index.ts';
import type { FlightRecorder, Macrotask, Recording } from '../../sim/index.ts';
import { kindsOf } from './kinds.ts';
import type { DemoPlan } from './plan.ts';
import { playPunch } from './punch.ts';
import { SCENE_BUILDERS } from './scenes.ts';
import { DemoStage } from './stage.ts';
import type { Letter, Tale } from './stage.ts';
import { describeNetwork } from './topology.ts';
import type { Topology } from './topology.ts';

export type DemoRun = {
  readonly digest: string;
  readonly events: number;
  readonly endMicros: number;
  readonly tales: readonly Tale[];
  readonly letters: readonly Letter[];
  /** Undefined unless asked for. */
  readonly seen: SeenRun | undefined;
};

/** Every packet, note and NAT table of a run, and what it ran on. */
export type SeenRun = {
  readonly recording: Recording;
  /** An index into `PACKET_KINDS` for each hop. */
  readonly kinds: Uint8Array;
  readonly topology: Topology;
};

export type DemoRunOptions = {
  /** Packets, notes and NAT tables are kept; costs memory, changes no digest. Default false. */
  readonly record?: boolean;
  /** How to take a turn of the event loop where there is no `setImmediate`. */
  readonly macrotask?: Macrotask;
};

/** Hops and notes kept for those who watch. */
const EVENTS_MAX = 600_000;
const PAYLOADS_BYTES_MAX = 24 << 20;

/** Runs it. @throws SimError - the run failed, which is a fault of the simulator or of the scene. */
export async function runDemo(plan: DemoPlan, options: DemoRunOptions = {}): Promise<DemoRun> {
  const { record = false, macrotask } = options;
  let recorder: FlightRecorder | undefined;
  const watch = (world: World): void => {
    if (record) recorder = recordFlight(world, { eventsMax: EVENTS_MAX, payloadsBytesMax: PAYLOADS_BYTES_MAX });
  };
  const isPlain = plan.scene === 'punch';
  const { world, tales, letters } = isPlain ? playPunch(plan, watch) : await play(plan, watch, macrotask);
  const recording = recorder?.recording();
  return {
    digest: world.digest(),
    events: world.eventCount,
    endMicros: world.nowMicros,
    tales,
    letters,
    seen: recording && { recording, kinds: kindsOf(recording, isPlain), topology: describeNetwork(world) },
  };
}

async function play(plan: DemoPlan, watch: (world: World) => void, macrotask?: Macrotask): Promise<DemoStage> {
  const world = new World({ seed: plan.seed, ...(macrotask && { macrotask }) });
  watch(world);
  const stage = new DemoStage(world, plan.reading);
  await world.run(async () => {
    if (plan.scene !== 'punch') SCENE_BUILDERS[plan.scene](stage, plan);
    stage.plan(plan.faults);
    await world.sleep(plan.seconds * 1_000_000);
  });
  return stage;
}
