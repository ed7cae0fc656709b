/**
 * The simulator: packets a second through one link, and a world of ten thousand engine clients for a minute.
 *
 * The peer is `@sinonjs/fake-timers` driving the same number of events with as many pending; it moves no packets and draws
 * no random numbers, so the comparison favours it. Figures are per second of processor time of this process.
 */
import FakeTimers from '@sinonjs/fake-timers';
import { rapidEngineFactory } from '../../impl/index.ts';
import { Internet, World, pumpPackets } from '../../sim/index.ts';
import { interleave } from './model.ts';
import type { BenchRow } from './model.ts';

const PACKETS = 400_000;
/** Packets on their way at any time in `pumpPackets`. */
const PENDING = 1_000;
const CLIENTS = 10_000;
const SIMULATED_MICROS = 60_000_000;

function cpuSeconds(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
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
  const [ours, theirs] = await interleave([
    () => PACKETS / cpuSeconds(() => pumpPackets({ packets: PACKETS })),
    fakeTimersRate,
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
  ];
}
