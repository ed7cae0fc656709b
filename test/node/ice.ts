/**
 * Unmodified ICE on virtual hosts: two agents of the package `werift-ice`, each behind a NAT of its own, find each other with
 * the help of a STUN server, or do not.
 *
 * The agents' descriptions are carried from one to the other by the story itself, as an application's signalling would.
 */
import type { Connection } from 'werift-ice';
import { Internet, Lan, World } from '../../sim/index.ts';
import type { Host, NatPreset } from '../../sim/index.ts';
import { startNode } from '../../sim/node/index.ts';
import type { NodeProcess } from '../../sim/node/index.ts';
import { startStunServer } from './stun-server.ts';
import { captureStory } from './worlds.ts';
import type { StoryFiles } from './worlds.ts';

export type IceStory = {
  readonly digest: string;
  readonly virtualMillis: number;
  readonly outcome: 'connected' | 'failed';
  /** The pair each agent chose: type and endpoint of its own and of the other's candidate. */
  readonly pairs: readonly string[];
  /** Candidate types each agent offered. */
  readonly candidates: readonly (readonly string[])[];
  /** What arrived, in both directions. */
  readonly received: readonly string[];
  readonly files: StoryFiles;
};

const STUN_PORT = 3_478;
const SIGNALLING_MICROS = 100_000;
const PATIENCE_MICROS = 60_000_000;

type Description = { readonly user: string; readonly password: string; readonly candidates: readonly string[] };
type Agent = { readonly node: NodeProcess; readonly connection: Connection };

/** Plays the story for a seed and the kinds of the two NATs. */
export async function playIce(seed: number, nats: readonly [NatPreset, NatPreset]): Promise<IceStory> {
  // The package compares names without a locale, which the guard of the modules forbids; they are ASCII.
  const world = new World({ seed, guard: 'globals' });
  const internet = new Internet(world, { link: { delayMicros: 20_000 } });
  const stun = internet.host('stun');
  const homes = nats.map((nat, index) => new Lan(internet, `home${index}`, { nat }));
  const hosts = homes.map((home, index) => home.host(`agent${index}`));
  const files = captureStory(internet.router);
  return world.run(async () => {
    await startStunServer(startNode(stun, { from: import.meta.url }), STUN_PORT);
    const server = [startNodeAddress(stun), STUN_PORT] as const;
    const agents = hosts.map((host, index) => startAgent(host, index === 0, server)) as [Agent, Agent];
    const described = (await Promise.all(agents.map(({ connection }) => describe(connection)))) as [
      Description,
      Description,
    ];
    await world.sleep(SIGNALLING_MICROS);
    agents.forEach((agent, index) => {
      acceptDescription(agent, described[1 - index]!);
    });
    const outcome = await settle(world, agents);
    const received: string[] = [];
    if (outcome === 'connected') await exchange(world, agents, received);
    const pairs = agents.map(({ connection }) => pairText(connection));
    await Promise.all(agents.map(({ connection }) => connection.close()));
    return {
      digest: world.digest(),
      virtualMillis: Math.floor(world.nowMicros / 1_000),
      outcome,
      pairs,
      candidates: described.map(({ candidates }) => candidates.map((sdp) => sdp.split(' ')[7]!)),
      received,
      files,
    };
  });
}

function startNodeAddress(host: Host): string {
  return host.platform().localAddresses()[0]!;
}

function startAgent(host: Host, isControlling: boolean, server: readonly [string, number]): Agent {
  const node = startNode(host, { from: import.meta.url });
  const ice = node.require('werift-ice') as typeof import('werift-ice');
  const stunServer: [string, number] = [...server];
  return { node, connection: new ice.Connection(isControlling, { stunServer, useIpv6: false, useTcp: false }) };
}

/** What an agent tells the other: plain text, because nothing else passes between two hosts. */
async function describe(connection: Connection): Promise<Description> {
  await connection.gatherCandidates();
  return {
    user: connection.localUsername,
    password: connection.localPassword,
    candidates: connection.localCandidates.map((candidate) => candidate.toSdp()),
  };
}

function acceptDescription({ node, connection }: Agent, { user, password, candidates }: Description): void {
  const ice = node.require('werift-ice') as typeof import('werift-ice');
  connection.setRemoteParams({ iceLite: false, usernameFragment: user, password });
  connection.remoteCandidates = candidates.map((sdp) => ice.Candidate.fromSdp(sdp));
}

async function settle(world: World, agents: readonly Agent[]): Promise<'connected' | 'failed'> {
  const attempts = agents.map(({ connection }) =>
    connection.connect().then(
      () => true,
      () => false,
    ),
  );
  const gaveUp = world.sleep(PATIENCE_MICROS).then(() => [false]);
  const results = await Promise.race([Promise.all(attempts), gaveUp]);
  return results.every(Boolean) ? 'connected' : 'failed';
}

async function exchange(world: World, agents: readonly [Agent, Agent], received: string[]): Promise<void> {
  agents.forEach(({ connection }, index) => {
    connection.onData.subscribe((data) => {
      received.push(`agent${index} got ${data.toString()}`);
    });
  });
  await agents[0].connection.send(Buffer.from('from 0'));
  await agents[1].connection.send(Buffer.from('from 1'));
  await world.sleep(1_000_000);
}

function pairText({ nominated }: Connection): string {
  if (nominated === undefined) return 'none';
  const { localCandidate, remoteCandidate, remoteAddr } = nominated;
  return `${localCandidate.type} to ${remoteCandidate.type} ${remoteAddr.join(':')}`;
}
