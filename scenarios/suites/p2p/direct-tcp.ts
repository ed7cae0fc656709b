/** Direct TCP seen by a bare peer: tests, tokens, the choice (18.5). */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { DirectPeer } from '../../attach/direct-peer.ts';
import type { RawClient } from '../../attach/raw-peer.ts';
import { invitation, readInvitation } from './datagrams.ts';

const { InviteTcpP2P, TcpP2PChannelTest } = MessageType;
const TOKEN = 0x7777_0000_1111_2222n;

const test = (token: bigint, isChosen = false): Uint8Array =>
  codecs.P2PChannelTestContract.encode({ Chosen: isChosen, Token: BigInt.asIntN(64, token) });

/** `bob` has a connector and was invited by a bare `alice`; gives the way to bob's listening port. */
async function anInvitedClient(
  stage: Stage,
): Promise<{ bob: DirectPeer; dial: () => Promise<RawClient>; alice: RawClient }> {
  const server = await stage.server();
  const bob = await stage.directPeer(server, 'bob', { mode: 'Tcp' });
  const alice = await stage.rawClient(server);
  await alice.logon('alice');
  alice.send({ messageType: InviteTcpP2P, destId: 'bob', body: invitation({ token: TOKEN }) });
  const answer = readInvitation((await alice.expect(InviteTcpP2P, { clause: 'P2P-012' })).body);
  const { IP, Port } = answer.Candidates![0]!;
  return { bob, alice, dial: () => stage.rawClient({ address: IP!, port: Port }) };
}

export const directTcp: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-8TST',
    title: 'a connection is worth what its first message is: another token, sender, message or silence ends it',
    clauses: ['P2P-025'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'], // real connections of a scenario go through a proxy that knows servers only
    async run(stage) {
      const { bob, dial } = await anInvitedClient(stage);
      const wrong = [
        { messageType: TcpP2PChannelTest, sourceId: 'alice', destId: 'bob', body: test(TOKEN + 1n, true) },
        { messageType: TcpP2PChannelTest, sourceId: 'mallory', destId: 'bob', body: test(TOKEN, true) },
        { messageType: TcpP2PChannelTest, sourceId: 'alice', destId: 'carol', body: test(TOKEN, true) },
        { messageType: MessageType.HeartBeat, sourceId: 'alice', destId: 'bob', body: test(TOKEN, true) },
      ];
      for (const message of wrong) {
        const raw = await dial();
        raw.send(message);
        await raw.expectClosed({ clause: 'P2P-025', withinSecs: 2 });
        stage.equal(raw.received.length, 0, 'P2P-025', 'a wrong test was answered');
      }
      const right = await dial();
      right.send({ messageType: TcpP2PChannelTest, sourceId: 'alice', destId: 'bob', body: test(TOKEN) });
      const back = await right.expect(TcpP2PChannelTest, { clause: 'P2P-025' });
      const body = codecs.P2PChannelTestContract.decode(back.body);
      stage.check(body.ok && BigInt(body.value.Token) === TOKEN, 'P2P-025', 'the test of the other end is another');
      stage.equal([back.sourceId, back.destId], ['bob', 'alice'], 'P2P-025', 'the ids of the test');
      stage.equal(bob.links.length, 0, 'P2P-026', 'a link before the choice');
      right.send({ messageType: TcpP2PChannelTest, sourceId: 'alice', destId: 'bob', body: test(TOKEN, true) });
      await bob.waitLink('alice', 'P2P-026');
    },
  }),
  scenario({
    id: 'P2P-1SIL',
    title: 'a connection that says nothing is closed after 5 seconds',
    clauses: ['P2P-025'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'], // as above
    async run(stage) {
      const { dial } = await anInvitedClient(stage);
      const silent = await dial();
      const began = stage.nowSecs();
      await silent.expectClosed({ clause: 'P2P-025', withinSecs: 7 });
      stage.took(stage.nowSecs() - began, { atLeast: 4.9, atMost: 5.1 }, 'P2P-025', 'a silent connection');
    },
  }),
  scenario({
    id: 'P2P-6CHO',
    title: 'of several connections the inviter chooses one, and all others are closed',
    clauses: ['P2P-026'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'], // as above
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.directPeer(server, 'alice', { mode: 'Tcp' });
      const bob = await stage.rawClient(server);
      await bob.logon('bob');
      alice.connect('bob');
      const told = readInvitation((await bob.expect(InviteTcpP2P, { clause: 'P2P-011' })).body);
      const { IP, Port } = told.Candidates![0]!;
      const token = BigInt.asUintN(64, BigInt(told.Token));
      const dial = (): Promise<RawClient> => stage.rawClient({ address: IP!, port: Port });
      const [first, second] = [await dial(), await dial()];
      // Whoever is invited cannot choose.
      const eager = await dial();
      const asBob = { messageType: TcpP2PChannelTest, sourceId: 'bob', destId: 'alice' };
      eager.send({ ...asBob, body: test(token, true) });
      await eager.expectClosed({ clause: 'P2P-026', withinSecs: 2 });
      second.send({ ...asBob, body: test(token) });
      const back = codecs.P2PChannelTestContract.decode(
        (await second.expect(TcpP2PChannelTest, { clause: 'P2P-026' })).body,
      );
      stage.equal(back.ok && back.value.Chosen, true, 'P2P-026', 'the first whose test came is not chosen');
      await alice.waitLink('bob', 'P2P-026');
      first.send({ ...asBob, body: test(token) });
      await first.expectClosed({ clause: 'P2P-026', withinSecs: 2 });
      stage.equal([alice.links.length, second.isClosed()], [1, false], 'P2P-026', 'the chosen one must live alone');
    },
  }),
];
