/** What a server passes on from user to user: these types, unchanged, after looking at the body; and nothing else. */
import * as fc from 'fast-check';
import { messages, MessageType } from '../../../spec/grammar/index.ts';
import type { Message } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { ascii, blobBody, hexOf, informationBody, message, obj, str, unhex } from './bytes.ts';
import { expectAlive, serverReceiver } from './receivers.ts';

const FORWARDED_TYPES = [1, 2, 100, 101, 102, 103, 104, 105, 106, 107] as const;

function bodyFor(type: number, content: Uint8Array, informationType: number): string {
  if (type === 1 || type === 2) return obj('0102030405060708');
  if (type === 105) return '';
  if (type === 106 || type === 107) return blobBody(content, informationType);
  return informationBody(content, informationType);
}

const FORWARDED: ReadonlySet<number> = new Set(
  messages.filter((each: Message) => each.direction === 'anyToAny' && each.reserved !== true).map(({ type }) => type),
);

/** What a server takes from a client with a body that must be there; without one it ends the connection (FRM-028). */
const TAKEN_WITH_BODY: ReadonlySet<number> = new Set(
  messages
    .filter((each: Message) => each.direction !== 'serverToClient' && each.body !== null && !each.body.optional)
    .map(({ type }) => type),
);

export const forwarding: readonly AnyScenario[] = [
  scenario({
    id: 'FRM-NA7F',
    title: 'a forwarded message reaches the user it names, with every byte as it was sent',
    clauses: ['FRM-022', 'SEC-012'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.record({
          type: fc.constantFrom(...FORWARDED_TYPES),
          client: fc.integer({ min: 0, max: 8 }),
          id: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
          content: fc.uint8Array({ maxLength: 80 }),
          informationType: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
          dest: fc.constantFrom('bb02', 'BB02'),
        }),
        { minLength: 1, maxLength: 8 },
      ),
    async run(stage, sends) {
      const server = await stage.server();
      const alice = await serverReceiver(stage, server);
      const others = new Map([
        ['bb02', await serverReceiver(stage, server, 'bb02')],
        ['BB02', await serverReceiver(stage, server, 'BB02')],
      ]);
      const expected = new Map<string, string[]>([
        ['bb02', []],
        ['BB02', []],
      ]);
      for (const { type, client, id, content, informationType, dest } of sends) {
        const body = bodyFor(type, content, informationType);
        const hex = message({ type, client, id, source: ascii('aa01'), dest: ascii(dest) }, body);
        alice.peer.sendBytes(unhex(hex));
        expected.get(dest)!.push(hex);
      }
      await expectAlive(stage, alice, 'FRM-022');
      for (const [dest, { peer }] of others) {
        server.engine.customizeController.send(dest, 4711, null);
        await peer.expect(MessageType.InformationBySend, {
          clause: 'FRM-022',
          match: (seen) => seen.sourceId === '_0',
        });
        const seen = peer.received.slice(1, -1).map(({ bytes }) => hexOf(bytes));
        stage.equal(seen, expected.get(dest), 'FRM-022', `what reached ${dest} is not what was sent`);
      }
    },
  }),
  scenario({
    id: 'FRM-PB9G',
    title: 'a body that fits no contract is not forwarded and ends the connection of its sender only',
    clauses: ['FRM-034', 'SEC-012'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const bob = await serverReceiver(stage, server, 'bb02');
      for (const type of FORWARDED_TYPES) {
        if (type === MessageType.Ack) continue;
        const sender = await serverReceiver(stage, server);
        sender.peer.sendBytes(unhex(message({ ...sender.ids, dest: ascii('bb02'), type }, obj(str('no')) + '00')));
        await sender.expectInvalid('DataLacked', 'FRM-034');
        await sender.peer.expectClosed({ clause: 'FRM-034' });
      }
      const seen = bob.peer.received.length;
      stage.equal(seen, 1, 'FRM-034', 'an invalid message was forwarded');
      server.engine.customizeController.send('bb02', 4711, null);
      await bob.peer.expect(MessageType.InformationBySend, { clause: 'SEC-012' });
      stage.equal(bob.peer.received.length, 2, 'FRM-034', 'an invalid message was forwarded');
    },
  }),
  scenario({
    id: 'FRM-QC2H',
    title: 'a message of any other type is never forwarded, whatever its destination',
    clauses: ['FRM-029', 'SEC-015', 'SEC-013'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.oneof(
          fc.constantFrom(0, 3, 4, 6, 7, 8, 10, 12, 13, 99, 108, 109, 110, 206, 207),
          fc.integer({ min: 110, max: 65_535 }).filter((type) => !FORWARDED.has(type) && !TAKEN_WITH_BODY.has(type)),
        ),
        { minLength: 4, maxLength: 10 },
      ),
    async run(stage, types) {
      const server = await stage.server();
      const alice = await serverReceiver(stage, server);
      const bob = await serverReceiver(stage, server, 'bb02');
      // A real client is there to see that it is not made to believe anything.
      const carol = await stage.loggedOn(server, 'cc03');
      for (const type of [4, 6, ...types]) {
        const body = type === 8 || type === 10 ? obj(str('bb02')) : '';
        for (const dest of ['bb02', 'cc03']) {
          alice.peer.sendBytes(unhex(message({ ...alice.ids, dest: ascii(dest), type, id: 5 }, body)));
        }
        if (type === 8) await alice.peer.expect(8, { clause: 'FRM-029' });
      }
      await expectAlive(stage, alice, 'FRM-029');
      server.engine.customizeController.send('bb02', 4711, null);
      await bob.peer.expect(MessageType.InformationBySend, { clause: 'FRM-029' });
      stage.equal(bob.peer.received.length, 2, 'FRM-029', 'a message was forwarded that must not be');
      stage.equal(await carol.basic({ verb: 'isUserOnline', userID: 'aa01' }), true, 'SEC-015', 'no answer');
      stage.equal(
        carol.events.map((event) => event.kind),
        [],
        'SEC-015',
        'a client was made to believe something',
      );
    },
  }),
];
