/**
 * What a lost segment costs an application: the kernel's TCP on a path where a router drops chosen segments, beside the
 * simulator's Linux host on the same path. Either way a loss is mended at once or after a timeout; which one must be the same.
 */
import { $ } from 'zx';
import { Internet, TCP_OPTIONS_LINUX, World, registryOf } from '../../sim/index.ts';
import { besideLine } from './beside.ts';
import type { BesideLine } from './beside.ts';
import { buildHomes } from './homes.ts';
import { LOSS_CASES, LOSS_NAMES, SEGMENT_BYTES, markOf, receiveSegments, sendSegments } from './losses.ts';
import { labScript } from './programs.ts';
import { Talking } from './talking.ts';

const PORT = 4540;
/** IP and TCP headers with the timestamps that Linux sends. */
const PACKET_BYTES = SEGMENT_BYTES + 52;
/** One way, about what a veth pair takes. */
const DELAY_MICROS = 50;
/** Between what acknowledgments and probes mend, a few milliseconds, and the least timeout, 200. */
const AT_ONCE_MICROS_MAX = 120_000;

/** Every segment that is to be lost, and how often. */
const LOSSES = LOSS_NAMES.flatMap((name, index) =>
  LOSS_CASES[name].flatMap((count, segment) => (count === 0 ? [] : [{ mark: markOf(index, segment), count }])),
);

/** A quota drops packets until their bytes are more than it. */
const RULES = `
table ip home {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ${LOSSES.map(({ mark, count }) => `tcp dport ${PORT} @ih,0,8 ${mark} quota ${Math.floor((count + 0.5) * PACKET_BYTES)} bytes drop`).join('\n    ')}
  }
  chain nat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" masquerade
  }
}
`;

/** Measures the kernel's, in microseconds by case. */
export async function realLosses(): Promise<readonly number[]> {
  const homes = await buildHomes([RULES, RULES]);
  const end = (...args: string[]): string[] => labScript('loss-end.ts', ...args);
  const receiver = new Talking(homes.server, end('receive', String(PORT)), 'the receiver');
  try {
    // Otherwise the kernel hands the driver all five in one piece, and the router sees one packet.
    await $({ quiet: true })`ip -n ${homes.first.host} link set eth0 gso_max_segs 1`;
    await receiver.waitFor(({ event }) => event === 'listening');
    const sender = new Talking(homes.first.host, end('send', homes.serverAddress, String(PORT)), 'the sender');
    return (await sender.waitFor(({ event }) => event === 'mended')).tookMicros as readonly number[];
  } finally {
    receiver.stop();
    await homes.remove();
  }
}

/** It beside the simulator's: the class must be the same, the milliseconds need not. */
export async function linesOfLosses(real: readonly number[]): Promise<readonly BesideLine[]> {
  const simulated = await simulatedLosses();
  return LOSS_NAMES.map((name, index) => {
    const [seen, expected] = [real[index]!, simulated[index]!];
    const { text } = besideLine(name.padEnd(25), textOf(seen), textOf(expected));
    return { text, isSame: classOf(seen) === classOf(expected) };
  });
}

function simulatedLosses(): Promise<readonly number[]> {
  const world = new World({ seed: 1 });
  const internet = new Internet(world, { link: { delayMicros: DELAY_MICROS } });
  const tcp = { ...TCP_OPTIONS_LINUX, nagle: false };
  const [sender, receiver] = [internet.host('sender', { tcp }), internet.host('receiver', { tcp })];
  const uplink = registryOf(world).link('sender-internet').forward;
  for (const { mark, count } of LOSSES) uplink.dropWhen(({ payload }) => payload[0] === mark, count);
  return world.run(async () => {
    receiveSegments(receiver.platform(), PORT, () => undefined);
    return await sendSegments(sender.platform(), { address: receiver.platform().localAddresses()[0]!, port: PORT });
  });
}

function classOf(micros: number): string {
  return micros <= AT_ONCE_MICROS_MAX ? 'at once' : 'after a timeout';
}

function textOf(micros: number): string {
  return `${classOf(micros)} (${(micros / 1_000).toFixed(1)} ms)`;
}
