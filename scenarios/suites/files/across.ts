/** Files between users of different servers of a cluster. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { cluster, settled } from '../cluster/clusters.ts';
import { contentOf, sameFile, Side } from './side.ts';

export const across: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-79NV',
    title: 'a file goes to a user of another server of the cluster, and both ends are told when one of them drops',
    clauses: ['FIL-030', 'FIL-031', 'FIL-051'],
    kind: 'property',
    clients: 'reference',
    runs: 6,
    plan: () => fc.constantFrom('none', 'sender', 'receiver'),
    async run(stage, dropped) {
      const of = await cluster(stage, 2);
      const alice = new Side(stage, await stage.loggedOn(of.servers[0]!, 'alice'));
      const bob = new Side(stage, await stage.loggedOn(of.servers[1]!, 'bob'));
      await settled(stage, of, 'CLU-025');
      alice.write('a.bin', contentOf(400_000, 6));
      bob.acceptAll(() => 'in/a.bin');
      let isDone = dropped === 'none';
      bob.files.fileReceivingEvents.fileTransProgress.add((_id, total, transfered) => {
        if (isDone || transfered < total / 2) return;
        isDone = true;
        stage.net.resetConnections(dropped === 'sender' ? alice.host : bob.host);
      });
      const id = alice.files.beginSendFile('bob', 'a.bin', null, { filePackageSize: 10_000, sendingSpanInMSecs: 100 });
      const ends = [await alice.ended(id, 'FIL-031'), await bob.ended(id, 'FIL-031')];
      const due = {
        none: ['completed', 'completed'],
        sender: ['SelfOffline', 'DestOffline'],
        receiver: ['DestOffline', 'SelfOffline'],
      };
      stage.equal(ends, due[dropped], 'FIL-031', 'other ends');
      if (dropped === 'none') await sameFile(alice, 'a.bin', bob, 'in/a.bin');
    },
  }),
];
