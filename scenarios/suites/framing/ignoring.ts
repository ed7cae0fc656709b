/** What an engine ignores and keeps the connection: types it does not know, wrong directions, answers nobody asked for. */
import * as fc from 'fast-check';
import { messages } from '../../../spec/grammar/index.ts';
import type { Message } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { hexOf, i32, informationBody, message, obj, str, u8, unhex } from './bytes.ts';
import { clientReceiver, expectAlive, receiverOf, serverReceiver, SIDES } from './receivers.ts';

const KNOWN_TYPES: readonly number[] = messages
  .filter((each: Message) => each.reserved !== true)
  .map(({ type }) => type);

export const ignoring: readonly AnyScenario[] = [
  scenario({
    id: 'FRM-HW8B',
    title: 'a message of an unknown or reserved type is ignored, whatever its body',
    clauses: ['FRM-008'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.record({
        side: fc.constantFrom(...SIDES),
        types: fc.array(
          fc.oneof(
            fc.constantFrom(12, 13, 14, 99, 108, 109, 110, 206, 255, 256, 32_768, 65_535),
            // Known types with something in the upper byte.
            fc.constantFrom(256 + 4, 256 + 5, 256 + 6, 256 + 101, 512 + 102),
            fc.integer({ min: 0, max: 65_535 }).filter((type) => !KNOWN_TYPES.includes(type)),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        body: fc.uint8Array({ maxLength: 60 }),
      }),
    async run(stage, { side, types, body }) {
      const receiver = await receiverOf(stage, side);
      for (const type of types) receiver.peer.sendBytes(unhex(message({ ...receiver.ids, type }, hexOf(body))));
      await expectAlive(stage, receiver, 'FRM-008');
      stage.equal(receiver.handled().length, 1, 'FRM-008', 'a message of an unknown type was handled as information');
    },
  }),
  scenario({
    id: 'FRM-JX1C',
    title: 'a server ignores what only servers send, and replies nobody waits for',
    clauses: ['FRM-033', 'SEC-013'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.array(fc.constantFrom(...STRAY_TO_SERVER.keys()), { minLength: 1, maxLength: 6 }),
    async run(stage, indexes) {
      const server = await stage.server();
      const receiver = await serverReceiver(stage, server);
      for (const index of indexes) {
        const [type, body] = STRAY_TO_SERVER[index]!;
        receiver.peer.sendBytes(unhex(message({ ...receiver.ids, type, id: 77 }, body)));
      }
      await expectAlive(stage, receiver, 'FRM-033');
      stage.equal(receiver.handled().length, 1, 'FRM-033', 'something was handled');
      stage.check(server.engine.userManager.isUserOnLine('aa01'), 'FRM-033', 'the user is gone');
    },
  }),
  scenario({
    id: 'FRM-KY3D',
    title: 'a client ignores what only clients send, and replies nobody waits for',
    clauses: ['FRM-033'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () => fc.array(fc.constantFrom(...STRAY_TO_CLIENT.keys()), { minLength: 1, maxLength: 6 }),
    async run(stage, indexes) {
      const receiver = await clientReceiver(stage);
      for (const index of indexes) {
        const [type, body] = STRAY_TO_CLIENT[index]!;
        receiver.peer.sendBytes(unhex(message({ ...receiver.ids, type, id: 77 }, body)));
      }
      await expectAlive(stage, receiver, 'FRM-033');
      stage.equal(receiver.handled().length, 1, 'FRM-033', 'something was handled');
    },
  }),
  scenario({
    id: 'FRM-MZ5E',
    title: 'the body of a message whose type has none is not looked at',
    clauses: ['FRM-023'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({ type: fc.constantFrom(0, 3, 7, 105), body: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
    async run(stage, { type, body }) {
      const server = await stage.server({ autoRespondHeartBeat: true });
      const receiver = await serverReceiver(stage, server);
      receiver.peer.sendBytes(unhex(message({ ...receiver.ids, type, id: 88 }, hexOf(body))));
      if (type !== 105) await receiver.peer.expect(type, { clause: 'FRM-023', match: (seen) => seen.messageId === 88 });
      await expectAlive(stage, receiver, 'FRM-023');
    },
  }),
];

const ping = obj('(00)*8');
const STRAY_TO_SERVER: readonly (readonly [type: number, body: string])[] = [
  [4, ''],
  [6, ''],
  [4, '(ab)*9'],
  [6, 'ff'],
  [2, ping],
  [103, informationBody(null, 1)],
  [103, ''],
  [105, ''],
];

const STRAY_TO_CLIENT: readonly (readonly [type: number, body: string])[] = [
  [5, obj(str('aa01'))],
  [5, ''],
  [3, ''],
  [2, ping],
  [0, obj(str('10.0.0.1'), i32(1))],
  [7, obj(i32(0))],
  [8, obj(u8(1))],
  [10, ''],
  [11, obj(i32(0))],
  [103, informationBody(null, 1)],
  [103, ''],
  [105, ''],
  [9, obj(i32(-1), u8(0), i32(1), u8(0), u8(0))],
];
