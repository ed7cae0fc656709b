import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import type { ContractOf } from '../../spec/grammar/index.ts';
import { codecs } from '../../impl/wire/index.ts';
import { bytes, onStage } from './stage.ts';
import type { RawPeer, SeenFrame } from './stage.ts';

const patterned = (size: number): Uint8Array => new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8)) & 0xff);
const fragmentOf = (frame: SeenFrame): ContractOf<'BlobFragmentContract'> => {
  const decoded = codecs.BlobFragmentContract.decode(frame.body);
  if (!decoded.ok) throw new Error(decoded.error.detail);
  return decoded.value;
};
const sendFragment = (peer: RawPeer, of: Partial<ContractOf<'BlobFragmentContract'>>, destId = ''): void =>
  peer.send(
    MessageType.BlobInformation,
    codecs.BlobFragmentContract.encode({
      BlobID: 2,
      Fragment: bytes(1),
      FragmentIndex: 0,
      InformationType: 9,
      IsLast: false,
      ...of,
    }),
    { destId },
  );

test.each([[1], [1000], [4096], [1_048_519]])(
  'BLB-002, BLB-004: a blob in fragments of %i bytes arrives whole, once, both ways',
  (size) =>
    onStage(async (stage) => {
      await stage.startServer();
      const [alice, bob] = [await stage.loggedOn('alice'), await stage.loggedOn('bob')];
      const blob = patterned(size === 1 ? 300 : size + 40_000);
      await alice.engine.customizeOutter.sendBlob('bob', 5, blob, size);
      await alice.engine.customizeOutter.sendBlob(null, 6, blob, size);
      await stage.server.customizeController.sendBlob('bob', 7, blob, size);
      await stage.until(
        () => bob.received.length === 2 && stage.journal.some((entry) => (entry as string[])[0] === 'information'),
      );
      await stage.settle(alice, bob);
      const journal = [
        ...bob.received,
        ...stage.journal.filter((entry) => (entry as string[])[0] === 'information'),
      ] as unknown[][];
      const by = (type: number): unknown[] => journal.filter((entry) => entry.includes(type));
      for (const [type, source] of [
        [5, 'alice'],
        [6, 'alice'],
        [7, null],
      ] as const) {
        expect(by(type)).toHaveLength(1);
        expect((by(type)[0] as unknown[]).slice(-3, -1)).toEqual([source, type]);
        expect(Buffer.compare(Buffer.from((by(type)[0] as unknown[]).at(-1) as number[]), blob)).toBe(0);
      }
      expect(stage.journal.filter((entry) => (entry as string[])[0] === 'received')).toEqual([]);
    }),
);

test('BLB-001, BLB-010, BLB-014, ENG-015: ids count from 1 on each connection for both types, indexes from 0', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const raw = await stage.rawLoggedOn('raw');
    const { engine } = alice;
    await engine.customizeOutter.sendBlob('raw', 9, bytes(1, 2, 3), 2);
    await engine.customizeOutter.sendBlob('raw', 9, null, 2);
    await engine.sendMessage('raw', 9, bytes(1), 't', 10);
    await engine.sendMessage('raw', 9, bytes(1), 't');
    engine.closeConnection(true);
    await stage.until(() => engine.connected);
    await engine.customizeOutter.sendBlob('raw', 9, bytes(1), 2);
    await stage.settle(alice);
    await stage.until(() => raw.frames.length === 8);
    const got = raw.frames.slice(1).map((frame) => {
      const { BlobID, FragmentIndex, IsLast, Fragment } = fragmentOf(frame);
      return [frame.messageType, BlobID, FragmentIndex, IsLast, Fragment!.length];
    });
    expect(got).toEqual([
      [106, 1, 0, false, 2],
      [106, 1, 1, true, 1],
      [106, 2, 0, true, 0],
      [107, 3, 0, false, 10],
      [107, 3, 1, true, 4],
      [107, -1, 0, true, 14],
      [106, 1, 0, true, 1],
    ]);
  }));

test('BLB-005, BLB-006: other messages pass between fragments, and two blobs share the way', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const [alice, bob] = [await stage.loggedOn('alice'), await stage.loggedOn('bob')];
    const out = alice.engine.customizeOutter;
    const big = out.sendBlob('bob', 1, patterned(1_000_000), 10_000);
    const small = out.sendBlob('bob', 2, patterned(100_000), 10_000);
    out.send('bob', 3, null);
    await Promise.all([big, small]);
    await stage.until(() => bob.received.length === 3);
    expect(bob.received.map((entry) => (entry as number[])[1])).toEqual([3, 2, 1]);
  }));

test('BLB-003: fragment sizes that cannot be are refused', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const refused = { code: 'E_ARGUMENT', clause: 'BLB-003' };
    for (const size of [0, -1, 1.5, Number.NaN, 1_048_520]) {
      await expect(alice.engine.customizeOutter.sendBlob(null, 1, bytes(1), size)).rejects.toMatchObject(refused);
      await expect(stage.server.customizeController.sendBlob('alice', 1, bytes(1), size)).rejects.toMatchObject(
        refused,
      );
      await expect(alice.engine.sendMessage(null, 1, bytes(1), null, size)).rejects.toMatchObject(refused);
    }
    await stage.settle(alice);
    expect(stage.journal).toHaveLength(2);
  }));

test('BLB-007, BLB-015: a blob under way fails when the connection ends, at either sender', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const gone = { code: 'E_DISCONNECTED' };
    const up = expect(
      alice.engine.customizeOutter.sendBlob(null, 1, patterned(2_000_000), 10_000),
    ).rejects.toMatchObject(gone);
    const down = expect(
      stage.server.customizeController.sendBlob('alice', 1, patterned(2_000_000), 10_000),
    ).rejects.toMatchObject(gone);
    await stage.sleep(0.05);
    stage.server.basicController.kickOut('alice');
    await Promise.all([up, down]);
    await stage.sleep(1);
    expect(alice.received).toEqual([]);
    expect(stage.journal.filter((entry) => (entry as string[])[0] === 'information')).toEqual([]);
  }));

test('BLB-009: the promise resolves when the last fragment has left the queue, not before', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    let resolved = false;
    const sent = alice.engine.customizeOutter
      .sendBlob(null, 1, patterned(1_000_000), 10_000)
      .then(() => (resolved = true));
    alice.link.hold();
    await stage.sleep(1);
    expect(resolved).toBe(false);
    alice.link.release();
    await sent;
    expect(alice.engine.channelIsBusy).toBe(false);
  }));

test('BLB-012: a blob above the receiver’s bound is dropped and logged, and the next one arrives', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.advanced.blobBytesMax = 1000) });
    const alice = await stage.loggedOn('alice');
    await alice.engine.customizeOutter.sendBlob(null, 1, patterned(1001), 100);
    await alice.engine.customizeOutter.sendBlob(null, 2, patterned(1000), 100);
    await stage.settle(alice);
    const types = stage.journal
      .filter((entry) => (entry as string[])[0] === 'information')
      .map((entry) => (entry as number[])[2]);
    expect(types).toEqual([2]);
    expect(stage.logLines.filter((line) => line.includes('BLB-012'))).toHaveLength(1);
  }));

test('BLB-013: what a sender left unfinished never mixes with what it sends after a new logon', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const bob = await stage.loggedOn('bob');
    const first = await stage.rawLoggedOn('raw');
    for (const destId of ['', 'bob']) sendFragment(first, { BlobID: 7, Fragment: bytes(1) }, destId);
    await stage.sleep(1);
    first.connection.end();
    await stage.sleep(1);
    const again = await stage.rawLoggedOn('raw');
    sendFragment(again, { BlobID: 1, Fragment: bytes(5), IsLast: true }, 'bob');
    for (const destId of ['', 'bob'])
      sendFragment(again, { BlobID: 7, Fragment: bytes(2), FragmentIndex: 1, IsLast: true }, destId);
    await stage.sleep(1);
    await stage.settle(bob);
    expect(bob.received).toEqual([['raw', 9, [5]]]);
    expect(stage.journal.filter((entry) => (entry as string[])[0] === 'information')).toEqual([]);
  }));

test('ENG-001, ENG-016, ENG-017: sendMessage raises messageReceived with its tag, in both directions and forms', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const [alice, bob] = [await stage.loggedOn('alice'), await stage.loggedOn('bob')];
    const results: unknown[] = [];
    await alice.engine.sendMessage('bob', 1, bytes(1), 'tag');
    await alice.engine.sendMessage('bob', 2, null, null, 3);
    await alice.engine.sendMessage(
      'bob',
      3,
      patterned(10),
      'ü',
      4,
      (succeed, tag) => results.push([succeed, tag]),
      'mine',
    );
    await alice.engine.sendMessage(null, 4, bytes(4), 'to server');
    await server.sendMessage('bob', 5, bytes(5), 'from server');
    await stage.settle(alice, bob);
    expect(bob.received).toEqual(
      expect.arrayContaining([
        ['alice', 1, [1], 'tag'],
        ['alice', 2, null, null],
        ['alice', 3, [...patterned(10)], 'ü'],
        [null, 5, [5], 'from server'],
      ]),
    );
    expect(bob.received).toHaveLength(4);
    expect(stage.journal.at(-1)).toEqual(['message', 'alice', 4, [4], 'to server']);
    expect(results).toEqual([[true, 'mine']]);
    await expect(alice.engine.sendMessage('bob', 1, new Uint8Array(1_048_519), null)).rejects.toMatchObject({
      code: 'E_MESSAGE_SIZE',
    });
  }));

test('a message whose content is no BlobAndTagContract is dropped and costs nobody the connection', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const bob = await stage.loggedOn('bob');
    const raw = await stage.rawLoggedOn('raw');
    const body = codecs.BlobFragmentContract.encode({
      BlobID: -1,
      Fragment: bytes(1, 2, 3),
      FragmentIndex: 0,
      InformationType: 1,
      IsLast: true,
    });
    raw.send(MessageType.BlobByRapidEngine, body, { destId: 'bob' });
    raw.send(MessageType.BlobByRapidEngine, body);
    await stage.sleep(1);
    await stage.settle(bob);
    expect([bob.received, bob.events, raw.isOver]).toEqual([[], [], false]);
  }));
