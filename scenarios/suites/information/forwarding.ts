/** What the server does with information from a client: pass it on, tell the application, or both. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { RawClient } from '../../attach/raw-peer.ts';
import type { ServerEvent, ServerSubject } from '../../attach/server-subject.ts';

const TOLD_TYPES = [
  MessageType.InformationBySend,
  MessageType.InformationByPost,
  MessageType.Request,
  MessageType.InformationNeedAck,
] as const;

const UNTOLD_TYPES = [
  MessageType.BlobInformation,
  MessageType.BlobByRapidEngine,
  MessageType.Response,
  MessageType.Ack,
] as const;

const SENTINEL_TICKS = 77;

/** A bare client, logged on. */
async function rawUser(stage: Stage, server: ServerSubject, userID: string): Promise<RawClient> {
  const peer = await stage.rawClient(server, { userID });
  await peer.logon(userID);
  return peer;
}

/** A ping to the server and its answer: all that the client sent before has been looked at. */
async function sentinel(peer: RawClient, clause: string): Promise<void> {
  peer.send({
    messageType: MessageType.PingByServer,
    body: codecs.PingContract.encode({ SendTicks: SENTINEL_TICKS }),
  });
  await peer.expect(MessageType.PingAck, { clause });
}

function information(content: Uint8Array | null, informationType: number): Uint8Array {
  return codecs.BinaryInformationContract.encode({ Content: content, InformationType: informationType });
}

/** A body for a message that is no information. */
function otherBody(messageType: number, content: Uint8Array, fragment: { readonly isLast: boolean }): Uint8Array {
  if (messageType === MessageType.Ack) return new Uint8Array(0);
  if (messageType === MessageType.Response) return information(content, 1);
  const bytes =
    messageType === MessageType.BlobByRapidEngine
      ? codecs.BlobAndTagContract.encode({ Message: content, Tag: null })
      : content;
  return codecs.BlobFragmentContract.encode({
    BlobID: 1,
    Fragment: bytes,
    FragmentIndex: 0,
    InformationType: 5,
    IsLast: fragment.isLast,
  });
}

type Told = {
  readonly kind: string;
  readonly source: string;
  readonly dest?: string | null;
  readonly informationType: number;
  readonly content: Uint8Array | null;
};

/** The server's events about information, in order, without their times. */
function toldOf(events: readonly ServerEvent[]): Told[] {
  return events.flatMap((event): Told[] => {
    if (event.kind === 'informationReceived' || event.kind === 'transmitFailed') {
      const { kind, sourceID, destID, informationType, content } = event;
      return [{ kind, source: sourceID, dest: destID, informationType, content }];
    }
    if (event.kind !== 'information' && event.kind !== 'query') return [];
    const { kind, source, informationType, info } = event;
    return [{ kind, source, informationType, content: info }];
  });
}

export const forwarding: readonly AnyScenario[] = [
  scenario({
    id: 'CUS-8H5W',
    title:
      'every information is told first, then goes where it is meant for, or is told as failed; nobody else sees it',
    clauses: ['CUS-007', 'CUS-005', 'CUS-006', 'CUS-013', 'CUS-019'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.record({
          messageType: fc.constantFrom(...TOLD_TYPES),
          destId: fc.constantFrom('', '_0', 'alice', 'bob', 'Bob', 'nobody'),
          informationType: fc.integer({ min: 100, max: 9999 }),
          content: fc.option(fc.uint8Array({ maxLength: 30 })),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    async run(stage, messages) {
      const server = await stage.server();
      const peers = { alice: await rawUser(stage, server, 'alice'), bob: await rawUser(stage, server, 'bob') };
      const expected: Told[] = [];
      const forwarded = { alice: [] as Uint8Array[], bob: [] as Uint8Array[] };
      for (const { messageType, destId, informationType, content } of messages) {
        const bytes = peers.alice.send({ messageType, destId, body: information(content, informationType) });
        const about = { source: 'alice', informationType, content };
        const isForServer = destId === '' || destId === '_0';
        expected.push({ kind: 'informationReceived', ...about, dest: isForServer ? null : destId });
        if (isForServer)
          expected.push({ kind: messageType === MessageType.Request ? 'query' : 'information', ...about });
        else if (destId === 'alice' || destId === 'bob') forwarded[destId].push(bytes);
        else expected.push({ kind: 'transmitFailed', ...about, dest: destId });
      }
      await sentinel(peers.alice, 'CUS-007');
      await sentinel(peers.bob, 'CUS-005');
      stage.equal(toldOf(server.events), expected, 'CUS-007', 'the application was told something else');
      // What goes back to alice besides what she sent herself: answers of the server, and nothing for what failed.
      for (const userID of ['alice', 'bob'] as const) {
        const seen = peers[userID].received.filter(
          ({ sourceId, messageType }) => sourceId === 'alice' && messageType >= 100,
        );
        const clause = userID === 'alice' ? 'CUS-013' : 'CUS-005';
        stage.equal(
          seen.map(({ bytes }) => bytes),
          forwarded[userID],
          clause,
          `${userID} got something else`,
        );
      }
      const answers = peers.alice.received.filter(
        ({ sourceId, messageType }) => sourceId === '_0' && messageType >= 100,
      );
      const toServer = messages.filter(({ destId }) => destId === '' || destId === '_0');
      const asked = toServer.filter(({ messageType }) => messageType >= 102).length;
      stage.equal(answers.length, asked, 'CUS-006', 'the server answered something that was not for it');
    },
  }),
  scenario({
    id: 'CUS-9J6X',
    title: 'blobs, messages, answers and acknowledgements for nobody fail without an event, and no blob is told',
    clauses: ['CUS-018', 'CUS-007', 'ENG-002'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.record({
          messageType: fc.constantFrom(...UNTOLD_TYPES),
          destId: fc.constantFrom('', 'bob', 'nobody'),
          isLast: fc.boolean(),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    async run(stage, messages) {
      const server = await stage.server();
      const alice = await rawUser(stage, server, 'alice');
      const bob = await rawUser(stage, server, 'bob');
      for (const { messageType, destId, isLast } of messages) {
        alice.send({ messageType, destId, body: otherBody(messageType, stage.payload(), { isLast }) });
      }
      await sentinel(alice, 'CUS-018');
      await sentinel(bob, 'CUS-018');
      const told = server.events.filter(({ kind }) => kind === 'informationReceived' || kind === 'transmitFailed');
      const hasBlob = told.some(({ kind }) => kind === 'informationReceived');
      stage.equal(told, [], hasBlob ? 'CUS-007' : 'CUS-018', 'an event was raised');
      const toBob = messages.filter(({ destId }) => destId === 'bob').length;
      const seen = bob.received.filter(({ sourceId }) => sourceId === 'alice');
      stage.equal(seen.length, toBob, 'CUS-018', 'bob got another number of messages');
    },
  }),
  scenario({
    id: 'CUS-AK7Y',
    title: 'information to oneself comes back through the server like any other',
    clauses: ['CUS-013', 'CUS-005', 'CUS-014'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.record({ byServer: fc.boolean(), informationType: fc.integer({ min: 10, max: 99 }), isNull: fc.boolean() }),
    async run(stage, { byServer, informationType, isNull }) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const sent = isNull ? null : stage.payload();
      await alice.send('alice', informationType, sent, { byServer });
      const got = await alice.waitFor('information', { clause: 'CUS-013' });
      const expected = { source: 'alice', informationType, info: sent };
      const actual = { source: got.source, informationType: got.informationType, info: got.info };
      stage.equal(actual, expected, 'CUS-013', 'something else came back');
    },
  }),
];
