/** Files on bad disks: full, failing, slow ones, and one that loses half of a write with the power. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { applyFaults, faultPlans } from '../../attach/fault-plan.ts';
import { contentOf, Side } from './side.ts';

const WITHIN_MILLIS = 6_000;
/** A project on a slow disk, or one whose other end lost its power, ends by a timeout of 20 s or by the heartbeat's 12. */
const END_SECS = 120;

export const disks: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-D3SK',
    title:
      'whatever disks do, every project ends, what is told complete is complete, and no half file has its final name',
    clauses: ['FIL-026', 'FIL-042', 'FIL-021', 'FIL-051'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 40,
    timeLimitSecs: 1200,
    reachable: ['a file came through on a bad disk', 'a bad disk ended a project'],
    plan: () =>
      fc.record({
        faults: faultPlans({
          hosts: 2,
          expendable: [],
          storing: [0, 1],
          tearable: [1],
          withinMillis: WITHIN_MILLIS,
          lastMillisMax: WITHIN_MILLIS,
          classes: ['diskFull', 'diskFailing', 'diskSlow', 'crashTearing'],
        }),
        sizes: fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 4 }),
        packageBytes: fc.constantFrom(2_048, 10_000, 50_000),
      }),
    async run(stage, { faults, sizes, packageBytes }) {
      const server = await stage.server({ heartbeatTimeoutInSecs: 12 });
      const options = { heartBeatSpanInSecs: 3 };
      const alice = new Side(stage, await stage.loggedOn(server, 'alice', options));
      const bob = new Side(stage, await stage.loggedOn(server, 'bob', options));
      bob.acceptAll((name) => `in/${name}`);
      const contents = sizes.map((size, index) => contentOf(size, index + 1));
      for (const [index, content] of contents.entries()) alice.write(`${index}.bin`, content);
      const hardship = applyFaults(stage, faults, [alice.host, bob.host], 2 * WITHIN_MILLIS);
      // Packages with pauses: the transfers last as long as the faults.
      const projects = contents.map((_content, index) =>
        alice.files.beginSendFile('bob', `${index}.bin`, null, {
          filePackageSize: packageBytes,
          sendingSpanInMSecs: 20,
        }),
      );
      await hardship.done;
      const isPowered = hardship.canCall(bob.host);
      for (const [index, project] of projects.entries()) {
        const end = await alice.ended(project, 'FIL-021', END_SECS);
        stage.reachable(end === 'completed' ? 'a file came through on a bad disk' : 'a bad disk ended a project');
        if (isPowered && bob.of(project, 'started').length > 0) await bob.ended(project, 'FIL-021', END_SECS);
        const got = await bob.read(`in/${index}.bin`);
        if (end === 'completed') stage.equal(got, contents[index], 'FIL-051', 'the file that was told complete');
        else if (got !== undefined) stage.equal(got, contents[index], 'FIL-042', 'a file with its final name');
      }
      if (!isPowered) return;
      for (const host of [alice.host, bob.host]) await stage.net.fault({ fault: 'recover', host });
      alice.write('last.bin', contents[0]!);
      const last = alice.files.beginSendFile('bob', 'last.bin', null);
      stage.equal(await alice.ended(last, 'FIL-026'), 'completed', 'FIL-026', 'a project after the disks were mended');
    },
  }),
];
