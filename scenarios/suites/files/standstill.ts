/** Files that do not move, and files that move slowly (19.3): what is too slow, and what is not. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { sendAndActHalfway } from './ends.ts';
import { contentOf, Side } from './side.ts';
import { bodyOf, RawSender, request } from './wire.ts';

export const standstill: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-H4QV',
    title:
      'when nothing moves for the zero-speed span, both ends say NetworkSpeedSlow, and pauses on purpose do not count',
    clauses: ['FIL-024'],
    kind: 'example',
    clients: 'reference',
    // A separation on real sockets takes bytes in without end, so that no sender is held up.
    targets: ['sim'],
    async run(stage) {
      // Nothing else may notice that the line is dead.
      const server = await stage.server({
        heartbeatTimeoutInSecs: 0,
        beforeStart: (engine) => {
          engine.writeTimeoutInSecs = 0;
        },
      });
      const options = { heartbeatTimeoutInSecs: 0 };
      const alice = new Side(stage, await stage.loggedOn(server, 'alice', options));
      const bob = new Side(stage, await stage.loggedOn(server, 'bob', options));
      let cutAt = 0;
      // More than a server and the network keep for a receiver, so that the sender is held up, too.
      const act = (): void => {
        cutAt = stage.nowSecs();
        stage.net.partition(bob.host);
      };
      const id = sendAndActHalfway(alice, bob, act, { sizeBytes: 40_000_000, packageBytes: 200_000 });
      stage.equal(await bob.ended(id, 'FIL-024'), 'NetworkSpeedSlow', 'FIL-024', 'another end at the receiver');
      const seconds = bob.of(id, 'disrupted')[0]!.at - cutAt;
      stage.took(seconds, { atLeast: 20, atMost: 22 }, 'FIL-024', 'the zero-speed check');
      stage.equal(await alice.ended(id, 'FIL-024'), 'NetworkSpeedSlow', 'FIL-024', 'another end at the sender');
      stage.net.heal(bob.host);
    },
  }),
  scenario({
    id: 'FIL-K7SL',
    title: 'a file that the sender has sent long ago arrives at a receiver that takes minutes for it',
    clauses: ['FIL-064'],
    kind: 'property',
    clients: 'reference',
    // Loss is not made on real sockets, and without it the receiver is not slow.
    targets: ['sim'],
    runs: 4,
    plan: () => fc.record({ isFolder: fc.boolean(), delayMillis: fc.constantFrom(100, 200) }),
    async run(stage, { isFolder, delayMillis }) {
      const server = await stage.server();
      const alice = new Side(stage, await stage.loggedOn(server, 'alice'));
      const bob = new Side(stage, await stage.loggedOn(server, 'bob'));
      stage.net.conditions(bob.host, { delayMillis, lossPerMille: 20 });
      const names = isFolder ? ['out/a', 'out/b'] : ['out'];
      for (const name of names) alice.write(name, contentOf(1_000_000, name.length));
      bob.acceptAll(() => 'in');
      const id = alice.files.beginSendFile('bob', 'out', null, { filePackageSize: 10_000, sendingSpanInMSecs: 0 });
      const isOver = (): boolean => alice.endOf(id) !== undefined && bob.endOf(id) !== undefined;
      await stage.until(isOver, 600, 'an end was not told', 'FIL-064');
      stage.equal([alice.endOf(id), bob.endOf(id)], ['completed', 'completed'], 'FIL-064', 'other ends');
    },
  }),
  scenario({
    id: 'FIL-J5RW',
    title: 'the zero-speed check and the wait for the first package can be set, and switched off',
    clauses: ['FIL-024', 'FIL-027'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({ zeroSpeedSecs: fc.constantFrom(0, 4), firstSecs: fc.constantFrom(0, 6), sent: fc.boolean() }),
    async run(stage, { zeroSpeedSecs, firstSecs, sent }) {
      const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
      const client = await stage.client('alice');
      client.engine!.advanced.checkFileZeroSpeedSpanInSecs = zeroSpeedSecs;
      client.engine!.advanced.fileFirstPackageTimeoutInSecs = firstSecs;
      await client.logon(server);
      const alice = new Side(stage, client);
      const mallory = await stage.rawClient(server, { userID: 'mallory' });
      await mallory.logon('mallory');
      const id = request(mallory, 'alice', { TotalSize: 6 });
      await alice.heard('request', id, 'FIL-018');
      alice.files.beginReceiveFile(id, 'a.bin');
      await mallory.expect(MessageType.RejectOrAcceptFile);
      const begin = stage.nowSecs();
      if (sent) new RawSender(mallory, 'alice', id).data(Uint8Array.of(1));
      const [limit, cause] = sent ? [zeroSpeedSecs, 'NetworkSpeedSlow'] : [firstSecs, 'Timeout4FirstPackage'];
      if (limit === 0) {
        await stage.sleep(45);
        stage.equal(alice.endOf(id), undefined, sent ? 'FIL-024' : 'FIL-027', 'it ended all the same');
        alice.files.cancelTransfering(id);
        return;
      }
      stage.equal(await alice.ended(id, 'FIL-024'), cause, sent ? 'FIL-024' : 'FIL-027', 'another end');
      const seconds = alice.of(id, 'disrupted')[0]!.at - begin;
      stage.took(seconds, { atLeast: limit - 0.2, atMost: limit + 1.5 }, sent ? 'FIL-024' : 'FIL-027', 'the wait');
      const told = bodyOf(await mallory.expect(MessageType.CancelFileReceiving), 'CancelFileContract');
      stage.equal([told.InnerError, told.Cause], [false, cause], 'FIL-028', 'told differently');
    },
  }),
];
