/** Files over direct channels: they carry the data, and what went over one ends with it. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { controllerOf, link, linkedTwo } from '../p2p/pairs.ts';
import { contentOf, sameFile, Side } from './side.ts';

export const channels: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-8APW',
    title: 'a file goes over the channel there is, ends with it at both ends, and goes on where it ended',
    clauses: ['FIL-025', 'FIL-038', 'FIL-051', 'FIL-043'],
    kind: 'property',
    clients: 'reference',
    runs: 10,
    plan: () => fc.record({ breaks: fc.boolean(), again: fc.boolean(), atPercent: fc.integer({ min: 5, max: 80 }) }),
    async run(stage, { breaks, again, atPercent }) {
      const two = await linkedTwo(stage);
      const [alice, bob] = [new Side(stage, two.alice), new Side(stage, two.bob)];
      alice.write('a.bin', contentOf(300_000, 2));
      bob.acceptAll(() => 'in/a.bin');
      let isDone = !breaks;
      bob.files.fileReceivingEvents.fileTransProgress.add((_id, total, transfered) => {
        if (isDone || transfered < (total * atPercent) / 100) return;
        isDone = true;
        two.board.kill('alice', 'bob');
      });
      const sentBefore = controllerOf(two.alice).getP2PChannelState('bob')?.messageSentCount ?? 0;
      const paras = { filePackageSize: 5000, sendingSpanInMSecs: 10 };
      const id = alice.files.beginSendFile('bob', 'a.bin', null, paras);
      const ends = [await alice.ended(id, 'FIL-025'), await bob.ended(id, 'FIL-025')];
      if (!breaks) {
        stage.equal(ends, ['completed', 'completed'], 'FIL-051', 'other ends');
        await sameFile(alice, 'a.bin', bob, 'in/a.bin');
        const sent = controllerOf(two.alice).getP2PChannelState('bob')?.messageSentCount ?? 0;
        // 60 packages of data, the request and the end.
        stage.equal(sent - sentBefore, 62, 'FIL-038', 'messages over the channel');
        return;
      }
      const name = 'ReliableP2PChannelClosed';
      stage.equal(ends, [name, name], 'FIL-025', 'other ends');
      if (again) await link(stage, two.alice, two.bob);
      const next = alice.files.beginSendFile('bob', 'a.bin', null, paras);
      stage.equal(await alice.ended(next, 'FIL-043'), 'completed', 'FIL-043', 'it did not go on');
      await sameFile(alice, 'a.bin', bob, 'in/a.bin');
      stage.equal(bob.of(next, 'resumed').length, 1, 'FIL-043', 'it began anew');
    },
  }),
];
