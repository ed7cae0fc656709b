/** Hole punching and the P2P server among attackers who guess: nothing of theirs is answered, and nothing is amplified. */
import * as fc from 'fast-check';
import { PROTOCOL, forgeDatagram, formatAddress, parseAddress } from '../../../sim/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { applyAttacks, attackPlans } from '../../attach/attack-plan.ts';
import { writeRudp } from '../../attach/rudp-datagrams.ts';
import { discoverRequest } from './datagrams.ts';

/** A probe and its acknowledgment with a guessed token, and what else comes to such a socket. */
const PHRASES: readonly Uint8Array[] = [
  Uint8Array.of(0x10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0),
  Uint8Array.of(0x11, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 198, 18, 0, 9, 80, 0),
  Uint8Array.of(0x02, 0xe5, 0),
  writeRudp('Syn', { version: 1, token: 5n, identity: 7 }),
  writeRudp('Abort', { token: 5n, tag: 7 }),
];

export const attackers: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-4T9A',
    title:
      'datagrams with guessed tokens neither keep two clients from meeting nor end what they made, and are not answered',
    clauses: ['P2P-018', 'P2P-019', 'P2P-017'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 30,
    plan: () =>
      fc.record({
        attacks: attackPlans({ classes: ['forgedDatagrams', 'strayDatagrams'], withinMillis: 3_000 }),
        afterMillis: fc.nat({ max: 2_000 }),
      }),
    async run(stage, { attacks, afterMillis }) {
      const server = await stage.server();
      const mallory = stage.adversary();
      const alice = await stage.directPeer(server, 'alice', { mode: 'Udp' });
      const tap = mallory.tap(alice.host);
      const bob = await stage.directPeer(server, 'bob', { mode: 'Udp' });
      const told = server.engine.userManager.getUserData('alice')?.p2pAddress;
      const socket = { address: told?.privateIP ?? '', port: told?.privateUdpPort ?? 0 };
      let answers = 0;
      const own = mallory.adversary.host.address;
      mallory.adversary.host.interfaces[0]!.addTap((packet) => {
        if (packet.destination === own && packet.protocol === PROTOCOL.udp) answers += 1;
      });
      const targets = { adversary: mallory.adversary, tap, udpServer: socket, phrases: PHRASES };
      const attacking = applyAttacks(stage, attacks, targets);
      await stage.sleep(afterMillis / 1000);
      alice.connect('bob');
      // As fast as without anybody: probes begin after 40 ms, and a round trip takes 4 ms.
      await alice.waitLink('bob', 'P2P-017', 1);
      await bob.waitLink('alice', 'P2P-017', 1);
      await attacking;
      await stage.sleep(11);
      const both = [alice.linkTo('bob'), bob.linkTo('alice')];
      stage.check(!both.includes(undefined), 'P2P-018', 'the link did not outlive the attack');
      const foreign = [alice, bob].flatMap(({ links }) =>
        links.filter(({ link }) => link.remote.address === formatAddress(own)),
      );
      stage.equal(foreign.length, 0, 'P2P-019', 'links to the attacker');
      stage.equal(answers, 0, 'P2P-018', 'answers to datagrams with guessed tokens');
    },
  }),
  scenario({
    id: 'P2P-6F2K',
    title: 'whoever forges the source of requests makes the P2P server send less than he sent himself',
    clauses: ['P2P-003', 'P2P-004'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 6,
    plan: () =>
      fc.record({
        /** So many bytes of the request are cut off at its end. */
        cutBytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
        count: fc.integer({ min: 1, max: 50 }),
      }),
    async run(stage, { cutBytes, count }) {
      const { address, port } = await stage.p2pServer();
      const { adversary } = stage.adversary();
      const victim = await stage.udpPeer();
      const whole = discoverRequest('alice', 1);
      const request = whole.slice(0, whole.length - cutBytes);
      const ends = {
        from: { address: parseAddress(victim.address), port: victim.port },
        to: { address: parseAddress(address), port },
      };
      adversary.sendEach(count, 1_000, () => forgeDatagram(ends, request));
      await stage.sleep(1);
      const answered = victim.received.reduce((sum, { bytes }) => sum + bytes.length, 0);
      stage.equal(victim.received.length, cutBytes === 0 ? count : 0, 'P2P-003', 'answers that the victim got');
      stage.check(answered < count * request.length, 'P2P-004', `${answered} bytes to ${count} requests`);
    },
  }),
];
