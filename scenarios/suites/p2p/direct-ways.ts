/** Which ways direct links take, and that they come to be under hardship (18.4 to 18.6). */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { DirectMode } from '../../attach/direct-peer.ts';
import { MATRIX_KINDS, expectedLetter } from '../../nat/expected.ts';
import type { MatrixKind, MatrixTransport } from '../../nat/expected.ts';

const isDirect = (transport: MatrixTransport, a: MatrixKind, b: MatrixKind): boolean =>
  ['D', 'P'].includes(expectedLetter(transport, a, b));

export const directWays: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-5LAN',
    title: 'on one LAN links go by the own addresses, behind whatever NAT, also when it does not lead back',
    clauses: ['P2P-020', 'P2P-024', 'P2P-030'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    plan: () =>
      fc.record({
        nat: fc.constantFrom(...MATRIX_KINDS.filter((kind) => kind !== 'open' && kind !== 'udpBlocked')),
        hairpin: fc.boolean(),
        mode: fc.constantFrom<DirectMode>('Udp', 'Tcp', 'TcpAndUdp'),
      }),
    async run(stage, { nat, hairpin, mode }) {
      const server = await stage.server();
      const network = { nat, lan: 'home', hairpin };
      const alice = await stage.directPeer(server, 'alice', { mode, network });
      const bob = await stage.directPeer(server, 'bob', { mode, network });
      alice.connect('bob');
      const [there, back] = [await alice.waitLink('bob', 'P2P-030'), await bob.waitLink('alice', 'P2P-030')];
      for (const { link } of [there, back]) {
        stage.check(link.remote.address.startsWith('192.168.'), 'P2P-020', `the link goes to ${link.remote.address}`);
      }
      if (mode !== 'TcpAndUdp') return;
      const hasTcp = (): boolean => alice.links.some(({ link }) => link.protocol === 'tcp');
      await stage.until(hasTcp, 6, 'no TCP link on one LAN', 'P2P-024');
    },
  }),
  scenario({
    id: 'P2P-7AWY',
    title: 'between LANs with the same private addresses links go by the public ones',
    clauses: ['P2P-020'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.directPeer(server, 'alice', { mode: 'Udp', network: { nat: 'portRestricted' } });
      // Bob is the second in his LAN, as the trap is in hers: same private address, same port.
      await stage.udpPeer({ nat: 'portRestricted', lan: 'bob' });
      const bob = await stage.directPeer(server, 'bob', {
        mode: 'Udp',
        network: { nat: 'portRestricted', lan: 'bob' },
      });
      const address = server.engine.userManager.getUserData('bob')?.p2pAddress;
      const trap = await stage.udpPeer({ nat: 'portRestricted', lan: 'alice' }, address?.privateUdpPort);
      stage.equal(trap.address, address?.privateIP, 'P2P-020', 'the case is built wrongly');
      alice.connect('bob');
      const there = await alice.waitLink('bob', 'P2P-020');
      const own = server.engine.userManager.getUserAddress('bob');
      stage.equal(there.link.remote.address, own?.address, 'P2P-020', 'the link goes elsewhere');
      await bob.waitLink('alice', 'P2P-020');
      await stage.sleep(2);
      stage.equal(trap.received.length, 0, 'P2P-020', 'a neighbour was probed for bob');
    },
  }),
  scenario({
    id: 'P2P-9BTH',
    title: 'where both transports are allowed UDP goes through NATs, predicted ones too, and TCP where UDP is blocked',
    clauses: ['P2P-028', 'P2P-030', 'P2P-021'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    plan: () =>
      fc.constantFrom<[MatrixKind, MatrixKind, 'udp' | 'tcp']>(
        ['portRestricted', 'portRestricted', 'udp'],
        ['portRestricted', 'symmetricSequential', 'udp'],
        ['symmetricSequential', 'portRestricted', 'udp'],
        ['symmetricSequential', 'symmetricSequential', 'udp'],
        ['udpBlocked', 'udpBlocked', 'tcp'],
        ['udpBlocked', 'portRestricted', 'tcp'],
      ),
    runs: 12,
    async run(stage, [a, b, protocol]) {
      const server = await stage.server();
      const alice = await stage.directPeer(server, 'alice', { network: { nat: a } });
      const bob = await stage.directPeer(server, 'bob', { network: { nat: b } });
      alice.connect('bob');
      const there = await alice.waitLink('bob', 'P2P-028');
      const back = await bob.waitLink('alice', 'P2P-028');
      stage.equal([there.link.protocol, back.link.protocol], [protocol, protocol], 'P2P-028', 'the link is another');
    },
  }),
  scenario({
    id: 'P2P-2SWM',
    title:
      'under loss, jitter and duplication, whoever invites and when: direct where the tables say so, else both know',
    clauses: ['P2P-030', 'P2P-014', 'P2P-017', 'P2P-023'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    timeLimitSecs: 120,
    plan: () =>
      fc.record({
        a: fc.constantFrom(...MATRIX_KINDS),
        b: fc.constantFrom(...MATRIX_KINDS),
        mode: fc.constantFrom<DirectMode>('Udp', 'Tcp', 'TcpAndUdp'),
        delayMillis: fc.integer({ min: 1, max: 120 }),
        lossPerMille: fc.integer({ min: 0, max: 50 }),
        duplicatePerMille: fc.integer({ min: 0, max: 50 }),
        /** When the other one invites as well; 0: never. */
        echoMillis: fc.constantFrom(0, 0, 1, 20, 300),
        impatient: fc.boolean(),
        names: fc.constantFrom(['ann', 'zoe'] as const, ['zoe', 'ann'] as const),
      }),
    runs: 30,
    async run(stage, plan) {
      const { a, b, mode, names, impatient, delayMillis, lossPerMille, duplicatePerMille } = plan;
      const server = await stage.server();
      const conditions = { delayMillis, lossPerMille, duplicatePerMille };
      const options = { mode, conditions, impatient };
      const first = await stage.directPeer(server, names[0], { ...options, network: { nat: a } });
      const second = await stage.directPeer(server, names[1], { ...options, network: { nat: b } });
      first.connect(names[1]);
      if (plan.echoMillis > 0) {
        await stage.sleep(plan.echoMillis / 1000);
        second.connect(names[0]);
      }
      const isOver = (): boolean =>
        (first.links.length > 0 && second.links.length > 0) ||
        (first.failures.length > 0 && second.failures.length > 0);
      await stage.until(isOver, 60, 'the attempt has no end that both know', 'P2P-023');
      // A random SYN or two may be lost within the five seconds; prediction under loss is luck.
      const isCertain = (transport: MatrixTransport): boolean => expectedLetter(transport, a, b) === 'D';
      const mayUdp = mode !== 'Tcp';
      const mayTcp = mode !== 'Udp';
      const isOwed = (mayUdp && isCertain('udp')) || (mode === 'Tcp' && isCertain('tcp') && lossPerMille === 0);
      const isPossible = (mayUdp && isDirect('udp', a, b)) || (mayTcp && isDirect('tcp', a, b));
      const hasLink = first.links.length > 0 && second.links.length > 0;
      if (isOwed)
        stage.check(hasLink, 'P2P-030', `no link: ${first.failures[0]?.detail ?? second.failures[0]?.detail}`);
      if (!isPossible) stage.check(!hasLink, 'P2P-030', 'a link where none can be: the network or the test is wrong');
      if (!hasLink) return;
      const [there, back] = [first.links[0]!, second.links[0]!];
      there.link.write(new Uint8Array(5_000));
      back.link.write(new Uint8Array(5_000));
      const passed = (): boolean =>
        sum(first.links.map((each) => each.receivedBytes)) === 5_000 &&
        sum(second.links.map((each) => each.receivedBytes)) === 5_000;
      await stage.until(passed, 60, 'bytes do not pass both ways', 'P2P-030');
    },
  }),
];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
