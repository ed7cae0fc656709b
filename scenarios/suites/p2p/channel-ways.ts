/** Changing the way: marks, questions about dead streams, the window. The other end is the scenario. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { SeenMessage } from '../../attach/raw-peer.ts';
import { countIn, got, informationBody, plugged, seen, takeChannel } from './pairs.ts';

const WINDOW_BYTES = 4_194_304;

const typeIn = (message: SeenMessage): number | undefined => {
  const decoded = codecs.BinaryInformationContract.decode(message.body);
  return decoded.ok ? decoded.value.InformationType : undefined;
};

/** Types of the information in messages, in order. */
const typesIn = (messages: readonly SeenMessage[]): (number | undefined)[] =>
  messages.filter(({ messageType }) => messageType === MessageType.InformationBySend).map(typeIn);

export const channelWays: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-9M2R',
    title: 'nothing goes over a new channel before the mark behind the messages of the server has been answered',
    clauses: ['P2P-051', 'P2P-050'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ before: fc.integer({ min: 0, max: 5 }), after: fc.integer({ min: 1, max: 5 }) }),
    async run(stage, { before, after }) {
      const all = await plugged(stage);
      for (let n = 0; n < before; n++) await all.alice.send('mallory', 1 + n, stage.payload(), { byServer: true });
      for (let n = 0; n < after; n++) await all.alice.send('mallory', 100 + n, stage.payload());
      const mark = await all.mallory.expect(MessageType.P2PPathMark, { clause: 'P2P-051' });
      // What the server had before the mark, it has passed on before it.
      const overServer = typesIn(all.mallory.received);
      stage.equal(typesIn(all.link.received), [], 'P2P-051', 'sent over the channel before the answer');
      all.link.send({ messageType: MessageType.P2PPathMarked, messageId: mark.messageId + 1 });
      await stage.sleep(0.1);
      stage.equal(typesIn(all.link.received), [], 'P2P-051', 'sent after an answer to another mark');
      all.link.send({ messageType: MessageType.P2PPathMarked, messageId: mark.messageId });
      await seen(stage, all.link, MessageType.InformationBySend, 'P2P-051');
      const wanted = [...Array(after).keys()].map((n) => 100 + n);
      stage.equal(
        [...overServer.filter((type) => type! >= 100), ...typesIn(all.link.received)],
        wanted,
        'P2P-050',
        'order',
      );
    },
  }),
  scenario({
    id: 'P2P-6V4D',
    title: 'a mark is answered behind what came before it, over the channel or through the server',
    clauses: ['P2P-052'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.boolean(),
    runs: 6,
    async run(stage, withChannel) {
      const { alice, mallory, link } = await plugged(stage, 7);
      if (!withChannel) link.die();
      await stage.sleep(0.01);
      for (let n = 1; n <= 3; n++) {
        mallory.send({ messageType: MessageType.InformationBySend, destId: 'alice', body: informationBody(n, null) });
      }
      mallory.send({ messageType: MessageType.P2PPathMark, destId: 'alice', messageId: 4711 });
      const answer = withChannel
        ? await seen(stage, link, MessageType.P2PPathMarked, 'P2P-052')
        : await mallory.expect(MessageType.P2PPathMarked, { clause: 'P2P-052' });
      stage.equal(answer.messageId, 4711, 'P2P-052', 'the message id of the answer');
      stage.equal(got(alice), [1, 2, 3], 'P2P-052', 'handled before the answer');
    },
  }),
  scenario({
    id: 'P2P-3F7Z',
    title: 'of a dead stream exactly what was not received goes again, first and in order',
    clauses: ['P2P-053', 'P2P-050', 'P2P-057'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        sent: fc.integer({ min: 1, max: 8 }),
        counted: fc.integer({ min: 0, max: 8 }),
        received: fc.integer({ min: -1, max: 8 }),
        later: fc.integer({ min: 1, max: 3 }),
      }),
    async run(stage, { sent, later, ...plan }) {
      const all = await plugged(stage);
      const { alice, mallory, link, stream } = all;
      await takeChannel(stage, all);
      for (let n = 1; n <= sent; n++) await alice.send('mallory', n, stage.payload());
      // The first message of all was 99.
      const received = plan.received < 0 ? -1 : Math.min(plan.received, sent) + 1;
      const counted = Math.min(plan.counted + 1, received < 0 ? sent + 1 : received);
      link.count(stream, counted);
      await stage.sleep(0.05);
      link.die();
      const { p2pController } = alice.engine!;
      await stage.until(() => p2pController?.isP2PChannelExist('mallory') === false, 30, 'the channel did not end');
      const nothingOwed = counted === sent + 1;
      if (!nothingOwed) {
        const ask = await mallory.expect(MessageType.P2PStreamAsk, { clause: 'P2P-053' });
        stage.equal(
          codecs.P2PStreamContract.decode(ask.body),
          { ok: true, value: { StreamID: stream } },
          'P2P-053',
          'the stream asked for',
        );
        for (let n = 1; n <= later; n++) await alice.send('mallory', 200 + n, stage.payload());
        const body = codecs.P2PStreamCountContract.encode({ Count: received, StreamID: stream });
        mallory.send({ messageType: MessageType.P2PStreamFinal, messageId: ask.messageId, destId: 'alice', body });
      } else for (let n = 1; n <= later; n++) await alice.send('mallory', 200 + n, stage.payload());
      await mallory.expect(MessageType.InformationBySend, {
        clause: 'P2P-053',
        from: 0,
        match: (message) => typeIn(message) === 200 + later,
      });
      const missing =
        received < 0 || nothingOwed ? [] : [...Array(sent + 1 - received).keys()].map((n) => received + n);
      const wanted = [...missing, ...[...Array(later).keys()].map((n) => 201 + n)];
      const clause = received < 0 ? 'P2P-057' : 'P2P-053';
      stage.equal(typesIn(mallory.received), wanted, clause, 'what went through the server');
    },
  }),
  scenario({
    id: 'P2P-8K5J',
    title: 'who is asked about a stream closes its channel, says the final count, and takes nothing more from it',
    clauses: ['P2P-054'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.integer({ min: 0, max: 6 }),
    async run(stage, sent) {
      const { alice, mallory, link } = await plugged(stage, 7);
      for (let n = 1; n <= sent; n++) {
        link.send({ messageType: MessageType.InformationBySend, body: informationBody(n, null) });
      }
      await stage.until(() => got(alice).length === sent, 30, 'not all came', 'P2P-054');
      const ask = async (stream: number): Promise<unknown> => {
        const body = codecs.P2PStreamContract.encode({ StreamID: stream });
        mallory.send({ messageType: MessageType.P2PStreamAsk, messageId: 500 + stream, destId: 'alice', body });
        const answer = await mallory.expect(MessageType.P2PStreamFinal, { clause: 'P2P-054' });
        stage.equal(answer.messageId, 500 + stream, 'P2P-054', 'the message id of the answer');
        return countIn(answer);
      };
      stage.equal(await ask(7), { Count: sent, StreamID: 7 }, 'P2P-054', 'the final count');
      stage.check(link.ended !== undefined, 'P2P-054', 'the channel was not closed');
      link.handlers?.onData(new Uint8Array(0));
      stage.equal(await ask(8), { Count: -1, StreamID: 8 }, 'P2P-054', 'the count of a stream that never was');
      stage.equal(await ask(7), { Count: sent, StreamID: 7 }, 'P2P-054', 'the final count, asked for again');
    },
  }),
  scenario({
    id: 'P2P-1B6N',
    title: 'no more than the window is on a channel without having been counted',
    clauses: ['P2P-055', 'P2P-044'],
    kind: 'example',
    noParity: 'eight megabytes take real time, in which a bare peer without heartbeats may time out',
    clients: 'reference',
    async run(stage) {
      const all = await plugged(stage);
      await takeChannel(stage, all);
      const piece = 100_000;
      const pieces = 80;
      for (let n = 0; n < pieces; n++) await all.alice.send('mallory', n, new Uint8Array(piece).fill(n));
      const bytes = (): number => all.link.received.reduce((sum, message) => sum + message.bytes.length, 0);
      const limit = WINDOW_BYTES + piece + 1000;
      stage.check(bytes() <= limit && bytes() > piece, 'P2P-055', `${bytes()} bytes were sent without a count`);
      stage.check(engineBusy(all.alice), 'P2P-055', 'the rest is not shown as queued');
      for (let told = 0; told < typesIn(all.link.received).length;) {
        told = typesIn(all.link.received).length;
        all.link.count(all.stream, told);
        await stage.sleep(0.01);
      }
      await stage.until(() => typesIn(all.link.received).length === pieces + 1, 30, 'the rest did not come', 'P2P-055');
      // Whoever claims more than was sent is not counted with any longer.
      all.link.count(all.stream, pieces + 50);
      await stage.until(() => all.link.ended !== undefined, 2, 'an impossible count was accepted', 'P2P-044');
    },
  }),
  scenario({
    id: 'P2P-0X3W',
    title: 'calls of the application keep their order across ways while a handler has not finished',
    clauses: ['P2P-056'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, mallory, link } = await plugged(stage, 7, { informationMillis: 500 });
      mallory.send({ messageType: MessageType.InformationBySend, destId: 'alice', body: informationBody(1, null) });
      await alice.waitFor('information', { clause: 'P2P-056' });
      link.send({ messageType: MessageType.InformationBySend, body: informationBody(2, null) });
      link.send({ messageType: MessageType.P2PChannelProbe });
      const counts = (): number[] =>
        link.received.flatMap((message) =>
          message.messageType === MessageType.P2PChannelCount ? [Number(countIn(message)?.Count)] : [],
        );
      await stage.until(() => counts().includes(1), 30, 'the second information did not come', 'P2P-056');
      stage.equal(got(alice), [1], 'P2P-056', 'the second call came before the first had finished');
      await stage.until(() => got(alice).length === 2, 30, 'the second call never came', 'P2P-056');
      stage.equal(got(alice), [1, 2], 'P2P-056', 'the order of the calls');
    },
  }),
];

function engineBusy(client: Parameters<typeof got>[0]): boolean {
  return client.engine?.p2pController?.p2pChannelIsBusy('mallory') === true;
}
