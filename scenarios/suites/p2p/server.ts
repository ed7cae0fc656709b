/** The P2P server, beside a server and alone, and what a server does with addresses and invitations (18.1 to 18.3). */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { P2P_DISCOVER_PADDING_BYTES } from '../../../spec/limits.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { answerIn, discoverRequest, invitation } from './datagrams.ts';

export const p2pServer: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-3VQ8',
    title:
      'a server tells its clients, on the port after its own and on a second one, how they look, and says so at logon',
    clauses: ['P2P-001', 'P2P-002', 'P2P-003', 'P2P-005'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ id: fc.integer(), userID: fc.constantFrom('a', 'alice', 'elevenbytes', '张三') }),
    runs: 10,
    async run(stage, { id, userID }) {
      const server = await stage.server();
      const raw = await stage.rawClient(server);
      await raw.logon('bob');
      const logon = codecs.ResLogonContract.decode(raw.received[0]!.body);
      const flags = logon.ok ? [logon.value.P2PEnabled, logon.value.UseAsP2PServer] : [];
      stage.equal(flags, [true, true], 'P2P-002', 'the logon does not offer the P2P server');
      const peer = await stage.udpPeer();
      const ask = async (port: number, messageId: number): Promise<ReturnType<typeof answerIn>> => {
        peer.send(discoverRequest(userID, messageId), { address: server.address, port });
        const seen = await peer.expect('P2P-001', ({ from }) => from.port === port);
        return answerIn(seen.bytes);
      };
      const first = await ask(server.port + 1, id);
      const wanted = { messageId: id, destId: userID, IP: peer.address, PublicPort: peer.port };
      const { SecondPort: secondPort = 0, ...seen } = first ?? {};
      stage.equal(seen, wanted, 'P2P-003', 'the answer is not about the source of the request');
      stage.check(secondPort > 0 && secondPort !== server.port + 1, 'P2P-005', 'no second port is named');
      const second = await ask(secondPort, id ^ 1);
      stage.equal(second?.PublicPort, peer.port, 'P2P-005', 'the second port says something else');
      stage.equal(second?.SecondPort, server.port + 1, 'P2P-005', 'the second port does not name the first');
    },
  }),
  scenario({
    id: 'P2P-9KXC',
    title: 'a server without P2P server, by setting or because the port is taken, says so and answers nobody',
    clauses: ['P2P-002', 'P2P-001'],
    kind: 'example',
    clients: 'reference',
    // On a real machine any other program may take or free the port.
    targets: ['sim'],
    async run(stage) {
      const off = await stage.server({ beforeStart: (engine) => (engine.useAsP2PServer = false) });
      const other = await stage.server();
      const beside = await stage.server({ host: other.host, port: other.port - 1 });
      for (const server of [off, beside]) {
        const raw = await stage.rawClient(server);
        await raw.logon('bob');
        const logon = codecs.ResLogonContract.decode(raw.received[0]!.body);
        stage.equal(
          logon.ok && logon.value.UseAsP2PServer,
          false,
          'P2P-002',
          'a P2P server is offered that does not run',
        );
      }
      const peer = await stage.udpPeer();
      peer.send(discoverRequest('bob', 1), { address: off.address, port: off.port + 1 });
      peer.send(discoverRequest('bob', 2), { address: other.address, port: other.port + 1 });
      await peer.expect('P2P-001', ({ from }) => from.port === other.port + 1);
      stage.equal(peer.received.length, 1, 'P2P-001', 'a P2P server answers that is switched off');
    },
  }),
  scenario({
    id: 'P2P-6TWM',
    title: 'whatever is no request of the right N and length is ignored, and no answer is as long as its request',
    clauses: ['P2P-004'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        N: fc.constantFrom(1, 2, 11, 40, 255),
        cut: fc.integer({ min: 1, max: P2P_DISCOVER_PADDING_BYTES }),
        garbage: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      }),
    async run(stage, { N, cut, garbage }) {
      const server = await stage.p2pServer({ maxLengthOfUserID: N });
      const peer = await stage.udpPeer();
      const good = discoverRequest('a', 9, N);
      const otherType = good.slice();
      otherType[3] = 200;
      const padded = good.slice();
      padded[padded.length - 1] = 1;
      const longer = new Uint8Array(good.length + cut);
      longer.set(good);
      const bad = [
        good.subarray(0, good.length - cut),
        longer,
        padded,
        otherType,
        discoverRequest('a', 9, N === 11 ? 12 : 11),
        Uint8Array.of(2, ...good.subarray(1)),
        garbage[0] === 1 ? garbage.subarray(1) : garbage,
      ];
      for (const bytes of bad) peer.send(bytes, server);
      peer.send(good, server);
      const seen = await peer.expect('P2P-004', () => true);
      stage.equal(answerIn(seen.bytes, N)?.messageId, 9, 'P2P-004', 'something else was answered');
      stage.check(seen.bytes.length < good.length, 'P2P-004', `${seen.bytes.length} bytes answer ${good.length}`);
      stage.equal(peer.received.length, 1, 'P2P-004', 'a bad request was answered');
      stage.equal(server.engine.statistics, { answered: 1, ignored: bad.length }, 'P2P-004', 'not all were ignored');
    },
  }),
  scenario({
    id: 'P2P-4HNJ',
    title: 'over TCP a P2P server answers one request and ends, ends on anything else, and after 5 seconds of nothing',
    clauses: ['P2P-006'],
    kind: 'example',
    clients: 'reference',
    // Real connections of a scenario go through a proxy that knows servers only.
    targets: ['sim'],
    async run(stage) {
      const server = await stage.p2pServer();
      for (const port of [server.port, server.engine.secondPort]) {
        const raw = await stage.rawClient({ address: server.address, port });
        raw.send({ messageType: MessageType.GetMyPublicIPE, messageId: 77, sourceId: 'alice' });
        const answer = await raw.expect(MessageType.GetMyPublicIPE, { clause: 'P2P-006' });
        const body = codecs.PublicIPEResponseContract.decode(answer.body);
        stage.equal(answer.messageId, 77, 'P2P-006', 'the answer has another id');
        stage.check(body.ok && body.value.PublicPort > 0, 'P2P-006', 'the answer names no endpoint');
        await raw.expectClosed({ clause: 'P2P-006', withinSecs: 2 });
      }
      const wrong = await stage.rawClient(server);
      wrong.send({ messageType: MessageType.Logon, sourceId: 'alice' });
      await wrong.expectClosed({ clause: 'P2P-006', withinSecs: 2 });
      stage.equal(wrong.received.length, 0, 'P2P-006', 'something else was answered');
      const silent = await stage.rawClient(server);
      const began = stage.nowSecs();
      await silent.expectClosed({ clause: 'P2P-006', withinSecs: 6 });
      stage.took(stage.nowSecs() - began, { atLeast: 4.9, atMost: 5.1 }, 'P2P-006', 'a silent connection');
    },
  }),
  scenario({
    id: 'P2P-8BRE',
    title: 'clients of a server without P2P server meet by one that stands alone',
    clauses: ['P2P-007', 'P2P-008'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ beforeStart: (engine) => (engine.useAsP2PServer = false) });
      const alone = await stage.p2pServer();
      const options = { p2pServer: alone, mode: 'Udp' as const };
      const alice = await stage.directPeer(server, 'alice', options);
      const bob = await stage.directPeer(server, 'bob', options);
      stage.check(alone.engine.statistics.answered >= 4, 'P2P-008', 'the P2P server that was set was not asked');
      alice.connect('bob');
      await alice.waitLink('bob', 'P2P-007');
      await bob.waitLink('alice', 'P2P-007');
    },
  }),
  scenario({
    id: 'P2P-2MZD',
    title: 'addresses told by P2PLogon are kept with the user, raised, and told to whoever asks',
    clauses: ['P2P-010'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const changes: unknown[] = [];
      server.engine.userManager.p2pAddressChanged.add((userID, address) =>
        changes.push([userID, address.publicUdpPort]),
      );
      const [alice, bob] = [await stage.rawClient(server), await stage.rawClient(server)];
      await alice.logon('alice');
      await bob.logon('bob');
      const P2PAddress = {
        PrivateIP: '10.0.0.7',
        PrivateTcpPort: 1,
        PrivateUdpPort: 2,
        PublicIP: '203.0.113.9',
        PublicTcpPort: 3,
        PublicUdpPort: 4,
      };
      const ask = async (FriendID: string): Promise<unknown> => {
        bob.send({ messageType: MessageType.ReqUserData, body: codecs.ReqUserDataContract.encode({ FriendID }) });
        const answer = await bob.expect(MessageType.ReqUserData, { clause: 'P2P-010' });
        const body = codecs.ResUserDataContract.decodeNullable(answer.body);
        return body.ok ? body.value : body.error.code;
      };
      stage.equal(await ask('alice'), { UserID: 'alice', P2PAddress: null }, 'P2P-010', 'untold, but known');
      const body = codecs.P2PLogonContract.encode({ IsPublicIP: false, P2PAddress });
      alice.send({ messageType: MessageType.P2PLogon, body });
      await stage.until(() => changes.length > 0, 5, 'p2pAddressChanged was not raised', 'P2P-010');
      stage.equal(changes, [['alice', 4]], 'P2P-010', 'the event tells something else');
      const kept = server.engine.userManager.getUserData('alice')?.p2pAddress;
      stage.equal(kept?.privateIP, '10.0.0.7', 'P2P-010', 'the address was not kept');
      stage.equal(await ask('alice'), { UserID: 'alice', P2PAddress }, 'P2P-010', 'the address is told wrongly');
      stage.equal(await ask('nobody'), null, 'P2P-010', 'somebody offline has an address');
    },
  }),
  scenario({
    id: 'P2P-5YLA',
    title: 'after a logon a client finds out its public endpoints and tells them to the server',
    clauses: ['P2P-009', 'P2P-008'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    plan: () => fc.constantFrom('open', 'fullCone', 'portRestricted', 'symmetricRandom', 'udpBlocked'),
    runs: 5,
    async run(stage, nat) {
      const server = await stage.server();
      const alice = await stage.directPeer(server, 'alice', { network: { nat } });
      await stage.until(
        () => server.engine.userManager.getUserData('alice')?.p2pAddress?.publicIP !== undefined,
        5,
        'no addresses were told',
        'P2P-009',
      );
      const address = server.engine.userManager.getUserData('alice')!.p2pAddress!;
      const seen = server.engine.userManager.getUserData('alice')!.address;
      stage.equal(address.publicIP, seen.address, 'P2P-009', 'the public address is another than the server sees');
      stage.equal(address.publicIP === address.privateIP, nat === 'open', 'P2P-009', 'the own address is wrong');
      stage.equal(address.publicUdpPort > 0, nat !== 'udpBlocked', 'P2P-009', 'the public UDP port');
      stage.check(address.publicTcpPort > 0, 'P2P-009', 'the public TCP port is not told');
      if (nat === 'open') stage.equal(address.publicUdpPort, address.privateUdpPort, 'P2P-009', 'ports differ');
      stage.equal(alice.failures, [], 'P2P-009', 'something failed');
    },
  }),
  scenario({
    id: 'P2P-7QFS',
    title: 'invitations pass from user to user unchanged, and end where the user is offline',
    clauses: ['P2P-013'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const [alice, bob] = [await stage.rawClient(server), await stage.rawClient(server)];
      await alice.logon('alice');
      await bob.logon('bob');
      for (const messageType of [MessageType.InviteTcpP2P, MessageType.InviteUdpP2P]) {
        const body = invitation({ token: 5n });
        alice.send({ messageType, destId: 'nobody', body });
        const sent = alice.send({ messageType, destId: 'bob', body });
        const got = await bob.expect(messageType, { clause: 'P2P-013' });
        stage.equal(got.bytes, sent, 'P2P-013', 'the invitation was changed');
      }
      // Of the one who is not there the sender is told by the server (P2P-048), and of nothing else.
      const told = alice.received.slice(1).map(({ messageType, sourceId }) => [messageType, sourceId]);
      const gone = [MessageType.P2PUserGone, '_0'];
      stage.equal(told, [gone, gone], 'P2P-013', 'what the sender was told');
    },
  }),
];
