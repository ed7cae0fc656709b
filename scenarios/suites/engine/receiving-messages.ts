/** The receiving side of sendMessage: the event, and what is no message. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { OutgoingMessage, RawConnection } from '../../attach/raw-peer.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

type Receiver = {
  readonly connection: RawConnection;
  readonly ids: Pick<OutgoingMessage, 'sourceId' | 'destId'>;
  /** Messages and information that the application got, in order, without their times. */
  readonly got: () => unknown[];
};

const withoutTime = (events: readonly { readonly atMicros: number; readonly kind: string }[]): unknown[] =>
  events.flatMap(({ atMicros: _, ...event }) =>
    ['messageReceived', 'information', 'informationReceived'].includes(event.kind) ? [event] : [],
  );

/** A client under test at a bare server, or the server under test with a bare client; `source` speaks. */
async function receiver(stage: Stage, atServer: boolean, source: string): Promise<Receiver> {
  if (atServer) {
    const server = await stage.server();
    const connection = await stage.rawClient(server, { userID: source });
    await connection.logon(source);
    return { connection, ids: { sourceId: source, destId: '' }, got: () => withoutTime(server.events) };
  }
  const { alice, connection } = await aliceAtRawServer(stage);
  return { connection, ids: { sourceId: source, destId: 'alice' }, got: () => withoutTime(alice.events) };
}

type Fragments = { readonly content: Uint8Array; readonly informationType: number; readonly sizeBytes: number };

/** One piece with blob id -1 when the size is 0, else fragments of that size. */
function sendContent({ connection, ids }: Receiver, { content, informationType, sizeBytes }: Fragments): void {
  const size = sizeBytes === 0 ? Math.max(1, content.length) : sizeBytes;
  const count = Math.max(1, Math.ceil(content.length / size));
  for (let index = 0; index < count; index++) {
    const body = codecs.BlobFragmentContract.encode({
      BlobID: sizeBytes === 0 ? -1 : 1,
      Fragment: content.slice(index * size, (index + 1) * size),
      FragmentIndex: index,
      InformationType: informationType,
      IsLast: index === count - 1,
    });
    connection.send({ messageType: MessageType.BlobByRapidEngine, ...ids, body });
  }
}

async function sentinel({ connection, ids }: Receiver, clause: string): Promise<void> {
  const body = codecs.PingContract.encode({ SendTicks: 5 });
  connection.send({ messageType: MessageType.PingByServer, ...ids, body });
  await connection.expect(MessageType.PingAck, { clause });
}

export const receivingMessages: readonly AnyScenario[] = [
  scenario({
    id: 'ENG-KW78',
    title: 'a message raises messageReceived with source, type, bytes and tag, whole or in fragments, and no handler',
    clauses: ['ENG-016'],
    kind: 'property',
    needs: ['logon', 'sendMessage'],
    plan: () =>
      fc.record({
        atServer: fc.boolean(),
        fromServer: fc.boolean(),
        informationType: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        message: fc.option(fc.uint8Array({ maxLength: 40 })),
        tag: fc.option(fc.string({ maxLength: 12, unit: 'grapheme' })),
        sizeBytes: fc.constantFrom(0, 1, 7, 60),
      }),
    async run(stage, { atServer, fromServer, informationType, message, tag, sizeBytes }) {
      const source = fromServer && !atServer ? '_0' : 'bob';
      const to = await receiver(stage, atServer, source);
      const content = codecs.BlobAndTagContract.encode({ Message: message, Tag: tag });
      sendContent(to, { content, informationType, sizeBytes });
      await sentinel(to, 'ENG-016');
      const sourceUserID = source === '_0' ? null : source;
      const expected = { kind: 'messageReceived', source: sourceUserID, informationType, info: message, tag };
      stage.equal(to.got(), [expected], 'ENG-016', 'the application got something else');
    },
  }),
  scenario({
    id: 'ENG-MX89',
    title: 'content of type 107 that is no message is dropped, and the connection and the next message are not',
    clauses: ['ENG-018'],
    kind: 'property',
    needs: ['logon', 'sendMessage'],
    plan: () =>
      fc.record({
        atServer: fc.boolean(),
        content: fc.uint8Array({ maxLength: 30 }).filter((bytes) => !codecs.BlobAndTagContract.decode(bytes).ok),
        sizeBytes: fc.constantFrom(0, 3),
      }),
    async run(stage, { atServer, content, sizeBytes }) {
      const to = await receiver(stage, atServer, 'bob');
      sendContent(to, { content, informationType: 4, sizeBytes });
      await sentinel(to, 'ENG-018');
      stage.equal(to.got(), [], 'ENG-018', 'the application got what is no message');
      const message = stage.payload();
      const next = codecs.BlobAndTagContract.encode({ Message: message, Tag: 't' });
      sendContent(to, { content: next, informationType: 5, sizeBytes });
      await sentinel(to, 'ENG-018');
      const expected = { kind: 'messageReceived', source: 'bob', informationType: 5, info: message, tag: 't' };
      stage.equal(to.got(), [expected], 'ENG-018', 'the next message did not arrive');
    },
  }),
  scenario({
    id: 'ENG-NY9A',
    title: 'messages between two clients arrive through the server, and those for nobody disappear without an event',
    clauses: ['ENG-002', 'ENG-016'],
    kind: 'property',
    needs: ['logon', 'sendMessage'],
    plan: () =>
      fc.array(
        fc.record({ target: fc.constantFrom('bob', 'nobody', 'Bob'), fragmentSize: fc.constantFrom(undefined, 5) }),
        { minLength: 1, maxLength: 4 },
      ),
    async run(stage, messages) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const before = server.events.length;
      const toBob: unknown[] = [];
      for (const { target, fragmentSize } of [...messages, { target: 'bob', fragmentSize: undefined }]) {
        const message = stage.payload(20);
        await alice.sendMessage(target, 5, message, 'tag', fragmentSize);
        const event = { kind: 'messageReceived', source: 'alice', informationType: 5, info: message, tag: 'tag' };
        if (target === 'bob') toBob.push(event);
      }
      await stage.until(() => bob.events.length >= toBob.length, 20, 'not every message arrived', 'ENG-016');
      stage.equal(withoutTime(bob.events), toBob, 'ENG-016', 'bob got something else');
      stage.equal(server.events.length, before, 'ENG-002', 'the server raised an event for a message that is not its');
    },
  }),
];
