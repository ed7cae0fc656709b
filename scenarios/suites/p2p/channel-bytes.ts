/** What goes over a channel, byte for byte: hello, counts, probes, and what is refused. The other end is the scenario. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { DirectSwitchboard } from '../../attach/direct-switchboard.ts';
import {
  controllerOf,
  countIn,
  got,
  informationBody,
  plugged,
  seen,
  streamOf,
  takeChannel,
  watchController,
} from './pairs.ts';

const COUNT_AT_BYTES = 65_536;

export const channelBytes: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-7C1H',
    title: 'a channel begins with hello, and its messages have the bytes they have through the server',
    clauses: ['P2P-040'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const all = await plugged(stage);
      const first = await takeChannel(stage, all);
      stage.equal(all.link.received[0]?.messageType, MessageType.P2PChannelHello, 'P2P-040', 'the first message');
      stage.equal(first.sourceId, 'alice', 'P2P-040', 'the source');
      stage.equal(first.destId, 'mallory', 'P2P-040', 'the destination');
      // The same call by the other way.
      const { customizeOutter } = all.alice.engine!;
      const info = stage.payload();
      customizeOutter.send('mallory', 5, info);
      customizeOutter.transferByServer('mallory', 5, info);
      const direct = await seen(
        stage,
        all.link,
        MessageType.InformationBySend,
        'P2P-040',
        all.link.received.length - 1,
      );
      const forwarded = await all.mallory.expect(MessageType.InformationBySend, { clause: 'P2P-064' });
      const withoutId = (bytes: Uint8Array): Uint8Array => bytes.slice().fill(0, 8, 12);
      stage.equal(withoutId(direct.bytes), withoutId(forwarded.bytes), 'P2P-040', 'the bytes of the two ways differ');
      const second = all.board.plug('alice', 'mallory');
      const again = codecs.P2PStreamContract.decode(second.received[0]!.body);
      stage.check(again.ok && again.value.StreamID !== all.stream, 'P2P-040', 'a StreamID was given twice');
    },
  }),
  scenario({
    id: 'P2P-2H6A',
    title: 'a channel is there when both hellos have come, and each has been answered',
    clauses: ['P2P-041', 'P2P-065', 'P2P-073'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.boolean(),
    runs: 4,
    async run(stage, helloFirst) {
      const server = await stage.server();
      const board = new DirectSwitchboard();
      const alice = await stage.loggedOn(server, 'alice', { direct: board });
      const mallory = await stage.rawClient(server, { userID: 'mallory' });
      await mallory.logon('mallory');
      const told = watchController(alice);
      const link = board.plug('alice', 'mallory');
      if (helloFirst) link.hello(7);
      else link.count(streamOf(link), 0);
      await alice.send('mallory', 1, stage.payload());
      await mallory.expect(MessageType.InformationBySend, { clause: 'P2P-065' });
      stage.equal(told, [], 'P2P-065', 'what was told while half of the greeting was missing');
      if (helloFirst) link.count(streamOf(link), 0);
      else link.hello(7);
      const answer = await seen(stage, link, MessageType.P2PChannelCount, 'P2P-041');
      stage.equal(countIn(answer), { Count: 0, StreamID: 7 }, 'P2P-041', 'the answer to the hello');
      await stage.until(() => told.length > 0, 30, 'the channel did not open', 'P2P-073');
      stage.equal(told, ['opened mallory 6'], 'P2P-073', 'what was told');
    },
  }),
  scenario({
    id: 'P2P-2W9K',
    title: 'the sender is the one at the other end of the channel, whatever a message says',
    clauses: ['P2P-042'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom({ sourceId: 'bob' }, { sourceId: '_0' }, { destId: 'bob' }, { destId: '' }),
    runs: 8,
    async run(stage, forged) {
      const { link, alice } = await plugged(stage);
      link.send({ messageType: MessageType.InformationBySend, body: informationBody(1, null) });
      link.send({ messageType: MessageType.InformationBySend, body: informationBody(2, null), ...forged });
      link.send({ messageType: MessageType.InformationBySend, body: informationBody(3, null) });
      await stage.until(() => link.ended !== undefined, 30, 'the channel was not closed', 'P2P-042');
      stage.equal(got(alice), [1], 'P2P-042', 'the information that was handled');
      const source = alice.events.flatMap((event) => (event.kind === 'information' ? [event.source] : []));
      stage.equal(source, ['mallory'], 'P2P-042', 'its sender');
    },
  }),
  scenario({
    id: 'P2P-5N3X',
    title: 'what is no message, or comes at the wrong place, costs the channel and nothing else',
    clauses: ['P2P-043'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom('token', 'body', 'hello', 'early'),
    runs: 8,
    async run(stage, fault) {
      const all = await plugged(stage);
      const { alice, board, mallory } = all;
      let { link } = all;
      const told = controllerOf(alice);
      if (fault === 'token') link.sendBytes(new Uint8Array(40));
      if (fault === 'body') link.send({ messageType: MessageType.InformationBySend, body: new Uint8Array(3) });
      if (fault === 'hello') link.hello(8);
      if (fault === 'early') {
        link.die();
        link = board.plug('alice', 'mallory');
        link.send({ messageType: MessageType.InformationBySend, body: informationBody(1, null) });
      }
      await stage.until(() => link.ended !== undefined, 30, 'the channel was not closed', 'P2P-043');
      stage.check(!told.isP2PChannelExist('mallory'), 'P2P-043', 'the channel still exists');
      stage.equal(got(alice), [], 'P2P-043', 'something was handled');
      // The connection to the server, and the user, are as they were.
      mallory.send({ messageType: MessageType.InformationBySend, destId: 'alice', body: informationBody(4, null) });
      await alice.waitFor('information', { match: ({ informationType }) => informationType === 4, clause: 'P2P-043' });
      stage.equal(await alice.connected(), true, 'P2P-043', 'connected');
    },
  }),
  scenario({
    id: 'P2P-4T8Q',
    title: 'the count is told in time: after 100 ms, after 64 KiB, and at once when asked for',
    clauses: ['P2P-044', 'P2P-045'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ small: fc.integer({ min: 1, max: 20 }), large: fc.integer({ min: 66, max: 90 }) }),
    async run(stage, { small, large }) {
      const { link } = await plugged(stage, 7);
      const greeted = link.received.length;
      const startSecs = stage.nowSecs();
      for (let n = 0; n < small; n++) {
        link.send({ messageType: MessageType.InformationByPost, body: informationBody(1, stage.payload()) });
      }
      const delayed = await seen(stage, link, MessageType.P2PChannelCount, 'P2P-044', greeted);
      stage.took(stage.nowSecs() - startSecs, { atMost: 0.12 }, 'P2P-044', 'the count of a few messages');
      stage.equal(countIn(delayed), { Count: small, StreamID: 7 }, 'P2P-044', 'the count');
      const before = link.received.length;
      for (let n = 0; n < large; n++) {
        link.send({ messageType: MessageType.InformationByPost, body: informationBody(1, stage.payload(1000)) });
      }
      const early = await seen(stage, link, MessageType.P2PChannelCount, 'P2P-044', before);
      const counted = Number(countIn(early)?.Count) - small;
      const bytes = counted * (36 + 4 + 4 + 1000 + 4);
      stage.check(bytes <= COUNT_AT_BYTES + 2000, 'P2P-044', `the first count came after ${bytes} bytes`);
      await stage.sleep(0.2);
      const asked = link.received.length;
      link.send({ messageType: MessageType.P2PChannelProbe });
      const atOnce = await seen(stage, link, MessageType.P2PChannelCount, 'P2P-045', asked);
      stage.equal(countIn(atOnce), { Count: small + large, StreamID: 7 }, 'P2P-045', 'the count asked for');
    },
  }),
];
