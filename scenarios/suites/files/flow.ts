/** Who may send what to whom, and what both ends are told on the way. */
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { contentOf, sameFile, Side } from './side.ts';

export const flow: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-7KQ2',
    title: 'a file goes from client to client, is confirmed, and arrives byte for byte',
    clauses: ['FIL-001', 'FIL-002', 'FIL-051'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const alice = new Side(stage, await stage.loggedOn(server, 'alice'));
      const bob = new Side(stage, await stage.loggedOn(server, 'bob'));
      alice.write('docs/plan.bin', contentOf(300_000, 7));
      bob.acceptAll((name) => `in/${name}`);
      const id = alice.files.beginSendFile('bob', 'docs/plan.bin', 'the plan');
      stage.equal(await alice.ended(id, 'FIL-013'), 'completed', 'FIL-013', 'the sender was told another end');
      stage.equal(await bob.ended(id, 'FIL-013'), 'completed', 'FIL-013', 'the receiver was told another end');
      await sameFile(alice, 'docs/plan.bin', bob, 'in/plan.bin');
    },
  }),
];
