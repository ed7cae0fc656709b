/** The receiving side: whole blobs or nothing, whatever comes in between. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { RawConnection } from '../../attach/raw-peer.ts';
import { fragmentBody } from './fragments.ts';
import { BlobModel } from './model.ts';
import type { ModelFragment } from './model.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

/** Blobs under way at once; the first ends all others of its sender when it begins (BLB-013). */
const TRACKS = [
  { sender: 'bob', blobID: 1 },
  { sender: 'bob', blobID: 2 },
  { sender: 'bob', blobID: 3 },
  { sender: 'carol', blobID: 2 },
  { sender: '_0', blobID: 2 },
  { sender: 'bob', blobID: -1 },
  { sender: 'bob', blobID: 0 },
  { sender: 'bob', blobID: -7 },
];
const FAULTS = ['none', 'none', 'none', 'none', 'skip', 'repeat', 'restart', 'otherType'] as const;
const OTHER: Readonly<Record<number, number>> = { 106: 107, 107: 106 };
const TYPE = 9;
const BYTES_MAX = 12;

function sendFragment(connection: RawConnection, fragment: ModelFragment): void {
  const { sender, messageType, blobID, bytes, index, isLast } = fragment;
  const value = { BlobID: blobID, Fragment: bytes, FragmentIndex: index, InformationType: TYPE, IsLast: isLast };
  connection.send({ messageType, sourceId: sender, destId: 'alice', body: fragmentBody(value) });
}

/** What `alice` was handed so far, after a sentinel that she answers. */
async function delivered(connection: RawConnection, alice: ClientSubject): Promise<unknown[]> {
  connection.send({
    messageType: MessageType.PingByServer,
    destId: 'alice',
    body: codecs.PingContract.encode({ SendTicks: 1 }),
  });
  await connection.expect(MessageType.PingAck, { clause: 'BLB-004' });
  const told = alice.events.filter((event) => event.kind === 'information');
  return told.map(({ source, info, informationType }) => [source, info, informationType]);
}

export const receiving: readonly AnyScenario[] = [
  scenario({
    id: 'BLB-HT4Y',
    title: 'a blob whose fragments change their message type on the way is dropped whole',
    clauses: ['BLB-011'],
    kind: 'property',
    needs: ['logon', 'blob'],
    plan: () => fc.record({ count: fc.integer({ min: 3, max: 6 }), odd: fc.integer({ min: 1, max: 4 }) }),
    async run(stage, { count, odd }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const changed = Math.min(odd, count - 2);
      for (let index = 0; index < count; index++) {
        const messageType = index === changed ? MessageType.BlobByRapidEngine : MessageType.BlobInformation;
        const isLast = index === count - 1;
        sendFragment(connection, { sender: 'bob', blobID: 2, messageType, index, isLast, bytes: Uint8Array.of(index) });
      }
      stage.equal(await delivered(connection, alice), [], 'BLB-011', 'fragments of two types were put together');
    },
  }),
  scenario({
    id: 'BLB-8HAP',
    title: 'of any fragments in any order exactly the blobs are handed over that came whole and in order',
    clauses: ['BLB-004', 'BLB-006', 'BLB-011', 'BLB-012', 'BLB-013', 'BLB-016', 'BLB-017'],
    kind: 'property',
    needs: ['logon', 'blob'],
    runs: 60,
    plan: () =>
      fc.array(
        fc.record({
          track: fc.nat({ max: TRACKS.length - 1 }),
          fault: fc.constantFrom(...FAULTS),
          isLast: fc.constantFrom(false, false, true),
          size: fc.constantFrom(0, 1, 2, 5, 12, 13),
        }),
        { minLength: 4, maxLength: 40 },
      ),
    async run(stage, steps) {
      const { alice, connection } = await aliceAtRawServer(stage, { blobBytesMax: BYTES_MAX });
      const model = new BlobModel(BYTES_MAX);
      const next = TRACKS.map(() => 0);
      const expected: unknown[] = [];
      for (const [step, { track, fault, isLast, size }] of steps.entries()) {
        const { sender, blobID } = TRACKS[track]!;
        const due = fault === 'restart' ? 0 : next[track]!;
        const index = fault === 'skip' ? due + 1 : fault === 'repeat' ? Math.max(0, due - 1) : due;
        const messageType = fault === 'otherType' && index > 0 ? OTHER[106]! : MessageType.BlobInformation;
        const bytes = new Uint8Array(size).fill(step + 1);
        const fragment = { sender, blobID, messageType, index, isLast, bytes };
        sendFragment(connection, fragment);
        const whole = model.take(fragment);
        if (whole !== undefined) expected.push([sender === '_0' ? null : sender, whole, TYPE]);
        const isDue = fault === 'none' || fault === 'restart';
        if (isDue) next[track] = isLast ? 0 : index + 1;
      }
      stage.equal(await delivered(connection, alice), expected, 'BLB-004', 'other blobs were handed over');
    },
  }),
  scenario({
    id: 'BLB-9JBQ',
    title: 'a sender may have 64 unfinished blobs, and further ones are dropped without touching those',
    clauses: ['BLB-012'],
    kind: 'property',
    needs: ['logon', 'blob'],
    runs: 4,
    plan: () => fc.record({ count: fc.integer({ min: 62, max: 68 }) }),
    async run(stage, { count }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const model = new BlobModel(1000);
      const expected: unknown[] = [];
      for (const index of [0, 1]) {
        for (let blobID = 1; blobID <= count; blobID++) {
          const bytes = Uint8Array.of(blobID, index);
          const fragment = { sender: 'bob', blobID, messageType: 106, index, isLast: index === 1, bytes };
          sendFragment(connection, fragment);
          const whole = model.take(fragment);
          if (whole !== undefined) expected.push(['bob', whole, TYPE]);
        }
      }
      stage.equal(expected.length, Math.min(64, count), 'BLB-012', 'the model does not know the limit');
      stage.equal(await delivered(connection, alice), expected, 'BLB-012', 'other blobs were handed over');
    },
  }),
  scenario({
    id: 'BLB-AKCR',
    title: 'a client forgets unfinished blobs with its own connection',
    clauses: ['BLB-018'],
    kind: 'property',
    needs: ['logon', 'blob', 'reconnect'],
    runs: 5,
    plan: () => fc.record({ sender: fc.constantFrom('bob', '_0'), blobID: fc.integer({ min: 1, max: 4 }) }),
    async run(stage, { sender, blobID }) {
      const { alice, raw, connection } = await aliceAtRawServer(stage);
      const fragment = { sender, blobID, messageType: 106, index: 0, isLast: false, bytes: stage.payload() };
      sendFragment(connection, fragment);
      await delivered(connection, alice);
      connection.abort();
      const again = await raw.acceptLogon({ clause: 'RCN-001' });
      await alice.waitFor('relogonCompleted');
      sendFragment(again.connection, { ...fragment, index: 1, isLast: true, bytes: stage.payload() });
      const told = await delivered(again.connection, alice);
      stage.equal(told, [], 'BLB-018', 'a blob was put together from two connections');
    },
  }),
  scenario({
    id: 'BLB-BMDS',
    title: 'a server forgets the unfinished blobs of a sender whose connection has ended, and only those',
    clauses: ['BLB-013', 'BLB-006'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ blobID: fc.integer({ min: 2, max: 5 }), end: fc.constantFrom('end', 'abort', 'replaced') }),
    async run(stage, { blobID, end }) {
      const server = await stage.server();
      const alice = await stage.rawClient(server, { userID: 'alice' });
      await alice.logon('alice');
      const bob = await stage.rawClient(server, { userID: 'bob' });
      await bob.logon('bob');
      const send = (from: RawConnection, index: number, bytes: Uint8Array): void => {
        const value = { BlobID: blobID, FragmentIndex: index, InformationType: TYPE, IsLast: index === 1 };
        from.send({ messageType: MessageType.BlobInformation, body: fragmentBody({ ...value, Fragment: bytes }) });
      };
      const ping = async (from: RawConnection): Promise<void> => {
        from.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 1 }) });
        await from.expect(MessageType.PingAck, { clause: 'BLB-013' });
      };
      send(alice, 0, Uint8Array.of(1, 1));
      send(bob, 0, Uint8Array.of(2, 2));
      await ping(alice);
      if (end === 'end') alice.end();
      if (end === 'abort') alice.abort();
      if (end !== 'replaced') await server.waitFor('someOneDisconnected');
      const again = await stage.rawClient(server, { userID: 'alice' });
      await again.logon('alice');
      send(again, 1, Uint8Array.of(3, 3));
      await ping(again);
      send(bob, 1, Uint8Array.of(4, 4));
      await ping(bob);
      const told = server.events.flatMap((event) => (event.kind === 'information' ? [[event.source, event.info]] : []));
      stage.equal(told, [['bob', Uint8Array.of(2, 2, 4, 4)]], 'BLB-013', 'other blobs were handed over');
    },
  }),
  scenario({
    id: 'BLB-CNET',
    title: 'blobs of several senders through a real server arrive whole, whatever the network does to their bytes',
    clauses: ['BLB-004', 'BLB-006'],
    kind: 'property',
    needs: ['logon', 'blob'],
    runs: 10,
    plan: () =>
      fc.record({
        chunkBytesMax: fc.constantFrom(0, 3, 50, 700),
        blobs: fc.array(
          fc.record({
            fromAlice: fc.boolean(),
            target: fc.constantFrom(null, 'carol'),
            bytes: fc.integer({ min: 4, max: 900 }),
            size: fc.integer({ min: 40, max: 400 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
      }),
    async run(stage, { chunkBytesMax, blobs }) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const carol = await stage.loggedOn(server, 'carol');
      stage.net.conditions(server.host, { chunkBytesMax });
      const sent = blobs.map((blob) => ({ ...blob, content: stage.payload(blob.bytes) }));
      await Promise.all(
        sent.map((each) => (each.fromAlice ? alice : bob).sendBlob(each.target, TYPE, each.content, each.size)),
      );
      const got = (): unknown[][] =>
        [...server.events, ...carol.events].flatMap((event) =>
          event.kind === 'information' ? [[event.source, event.info?.join() ?? null]] : [],
        );
      await stage.until(() => got().length >= blobs.length, 30, 'not every blob was handed over', 'BLB-004');
      const expected = sent.map((each) => [each.fromAlice ? 'alice' : 'bob', each.content.join()]);
      const sorted = (list: readonly unknown[][]): string[] => list.map((each) => each.join()).sort();
      stage.equal(sorted(got()), sorted(expected), 'BLB-004', 'other blobs than were sent');
    },
  }),
];
