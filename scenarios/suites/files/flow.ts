/** Who may send what to whom, what both ends are told, and what the calls say meanwhile. */
import * as fc from 'fast-check';
import { SERVER_ID } from '../../../spec/limits.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { contentOf, sameFile, Side, treeOf } from './side.ts';

/** A server and two clients as ends. */
export async function threeSides(stage: Stage): Promise<{ server: Side; alice: Side; bob: Side }> {
  const subject = await stage.server();
  const alice = new Side(stage, await stage.loggedOn(subject, 'alice'));
  const bob = new Side(stage, await stage.loggedOn(subject, 'bob'));
  return { server: new Side(stage, subject), alice, bob };
}

const WAYS = ['client to client', 'client to server', 'server to client'] as const;

export const flow: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-7KQ2',
    title: 'a file goes every way between clients and server, is confirmed, and arrives byte for byte',
    clauses: ['FIL-001', 'FIL-002', 'FIL-051', 'FIL-009', 'FIL-018', 'FIL-013', 'FIL-007'],
    kind: 'matrix',
    clients: 'reference',
    runs: 12,
    plan: () =>
      fc.record({
        way: fc.constantFrom(...WAYS),
        sizeBytes: fc.oneof(fc.constantFrom(0, 1, 2047, 2048, 2049, 65_536), fc.nat({ max: 400_000 })),
        byNull: fc.boolean(),
      }),
    async run(stage, { way, sizeBytes, byNull }) {
      const { server, alice, bob } = await threeSides(stage);
      const from = way === 'server to client' ? server : alice;
      const to = way === 'client to server' ? server : bob;
      from.write('docs/plan.bin', contentOf(sizeBytes, 7));
      to.acceptAll((name) => `in/${name}`);
      const target = byNull && to.userID === SERVER_ID ? null : to.userID;
      const id = from.files.beginSendFile(target, 'docs/plan.bin', 'the plan');
      stage.equal(await from.ended(id, 'FIL-013'), 'completed', 'FIL-013', 'the sender was told another end');
      stage.equal(await to.ended(id, 'FIL-013'), 'completed', 'FIL-013', 'the receiver was told another end');
      await sameFile(from, 'docs/plan.bin', to, 'in/plan.bin');
      const asked = { ...to.of(id, 'request')[0]!, at: 0 };
      stage.equal(
        asked,
        {
          at: 0,
          what: 'request',
          projectID: id,
          senderID: from.userID,
          fileName: 'plan.bin',
          totalSize: sizeBytes,
          resumed: null,
          comment: 'the plan',
        },
        'FIL-018',
        'fileRequestReceived was raised with something else',
      );
      const kinds = (side: Side): string[] => side.of(id).flatMap(({ what }) => (what === 'progress' ? [] : [what]));
      stage.equal(kinds(from), ['response', 'started', 'completed'], 'FIL-007', 'other events at the sender');
      stage.equal(kinds(to), ['request', 'started', 'completed'], 'FIL-007', 'other events at the receiver');
      for (const side of [from, to]) {
        const last = side.of(id, 'progress').at(-1);
        stage.equal(last?.transfered ?? 0, sizeBytes, 'FIL-007', `the last progress of ${side.userID} is not all`);
        stage.check(
          side.of(id).every((told) => !('sending' in told) || told.sending === (side === from)),
          'FIL-007',
          'an event was raised on the side of the other direction',
        );
      }
    },
  }),
  scenario({
    id: 'FIL-2WTB',
    title: 'a folder arrives with all its folders and files, empty ones too, and nothing else',
    clauses: ['FIL-052', 'FIL-012', 'FIL-013'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        way: fc.constantFrom(...WAYS),
        files: fc.dictionary(
          fc.stringMatching(/^[a-c]{1,2}(\/[a-c]{1,2}){0,2}\.x$/),
          fc.oneof(fc.constant(0), fc.nat({ max: 5000 })),
          { maxKeys: 8 },
        ),
        empty: fc.array(fc.stringMatching(/^e[a-c](\/e[a-c]){0,2}$/), { maxLength: 3 }),
      }),
    async run(stage, { way, files, empty }) {
      const { server, alice, bob } = await threeSides(stage);
      const from = way === 'server to client' ? server : alice;
      const to = way === 'client to server' ? server : bob;
      stage.files(from.host).makeFolder('out/box');
      for (const [path, size] of Object.entries(files)) from.write(`out/box/${path}`, contentOf(size, size));
      for (const path of empty) stage.files(from.host).makeFolder(`out/box/${path}`);
      to.acceptAll((name) => `in/${name}`);
      const id = from.files.beginSendFile(to.userID, 'out/box', null);
      const total = Object.values(files).reduce((sum, size) => sum + size, 0);
      stage.equal(
        from.files.getTransferingProject(id)?.totalSize,
        total,
        'FIL-001',
        'the size is not that of all files',
      );
      stage.equal(await from.ended(id, 'FIL-013'), 'completed', 'FIL-013', 'the sender was told another end');
      stage.equal(to.endOf(id), 'completed', 'FIL-013', 'the sender was done before the receiver');
      const [sent, saved] = [await treeOf(stage, from.host, 'out/box'), await treeOf(stage, to.host, 'in/box')];
      stage.equal(saved, sent, 'FIL-052', 'another folder arrived');
      stage.equal(stage.files(to.host).listFolder('in'), ['box'], 'FIL-042', 'something was left beside it');
    },
  }),
  scenario({
    id: 'FIL-9RXM',
    title: 'a refusal ends the project at both ends with the words of the receiver',
    clauses: ['FIL-034', 'FIL-002', 'FIL-028'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ words: fc.constantFrom(null, 'not now', ''), toServer: fc.boolean() }),
    async run(stage, { words, toServer }) {
      const { server, alice, bob } = await threeSides(stage);
      const to = toServer ? server : bob;
      alice.write('a.bin', contentOf(5000, 1));
      const id = alice.files.beginSendFile(to.userID, 'a.bin', null);
      await to.heard('request', id, 'FIL-018');
      stage.equal(alice.of(id), [], 'FIL-002', 'the sender was told something before the answer');
      to.files.rejectFile(id, ...(words === null ? [] : [words]));
      stage.equal(await alice.ended(id, 'FIL-034'), 'RejectAccepting', 'FIL-034', 'another end at the sender');
      stage.equal(to.endOf(id), 'RejectAccepting', 'FIL-034', 'another end at the receiver');
      stage.equal(alice.of(id, 'response')[0]?.agreed, false, 'FIL-002', 'no answer, or the wrong one');
      const cause = words === null || words === '' ? 'RejectAccepting' : words;
      const told = [alice, to].map((side) => side.of(id, 'disrupted')[0]?.cause);
      stage.equal(told, [cause, cause], 'FIL-028', 'other words');
      stage.equal(stage.files(to.host).listFolder('in'), undefined, 'FIL-051', 'something was written');
    },
  }),
  scenario({
    id: 'FIL-C4VZ',
    title: 'a project can be looked at from the request to its end, at both ends, and not after',
    clauses: ['FIL-006', 'FIL-008', 'FIL-036', 'FIL-003'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { server, alice, bob } = await threeSides(stage);
      alice.write('docs/plan.bin', contentOf(100_000, 3));
      const first = alice.files.beginSendFile('bob', 'docs/plan.bin', 'c');
      const second = alice.files.beginSendFile(null, 'docs/plan.bin', null);
      stage.check(first !== second, 'FIL-003', 'two projects have one ID');
      stage.check(/^alice_[0-9a-f]{16}$/.test(first), 'FIL-003', `the ProjectID is ${first}`);
      await bob.heard('request', first, 'FIL-018');
      await server.heard('request', second, 'FIL-018');
      const look = (side: Side): unknown => {
        const project = side.files.getTransferingProject(first);
        if (project === null) return null;
        const { timeStarted, originLastUpdateTime, sendingFileParas, ...rest } = project;
        return [
          { ...rest, destUserID: project.destUserID },
          timeStarted > 0,
          originLastUpdateTime >= 0,
          sendingFileParas,
        ];
      };
      const common = {
        projectID: first,
        isFolder: false,
        senderID: 'alice',
        accepterID: 'bob',
        projectName: 'plan.bin',
        totalSize: 100_000,
        originPath: '/docs/plan.bin',
        comment: 'c',
        isTransfering: false,
        localSavePath: null,
        fileTransDisrupttedCause: null,
        localTag: null,
      };
      const paras = { filePackageSize: 2048, sendingSpanInMSecs: 0 };
      stage.equal(
        look(alice),
        [{ ...common, isSender: true, destUserID: 'bob' }, true, true, paras],
        'FIL-006',
        'sender',
      );
      stage.equal(
        look(bob),
        [{ ...common, isSender: false, destUserID: 'alice' }, true, true, null],
        'FIL-006',
        'receiver',
      );
      stage.equal(alice.files.getTransferingProgress(first), null, 'FIL-008', 'progress before the agreement');
      stage.equal(bob.files.getTransferingProgress(first), null, 'FIL-008', 'progress before the agreement');
      stage.equal(alice.files.getTransferingAbout(null), [first, second], 'FIL-036', 'not all projects');
      stage.equal(alice.files.getTransferingAbout('bob'), [first], 'FIL-036', 'not those with bob');
      stage.equal(server.files.getTransferingAbout('alice'), [second], 'FIL-036', 'not those with alice');
      stage.equal(bob.files.getTransferingAbout('carol'), [], 'FIL-036', 'projects with a stranger');
      let seen: unknown;
      bob.files.fileReceivingEvents.fileTransProgress.add((projectID) => {
        const progress = bob.files.getTransferingProgress(projectID);
        const project = bob.files.getTransferingProject(projectID);
        seen ??= [progress?.total, (progress?.transfered ?? 0) > 0, project?.isTransfering, project?.localSavePath];
      });
      bob.files.beginReceiveFile(first, 'in/plan.bin');
      await alice.ended(first, 'FIL-013');
      stage.equal(seen, [100_000, true, true, '/in/plan.bin'], 'FIL-008', 'the project under way looks different');
      for (const side of [alice, bob]) {
        stage.equal(side.files.getTransferingProject(first), null, 'FIL-006', 'a project after its end');
        stage.equal(side.files.getTransferingProgress(first), null, 'FIL-008', 'progress after the end');
      }
      alice.files.cancelAllTransfering();
      await server.ended(second, 'FIL-035');
    },
  }),
  scenario({
    id: 'FIL-H8NE',
    title: 'what cannot be sent is refused by beginSendFile, and nothing is begun',
    clauses: ['FIL-004', 'FIL-063', 'FIL-015', 'FIL-016'],
    kind: 'example',
    clients: 'reference',
    // The names that must be refused cannot all be made on a real disk.
    targets: ['sim'],
    async run(stage) {
      const { alice, bob } = await threeSides(stage);
      alice.write('a.bin', contentOf(10, 1));
      alice.write('NUL.txt', contentOf(10, 1));
      alice.write('box/deep/a:b', contentOf(10, 1));
      alice.write('twins/Readme', contentOf(10, 1));
      alice.write('twins/README', contentOf(10, 1));
      const refused = (code: string, clause: string, call: () => unknown): Promise<unknown> =>
        stage.rejects(
          Promise.resolve().then(() => call()),
          code,
          clause,
          'beginSendFile went on',
        );
      const send =
        (path: string, size?: number, span = 0) =>
        (): unknown =>
          alice.files.beginSendFile(
            'bob',
            path,
            null,
            size === undefined ? null : { filePackageSize: size, sendingSpanInMSecs: span },
          );
      await refused('E_FILE', 'FIL-004', send('missing.bin'));
      await refused('E_FILE', 'FIL-004', send(''));
      await refused('E_FILE', 'FIL-063', send('NUL.txt'));
      await refused('E_FILE', 'FIL-063', send('box'));
      await refused('E_FILE', 'FIL-063', send('twins'));
      for (const size of [0, -1, 1.5, 1_048_576, Number.NaN])
        await refused('E_ARGUMENT', 'FIL-015', send('a.bin', size));
      await refused('E_ARGUMENT', 'FIL-016', send('a.bin', 2048, -1));
      await refused('E_USER_ID', 'LIM-003', () => alice.files.beginSendFile('_x', 'a.bin', null));
      stage.equal(alice.files.getTransferingAbout(null), [], 'FIL-004', 'a refused call left a project');
      bob.acceptAll((name) => name);
      // The largest package that fits a message goes through.
      const id = alice.files.beginSendFile('bob', 'a.bin', null, {
        filePackageSize: 1_048_576 - 36 - 17 - 66,
        sendingSpanInMSecs: 0,
      });
      stage.equal(await alice.ended(id, 'FIL-015'), 'completed', 'FIL-015', 'the sentinel did not arrive');
      stage.equal(
        bob.told.filter(({ what }) => what === 'request').length,
        1,
        'FIL-004',
        'a refused file was asked about',
      );
    },
  }),
];
