/** How clients invite, answer and probe, seen by a bare peer (18.3, 18.4). */
import * as fc from 'fast-check';
import { decodePunchingDatagram, encodeProbe } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { DirectMode, DirectPeer } from '../../attach/direct-peer.ts';
import type { RawClient } from '../../attach/raw-peer.ts';
import { invitation, isOfKind, readInvitation } from './datagrams.ts';

const { InviteTcpP2P, InviteUdpP2P } = MessageType;
const MODES: readonly DirectMode[] = ['TcpAndUdp', 'Tcp', 'Udp', 'None'];

async function anInviterAndAClient(stage: Stage, mode: DirectMode = 'Udp'): Promise<[RawClient, DirectPeer]> {
  const server = await stage.server();
  const bob = await stage.directPeer(server, 'bob', { mode });
  const alice = await stage.rawClient(server);
  await alice.logon('alice');
  return [alice, bob];
}

export const invitations: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-1DHK',
    title:
      'a client invites once for each transport of its mode, with tokens that nobody can guess, and gives up after 5 s',
    clauses: ['P2P-011', 'P2P-023'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom(...MODES),
    runs: 8,
    async run(stage, mode) {
      const server = await stage.server();
      const bob = await stage.rawClient(server);
      await bob.logon('bob');
      const alice = await stage.directPeer(server, 'alice', { mode });
      const began = stage.nowSecs();
      alice.connect('bob');
      await alice.waitFailed('bob', 'P2P-023', 20);
      const took = stage.nowSecs() - began;
      // With both, TCP through NATs is tried after UDP has failed.
      const limits = { None: [0, 0.1], Udp: [4.9, 5.2], Tcp: [4.9, 5.2], TcpAndUdp: [9.9, 10.4] } as const;
      stage.took(took, { atLeast: limits[mode][0], atMost: limits[mode][1] }, 'P2P-023', 'giving up');
      const seen = bob.received.filter(
        ({ messageType }) => messageType === InviteTcpP2P || messageType === InviteUdpP2P,
      );
      const types = new Set(seen.map(({ messageType }) => messageType));
      const wanted = { None: [], Udp: [InviteUdpP2P], Tcp: [InviteTcpP2P], TcpAndUdp: [InviteUdpP2P, InviteTcpP2P] };
      stage.equal([...types].sort(), [...wanted[mode]].sort(), 'P2P-011', 'other transports were tried');
      const bodies = seen.map(({ body }) => readInvitation(body));
      stage.check(
        bodies.every(({ Kind, Candidates }) => Kind === 0 && (Candidates ?? []).length > 0),
        'P2P-011',
        'an invitation has another kind or no candidates',
      );
      const tokens = new Set(bodies.map(({ Token }) => BigInt(Token)));
      stage.equal(tokens.size, wanted[mode].length, 'P2P-011', 'each transport must have one token of its own');
      const before = bob.received.length;
      alice.connect('bob');
      if (mode !== 'None') {
        const again = await bob.expect([...types][0]!, { clause: 'P2P-011', from: before });
        stage.check(!tokens.has(BigInt(readInvitation(again.body).Token)), 'P2P-011', 'a token was used twice');
      }
    },
  }),
  scenario({
    id: 'P2P-2WGT',
    title: 'an invitation is answered with its token, and refused where the mode excludes the transport',
    clauses: ['P2P-012'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ mode: fc.constantFrom(...MODES), token: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }) }),
    runs: 8,
    async run(stage, { mode, token }) {
      const [alice] = await anInviterAndAClient(stage, mode);
      for (const messageType of [InviteUdpP2P, InviteTcpP2P]) {
        alice.send({ messageType, destId: 'bob', body: invitation({ token }) });
        const answer = readInvitation((await alice.expect(messageType, { clause: 'P2P-012' })).body);
        const own = messageType === InviteUdpP2P ? 'Udp' : 'Tcp';
        const isAllowed = mode === 'TcpAndUdp' || mode === own;
        stage.equal(answer.Kind, isAllowed ? 1 : 2, 'P2P-012', `${own} in mode ${mode}`);
        stage.equal(BigInt.asUintN(64, BigInt(answer.Token)), token, 'P2P-012', 'the answer has another token');
        stage.equal((answer.Candidates ?? []).length > 0, isAllowed, 'P2P-012', 'candidates of the answer');
      }
    },
  }),
  scenario({
    id: 'P2P-8CNB',
    title: 'a refusal ends the attempt at once',
    clauses: ['P2P-012', 'P2P-023'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.directPeer(server, 'alice', { mode: 'Udp' });
      await stage.directPeer(server, 'bob', { mode: 'Tcp' });
      const began = stage.nowSecs();
      alice.connect('bob');
      const detail = await alice.waitFailed('bob', 'P2P-012', 3);
      stage.check(detail.includes('refused'), 'P2P-012', `the failure says: ${detail}`);
      stage.took(stage.nowSecs() - began, { atMost: 1 }, 'P2P-023', 'a refused attempt');
    },
  }),
  scenario({
    id: 'P2P-6JXV',
    title: 'two clients that invite each other at the same moment get one link, of the smaller one',
    clauses: ['P2P-014'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ swap: fc.boolean(), mode: fc.constantFrom<DirectMode>('Udp', 'Tcp') }),
    runs: 4,
    async run(stage, { swap, mode }) {
      const server = await stage.server();
      const names = swap ? ['zoe', 'ann'] : ['ann', 'zoe'];
      const [first, second] = [
        await stage.directPeer(server, names[0]!, { mode }),
        await stage.directPeer(server, names[1]!, { mode }),
      ];
      first.connect(second.userID);
      second.connect(first.userID);
      await first.waitLink(second.userID, 'P2P-014');
      await second.waitLink(first.userID, 'P2P-014');
      await stage.sleep(12);
      stage.equal([first.links.length, second.links.length], [1, 1], 'P2P-014', 'links');
      stage.equal([first.failures, second.failures], [[], []], 'P2P-014', 'failures');
      const type = mode === 'Udp' ? InviteUdpP2P : InviteTcpP2P;
      const toZoe = (swap ? first : second).raw.received.filter(({ messageType }) => messageType === type);
      const kinds = toZoe.map(({ body }) => readInvitation(body).Kind);
      stage.check(!kinds.includes(1), 'P2P-014', 'the smaller one answered, although its own invitation stands');
    },
  }),
  scenario({
    id: 'P2P-4LNK',
    title: 'nobody is invited while an attempt or a link is there, and again when the link has ended',
    clauses: ['P2P-031'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ mode: fc.constantFrom<DirectMode>('Udp', 'Tcp'), inviterAgain: fc.boolean() }),
    runs: 4,
    async run(stage, { mode, inviterAgain }) {
      const server = await stage.server();
      const alice = await stage.directPeer(server, 'alice', { mode });
      const bob = await stage.directPeer(server, 'bob', { mode });
      const invited = (): number =>
        [alice, bob]
          .flatMap(({ raw }) => raw.received)
          .filter(({ messageType }) => messageType === InviteUdpP2P || messageType === InviteTcpP2P)
          .filter(({ body }) => readInvitation(body).Kind === 0).length;
      alice.connect('bob');
      alice.connect('bob');
      const there = await alice.waitLink('bob', 'P2P-031');
      const back = await bob.waitLink('alice', 'P2P-031');
      const count = invited();
      const again = (): void => (inviterAgain ? alice.connect('bob') : bob.connect('alice'));
      again();
      await stage.sleep(2);
      stage.equal(invited(), count, 'P2P-031', 'invitations while there is a link');
      stage.equal([there.closed, back.closed], [undefined, undefined], 'P2P-031', 'the link ended');
      there.link.close();
      const areClosed = (): boolean => there.closed !== undefined && back.closed !== undefined;
      await stage.until(areClosed, 20, 'the link does not end', 'P2P-031');
      again();
      await alice.waitLink('bob', 'P2P-031');
      stage.check(invited() > count, 'P2P-031', 'a link without an invitation');
    },
  }),
  scenario({
    id: 'P2P-3RPF',
    title: 'probes go out to every candidate, again and again, to those of the news, and not to what is none',
    clauses: ['P2P-017', 'P2P-015', 'P2P-016'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const [alice] = await anInviterAndAClient(stage);
      const token = 0xfedc_ba98_7654_3210n;
      const peers = [await stage.udpPeer(), await stage.udpPeer(), await stage.udpPeer(), await stage.udpPeer()];
      const [first, second, news, seventeenth] = peers;
      const hosts = [first!, second!].map(({ address, port }) => ({ address, port }));
      const invite = (parts: Omit<Parameters<typeof invitation>[0], 'token'>): void =>
        void alice.send({ messageType: InviteUdpP2P, destId: 'bob', body: invitation({ token, ...parts }) });
      alice.send({ messageType: InviteUdpP2P, destId: 'bob', body: null });
      const wrong = [null, { IP: null, Kind: 0, Port: 9 }, { IP: 'fe80::1', Kind: 0, Port: 9 }];
      const good = hosts.map(({ address, port }) => ({ IP: address, Kind: 0, Port: port }));
      const filler = Array.from({ length: 11 }, () => ({ IP: '198.51.100.1', Kind: 0, Port: 70_000 }));
      const last = { IP: seventeenth!.address, Kind: 0, Port: seventeenth!.port };
      invite({ candidates: [...wrong, ...good, ...filler, last] });
      for (const peer of [first!, second!]) {
        await peer.expect('P2P-017', isOfKind('Probe', token));
        const count = peer.received.length;
        await peer.expect('P2P-017', isOfKind('Probe', token), count);
      }
      stage.equal(seventeenth!.received.length, 0, 'P2P-016', 'the seventeenth candidate was probed');
      invite({ hosts: [{ address: news!.address, port: news!.port }] });
      await news!.expect('P2P-015', isOfKind('Probe', token));
    },
  }),
  scenario({
    id: 'P2P-9SZU',
    title: 'a probe with the token is acknowledged where it came from and probed back; any other datagram is not',
    clauses: ['P2P-018', 'P2P-019'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ number: fc.nat(0xffff_ffff), flip: fc.nat(63) }),
    runs: 6,
    async run(stage, { number, flip }) {
      const [alice] = await anInviterAndAClient(stage);
      const token = 0x0123_4567_89ab_cdefn;
      const [told, untold, stranger] = [await stage.udpPeer(), await stage.udpPeer(), await stage.udpPeer()];
      const hosts = [{ address: told.address, port: told.port }];
      alice.send({ messageType: InviteUdpP2P, destId: 'bob', body: invitation({ token, hosts }) });
      const bob = (await told.expect('P2P-017', isOfKind('Probe', token))).from;
      stranger.send(encodeProbe(token ^ (1n << BigInt(flip)), number), bob);
      untold.send(encodeProbe(token, number), bob);
      const ack = decodePunchingDatagram((await untold.expect('P2P-018', isOfKind('ProbeAck', token))).bytes);
      const wanted = { kind: 'ProbeAck', token, number, observed: { address: untold.address, port: untold.port } };
      stage.equal(ack, wanted, 'P2P-018', 'the acknowledgement says something else');
      await untold.expect('P2P-019', isOfKind('Probe', token));
      stage.equal(stranger.received.length, 0, 'P2P-018', 'a stranger was answered');
    },
  }),
];
