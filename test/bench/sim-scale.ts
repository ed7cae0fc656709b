/**
 * How far the simulator carries: simulated time per processor second, starts of worlds, short seeds, idle hosts, a long day.
 *
 * Rows "links alone" move packets between ends of links by the world's own events. Rows "hosts" do the same with UDP
 * sockets and timers of whole virtual hosts, as an engine would use them; many of those are bound by memory, not by work.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Internet, LinkDirection, World, createUdpPacket, ratio, runRing } from '../../sim/index.ts';
import { cpuSeconds } from './cpu.ts';
import { interleave } from './model.ts';
import type { BenchRow } from './model.ts';

const INTERVAL_MICROS = 10_000;
const LINK = { delayMicros: 20_000, jitterMicros: 5_000, loss: ratio(1, 100) };
const IDLE_HOSTS = 10_000;
const MEBIBYTE = 2 ** 20;
const HOUR_MICROS = 3_600_000_000;

/** Nodes in a ring that each send a hundred packets a second to the next, without hosts. */
function linkRing(nodes: number, micros: number): void {
  const world = new World({ seed: 1, timeLimitMicros: Number.MAX_SAFE_INTEGER });
  const sink = { receivePacket: (): void => undefined };
  const payload = new Uint8Array(64);
  for (let index = 0; index < nodes; index += 1) {
    const link = new LinkDirection(world, `link${index}`, sink, LINK);
    const sender = {
      onEvent(): void {
        link.send(createUdpPacket(1, 1, 2, 2, payload));
        world.schedule(world.nowMicros + INTERVAL_MICROS, sender, undefined);
      },
    };
    world.schedule((index * 7) % INTERVAL_MICROS, sender, undefined);
  }
  world.runUntil(micros);
}

/** Simulated seconds a processor second. */
function compression(
  run: (nodes: number, micros: number) => void,
  nodes: number,
  simulatedSeconds: number,
): () => number {
  return () => simulatedSeconds / cpuSeconds(() => run(nodes, simulatedSeconds * 1e6));
}

const SIZES = [
  { nodes: 2, simulatedSeconds: 2_000, target: 5_000, hostTarget: 5_000 },
  { nodes: 100, simulatedSeconds: 40, target: 100, hostTarget: null },
  { nodes: 1_000, simulatedSeconds: 4, target: 10, hostTarget: null },
] as const;

async function compressionRows(): Promise<BenchRow[]> {
  const hosts = (nodes: number, micros: number): unknown => runRing({ nodes, micros });
  const figures = await interleave(
    SIZES.flatMap(({ nodes, simulatedSeconds }) => [
      compression(linkRing, nodes, simulatedSeconds),
      compression(hosts, nodes, simulatedSeconds),
    ]),
  );
  const unit = 'simulated s/CPU s';
  return SIZES.flatMap(({ nodes, target, hostTarget }, index) => [
    { ...PLAIN, name: `${nodes} nodes at 100 packets/s each, links alone`, ours: figures[2 * index]!, unit, target },
    {
      ...PLAIN,
      name: `${nodes} hosts at 100 datagrams/s each, sockets, timers`,
      ours: figures[2 * index + 1]!,
      unit,
      target: hostTarget,
    },
  ]);
}

const PLAIN = { peer: null, peerName: '', ratio: null } as const;

const BOOTS = 500;

function bootMillis(): number {
  const seconds = cpuSeconds(() => {
    for (let seed = 0; seed < BOOTS; seed += 1) {
      const world = new World({ seed });
      const internet = new Internet(world);
      for (const name of ['alice', 'bob']) {
        internet
          .host(name)
          .platform()
          .bindUdp({ port: 9 }, { onMessage: () => undefined });
      }
      world.runUntil(1);
    }
  });
  return (seconds * 1_000) / BOOTS;
}

const SHORT_SEEDS = 100;

/** Two hosts, ten simulated seconds, a datagram each way every tenth of a second, loss and jitter. */
function shortSeeds(): number {
  const seconds = cpuSeconds(() => {
    for (let seed = 0; seed < SHORT_SEEDS; seed += 1) {
      runRing({ nodes: 2, micros: 10_000_000, intervalMicros: 100_000, seed });
    }
  });
  return SHORT_SEEDS / seconds;
}

/** Resident bytes of a process of its own with that many idle hosts. */
function idleBytes(): number {
  const file = fileURLToPath(new URL('idle-hosts.ts', import.meta.url));
  const text = execFileSync(process.execPath, ['--import', 'tsx', file, String(IDLE_HOSTS)], { encoding: 'utf8' });
  return Number(text.split(' ')[0]);
}

/** Heap in use after a full collection, each hour of a day of two hosts at ten datagrams a second; the slope over the day. */
function dayGrowthBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used: number[] = [];
  const call = (): void => {
    collect();
    used.push(process.memoryUsage().heapUsed);
  };
  const every = { micros: HOUR_MICROS, call };
  runRing({ nodes: 2, micros: 24 * HOUR_MICROS, intervalMicros: 100_000, every });
  return Math.max(0, ...used.slice(1).map((bytes) => bytes - used[0]!));
}

/** Rows of scale. */
export async function scaleRows(): Promise<BenchRow[]> {
  const [boot, seeds] = await interleave([bootMillis, shortSeeds]);
  return [
    ...(await compressionRows()),
    { ...PLAIN, name: 'start of a world with two hosts', ours: boot!, unit: 'CPU ms', target: 1, lowerIsBetter: true },
    {
      ...PLAIN,
      name: 'short seeds: two hosts, 10 simulated s',
      ours: seeds!,
      unit: 'seeds/CPU s',
      target: 500,
      detail: 'a datagram each way every 100 ms',
    },
    {
      ...PLAIN,
      name: `${IDLE_HOSTS} idle hosts, resident memory of the process`,
      ours: idleBytes() / MEBIBYTE,
      unit: 'MiB',
      target: 512,
      lowerIsBetter: true,
    },
    {
      ...PLAIN,
      name: 'growth of the heap over a simulated day',
      ours: dayGrowthBytes() / MEBIBYTE,
      unit: 'MiB',
      target: 1,
      lowerIsBetter: true,
      detail: 'two hosts, 1.7 M datagrams, hours 2 to 23 against hour 1',
    },
  ];
}
