/** The sending side: how blobs are cut, numbered, interleaved, and what ends them. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { RawConnection, SeenMessage } from '../../attach/raw-peer.ts';
import { fragmentBody, fragmentOf } from './fragments.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

type Sent = {
  readonly target: string | null;
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly size: number;
};

/** The fragments of one BlobID against the blob they were cut from. */
function checkCut(stage: Stage, messages: readonly SeenMessage[], blobID: number, sent: Sent): void {
  const own = messages.filter((each) => fragmentOf(each).BlobID === blobID);
  const fragments = own.map(fragmentOf);
  const count = Math.max(1, Math.ceil(sent.bytes.length / sent.size));
  stage.equal(
    fragments.map((each) => [each.FragmentIndex, each.InformationType, each.IsLast]),
    Array.from({ length: count }, (_, index) => [index, sent.type, index === count - 1]),
    sent.bytes.length === 0 ? 'BLB-010' : 'BLB-001',
    `blob ${blobID} has other indices, types or ends`,
  );
  for (const { destId } of own) {
    const fits = sent.target === null ? ['', '_0'].includes(destId) : destId === sent.target;
    stage.check(fits, 'BLB-001', `a fragment of blob ${blobID} goes to "${destId}"`);
  }
  const expected = Array.from({ length: count }, (_, at) => sent.bytes.subarray(at * sent.size, (at + 1) * sent.size));
  const parts = fragments.map((each) => each.Fragment ?? new Uint8Array(0));
  stage.equal(parts, expected, 'BLB-002', `blob ${blobID} is cut otherwise`);
}

/** Waits until so many blobs have come to their end. */
async function untilEnded(stage: Stage, connection: RawConnection, count: number): Promise<readonly SeenMessage[]> {
  const isFragment = ({ messageType }: SeenMessage): boolean => messageType === 106 || messageType === 107;
  const ended = (): number => connection.received.filter((each) => isFragment(each) && fragmentOf(each).IsLast).length;
  await stage.until(() => ended() >= count, 30, 'not every blob came to its end', 'BLB-001');
  return connection.received.filter(isFragment);
}

export const sending: readonly AnyScenario[] = [
  scenario({
    id: 'BLB-1A3F',
    title: 'a blob is cut into full fragments and a rest, and all blobs of a connection are numbered in one row',
    clauses: ['BLB-001', 'BLB-002', 'BLB-010', 'BLB-014', 'BLB-009'],
    kind: 'property',
    needs: ['logon', 'blob', 'sendMessage'],
    plan: () =>
      fc.array(
        fc.record({
          target: fc.constantFrom(null, 'bob', 'carol'),
          type: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
          bytes: fc.option(fc.uint8Array({ maxLength: 60 })),
          size: fc.integer({ min: 1, max: 20 }),
          asMessage: fc.constantFrom(false, false, true),
          waits: fc.boolean(),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    async run(stage, blobs) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const promises: Promise<void>[] = [];
      for (const { target, type, bytes, size, asMessage, waits } of blobs) {
        const promise = asMessage
          ? alice.sendMessage(target, type, bytes, 'tag', size)
          : alice.sendBlob(target, type, bytes, size);
        promises.push(promise);
        if (waits) await promise;
      }
      await Promise.all(promises);
      const messages = await untilEnded(stage, connection, blobs.length);
      for (const [index, { target, type, bytes, size, asMessage }] of blobs.entries()) {
        const content = asMessage
          ? codecs.BlobAndTagContract.encode({ Message: bytes, Tag: 'tag' })
          : (bytes ?? new Uint8Array(0));
        const first = messages.find((each) => fragmentOf(each).BlobID === index + 1);
        const messageType = asMessage ? MessageType.BlobByRapidEngine : MessageType.BlobInformation;
        stage.equal(first?.messageType, messageType, 'BLB-014', `blob ${index + 1} is none, or one of another type`);
        checkCut(stage, messages, index + 1, { target, type, bytes: content, size });
      }
    },
  }),
  scenario({
    id: 'BLB-2B4G',
    title: 'a fragment size of nothing, or too large for a message, is refused, and the largest that fits is sent',
    clauses: ['BLB-003'],
    kind: 'property',
    needs: ['logon', 'blob'],
    plan: () =>
      fc.record({
        limit: fc.integer({ min: 200, max: 2000 }),
        above: fc.integer({ min: -3, max: 3 }),
        small: fc.constantFrom(0, -1, -(2 ** 31)),
      }),
    async run(stage, { limit, above, small }) {
      const { alice, connection } = await aliceAtRawServer(stage, { maxLengthOfMessage: limit });
      const blob = stage.payload(limit);
      const refused = (size: number): Promise<unknown> =>
        stage.rejects(
          alice.sendBlob(null, 1, blob, size),
          'E_ARGUMENT',
          'BLB-003',
          `a size of ${size} was not refused`,
        );
      await refused(small);
      // Header 36 and the body's 21 bytes besides the fragment.
      const size = limit - 57 + above;
      if (above > 0) await refused(size);
      else {
        await alice.sendBlob(null, 1, blob, size);
        const messages = await untilEnded(stage, connection, 1);
        checkCut(stage, messages, 1, { target: null, type: 1, bytes: blob, size });
      }
    },
  }),
  scenario({
    id: 'BLB-3C5H',
    title: 'what is sent while a blob is under way comes before its end, be it information or another blob',
    clauses: ['BLB-005'],
    kind: 'property',
    needs: ['logon', 'blob', 'send'],
    runs: 6,
    plan: () => fc.record({ size: fc.integer({ min: 900, max: 9000 }), isBlob: fc.boolean() }),
    async run(stage, { size, isBlob }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const large = alice.sendBlob('bob', 5, stage.payload(400_000), size);
      if (isBlob) await alice.sendBlob('bob', 6, stage.payload(10), 20);
      else await alice.send(null, 6, stage.payload());
      await large;
      const messages = await untilEnded(stage, connection, isBlob ? 2 : 1);
      const end = messages.find((each) => fragmentOf(each).IsLast && fragmentOf(each).InformationType === 5);
      const other = connection.received.find((each) =>
        isBlob
          ? each.messageType === 106 && fragmentOf(each).InformationType === 6
          : each.messageType === MessageType.InformationBySend,
      );
      const at = other === undefined ? Infinity : connection.received.indexOf(other);
      stage.check(
        at < connection.received.indexOf(end!),
        'BLB-005',
        'the other message came after the end of the blob',
      );
    },
  }),
  scenario({
    id: 'BLB-4D6J',
    title: 'sendBlob resolves when its last fragment has been handed over, not while the channel holds it back',
    clauses: ['BLB-009', 'BLB-007'],
    kind: 'property',
    needs: ['logon', 'blob'],
    runs: 4,
    // How much a real machine's buffers take while nobody reads is its own affair.
    targets: ['sim'],
    plan: () => fc.record({ reads: fc.boolean() }),
    async run(stage, { reads }) {
      const { alice, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: 0, autoReconnect: false });
      connection.pause();
      let state = 'open';
      const sent = alice.sendBlob(null, 5, stage.payload(3_000_000), 60_000);
      const followed = sent.then(() => (state = 'resolved')).catch(() => (state = 'failed'));
      await stage.sleep(5);
      stage.equal(state, 'open', 'BLB-009', 'a blob that cannot leave has ended');
      if (reads) {
        connection.resume();
        await sent;
        const messages = await untilEnded(stage, connection, 1);
        stage.equal(messages.length, 50, 'BLB-009', 'not all fragments came');
      } else {
        connection.abort();
        await stage.rejects(sent, 'E_DISCONNECTED', 'BLB-007', 'the blob outlived its connection');
      }
      await followed;
    },
  }),
  scenario({
    id: 'BLB-5E7K',
    title: 'a connection that ends cancels the blob under way, and nothing of it follows on the next',
    clauses: ['BLB-007', 'BLB-014'],
    kind: 'property',
    needs: ['logon', 'blob', 'reconnect'],
    runs: 4,
    // A foreign transport may have taken the whole blob before the connection ends.
    targets: ['sim', 'loopback'],
    plan: () => fc.record({ now: fc.boolean(), count: fc.integer({ min: 1, max: 3 }) }),
    async run(stage, { now, count }) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice');
      await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      const failing = Array.from({ length: count }, () => {
        const sent = alice.sendBlob('bob', 5, stage.payload(200_000), 5000);
        return stage.rejects(sent, 'E_DISCONNECTED', 'BLB-007', 'a blob outlived its connection');
      });
      await alice.closeConnection(now);
      await Promise.all(failing);
      const { connection } = await raw.acceptLogon({ clause: 'RCN-008' });
      await alice.waitFor('relogonCompleted');
      const blob = stage.payload(9);
      await alice.sendBlob('bob', 6, blob, 4);
      const messages = await untilEnded(stage, connection, 1);
      checkCut(stage, messages, 1, { target: 'bob', type: 6, bytes: blob, size: 4 });
      stage.equal(messages.length, 3, 'BLB-007', 'fragments of a cancelled blob came on the next connection');
    },
  }),
  scenario({
    id: 'BLB-6F8M',
    title: 'the server sends blobs to its users by the same rules, and fails them when the user leaves',
    clauses: ['BLB-015', 'BLB-001', 'BLB-003'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        bytes: fc.option(fc.uint8Array({ maxLength: 40 })),
        size: fc.integer({ min: 1, max: 15 }),
        end: fc.constantFrom('end', 'kick', 'replaced'),
      }),
    async run(stage, { bytes, size, end }) {
      const server = await stage.server();
      const { customizeController: controller, basicController } = server.engine;
      const raw = await stage.rawClient(server, { userID: 'alice' });
      await raw.logon('alice');
      await controller.sendBlob('alice', 8, bytes, size);
      const messages = await untilEnded(stage, raw, 1);
      checkCut(stage, messages, 1, { target: 'alice', type: 8, bytes: bytes ?? new Uint8Array(0), size });
      await stage.rejects(controller.sendBlob('alice', 8, bytes, 0), 'E_ARGUMENT', 'BLB-015', 'size 0 was not refused');
      const heir = await stage.rawClient(server, { userID: 'alice' });
      const sent = controller.sendBlob('alice', 9, stage.payload(2_000_000), 50_000);
      const failed = stage.rejects(sent, 'E_DISCONNECTED', 'BLB-015', 'a blob outlived its user');
      if (end === 'end') raw.abort();
      else if (end === 'kick') basicController.kickOut('alice');
      else await heir.logon('alice');
      await failed;
    },
  }),
  scenario({
    id: 'BLB-7G9N',
    title: 'fragments for somebody who is not online are dropped, without an event and without harm',
    clauses: ['BLB-008'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      const seen = server.events.length;
      for (const index of [0, 1]) {
        const fragment = { BlobID: 1, FragmentIndex: index, InformationType: 3, IsLast: index === 1 };
        const body = fragmentBody({ ...fragment, Fragment: stage.payload() });
        raw.send({ messageType: MessageType.BlobInformation, destId: 'gone', body });
        raw.send({ messageType: MessageType.BlobByRapidEngine, destId: 'gone', body });
      }
      raw.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 5 }) });
      await raw.expect(MessageType.PingAck, { clause: 'BLB-008' });
      stage.equal(server.events.slice(seen), [], 'BLB-008', 'a fragment for nobody raised an event');
      stage.equal(raw.received.length, 2, 'BLB-008', 'a fragment for nobody was answered');
    },
  }),
];
