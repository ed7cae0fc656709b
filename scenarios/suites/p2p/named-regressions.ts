/**
 * Five ways in which hole punching has gone wrong in other projects, each as a case of its own that says where it is told.
 *
 * The matrix covers their outcomes as cells; here each is set up so that the fault of that project, planted in this engine,
 * is what fails (`scenarios/mutants/list/direct-links.ts`: M-P2P-017b, M-P2P-017, M-P2P-017c, M-P2P-022b, M-P2P-030).
 */
import * as fc from 'fast-check';
import { encodeProbe } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { DirectMode, DirectPeer } from '../../attach/direct-peer.ts';
import type { NatKind } from '../../attach/network-options.ts';
import { invitation, isOfKind, readInvitation } from './datagrams.ts';

const BYTES = 500;

type Duel = {
  readonly mode: DirectMode;
  readonly nats: readonly [NatKind, NatKind];
  /** Which of the two invites. */
  readonly inviter: 0 | 1;
  /** One way on each one's own link. */
  readonly delayMillis: readonly [number, number];
};

/** Two peers, one invites; both must have a link that carries bytes both ways. */
async function linked(stage: Stage, { mode, nats, inviter, delayMillis }: Duel, clause: string): Promise<void> {
  const server = await stage.server();
  const peerAt = (side: 0 | 1): Promise<DirectPeer> =>
    stage.directPeer(server, `peer${side}`, {
      mode,
      network: { nat: nats[side] },
      conditions: { delayMillis: delayMillis[side] },
    });
  const peers = [await peerAt(0), await peerAt(1)] as const;
  const [from, to] = inviter === 0 ? peers : [peers[1], peers[0]];
  from.connect(to.userID);
  const [there, back] = [await from.waitLink(to.userID, clause), await to.waitLink(from.userID, clause)];
  for (const { link } of [there, back]) link.write(new Uint8Array(BYTES));
  const passed = (): boolean => there.receivedBytes === BYTES && back.receivedBytes === BYTES;
  await stage.until(passed, 10, 'bytes do not pass both ways', clause);
}

/** The same pair with either side as inviter, the delays between them drawn. */
const eitherSide = (): fc.Arbitrary<Pick<Duel, 'inviter' | 'delayMillis'>> =>
  fc.record({
    inviter: fc.constantFrom<0 | 1>(0, 1),
    delayMillis: fc.tuple(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 1, max: 150 })),
  });

const symmetric = fc.constantFrom<NatKind>('symmetricRandom', 'symmetricSequential');
const base = { kind: 'property', clients: 'reference', targets: ['sim'] } as const;

export const namedRegressions: readonly AnyScenario[] = [
  // https://github.com/n0-computer/iroh/issues/4134: direct when the client stood behind the symmetric NAT, relayed for good
  // when the server did.
  scenario({
    ...base,
    id: 'P2P-1R4H',
    title: 'a public peer and one behind a symmetric NAT are linked whichever of them dials (iroh#4134)',
    clauses: ['P2P-017', 'P2P-030'],
    plan: () => fc.record({ nat: symmetric, duel: eitherSide() }),
    runs: 20,
    async run(stage, { nat, duel }) {
      await linked(stage, { mode: 'Udp', nats: ['open', nat], ...duel }, 'P2P-017');
    },
  }),
  // https://github.com/eduP2P/common: each side sent a ping and answered one, so an address-restricted NAT that had not sent
  // yet when the ping from behind the symmetric one came dropped the only one there was.
  scenario({
    ...base,
    id: 'P2P-2E7P',
    title: 'address-restricted against symmetric needs more than one probe each, whoever comes first (eduP2P)',
    clauses: ['P2P-017', 'P2P-019', 'P2P-030'],
    plan: () => fc.record({ nat: symmetric, duel: eitherSide() }),
    runs: 20,
    async run(stage, { nat, duel }) {
      await linked(stage, { mode: 'Udp', nats: ['restrictedCone', nat], ...duel }, 'P2P-017');
    },
  }),
  // https://github.com/n0-computer/patchbay, docs/reference/holepunching.md, "Test helper subtlety": whoever heard the other
  // returned and fell silent, while all that he had sent had been dropped at the other's NAT.
  scenario({
    ...base,
    id: 'P2P-3B8Y',
    title: 'who has heard the other goes on knocking until the link is up: his own probes may all be lost (patchbay)',
    clauses: ['P2P-017', 'P2P-018'],
    targets: ['sim', 'loopback'],
    plan: () => fc.boolean(),
    runs: 4,
    async run(stage, invites) {
      const server = await stage.server();
      const bob = await stage.directPeer(server, 'bob', { mode: 'Udp' });
      const alice = await stage.rawClient(server);
      await alice.logon('alice');
      const socket = await stage.udpPeer();
      const hosts = [{ address: socket.address, port: socket.port }];
      let token = 0x0bad_cafe_0000_0001n;
      if (invites) {
        bob.connect('alice');
        const invite = await alice.expect(MessageType.InviteUdpP2P, { clause: 'P2P-011' });
        token = BigInt.asUintN(64, BigInt(readInvitation(invite.body).Token));
      }
      const body = invitation({ token, hosts, kind: invites ? 1 : 0 });
      alice.send({ messageType: MessageType.InviteUdpP2P, destId: 'bob', body });
      const { from } = await socket.expect('P2P-017', isOfKind('Probe', token));
      // Everything until now was dropped on the way, says the other's NAT; now the first of his own gets through.
      socket.send(encodeProbe(token, 1), from);
      await socket.expect('P2P-018', isOfKind('ProbeAck', token));
      for (let more = 0; more < 4; more += 1) {
        await socket.expect('P2P-017', isOfKind('Probe', token), socket.received.length);
      }
    },
  }),
  // https://github.com/libp2p/specs/issues/487: one side sends the handshake, the other only opens its NAT; with that other
  // behind a symmetric NAT the handshake does not fit the hole, and every retry has the same roles.
  scenario({
    ...base,
    id: 'P2P-4F2L',
    title: 'a link comes about in the first attempt whichever role has the symmetric NAT (libp2p/specs#487)',
    clauses: ['P2P-022', 'P2P-019', 'P2P-030'],
    plan: () =>
      fc.record({
        cone: fc.constantFrom<NatKind>('open', 'fullCone', 'restrictedCone'),
        nat: symmetric,
        duel: eitherSide(),
      }),
    runs: 20,
    async run(stage, { cone, nat, duel }) {
      await linked(stage, { mode: 'Udp', nats: [cone, nat], ...duel }, 'P2P-022');
    },
  }),
  // https://github.com/libp2p/test-plans/pull/864: a runtime without SO_REUSEPORT dials from a fresh port, which no NAT of the
  // other side has been opened for.
  scenario({
    ...base,
    id: 'P2P-5J6R',
    title: 'TCP through two port-restricted NATs leaves from the port that was told (js-libp2p, test-plans#864)',
    clauses: ['P2P-030', 'P2P-027'],
    plan: eitherSide,
    runs: 10,
    async run(stage, duel) {
      await linked(stage, { mode: 'Tcp', nats: ['portRestricted', 'portRestricted'], ...duel }, 'P2P-030');
    },
  }),
];
