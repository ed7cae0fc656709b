/** Broadcast blobs: how they are cut, handed on, put together, and when the calls end. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { RawConnection, SeenMessage } from '../../attach/raw-peer.ts';
import { CheckFailed } from '../../attach/failures.ts';
import { broadcastsOf, contactsOf, fillChannel, serverWith } from './relations-of-a-run.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

type Fragment = ReturnType<typeof fragmentOf>;

function fragmentOf(message: SeenMessage) {
  const body = codecs.BroadcastBlobContract.decode(message.body);
  const what = `a message of type ${message.messageType} holds no fragment`;
  if (!body.ok) throw new CheckFailed(what, { clause: 'CON-030', actual: body.error.detail });
  return body.value;
}

/** Bytes of a header with N = 11, and of the contract around a fragment, the GroupID `team` included. */
const AROUND_BYTES = 36 + 21 + 8;

const fragmentsIn = (connection: RawConnection): Fragment[] =>
  connection.received.filter(({ messageType }) => messageType === MessageType.BroadcastBlob).map(fragmentOf);

async function untilEnded(stage: Stage, connection: RawConnection, count: number): Promise<Fragment[]> {
  const ended = (): number => fragmentsIn(connection).filter((each) => each.IsLast).length;
  await stage.until(() => ended() >= count, 30, 'not every broadcast blob came to its end', 'CON-030');
  return fragmentsIn(connection);
}

/** Checks the fragments of one blob against what was broadcast. */
function checkCut(
  stage: Stage,
  fragments: readonly Fragment[],
  told: {
    readonly type: number;
    readonly content: Uint8Array | null;
    readonly tag: string | null;
    readonly size: number;
  },
): void {
  const bytes = codecs.BlobAndTagContract.encode({ Message: told.content, Tag: told.tag });
  const count = Math.ceil(bytes.length / told.size);
  stage.equal(
    fragments.map((each) => [each.FragmentIndex, each.InformationType, each.GroupID, each.IsLast]),
    Array.from({ length: count }, (_, index) => [index, told.type, 'team', index === count - 1]),
    'CON-030',
    'indices, type, group or end of the fragments are wrong',
  );
  stage.equal(
    fragments.map((each) => each.Fragment),
    Array.from({ length: count }, (_, at) => bytes.subarray(at * told.size, (at + 1) * told.size)),
    'CON-031',
    'the blob is cut otherwise',
  );
}

export const blobs: readonly AnyScenario[] = [
  scenario({
    id: 'CON-7D5K',
    title:
      'a broadcast blob is cut like any blob, numbered in one row with the others, and names its group in each piece',
    clauses: ['CON-030', 'CON-031', 'CON-034'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.record({
          type: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
          content: fc.option(fc.uint8Array({ maxLength: 60 })),
          tag: fc.option(fc.string({ maxLength: 5 })),
          size: fc.integer({ min: 1, max: 30 }),
          asBlob: fc.boolean(),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    async run(stage, plan) {
      const { alice, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: 0 });
      const calls: [boolean, unknown][] = [];
      const broadcasts: [number, (typeof plan)[number]][] = [];
      for (const [index, each] of plan.entries()) {
        const { asBlob, content, size, tag, type } = each;
        if (asBlob) await alice.sendBlob(null, type, content, size);
        else {
          const handler = (succeed: boolean, handlerTag: unknown): void => void calls.push([succeed, handlerTag]);
          await contactsOf(alice).broadcastBlob('team', type, content, tag, size, handler, index);
          broadcasts.push([index + 1, each]);
        }
      }
      const fragments = await untilEnded(stage, connection, broadcasts.length);
      for (const [blobID, told] of broadcasts) {
        checkCut(
          stage,
          fragments.filter((each) => each.BlobID === blobID),
          told,
        );
      }
      const ids = new Set(fragments.map((each) => each.BlobID));
      stage.equal(ids.size, broadcasts.length, 'CON-031', 'fragments have ids that no blob of the connection has');
      const expected = broadcasts.map(([blobID]) => [true, blobID - 1]);
      stage.equal(calls, expected, 'CON-034', 'the handlers were not called once with success and their tags');
    },
  }),
  scenario({
    id: 'CON-3Z9A',
    title: 'the GroupID counts in the size of a fragment: the largest that fits is taken, one byte more is refused',
    clauses: ['CON-031', 'CON-034'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.integer({ min: 150, max: 400 }),
    async run(stage, maxLengthOfMessage) {
      const tables = { groups: { team: ['bob'] } };
      const server = await serverWith(stage, tables, { maxLengthOfMessage });
      const alice = await stage.loggedOn(server, 'alice', { maxLengthOfMessage });
      const bob = await stage.loggedOn(server, 'bob', { maxLengthOfMessage });
      const most = maxLengthOfMessage - AROUND_BYTES;
      for (const broadcasting of [contactsOf(alice), server.engine.contactsController]) {
        for (const size of [0, -1, 1.5, most + 1]) {
          const refused: boolean[] = [];
          const call = broadcasting.broadcastBlob('team', 1, stage.payload(), null, size, (succeed) =>
            refused.push(succeed),
          );
          await stage.rejects(call, 'E_ARGUMENT', 'CON-031', `fragments of ${size} bytes were taken`);
          stage.equal(refused, [false], 'CON-034', 'the handler was not called once with false');
        }
        await broadcasting.broadcastBlob('team', 1, stage.payload(1000), null, most);
      }
      await stage.until(() => broadcastsOf(bob).length === 2, 30, 'the largest fragments did not pass', 'CON-031');
    },
  }),
  scenario({
    id: 'CON-1E4Y',
    title:
      'a broadcast blob reaches every member who was there from its first piece to its last, whole, and nobody else',
    clauses: ['CON-032', 'CON-033', 'CON-036', 'CON-027'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        listened: fc.option(fc.boolean()),
        sizes: fc.array(fc.integer({ min: 4, max: 3000 }), { minLength: 1, maxLength: 3 }),
        fragmentSize: fc.integer({ min: 1, max: 700 }),
      }),
    async run(stage, { fragmentSize, listened, sizes }) {
      const server = await serverWith(stage, { groups: { team: ['alice', 'bob', 'carol', 'gone'] } });
      if (listened !== null) server.engine.contactsController.broadcastBlobListened = listened;
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const carol = await stage.loggedOn(server, 'carol');
      const dave = await stage.loggedOn(server, 'dave');
      const told = sizes.map((size) => stage.payload(size));
      const all = told.map((content, type) =>
        contactsOf(alice).broadcastBlob('team', type, content, `tag ${type}`, fragmentSize),
      );
      await Promise.all(all);
      const sorted = (list: readonly { broadcastType: number; info: Uint8Array | null; tag: string | null }[]) =>
        [...list]
          .sort((a, b) => a.broadcastType - b.broadcastType)
          .map(({ broadcastType, info, tag }) => [broadcastType, info, tag]);
      const expected = told.map((content, type) => [type, content, `tag ${type}`]);
      for (const member of [bob, carol]) {
        await stage.until(() => broadcastsOf(member).length >= told.length, 30, 'a blob did not come', 'CON-032');
        stage.equal(sorted(broadcastsOf(member)), expected, 'CON-033', `${member.userID} got something else`);
      }
      for (const other of [alice, dave]) {
        await other.basic({ verb: 'ping' });
        stage.equal(broadcastsOf(other), [], 'CON-032', `${other.userID} got a blob that was not for it`);
      }
      const heard = server.events.filter((event) => event.kind === 'broadcastReceived');
      const isListened = listened ?? false;
      stage.equal(
        sorted(heard),
        isListened ? expected : [],
        'CON-036',
        `the server heard of ${heard.length} blobs, listening ${isListened ? 'on' : 'off'}`,
      );
      const failures = server.events.filter((event) => event.kind === 'broadcastFailed');
      stage.equal(failures, [], 'CON-027', 'a blob raised broadcastFailed');
    },
  }),
  scenario({
    id: 'CON-8J0P',
    title: 'whoever comes in the middle of a broadcast blob gets its rest as pieces and nothing as a blob',
    clauses: ['CON-032', 'CON-033'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const server = await serverWith(stage, { groups: { team: ['bob', 'late'] } });
      const bob = await stage.loggedOn(server, 'bob');
      const alice = await stage.rawClient(server, { userID: 'alice' });
      await alice.logon('alice');
      const bytes = codecs.BlobAndTagContract.encode({ Message: stage.payload(), Tag: null });
      const send = (index: number, IsLast: boolean): void => {
        const Fragment = IsLast ? bytes.subarray(8) : bytes.subarray(index * 4, index * 4 + 4);
        const value = { BlobID: 1, Fragment, FragmentIndex: index, GroupID: 'team', InformationType: 3, IsLast };
        alice.send({ messageType: MessageType.BroadcastBlob, body: codecs.BroadcastBlobContract.encode(value) });
      };
      send(0, false);
      alice.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 5 }) });
      await alice.expect(MessageType.PingAck);
      const late = await stage.loggedOn(server, 'late');
      send(1, false);
      send(2, true);
      await bob.waitFor('broadcastReceived', { clause: 'CON-033' });
      await late.basic({ verb: 'ping' });
      stage.equal(broadcastsOf(late), [], 'CON-033', 'a part of a blob was handed over');
      stage.equal(await late.connected(), true, 'CON-033', 'the rest of a blob broke the connection');
    },
  }),
  scenario({
    id: 'CON-0T6M',
    title:
      'a blob of the server reaches each member, also when one leaves in the middle, and fails only with the server',
    clauses: ['CON-035', 'CON-034'],
    kind: 'property',
    clients: 'reference',
    runs: 6,
    plan: () => fc.record({ closes: fc.boolean(), leaves: fc.boolean() }),
    async run(stage, { closes, leaves }) {
      const server = await serverWith(
        stage,
        { groups: { team: ['bob', 'slow', 'gone'] } },
        { beforeStart: (engine) => (engine.writeTimeoutInSecs = 0) },
      );
      const bob = await stage.loggedOn(server, 'bob');
      const slow = await stage.rawClient(server, { userID: 'slow' });
      await slow.logon('slow');
      await fillChannel(stage, server, slow);
      const content = stage.payload(100_000);
      const calls: unknown[] = [];
      const handler = (succeed: boolean, tag: unknown): void => void calls.push(succeed, tag);
      const controller = server.engine.contactsController;
      const call = controller.broadcastBlob('team', 5, content, 'tag', 5000, handler, 'mine');
      await bob.waitFor('broadcastReceived', { clause: 'CON-035' });
      stage.equal(calls, [], 'CON-035', 'the call ended although a member has not got the blob');
      const failed = closes
        ? stage.rejects(call, 'E_DISCONNECTED', 'CON-035', 'a blob outlived its server')
        : call.then(() => undefined);
      if (closes) await server.close();
      else if (leaves) slow.abort();
      else slow.resume();
      await failed;
      stage.equal(calls, [!closes, 'mine'], 'CON-034', 'the handler was not called once');
      if (closes || leaves) return;
      const last = (await untilEnded(stage, slow, 1)).map((each) => each.Fragment!);
      const bytes = Uint8Array.from(last.flatMap((part) => [...part]));
      const expected = codecs.BlobAndTagContract.encode({ Message: content, Tag: 'tag' });
      stage.equal(bytes, expected, 'CON-035', 'the slow member got another blob');
    },
  }),
];
