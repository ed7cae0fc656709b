/**
 * The simulator: packets a second through one link, how far it carries (`sim-scale.ts`), and a world of ten thousand engine
 * clients for a minute.
 *
 * One peer is the algorithm of `socketsupply/netsim` on the same workload (`netsim-peer.ts`). The other is
 * `@sinonjs/fake-timers` driving the same number of events with as many pending; it moves no packets and draws
 * no random numbers, so the comparison favours it. Figures are per second of processor time of this process.
 */
import FakeTimers from '@sinonjs/fake-timers';
import { rapidEngineFactory } from '../../impl/index.ts';
import { Internet, World, pumpPackets, ratio } from '../../sim/index.ts';
import type { LinkOptions } from '../../sim/index.ts';
import { cpuSeconds } from './cpu.ts';
import { interleave } from './model.ts';
import type { BenchRow } from './model.ts';
import { netsimPump } from './netsim-peer.ts';
import { scaleRows } from './sim-scale.ts';

const PACKETS = 400_000;
/** Packets on their way at any time in `pumpPackets`. */
const PENDING = 1_000;
const CLIENTS = 10_000;
const SIMULATED_MICROS = 60_000_000;

/** Every draw a link can make, on every packet; the line is busy two thirds of the time. */
const ALL_FAULTS: LinkOptions = {
  delayMicros: 5_000,
  jitterMicros: 5_000,
  loss: { goodToBad: ratio(1, 1_000), badToGood: ratio(1, 4), lossInGood: ratio(1, 1_000), lossInBad: ratio(1, 2) },
  duplicate: ratio(1, 100),
  reorder: { ratio: ratio(1, 100), extraMicros: 1_000 },
  corrupt: { ratio: ratio(1, 100) },
  truncate: { ratio: ratio(1, 100) },
  bandwidthBitsPerSecond: 150_000_000,
};
const RING_RECORDS = 65_536;

function pumpRate(link?: LinkOptions, traceRecords = 0): number {
  const options = { packets: PACKETS, traceRecords, ...(link === undefined ? {} : { link }) };
  return PACKETS / cpuSeconds(() => pumpPackets(options));
}

function fakeTimersRate(): number {
  const clock = FakeTimers.createClock(0, PACKETS * 2);
  let left = PACKETS / 4 - PENDING;
  const again = (): void => {
    if (left-- > 0) clock.setTimeout(again, 5 + (left % 5));
  };
  for (let index = 0; index < PENDING; index++) clock.setTimeout(again, 5 + (index % 5));
  return PACKETS / 4 / cpuSeconds(() => clock.runAll());
}

/** Logs everybody on, lets a minute of heartbeats pass, and counts. */
async function bigWorld(): Promise<{ readonly seconds: number; readonly online: number; readonly bytes: number }> {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const begin = process.cpuUsage();
  const online = await world.run(async () => {
    const host = internet.host('server');
    const server = rapidEngineFactory.createServerEngine(host.platform());
    server.autoRespondHeartBeat = true;
    await server.initialize(4530, null);
    const address = host.platform().localAddresses()[0]!;
    const starts = world.stream('starts');
    const logons: Promise<unknown>[] = [];
    for (let index = 0; index < CLIENTS; index++) {
      const client = rapidEngineFactory.createPassiveEngine(internet.host(`client${index}`).platform());
      logons.push(
        world.sleep(starts.below(1_000_000)).then(() => client.initialize(`u${index}`, null, address, 4530, null)),
      );
    }
    await Promise.all(logons);
    await world.sleep(SIMULATED_MICROS);
    return server.userManager.userCount;
  });
  const { user, system } = process.cpuUsage(begin);
  return { seconds: (user + system) / 1e6, online, bytes: process.memoryUsage().rss };
}

/** Rows for the link and for the world. */
export async function simBench(): Promise<BenchRow[]> {
  // First, while the engine's compiler has seen nothing else.
  const scale = await scaleRows();
  const [ours, netsim, theirs, faults, ring] = await interleave([
    () => pumpRate(),
    () => PACKETS / cpuSeconds(() => netsimPump(PACKETS)),
    fakeTimersRate,
    () => pumpRate(ALL_FAULTS),
    () => pumpRate(ALL_FAULTS, RING_RECORDS),
  ]);
  const world = await bigWorld();
  return [
    {
      name: 'simulator, one link with loss, delay, digest',
      ours: ours!,
      peer: null,
      peerName: '',
      unit: 'packets/CPU s',
      ratio: null,
      target: 1_500_000,
    },
    {
      name: 'simulator, one link with every fault drawn, digest',
      ours: faults!,
      peer: null,
      peerName: '',
      unit: 'packets/CPU s',
      ratio: null,
      target: 2_000_000,
    },
    {
      name: `simulator, the same with a ring of ${RING_RECORDS} trace records`,
      ours: ring!,
      peer: null,
      peerName: '',
      unit: 'packets/CPU s',
      ratio: null,
      target: 1_000_000,
    },
    {
      name: 'simulator against the algorithm of netsim, loss, delay, digest',
      ours: ours!,
      peer: netsim!,
      peerName: 'netsim, written anew',
      unit: 'packets/CPU s',
      ratio: ours! / netsim!,
      target: 1.2,
    },
    {
      name: 'simulator against fake-timers, events driven',
      ours: ours!,
      peer: theirs!,
      peerName: 'fake-timers',
      unit: 'events/CPU s',
      ratio: ours! / theirs!,
      target: null,
      detail: `${PENDING} pending; a packet is at least one event`,
    },
    {
      name: `world of ${CLIENTS} clients, logon and a minute of heartbeats`,
      ours: world.seconds,
      peer: null,
      peerName: '',
      unit: 'CPU s',
      ratio: null,
      target: 30,
      lowerIsBetter: true,
      detail: `${world.online} online at the end`,
    },
    {
      name: 'the same world, resident memory',
      ours: world.bytes / 2 ** 30,
      peer: null,
      peerName: '',
      unit: 'GiB',
      ratio: null,
      target: 1.5,
      lowerIsBetter: true,
    },
    ...scale,
  ];
}
