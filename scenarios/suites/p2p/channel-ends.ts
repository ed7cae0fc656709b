/** How channels end: silence, departure, the own end; and what the server says of users who are gone. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { DirectSwitchboard } from '../../attach/direct-switchboard.ts';
import {
  controllerOf,
  got,
  link,
  linkedTwo,
  plugged,
  seen,
  streamOf,
  takeChannel,
  two,
  watchController,
} from './pairs.ts';

const SENTINEL_TICKS = 5;

export const channelEnds: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-5H2E',
    title: 'a silent channel is probed once a span, and closed after the timeout',
    clauses: ['P2P-046', 'P2P-074'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { link: quiet, alice } = await plugged(stage, 7, { heartBeatSpanInSecs: 4 });
      const startSecs = stage.nowSecs();
      await seen(stage, quiet, MessageType.P2PChannelProbe, 'P2P-046');
      stage.took(stage.nowSecs() - startSecs, { atLeast: 3.9, atMost: 4.1 }, 'P2P-046', 'the first probe');
      quiet.count(1, 0);
      const answeredSecs = stage.nowSecs();
      await stage.until(() => quiet.ended !== undefined, 40, 'the silent channel was not closed', 'P2P-046');
      stage.took(stage.nowSecs() - answeredSecs, { atLeast: 11.9, atMost: 12.1 }, 'P2P-046', 'the end');
      stage.equal(controllerOf(alice).isP2PChannelExist('mallory'), false, 'P2P-074', 'the channel still exists');
      stage.equal(await alice.connected(), true, 'P2P-046', 'connected');
    },
  }),
  scenario({
    id: 'P2P-8D1T',
    title: 'a channel that is in use, or only answered, lives on',
    clauses: ['P2P-046', 'P2P-045'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, bob } = await linkedTwo(stage, { heartBeatSpanInSecs: 2 });
      const told = [watchController(alice), watchController(bob)];
      await stage.sleep(15);
      await alice.sendCertainly('bob', 1, stage.payload());
      stage.equal(told, [[], []], 'P2P-046', 'what happened to the channel');
    },
  }),
  scenario({
    id: 'P2P-3R9C',
    title: 'the server hears of a channel, and says when the other user is gone',
    clauses: ['P2P-047', 'P2P-048', 'P2P-049'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom('end', 'abort', 'replaced'),
    runs: 6,
    async run(stage, how) {
      const { alice, mallory, link: channel, server } = await plugged(stage);
      // Behind the report: the server has it when this answer is here.
      await alice.query(null, QUERY_RULES.echo, stage.payload());
      const told = watchController(alice);
      if (how === 'end') mallory.end();
      else if (how === 'abort') mallory.abort();
      else {
        const other = await stage.rawClient(server, { userID: 'mallory' });
        await other.logon('mallory');
      }
      await stage.until(() => told.length === 2, 30, 'the channel to a user who is gone lived on', 'P2P-049');
      stage.equal(told, ['closed mallory 6', 'all closed'], 'P2P-049', 'what was told');
      stage.check(channel.ended !== undefined, 'P2P-049', 'the link was not ended');
    },
  }),
  scenario({
    id: 'P2P-6Y7B',
    title: 'the server answers a report about, and a message of the P2P room for, somebody who is not online',
    clauses: ['P2P-048'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom('report', 'mark', 'ask'),
    runs: 6,
    async run(stage, how) {
      const server = await stage.server();
      const mallory = await stage.rawClient(server, { userID: 'mallory' });
      await mallory.logon('mallory');
      if (how === 'report') {
        const body = codecs.P2PChannelReportContract.encode({ DestUserID: 'nobody' });
        mallory.send({ messageType: MessageType.P2PChannelReport, body });
      } else if (how === 'mark') mallory.send({ messageType: MessageType.P2PPathMark, destId: 'nobody' });
      else {
        const body = codecs.P2PStreamContract.encode({ StreamID: 1 });
        mallory.send({ messageType: MessageType.P2PStreamAsk, destId: 'nobody', body });
      }
      const gone = await mallory.expect(MessageType.P2PUserGone, { clause: 'P2P-048' });
      const decoded = codecs.P2PUserGoneContract.decode(gone.body);
      stage.equal(decoded, { ok: true, value: { UserID: 'nobody' } }, 'P2P-048', 'who is gone');
      stage.equal(gone.sourceId, '_0', 'P2P-048', 'who says so');
    },
  }),
  scenario({
    id: 'P2P-2J4M',
    title: 'only the server can say that somebody is gone',
    clauses: ['P2P-049'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const raw = await stage.rawServer();
      const board = new DirectSwitchboard();
      const alice = await stage.client('alice', { direct: board });
      const [{ connection }] = await Promise.all([raw.acceptLogon({ clause: 'P2P-049' }), alice.logon(raw)]);
      const channel = board.plug('alice', 'bob');
      channel.hello(7);
      channel.count(streamOf(channel), 0);
      const exists = (): boolean => controllerOf(alice).isP2PChannelExist('bob');
      await stage.until(exists, 30, 'no channel', 'P2P-073');
      const body = codecs.P2PUserGoneContract.encode({ UserID: 'bob' });
      connection.send({ messageType: MessageType.P2PUserGone, sourceId: 'mallory', destId: 'alice', body });
      const ping = codecs.PingContract.encode({ SendTicks: SENTINEL_TICKS });
      connection.send({ messageType: MessageType.PingByServer, sourceId: '_0', destId: 'alice', body: ping });
      await connection.expect(MessageType.PingAck, { clause: 'P2P-049' });
      stage.equal(exists(), true, 'P2P-049', 'the channel, after another user said so');
      connection.send({ messageType: MessageType.P2PUserGone, sourceId: '_0', destId: 'alice', body });
      await stage.until(() => !exists(), 30, 'the channel lived on', 'P2P-049');
    },
  }),
  scenario({
    id: 'P2P-9A5V',
    title: 'the own end closes all channels; what they owe is settled after the relogon',
    clauses: ['P2P-058', 'P2P-074', 'P2P-053'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ sent: fc.integer({ min: 1, max: 6 }), received: fc.integer({ min: 0, max: 6 }) }),
    async run(stage, plan) {
      const all = await plugged(stage);
      const { alice, mallory, link: channel, stream } = all;
      await takeChannel(stage, all);
      for (let n = 1; n <= plan.sent; n++) await alice.send('mallory', n, stage.payload());
      const told = watchController(alice);
      await alice.closeConnection(true);
      stage.equal(told, ['closed mallory 6', 'all closed'], 'P2P-058', 'what was told');
      stage.equal(channel.ended, 'closed', 'P2P-058', 'how the link ended');
      const ask = await mallory.expect(MessageType.P2PStreamAsk, { clause: 'P2P-058' });
      const received = Math.min(plan.received, plan.sent);
      const body = codecs.P2PStreamCountContract.encode({ StreamID: stream, Count: received + 1 });
      mallory.send({ messageType: MessageType.P2PStreamFinal, messageId: ask.messageId, destId: 'alice', body });
      await alice.waitFor('relogonCompleted', { clause: 'P2P-058' });
      await alice.send('mallory', 50, stage.payload());
      for (let n = received + 1; n <= plan.sent + 1; n++) {
        const message = await mallory.expect(MessageType.InformationBySend, { clause: 'P2P-053' });
        const decoded = codecs.BinaryInformationContract.decode(message.body);
        const type = decoded.ok ? decoded.value.InformationType : undefined;
        stage.equal(type, n > plan.sent ? 50 : n, 'P2P-053', 'the next message through the server');
      }
    },
  }),
  scenario({
    id: 'P2P-7S0F',
    title: 'a closed engine has no channels, and the other side hears of it',
    clauses: ['P2P-058', 'P2P-074'],
    kind: 'example',
    noParity: 'it ends when both have told, and whether the server has heard by then is open',
    clients: 'reference',
    async run(stage) {
      const { alice, bob } = await linkedTwo(stage);
      const [atAlice, atBob] = [watchController(alice), watchController(bob)];
      await bob.close();
      await stage.until(() => atAlice.length + atBob.length === 4, 30, 'not all was told', 'P2P-074');
      stage.equal(atBob, ['closed alice 6', 'all closed'], 'P2P-058', 'what the closed one told');
      stage.equal(atAlice, ['closed bob 6', 'all closed'], 'P2P-074', 'what the other told');
    },
  }),
  scenario({
    id: 'P2P-4G8P',
    title: 'what was given to a channel when it died goes through the server, also for users who then speak again',
    clauses: ['P2P-050', 'P2P-053'],
    kind: 'example',
    noParity: 'what is taken over from a dead channel may go either way once there is a new one',
    clients: 'reference',
    async run(stage) {
      const { alice, bob, board } = await two(stage);
      await link(stage, alice, bob);
      board.silence('alice', 'bob');
      for (let n = 1; n <= 5; n++) await alice.send('bob', n, stage.payload());
      board.kill('alice', 'bob');
      for (let n = 6; n <= 9; n++) await alice.send('bob', n, stage.payload());
      await link(stage, alice, bob);
      stage.equal(got(bob), [1, 2, 3, 4, 5, 6, 7, 8, 9], 'P2P-050', 'what came');
    },
  }),
];
