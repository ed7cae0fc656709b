/** How projects end before they are complete: every cause, at both ends. */
import * as fc from 'fast-check';
import { FileTransDisrupttedType } from '../../../impl/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { threeSides } from './flow.ts';
import { aliceAndMallory } from './packages.ts';
import { contentOf, Side } from './side.ts';
import type { DisruptedName } from './side.ts';
import { agree, cancel, request } from './wire.ts';

const SIZE = 600_000;

/** Ends both ends of a project are told. */
async function bothEnds(alice: Side, bob: Side, id: string, clause: string): Promise<string[]> {
  return [await alice.ended(id, clause), await bob.ended(id, clause)];
}

/** Runs `act` once, when the receiver has got about half; gives the project's ID. */
/** Sends one file and acts once, when half of it is there. */
export function sendAndActHalfway(
  from: Side,
  to: Side,
  act: (id: string) => void,
  { sizeBytes, packageBytes } = { sizeBytes: SIZE, packageBytes: 10_000 },
): string {
  from.write('a.bin', contentOf(sizeBytes, 5));
  let done = false;
  to.files.fileReceivingEvents.fileTransProgress.add((id, total, transfered) => {
    if (done || transfered < total / 2) return;
    done = true;
    act(id);
  });
  to.acceptAll(() => 'in/a.bin');
  const paras = { filePackageSize: packageBytes, sendingSpanInMSecs: 0 };
  return from.files.beginSendFile(to.userID, 'a.bin', null, paras);
}

async function withDrop(stage: Stage): Promise<{ alice: Side; bob: Side; server: Side }> {
  return await threeSides(stage);
}

export const ends: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-DYLQ',
    title: 'a cancellation at either end, at any time, ends both ends with its words',
    clauses: ['FIL-005', 'FIL-028', 'FIL-021', 'FIL-035'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        when: fc.constantFrom('asked', 'halfway'),
        bySender: fc.boolean(),
        call: fc.constantFrom('one', 'words', 'about', 'aboutAll', 'all'),
        toServer: fc.boolean(),
      }),
    async run(stage, { when, bySender, call, toServer }) {
      const { server, alice, bob } = await threeSides(stage);
      const to = toServer ? server : bob;
      const [actor, other] = bySender ? [alice, to] : [to, alice];
      const act = (id: string): void => {
        if (call === 'one') actor.files.cancelTransfering(id);
        else if (call === 'words') actor.files.cancelTransfering(id, 'enough');
        else if (call === 'about') actor.files.cancelTransferingAbout(other.userID);
        else if (call === 'aboutAll') actor.files.cancelTransferingAbout(null);
        else actor.files.cancelAllTransfering();
      };
      alice.write('keep.bin', contentOf(10, 1));
      let id: string;
      if (when === 'halfway') id = sendAndActHalfway(alice, to, act);
      else {
        alice.write('a.bin', contentOf(SIZE, 5));
        id = alice.files.beginSendFile(to.userID, 'a.bin', null);
        await to.heard('request', id, 'FIL-018');
        act(id);
      }
      const mine = await actor.ended(id, 'FIL-005');
      const others = await other.ended(id, 'FIL-005');
      stage.equal([mine, others], ['ActiveCancel', 'DestCancel'], 'FIL-005', 'other ends');
      const words = call === 'words' ? 'enough' : null;
      const causes = [actor, other].map((side) => side.of(id, 'disrupted')[0]?.cause);
      if (words !== null) stage.equal(causes, [words, words], 'FIL-028', 'other words');
      const before = [alice.told.length, to.told.length];
      // Sentinel: another project over the same way is asked and answered after it.
      const next = alice.files.beginSendFile(to.userID, 'keep.bin', null);
      if (when === 'asked') {
        await to.heard('request', next, 'FIL-018');
        to.files.beginReceiveFile(next, 'keep.bin');
      }
      await alice.ended(next, 'FIL-021');
      const after = [alice, to].map((side, index) => side.told.slice(before[index]).filter((e) => e.projectID === id));
      stage.equal(after, [[], []], 'FIL-021', 'something was told after the end');
      stage.equal(await to.read('in/a.bin'), when === 'asked' ? undefined : await to.read('in/a.bin'), 'FIL-051', '');
    },
  }),
  scenario({
    id: 'FIL-EZMR',
    title: 'cancelling about one user leaves the projects with others alone',
    clauses: ['FIL-035'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { server, alice, bob } = await threeSides(stage);
      alice.write('a.bin', contentOf(50_000, 2));
      const toBob = alice.files.beginSendFile('bob', 'a.bin', null);
      const toServer = alice.files.beginSendFile(null, 'a.bin', null);
      await bob.heard('request', toBob, 'FIL-018');
      await server.heard('request', toServer, 'FIL-018');
      alice.files.cancelTransferingAbout('bob');
      await bob.ended(toBob, 'FIL-035');
      server.files.beginReceiveFile(toServer, 'a.bin');
      stage.equal(await alice.ended(toServer, 'FIL-035'), 'completed', 'FIL-035', 'the other one ended too');
    },
  }),
  scenario({
    id: 'FIL-F2NS',
    title: 'a target that is not online ends the project with DestOffline',
    clauses: ['FIL-029', 'FIL-030', 'FIL-023'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.boolean(),
    async run(stage, byServer) {
      const { server, alice } = await threeSides(stage);
      const from = byServer ? server : alice;
      from.write('a.bin', contentOf(100, 2));
      const id = from.files.beginSendFile('nobody', 'a.bin', null);
      stage.equal(from.of(id), [], 'FIL-029', 'told before the call returned');
      stage.equal(await from.ended(id, 'FIL-029'), 'DestOffline', 'FIL-029', 'another end');
      stage.equal(from.files.getTransferingAbout(null), [], 'FIL-029', 'the project is still there');
    },
  }),
  scenario({
    id: 'FIL-G3PT',
    title: 'when a connection ends, its client is told SelfOffline and the other end DestOffline',
    clauses: ['FIL-022', 'FIL-023', 'FIL-031'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        who: fc.constantFrom('sender', 'receiver'),
        when: fc.constantFrom('asked', 'halfway'),
        toServer: fc.boolean(),
      }),
    async run(stage, { who, when, toServer }) {
      const { server, alice, bob } = await withDrop(stage);
      // The end that drops is a client; the other may be the server.
      const [from, to] = toServer ? (who === 'sender' ? [alice, server] : [server, alice]) : [alice, bob];
      const dropped = who === 'sender' ? from : to;
      const other = who === 'sender' ? to : from;
      const drop = (): void => stage.net.resetConnections(dropped.host);
      let id: string;
      if (when === 'halfway') id = sendAndActHalfway(from, to, drop);
      else {
        from.write('a.bin', contentOf(SIZE, 5));
        id = from.files.beginSendFile(to.userID, 'a.bin', null);
        await to.heard('request', id, 'FIL-018');
        drop();
      }
      stage.equal(await dropped.ended(id, 'FIL-022'), 'SelfOffline', 'FIL-022', 'another end where it dropped');
      stage.equal(await other.ended(id, 'FIL-023'), 'DestOffline', 'FIL-023', 'another end at the other side');
    },
  }),
  scenario({
    id: 'FIL-K6SX',
    title: 'a receiver that gets no package in 30 seconds ends with Timeout4FirstPackage',
    clauses: ['FIL-027'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, mallory } = await aliceAndMallory(stage);
      const id = request(mallory, 'alice');
      await alice.heard('request', id, 'FIL-018');
      alice.files.beginReceiveFile(id, 'a.bin');
      const begin = stage.nowSecs();
      stage.equal(await alice.ended(id, 'FIL-027'), 'Timeout4FirstPackage', 'FIL-027', 'another end');
      const seconds = alice.of(id, 'disrupted')[0]!.at - begin;
      stage.took(seconds, { atLeast: 30, atMost: 32 }, 'FIL-027', 'the wait for the first package');
    },
  }),
  scenario({
    id: 'FIL-L7TY',
    title: 'a disk that cannot be read or written ends the project as InnerError here and DestInnerError there',
    clauses: ['FIL-026'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        where: fc.constantFrom('sender', 'receiver'),
        when: fc.constantFrom('start', 'halfway'),
        folder: fc.boolean(),
      }),
    async run(stage, { where, when, folder }) {
      const { alice, bob } = await threeSides(stage);
      const faulty = where === 'sender' ? alice : bob;
      const breakDisk = (): void =>
        stage.net.disk(faulty.host, where === 'sender' ? { reads: 'failing' } : { writes: 'full' });
      const path = folder ? 'box' : 'a.bin';
      for (const name of folder ? ['box/1.bin', 'box/2.bin'] : ['a.bin']) alice.write(name, contentOf(2_500_000, 5));
      bob.acceptAll(() => 'in/a');
      if (when === 'start') breakDisk();
      else {
        let done = false;
        bob.files.fileReceivingEvents.fileTransProgress.add((_id, total, transfered) => {
          if (done || transfered < total / 4) return;
          done = true;
          breakDisk();
        });
      }
      const id = alice.files.beginSendFile('bob', path, null, { filePackageSize: 50_000, sendingSpanInMSecs: 0 });
      const due = where === 'sender' ? ['InnerError', 'DestInnerError'] : ['DestInnerError', 'InnerError'];
      stage.equal(await bothEnds(alice, bob, id, 'FIL-026'), due, 'FIL-026', 'other ends');
    },
  }),
  scenario({
    id: 'FIL-M8VZ',
    title: 'a sender that waits for its disk for the zero-speed span ends with ReadFileBlocked',
    clauses: ['FIL-032'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom('start', 'halfway'),
    async run(stage, when) {
      const { alice, bob } = await threeSides(stage);
      alice.write('a.bin', contentOf(3_000_000, 5));
      bob.acceptAll(() => 'in/a');
      if (when === 'start') stage.net.disk(alice.host, { reads: 'stuck' });
      else {
        alice.files.fileSendingEvents.fileTransProgress.add((_id, _total, transfered) => {
          if (transfered === 50_000) stage.net.disk(alice.host, { reads: 'stuck' });
        });
      }
      const id = alice.files.beginSendFile('bob', 'a.bin', null, { filePackageSize: 50_000, sendingSpanInMSecs: 0 });
      stage.equal(await alice.ended(id, 'FIL-032'), 'ReadFileBlocked', 'FIL-032', 'another end at the sender');
      const end = await bob.ended(id, 'FIL-032');
      const due: DisruptedName[] = when === 'start' ? ['DestInnerError'] : ['DestInnerError', 'NetworkSpeedSlow'];
      stage.check(
        due.some((each) => each === end),
        'FIL-032',
        `the receiver was told ${end}`,
      );
      const began = alice.of(id, 'started')[0]!.at;
      stage.took(alice.of(id, 'disrupted')[0]!.at - began, { atLeast: 19.9, atMost: 24 }, 'FIL-032', 'the wait');
    },
  }),
  scenario({
    id: 'FIL-N9WB',
    title: 'a sender that other messages leave no room for its first package ends with SendThreadNotStarted',
    clauses: ['FIL-033'],
    kind: 'example',
    clients: 'reference',
    // A real socket takes a megabyte at once, so its queue cannot be kept full this way.
    targets: ['sim'],
    async run(stage) {
      const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
      const client = await stage.loggedOn(server, 'alice', { heartbeatTimeoutInSecs: 0 });
      const alice = new Side(stage, client);
      const bob = new Side(stage, await stage.loggedOn(server, 'bob'));
      alice.write('a.bin', contentOf(50_000, 5));
      const id = alice.files.beginSendFile('bob', 'a.bin', null);
      await bob.heard('request', id, 'FIL-018');
      stage.net.conditions(alice.host, { bandwidthBitsPerSec: 100_000 });
      await client.send(null, 9, stage.payload(1_000_000));
      bob.files.beginReceiveFile(id, 'in/a');
      stage.equal(await alice.ended(id, 'FIL-033', 100), 'SendThreadNotStarted', 'FIL-033', 'another end');
      stage.equal(
        await bob.ended(id, 'FIL-033', 200),
        'Timeout4FirstPackage',
        'FIL-027',
        'another end at the receiver',
      );
    },
  }),
  scenario({
    id: 'FIL-P2XC',
    title: 'what the other end tells of its end becomes the cause here',
    clauses: ['FIL-020', 'FIL-025', 'FIL-026', 'FIL-005', 'FIL-028'],
    kind: 'matrix',
    clients: 'reference',
    plan: () =>
      fc.record({
        bySender: fc.boolean(),
        told: fc.constantFrom<readonly [boolean, string | null, DisruptedName]>(
          [false, null, 'DestCancel'],
          [false, 'no time', 'DestCancel'],
          [true, 'broken', 'DestInnerError'],
          [true, null, 'DestInnerError'],
          [false, 'ReliableP2PChannelClosed', 'ReliableP2PChannelClosed'],
        ),
      }),
    async run(stage, { bySender, told: [InnerError, Cause, due] }) {
      const { alice, mallory } = await aliceAndMallory(stage);
      let id: string;
      if (bySender) {
        id = request(mallory, 'alice');
        await alice.heard('request', id, 'FIL-018');
        alice.files.beginReceiveFile(id, 'a.bin');
      } else {
        alice.write('a.bin', contentOf(100, 1));
        id = alice.files.beginSendFile('mallory', 'a.bin', null);
        await mallory.expect(MessageType.BeginSendFile);
        agree(mallory, 'alice', id);
      }
      cancel(mallory, 'alice', id, { bySender, InnerError, Cause });
      stage.equal(await alice.ended(id, 'FIL-020'), due, 'FIL-020', 'another cause');
      stage.equal(alice.of(id, 'disrupted')[0]?.cause, Cause ?? due, 'FIL-028', 'other words');
    },
  }),
  scenario({
    id: 'FIL-Q3YD',
    title: 'the causes have the numbers of the manual',
    clauses: ['FIL-020'],
    kind: 'example',
    clients: 'reference',
    targets: ['sim'],
    run(stage) {
      const due = [
        'RejectAccepting',
        'ActiveCancel',
        'DestCancel',
        'DestOffline',
        'ReliableP2PChannelClosed',
        'SelfOffline',
        'InnerError',
        'DestInnerError',
        'NetworkSpeedSlow',
        'ReadFileBlocked',
        'SendThreadNotStarted',
        'Timeout4FirstPackage',
      ].map((name, value) => [name, value]);
      stage.equal(Object.entries(FileTransDisrupttedType), due, 'FIL-020', 'other numbers');
      return Promise.resolve();
    },
  }),
];
