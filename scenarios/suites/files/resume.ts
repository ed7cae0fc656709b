/** Going on where an interrupted project ended: the five conditions, one by one, and what becomes of what is left. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { threeSides } from './flow.ts';
import { aliceAndMallory } from './packages.ts';
import { contentOf, sameFile, Side, treeOf } from './side.ts';
import { agree, bodyOf, RawSender, request } from './wire.ts';

const SIZE = 400_000;
const PARAS = { filePackageSize: 10_000, sendingSpanInMSecs: 0 };
const CONDITIONS = [
  'same',
  'touched',
  'otherSize',
  'otherPath',
  'late',
  'inTime',
  'shortened',
  'temporaryGone',
  'initialized',
  'otherSavePath',
  'notAllowed',
  'switchedOff',
] as const;
type Condition = (typeof CONDITIONS)[number];

/** What a condition leaves: no item at all, an item that is not used, or a project that goes on. */
function dueFor(condition: Condition): 'none' | 'unused' | 'resumed' {
  if (condition === 'same' || condition === 'inTime') return 'resumed';
  return condition === 'otherSavePath' || condition === 'notAllowed' ? 'unused' : 'none';
}

/** Sends `path` and breaks it off when the receiver has got `share` of it; resolves when both ends are over. */
async function interrupted(from: Side, to: Side, path: string, share = 0.5): Promise<number> {
  let receivedBytes = 0;
  const stop = to.files.fileReceivingEvents.fileTransProgress.add((id, total, transfered) => {
    receivedBytes = transfered;
    if (transfered >= total * share) to.files.cancelTransfering(id);
  });
  const begin = to.files.fileRequestReceived.add((id) => to.files.beginReceiveFile(id, 'in/saved'));
  const id = from.files.beginSendFile(to.userID, path, null, PARAS);
  await to.ended(id, 'FIL-005');
  await from.ended(id, 'FIL-005');
  // When all was there already but the end, there was nothing to break off.
  fc.pre(to.endOf(id) !== 'completed');
  stop();
  begin();
  return receivedBytes;
}

async function applyCondition(stage: Stage, condition: Condition, alice: Side, bob: Side): Promise<void> {
  const files = stage.files(bob.host);
  if (condition === 'touched') alice.write('a.bin', contentOf(SIZE, 5));
  if (condition === 'otherSize') alice.write('a.bin', contentOf(SIZE - 1, 5));
  if (condition === 'late') await stage.sleep(301);
  if (condition === 'inTime') await stage.sleep(290);
  if (condition === 'temporaryGone') files.remove('in/saved.tmpe$');
  if (condition === 'switchedOff') bob.files.ttl4ResumedFileItem = 0;
  if (condition === 'shortened') {
    const file = files.openToWrite('in/saved.tmpe$', 1000);
    if (!('code' in file)) file.close();
  }
}

export const resume: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-R4ZF',
    title: 'a file goes on where it ended under all five conditions, and begins anew when one of them fails',
    clauses: ['FIL-040', 'FIL-041', 'FIL-043', 'FIL-044', 'FIL-045', 'FIL-047', 'FIL-048', 'FIL-049', 'FIL-007'],
    kind: 'matrix',
    clients: 'reference',
    runs: 26,
    plan: () => fc.record({ condition: fc.constantFrom(...CONDITIONS), toServer: fc.boolean() }),
    async run(stage, { condition, toServer }) {
      fc.pre(!(toServer && condition === 'initialized'));
      const subject = await stage.server();
      const alice = new Side(stage, await stage.loggedOn(subject, 'alice'));
      const client = await stage.loggedOn(subject, 'bob', { autoReconnect: false });
      const bob = toServer ? new Side(stage, subject) : new Side(stage, client);
      // Where time is exact, both have one time of change.
      for (const path of ['a.bin', 'b/a.bin']) alice.write(path, contentOf(SIZE, 5));
      await stage.sleep(2);
      const receivedBytes = await interrupted(alice, bob, 'a.bin');
      await stage.sleep(2);
      await applyCondition(stage, condition, alice, bob);
      if (condition === 'initialized') {
        subject.engine.basicController.kickOut('bob');
        await client.waitFor('beingKickedOut');
        await client.logon(subject);
      }
      const path = condition === 'otherPath' ? 'b/a.bin' : 'a.bin';
      const savePath = condition === 'otherSavePath' ? 'in/elsewhere' : 'in/saved';
      bob.files.fileRequestReceived.add((id) => {
        if (condition === 'notAllowed') bob.files.beginReceiveFile(id, savePath, false);
        else bob.files.beginReceiveFile(id, savePath);
      });
      const id = alice.files.beginSendFile(bob.userID, path, null, PARAS);
      stage.equal(await alice.ended(id, 'FIL-040'), 'completed', 'FIL-040', 'the second project ended differently');
      await sameFile(alice, path, bob, savePath);
      const due = dueFor(condition);
      const item = bob.of(id, 'request')[0]!.resumed;
      const first = alice.of(id, 'progress')[0]!.transfered;
      if (due === 'none') stage.equal(item, null, 'FIL-041', `an item was given although: ${condition}`);
      else {
        const shown = { ...item, originLastUpdateTime: 0, disrupttedTime: 0 };
        const expected = {
          senderID: 'alice',
          originPath: '/a.bin',
          originSize: SIZE,
          localTempFileSavePath: '/in/saved.tmpe$',
          localSavePath: '/in/saved',
          receivedCount: receivedBytes,
          disrupttedFileRelativePath: null,
          disrupttedFileSize: 0,
          disrupttedFileReceivedCount: 0,
          originLastUpdateTime: 0,
          disrupttedTime: 0,
        };
        stage.equal(shown, expected, 'FIL-041', 'no item, or another one');
      }
      const resumed = due === 'resumed';
      stage.equal(
        first,
        resumed ? receivedBytes + 10_000 : 10_000,
        'FIL-043',
        `it went on from elsewhere: ${condition}`,
      );
      for (const side of [alice, bob]) {
        const began = side.of(id).filter(({ what }) => what === 'started' || what === 'resumed');
        const kinds = began.map(({ what }) => what);
        stage.equal(kinds, [resumed ? 'resumed' : 'started'], 'FIL-007', `begun differently at ${side.userID}`);
      }
    },
  }),
  scenario({
    id: 'FIL-S5AG',
    title: 'a folder goes on with the file that was under way, wherever it was broken off',
    clauses: ['FIL-043', 'FIL-052', 'FIL-041'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        sizes: fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 60_000 })), { minLength: 1, maxLength: 6 }),
        shares: fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 3 }),
      }),
    async run(stage, { sizes, shares }) {
      fc.pre(sizes.some((size) => size > 0));
      const { alice, bob } = await threeSides(stage);
      for (const [index, size] of sizes.entries()) {
        alice.write(`box/${index % 2 === 0 ? '' : 'sub/'}${index}.bin`, contentOf(size, index + 1));
      }
      await stage.sleep(1);
      for (const share of [...shares].sort((a, b) => a - b)) await interrupted(alice, bob, 'box', share / 100);
      const left = stage.files(bob.host).stat('in/saved.tmpe$')?.kind;
      stage.equal(left, 'folder', 'FIL-042', 'nothing was kept of the folder');
      bob.files.fileRequestReceived.add((id) => bob.files.beginReceiveFile(id, 'in/saved'));
      const id = alice.files.beginSendFile('bob', 'box', null, PARAS);
      stage.equal(await alice.ended(id, 'FIL-043'), 'completed', 'FIL-043', 'the folder could not go on');
      const [sent, saved] = [await treeOf(stage, alice.host, 'box'), await treeOf(stage, bob.host, 'in/saved')];
      stage.equal(saved, sent, 'FIL-052', 'another folder arrived');
      stage.check(bob.of(id, 'request')[0]!.resumed !== null, 'FIL-041', 'no item was given');
      stage.equal(bob.of(id, 'resumed').length, 1, 'FIL-043', 'it did not go on');
    },
  }),
  scenario({
    id: 'FIL-T6BH',
    title: 'a folder whose file has changed its size is not gone on with, and then sent anew',
    clauses: ['FIL-043', 'FIL-026'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, bob } = await threeSides(stage);
      alice.write('box/sub/1.bin', contentOf(100_000, 1));
      alice.write('box/sub/2.bin', contentOf(100_000, 2));
      await stage.sleep(1);
      await interrupted(alice, bob, 'box', 0.2);
      // Same total, and the folder itself has not changed: only the sender can notice.
      alice.write('box/sub/1.bin', contentOf(90_000, 3));
      alice.write('box/sub/2.bin', contentOf(110_000, 4));
      bob.files.fileRequestReceived.add((id) => bob.files.beginReceiveFile(id, 'in/saved'));
      const tried = alice.files.beginSendFile('bob', 'box', null, PARAS);
      stage.equal(await alice.ended(tried, 'FIL-043'), 'InnerError', 'FIL-043', 'a changed file was gone on with');
      await bob.ended(tried, 'FIL-026');
      const anew = alice.files.beginSendFile('bob', 'box', null, PARAS);
      stage.equal(await alice.ended(anew, 'FIL-043'), 'completed', 'FIL-043', 'it was not sent anew');
      const [sent, saved] = [await treeOf(stage, alice.host, 'box'), await treeOf(stage, bob.host, 'in/saved')];
      stage.equal(saved, sent, 'FIL-052', 'another folder arrived');
    },
  }),
  scenario({
    id: 'FIL-V7CJ',
    title: 'what an interrupted project has left disappears with its time, and at once when nothing is kept',
    clauses: ['FIL-042', 'FIL-045', 'FIL-046'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ ttlSecs: fc.constantFrom(300, 20, 0, -1), folder: fc.boolean() }),
    async run(stage, { ttlSecs, folder }) {
      const { alice, bob } = await threeSides(stage);
      if (ttlSecs === 300) stage.equal(bob.files.ttl4ResumedFileItem, 300, 'FIL-045', 'another default');
      bob.files.ttl4ResumedFileItem = ttlSecs;
      if (folder) for (const name of ['1', '2']) alice.write(`box/${name}`, contentOf(SIZE / 2, 1));
      else alice.write('box', contentOf(SIZE, 1));
      const temporary = (): boolean => stage.files(bob.host).stat('in/saved.tmpe$') !== undefined;
      let whileRunning = false;
      bob.files.fileReceivingEvents.fileTransProgress.add(() => {
        whileRunning ||= temporary() && stage.files(bob.host).stat('in/saved') === undefined;
      });
      await interrupted(alice, bob, 'box');
      stage.check(whileRunning, 'FIL-042', 'the temporary file was not there, or the final one was');
      if (ttlSecs <= 0) {
        stage.check(!temporary(), 'FIL-045', 'something was kept');
        return;
      }
      await stage.sleep(ttlSecs - 5);
      stage.check(temporary(), 'FIL-045', 'it was thrown away too early');
      await stage.until(() => !temporary(), 8, 'the temporary file is still there', 'FIL-046');
    },
  }),
  scenario({
    id: 'FIL-W8DK',
    title: 'the answer names where to go on, for a file and for a folder, on the wire',
    clauses: ['FIL-043', 'FIL-060'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, mallory } = await aliceAndMallory(stage);
      const parts = { TotalSize: 30, IsFolder: true, OriginPath: 'C:\\Users\\m\\box' };
      const ask = async (ProjectID: string): Promise<RawSender> => {
        const id = request(mallory, 'alice', { ...parts, ProjectID });
        await alice.heard('request', id, 'FIL-018');
        stage.equal(alice.of(id, 'request')[0]?.fileName, 'box', 'FIL-018', 'another name');
        alice.files.beginReceiveFile(id, 'in/box');
        return new RawSender(mallory, 'alice', id);
      };
      const first = await ask('mallory_1');
      const one = bodyOf(await mallory.expect(MessageType.RejectOrAcceptFile), 'RejectOrAcceptFileContract');
      stage.equal([one.Agree, one.ReceivedCount], [true, 0], 'FIL-043', 'the first answer says more');
      first.nextFile('a', 10);
      first.data(contentOf(10, 1));
      await mallory.expect(MessageType.SingleFileRevFinishedNotify, { clause: 'FIL-013' });
      first.nextFile('sub\\b', 20);
      first.data(contentOf(7, 2));
      const progress = (): boolean => alice.of('mallory_1', 'progress').at(-1)?.transfered === 17;
      await stage.until(progress, 30, 'the bytes did not arrive', 'FIL-010');
      alice.files.cancelTransfering('mallory_1');
      const second = await ask('mallory_2');
      const two = bodyOf(await mallory.expect(MessageType.RejectOrAcceptFile), 'RejectOrAcceptFileContract');
      stage.equal(
        [two.ReceivedCount, two.DisrupttedFileRelativePath, two.DisrupttedFileSize, two.DisrupttedFileReceivedCount],
        [17, 'sub\\b', 20, 7],
        'FIL-043',
        'the second answer says something else',
      );
      second.nextFile('sub\\b', 20);
      second.data(contentOf(20, 2).subarray(7));
      await mallory.expect(MessageType.SingleFileRevFinishedNotify, { clause: 'FIL-013' });
      second.finished();
      await mallory.expect(MessageType.SingleFileRevFinishedNotify, { clause: 'FIL-013' });
      stage.equal(await alice.read('in/box/sub/b'), contentOf(20, 2), 'FIL-051', 'other bytes');
      stage.equal(await alice.read('in/box/a'), contentOf(10, 1), 'FIL-051', 'other bytes');
      // As a sender it goes on where the other end says, and refuses what cannot be.
      alice.write('own.bin', contentOf(5000, 9));
      const id = alice.files.beginSendFile('mallory', 'own.bin', null);
      await mallory.expect(MessageType.BeginSendFile);
      agree(mallory, 'alice', id, { ReceivedCount: 4000 });
      const data = bodyOf(await mallory.expect(MessageType.FilePackageData), 'FilePackage');
      stage.equal([data.Index, data.Data], [1, contentOf(5000, 9).subarray(4000)], 'FIL-043', 'it went on elsewhere');
      stage.equal(alice.of(id, 'resumed').length, 1, 'FIL-007', 'it began anew');
      alice.files.cancelTransfering(id);
      for (const ReceivedCount of [5001, -1]) {
        const bad = alice.files.beginSendFile('mallory', 'own.bin', null);
        await mallory.expect(MessageType.BeginSendFile);
        agree(mallory, 'alice', bad, { ReceivedCount });
        stage.equal(await alice.ended(bad, 'FIL-026'), 'InnerError', 'FIL-026', `it took ${ReceivedCount} of 5000`);
      }
    },
  }),
];
