/** What the lab asks of the kernel, asked of simulated NATs whose answers are known. */
import { expect, it } from 'vitest';
import { NAT_DEVICES } from '../../sim/index.ts';
import type { NatBehaviour } from '../../sim/index.ts';
import { livesOf } from '../../scenarios/nat/lives.ts';
import { behind } from '../fidelity/nat/worlds.ts';

const SECOND = 1_000_000;
const SECS_MAX = 9;

const asked = (changes: Partial<NatBehaviour>) => {
  const behaviour = {
    ...NAT_DEVICES.linuxMasquerade.behaviour,
    udpUnrepliedMicros: 3 * SECOND,
    udpMappingMicros: 6 * SECOND,
    ...changes,
  };
  return behind([behaviour], (platform, server, _world, second) => livesOf(platform, { server, second }, SECS_MAX));
};

it('tells the lives of a masquerade', async () => {
  expect(await asked({})).toEqual({ unansweredSecs: 3, answeredSecs: 3, streamSecs: 6, inboundRefreshes: true });
});

it('tells a session that is full-lived from its first answer, and one that only packets out keep', async () => {
  const seen = await asked({ udpStreamAfterMicros: undefined, udpRefresh: 'outbound' });
  expect(seen).toEqual({ unansweredSecs: 3, answeredSecs: 6, streamSecs: 6, inboundRefreshes: false });
});

it('says so when a life is longer than what is asked for', async () => {
  const seen = await asked({ udpMappingMicros: 60 * SECOND });
  expect([seen.unansweredSecs, seen.streamSecs]).toEqual([3, undefined]);
});
