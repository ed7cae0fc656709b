/**
 * Lives of the kernel's UDP sessions, measured by real datagrams beside the simulator's masquerade, with both set to the same
 * few seconds: the kernel's own take minutes. What is compared is which life a session has, and what keeps it.
 */
import { $ } from 'zx';
import { NAT_DEVICES } from '../../sim/index.ts';
import { livesOf } from '../../scenarios/nat/lives.ts';
import type { SeenLives } from '../../scenarios/nat/lives.ts';
import { besideLine } from './beside.ts';
import type { BesideLine } from './beside.ts';
import { behind } from '../fidelity/nat/worlds.ts';
import { buildHomes } from './homes.ts';
import { labScript, startStunServer } from './programs.ts';
import { Talking } from './talking.ts';

const UNREPLIED_SECS = 4;
const STREAM_SECS = 8;
const SECS_MAX = 10;
export const LIVES_TITLE = `lives of UDP sessions, ${UNREPLIED_SECS} s unreplied and ${STREAM_SECS} s as a stream | simulated:`;
const SECOND = 1_000_000;

/** What was measured beside the simulator's. */
export async function linesOfLives(real: SeenLives): Promise<readonly BesideLine[]> {
  const simulated = await simulatedLives();
  return Object.entries(textsOf(real)).map(([name, text]) => besideLine(`${name} `, text, textsOf(simulated)[name]!));
}

/** Measures the kernel's. */
export async function realLives(): Promise<SeenLives> {
  const homes = await buildHomes();
  let server: Talking | undefined;
  try {
    const stun = await startStunServer(homes);
    server = stun.server;
    const settings = [
      `net.netfilter.nf_conntrack_udp_timeout=${UNREPLIED_SECS}`,
      `net.netfilter.nf_conntrack_udp_timeout_stream=${STREAM_SECS}`,
    ];
    await $({ quiet: true })`ip netns exec ${homes.first.router} sysctl -qw ${settings}`;
    const asker = new Talking(
      homes.first.host,
      labScript('lives.ts', ...stun.addresses, stun.port, String(SECS_MAX)),
      'the measurer',
    );
    return (await asker.waitFor(({ event }) => event === 'measured')) as unknown as SeenLives;
  } finally {
    server?.stop();
    await homes.remove();
  }
}

function simulatedLives(): Promise<SeenLives> {
  const behaviour = {
    ...NAT_DEVICES.linuxMasquerade.behaviour,
    udpUnrepliedMicros: UNREPLIED_SECS * SECOND,
    udpMappingMicros: STREAM_SECS * SECOND,
  };
  return behind([behaviour], (platform, server, _world, second) => livesOf(platform, { server, second }, SECS_MAX));
}

function textsOf({
  unansweredSecs,
  answeredSecs,
  streamSecs,
  inboundRefreshes,
}: SeenLives): Readonly<Record<string, string>> {
  const life = (secs: number | undefined): string => (secs === undefined ? `over ${SECS_MAX} s` : `${secs} s`);
  return {
    'never answered': life(unansweredSecs),
    'answered once': life(answeredSecs),
    'answered for more than 2 s': life(streamSecs),
    'packets from outside': inboundRefreshes ? 'keep it' : 'do not keep it',
  };
}
