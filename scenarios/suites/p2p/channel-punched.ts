/** Channels as users get them: made by the engine's own connector, from NAT to NAT where the target has them. */
import * as fc from 'fast-check';
import { P2PChannelMode, ProtocolType } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { NetworkOptions } from '../../attach/network-options.ts';
import { byServer, controllerOf, engineOf, got, link, serverWithP2P, watchController } from './pairs.ts';

const { TcpAndUdp, Tcp, Udp, None } = P2PChannelMode;

/** Sends a few of everything both ways and sees that the server carried none of it. */
async function talk(stage: Stage, a: ClientSubject, b: ClientSubject, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await a.send(b.userID, n, stage.payload());
    await b.send(a.userID, n, stage.payload());
  }
  const blob = stage.payload(30_000);
  await a.sendBlob(b.userID, 500, blob, 4000);
  await b.waitFor('information', { match: ({ informationType }) => informationType === 500, clause: 'P2P-060' });
  await Promise.all([a.sendCertainly(b.userID, 600, stage.payload()), b.sendCertainly(a.userID, 600, stage.payload())]);
  const wanted = [...Array(count).keys()].map((n) => n + 1);
  stage.equal(got(a), [...wanted, 600], 'P2P-050', `what ${a.userID} got`);
  stage.equal(got(b), [...wanted, 500, 600], 'P2P-050', `what ${b.userID} got`);
}

export const channelPunched: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-3U8D',
    title: 'two clients that can reach each other talk directly, by the transport the mode allows',
    clauses: ['P2P-060', 'P2P-070', 'P2P-073'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ mode: fc.constantFrom(TcpAndUdp, Tcp, Udp), count: fc.integer({ min: 1, max: 20 }) }),
    runs: 9,
    async run(stage, { mode, count }) {
      const server = await serverWithP2P(stage);
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      for (const client of [alice, bob]) controllerOf(client).p2pChannelMode = mode;
      await link(stage, alice, bob);
      const before = byServer(server).length;
      await talk(stage, alice, bob, count);
      stage.equal(byServer(server).length, before, 'P2P-060', 'information that the server carried');
      const wanted = mode === Udp ? ProtocolType.Udp : ProtocolType.Tcp;
      // Both may be had; messages take TCP as soon as it is there.
      await stage.until(
        () => controllerOf(alice).getP2PChannelState('bob')?.protocolType === wanted,
        30,
        'the channel is over the wrong transport',
        'P2P-070',
      );
    },
  }),
  scenario({
    id: 'P2P-7X2N',
    title: 'two clients behind NATs talk directly where the table says so',
    clauses: ['P2P-060', 'P2P-073'],
    kind: 'property',
    clients: 'reference',
    // Only the simulator has NATs.
    targets: ['sim'],
    plan: () =>
      fc.record({ a: fc.constantFrom(...NATS), b: fc.constantFrom(...NATS), lossPerMille: fc.constantFrom(0, 20) }),
    runs: 12,
    async run(stage, { a, b, lossPerMille }) {
      const server = await serverWithP2P(stage);
      const alice = await stage.loggedOn(server, 'alice', { network: a });
      const bob = await stage.loggedOn(server, 'bob', { network: b });
      for (const { host } of [alice, bob]) stage.net.conditions(host, { lossPerMille, delayMillis: 10 });
      await link(stage, alice, bob);
      const before = byServer(server).length;
      await talk(stage, alice, bob, 10);
      stage.equal(byServer(server).length, before, 'P2P-060', 'information that the server carried');
    },
  }),
  scenario({
    id: 'P2P-1N6J',
    title: 'with the mode None nothing is tried and nothing accepted, and the try is told as failed',
    clauses: ['P2P-070', 'P2P-075'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.boolean(),
    runs: 4,
    async run(stage, atTheOther) {
      const server = await serverWithP2P(stage);
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      controllerOf(atTheOther ? bob : alice).p2pChannelMode = None;
      const told = watchController(alice);
      controllerOf(alice).p2pConnectAsyn('bob');
      await stage.until(() => told.length > 0, 30, 'the failure was not told', 'P2P-075');
      stage.equal(told, ['failed bob'], 'P2P-075', 'what was told');
    },
  }),
  scenario({
    id: 'P2P-8C5M',
    title: 'a try to reach somebody who is not online fails at once',
    clauses: ['P2P-048', 'P2P-075'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await serverWithP2P(stage);
      const alice = await stage.loggedOn(server, 'alice');
      const told = watchController(alice);
      const startSecs = stage.nowSecs();
      controllerOf(alice).p2pConnectAsyn('nobody');
      await stage.until(() => told.length > 0, 30, 'the failure was not told', 'P2P-075');
      stage.took(stage.nowSecs() - startSecs, { atMost: 1 }, 'P2P-048', 'the failure');
      stage.equal(told, ['failed nobody'], 'P2P-075', 'what was told');
    },
  }),
  scenario({
    id: 'P2P-4J9E',
    title: 'without a P2P server there is no controller, and everything goes through the server',
    clauses: ['P2P-072'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.boolean(),
    runs: 4,
    async run(stage, isOn) {
      const server = isOn
        ? await serverWithP2P(stage)
        : await stage.server({ beforeStart: (engine) => (engine.useAsP2PServer = false) });
      const alice = await stage.client('alice');
      stage.check(engineOf(alice).p2pController !== null, 'P2P-072', 'there is no controller before the logon');
      await alice.logon(server);
      stage.equal(engineOf(alice).p2pController !== null, isOn, 'P2P-072', 'whether there is a controller');
      const bob = await stage.loggedOn(server, 'bob');
      await alice.sendCertainly('bob', 1, stage.payload());
      stage.equal(got(bob), [1], 'P2P-072', 'what came');
    },
  }),
  scenario({
    id: 'P2P-6T0K',
    title:
      'over channels made by hole punching everything comes once and in order, also when the network fails for a while',
    clauses: ['P2P-050'],
    kind: 'property',
    clients: 'reference',
    // Only the simulator has NATs.
    targets: ['sim'],
    plan: () =>
      fc.record({
        network: fc.constantFrom(undefined, ...NATS),
        mode: fc.constantFrom(TcpAndUdp, Tcp, Udp),
        rounds: fc.integer({ min: 1, max: 4 }),
        stepMillis: fc.integer({ min: 0, max: 40 }),
        cutSecs: fc.constantFrom(0.1, 0.5, 2),
        lossPerMille: fc.constantFrom(0, 30),
      }),
    runs: 12,
    async run(stage, { network, mode, rounds, stepMillis, cutSecs, lossPerMille }) {
      const server = await serverWithP2P(stage);
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob', network === undefined ? {} : { network });
      for (const client of [alice, bob]) {
        controllerOf(client).p2pChannelMode = mode;
        stage.net.conditions(client.host, { lossPerMille, delayMillis: 5 });
      }
      let sent = 0;
      const speak = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n++) await alice.send('bob', ++sent, stage.payload());
      };
      for (let round = 0; round < rounds; round++) {
        controllerOf(alice).p2pConnectAsyn('bob');
        for (let n = 0; n < 10; n++) {
          await speak(2);
          await stage.sleep(stepMillis / 1000);
        }
        // What is on the channel when the other's host falls silent waits there until it is back.
        stage.net.partition(bob.host);
        await speak(3);
        await stage.sleep(cutSecs);
        stage.net.heal(bob.host);
        await speak(2);
      }
      await alice.sendCertainly('bob', ++sent, stage.payload());
      const wanted = [...Array(sent).keys()].map((n) => n + 1);
      stage.equal(got(bob), wanted, 'P2P-050', 'what came');
    },
  }),
];

/** NATs behind which two clients find each other over UDP. */
const NATS: readonly NetworkOptions[] = [{ nat: 'fullCone' }, { nat: 'restrictedCone' }, { nat: 'portRestricted' }];
