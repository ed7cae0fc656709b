/** What an engine makes of bytes: valid ones however they are cut, invalid ones of every kind, on both sides. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { ascii, header, i32, informationBody, message, obj, str, unhex } from './bytes.ts';
import type { HeaderParts } from './bytes.ts';
import { clientReceiver, expectAlive, receiverOf, serverReceiver, SIDES } from './receivers.ts';
import type { Receiver } from './receivers.ts';

type BadHeader = {
  readonly kind: string;
  readonly clause: string;
  readonly bytes: number;
  readonly parts: HeaderParts;
};

/** One fault each, and every pair of neighbours in the order of checks; `bytes` is all a receiver may wait for. */
const BAD_HEADERS: readonly BadHeader[] = [
  { kind: 'InvalidToken', clause: 'FRM-004', bytes: 2, parts: { token: 'e4' } },
  { kind: 'InvalidToken', clause: 'FRM-020', bytes: 2, parts: { token: '00', client: 9 } },
  { kind: 'InvalidClientType', clause: 'FRM-006', bytes: 2, parts: { client: 9 } },
  { kind: 'InvalidClientType', clause: 'FRM-006', bytes: 2, parts: { client: 255 } },
  { kind: 'InvalidClientType', clause: 'FRM-020', bytes: 36, parts: { client: 9, sourceLength: 12 } },
  { kind: 'InvalidHeader', clause: 'FRM-014', bytes: 36, parts: { sourceLength: 12 } },
  { kind: 'InvalidHeader', clause: 'FRM-014', bytes: 36, parts: { destLength: 255 } },
  { kind: 'InvalidHeader', clause: 'FRM-014', bytes: 36, parts: { source: 'c3' } },
  { kind: 'InvalidHeader', clause: 'FRM-014', bytes: 36, parts: { dest: 'eda080' } },
  { kind: 'InvalidHeader', clause: 'FRM-020', bytes: 36, parts: { dest: 'ff', bodyLength: 0x7fff_ffff } },
  { kind: 'InvalidHeader', clause: 'FRM-010', bytes: 36, parts: { bodyLength: -1 } },
  { kind: 'InvalidHeader', clause: 'FRM-010', bytes: 36, parts: { bodyLength: -(2 ** 31) } },
  { kind: 'MessageSizeOverflow', clause: 'LIM-006', bytes: 36, parts: { bodyLength: 1_048_541 } },
  { kind: 'MessageSizeOverflow', clause: 'LIM-006', bytes: 36, parts: { bodyLength: 0x7fff_ffff } },
];

const BAD_HEADER_CLAUSES = ['FRM-004', 'FRM-006', 'FRM-010', 'FRM-014', 'FRM-020', 'FRM-027', 'LIM-006'];

/** Sends the fault and no byte more than the check needs. */
async function provoke(receiver: Receiver, { kind, clause, bytes, parts }: BadHeader): Promise<void> {
  receiver.peer.sendBytes(
    unhex(header({ ...receiver.ids, type: MessageType.InformationBySend, ...parts })).subarray(0, bytes),
  );
  await receiver.expectInvalid(kind, clause);
  await receiver.peer.expectClosed({ clause });
}

export const receiving: readonly AnyScenario[] = [
  scenario({
    id: 'FRM-AN3T',
    title: 'a server reports the first check that fails as soon as the bytes it needs are there, and closes',
    clauses: [...BAD_HEADER_CLAUSES, 'SEC-002'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      for (const bad of BAD_HEADERS) await provoke(await serverReceiver(stage, server), bad);
    },
  }),
  scenario({
    id: 'FRM-BP5V',
    title: 'a client reports the first check that fails as soon as the bytes it needs are there, and closes',
    clauses: [...BAD_HEADER_CLAUSES, 'SEC-002'],
    kind: 'matrix',
    needs: ['logon'],
    async run(stage) {
      for (const bad of BAD_HEADERS) await provoke(await clientReceiver(stage), bad);
    },
  }),
  scenario({
    id: 'FRM-CQ7W',
    title: 'the same messages arrive however the stream is divided',
    clauses: ['FRM-017', 'FRM-015'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.record({
        side: fc.constantFrom(...SIDES),
        contents: fc.array(fc.uint8Array({ maxLength: 120 }), { minLength: 1, maxLength: 5 }),
        cuts: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 }),
        dirtyPadding: fc.boolean(),
      }),
    async run(stage, { side, contents, cuts, dirtyPadding }) {
      const receiver = await receiverOf(stage, side);
      const padding = dirtyPadding ? { sourcePadding: 'ff00aa' } : {};
      const parts = { ...receiver.ids, ...padding, type: MessageType.InformationBySend };
      const stream = unhex(contents.map((content) => message(parts, informationBody(content, 3))).join(''));
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = cuts[turn % cuts.length]!;
        receiver.peer.sendBytes(stream.subarray(at, at + size));
        at += size;
        // Time between two pieces keeps them apart on the way.
        if (turn < 30) await stage.sleep(0.005);
      }
      await stage.until(() => receiver.handled().length >= contents.length, 30, 'messages are missing', 'FRM-017');
      stage.equal(receiver.handled(), contents, 'FRM-017', 'other messages came out than went in');
      await expectAlive(stage, receiver, 'FRM-017');
    },
  }),
  scenario({
    id: 'FRM-DR9X',
    title: 'a stream that ends inside a message is invalid, one that ends between two is not',
    clauses: ['FRM-018', 'FRM-032'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () => fc.record({ side: fc.constantFrom(...SIDES), cut: fc.constantFrom(0, 1, 2, 35, 36, 37, 55, 56) }),
    async run(stage, { side, cut }) {
      const receiver = await receiverOf(stage, side);
      const content = stage.payload();
      const whole = unhex(message({ ...receiver.ids, type: 101 }, informationBody(content, 3)));
      receiver.peer.sendBytes(whole);
      receiver.peer.sendBytes(whole.subarray(0, cut));
      receiver.peer.end();
      await receiver.peer.expectClosed({ clause: 'FRM-032', withinSecs: 4 });
      const isWhole = cut === 0 || cut === whole.length;
      if (!isWhole) await receiver.expectInvalid('DataLacked', 'FRM-018');
      stage.equal(receiver.invalidKinds(), isWhole ? [] : ['DataLacked'], 'FRM-018', 'reports at the end of a stream');
      const count = cut === whole.length ? 2 : 1;
      await stage.until(() => receiver.handled().length >= count, 30, 'a whole message was not handled', 'FRM-018');
      stage.equal(receiver.handled().length, count, 'FRM-018', 'a cut message was handled');
    },
  }),
  scenario({
    id: 'FRM-ES2Y',
    title: 'a server takes a body that does not fit its contract for invalid, whatever the type',
    clauses: ['FRM-019', 'FRM-028', 'SEC-002'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      for (const [index, type] of [1, 2, 5, 8, 9, 10, 11, 100, 101, 102, 103, 104, 106, 107].entries()) {
        // Each type with an empty body and one bad one; every bad one comes twice.
        for (const body of ['', BAD_BODIES[1 + (index % (BAD_BODIES.length - 1))]!]) {
          if (body === '' && type === MessageType.Response) continue;
          const receiver = await serverReceiver(stage, server);
          receiver.peer.sendBytes(unhex(message({ ...receiver.ids, type }, body)));
          const clause = body === '' ? 'FRM-028' : 'FRM-019';
          await receiver.expectInvalid('DataLacked', clause);
          await receiver.peer.expectClosed({ clause });
        }
      }
    },
  }),
  scenario({
    id: 'FRM-FT4Z',
    title: 'a client takes a body that does not fit its contract for invalid, whatever the type',
    clauses: ['FRM-019', 'FRM-028'],
    kind: 'property',
    needs: ['logon', 'send', 'query', 'basic'],
    runs: 40,
    plan: () =>
      fc.record({
        type: fc.constantFrom(0, 1, 2, 7, 8, 10, 11, 100, 101, 102, 103, 104, 106, 107),
        body: fc.constantFrom(...BAD_BODIES),
      }),
    async run(stage, { type, body }) {
      // Empty answers of these two have a meaning.
      fc.pre(body !== '' || (type !== MessageType.Response && type !== MessageType.GetUserIPE));
      const receiver = await clientReceiver(stage);
      receiver.peer.sendBytes(unhex(message({ ...receiver.ids, type, id: 2 }, body)));
      await receiver.expectInvalid('DataLacked', body === '' ? 'FRM-028' : 'FRM-019');
      await receiver.peer.expectClosed({ clause: 'FRM-019' });
      stage.equal(receiver.handled(), [], 'FRM-019', 'something of an invalid message was handled');
    },
  }),
  scenario({
    id: 'FRM-GV6A',
    title: 'a null object is taken like an empty body, where one is allowed and where one is not',
    clauses: ['SER-028', 'FRM-028'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const refused = await serverReceiver(stage, server);
      refused.peer.sendBytes(unhex(message({ ...refused.ids, type: 101 }, 'ffffffff')));
      await refused.expectInvalid('DataLacked', 'SER-028');
      const taken = await serverReceiver(stage, server, 'bb02');
      const asked = server.engine.customizeController.queryLocalClient('bb02', 5, null);
      const failed = stage.rejects(asked, 'E_HANDLING', 'SER-028', 'a null Response is not taken for an empty one');
      const { messageId } = await taken.peer.expect(MessageType.Request);
      taken.peer.sendBytes(unhex(message({ ...taken.ids, type: 103, id: messageId }, 'ffffffff')));
      await failed;
    },
  }),
];

/** No valid body of any contract: cut short, with a byte too many, lengths that lie, empty. */
const BAD_BODIES: readonly string[] = [
  '',
  '04',
  obj(i32(-2)),
  obj(str('')) + '00',
  i32(0x7fff_ffff),
  '(ff)*40',
  ascii('hello'),
];
