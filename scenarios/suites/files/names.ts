/** What peers may not do to a disk: names that lead elsewhere, names that clash, requests without end; and what is replaced. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { threeSides } from './flow.ts';
import { aliceAndMallory } from './packages.ts';
import { contentOf, hashOf, treeOf } from './side.ts';
import { bodyOf, RawSender, request } from './wire.ts';

const LONG = 'n'.repeat(256);
/** Last names of an OriginPath that no application may see. */
const BAD_LAST_NAMES = [
  '',
  '/',
  '..',
  '/home/m/..',
  'C:\\..',
  'C:',
  '\\\\host\\share\\a:b',
  'a\0b',
  'a\nb',
  'nul',
  'COM1.txt',
  'Lpt9',
  'con.tar.gz',
  'aux .txt',
  'name.',
  'name ',
  'what?',
  'a|b',
  `/x/${LONG}`,
];
/** Relative paths that lead out of the folder, or to something that is no file in it. */
const BAD_PATHS = [
  '../x',
  'a/../../x',
  '/etc/x',
  '\\x',
  'C:\\x',
  'C:x',
  '..\\..\\x',
  'a//x',
  '',
  '.',
  'a/./x',
  'a\0',
  'sub/NUL',
  'prn.txt/x',
  'x:stream',
  'dot./x',
  'x ',
  `a/${LONG}`,
  'd/'.repeat(64) + 'x',
];
/** What comes second and may not: by what came first. */
const CLASHES: readonly (readonly [first: string, second: string])[] = [
  ['Readme', 'README'],
  ['a', 'a'],
  ['a/b', 'A/c'],
  ['a', 'a/b'],
  ['a/b', 'a'],
  ['\u00e9', 'e\u0301'],
];

export const names: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-X9EL',
    title: 'a request under a name that is not harmless is refused without telling the application',
    clauses: ['FIL-060', 'FIL-061'],
    kind: 'matrix',
    clients: 'reference',
    runs: 8,
    plan: () => fc.shuffledSubarray(BAD_LAST_NAMES, { minLength: 4, maxLength: 8 }),
    async run(stage, origins) {
      const { alice, mallory } = await aliceAndMallory(stage);
      for (const [index, OriginPath] of origins.entries()) {
        for (const IsFolder of [false, true]) {
          const id = request(mallory, 'alice', { OriginPath, IsFolder, ProjectID: `mallory_${index}_${IsFolder}` });
          const answer = bodyOf(
            await mallory.expect(MessageType.RejectOrAcceptFile, { clause: 'FIL-060' }),
            'RejectOrAcceptFileContract',
          );
          stage.equal(
            [answer.ProjectID, answer.Agree],
            [id, false],
            'FIL-060',
            `${JSON.stringify(OriginPath)} was taken`,
          );
        }
      }
      stage.equal(alice.told, [], 'FIL-060', 'the application was told');
      const good = request(mallory, 'alice', { OriginPath: '../../etc/passwd', ProjectID: 'mallory_good' });
      await alice.heard('request', good, 'FIL-018');
      stage.equal(alice.of(good, 'request')[0]?.fileName, 'passwd', 'FIL-018', 'another name');
      alice.files.rejectFile(good);
    },
  }),
  scenario({
    id: 'FIL-Y2FM',
    title: 'a path in a folder that leads elsewhere ends the project, and nothing is written outside',
    clauses: ['FIL-060', 'FIL-026'],
    kind: 'matrix',
    clients: 'reference',
    runs: 40,
    plan: () => fc.record({ path: fc.constantFrom(...BAD_PATHS), asFolder: fc.boolean() }),
    async run(stage, { path, asFolder }) {
      const { alice, mallory } = await aliceAndMallory(stage);
      alice.write('safe/keep', contentOf(3, 1));
      const id = request(mallory, 'alice', { IsFolder: true, TotalSize: 8, OriginPath: '/box' });
      await alice.heard('request', id, 'FIL-018');
      alice.files.beginReceiveFile(id, 'safe/in/box');
      await mallory.expect(MessageType.RejectOrAcceptFile);
      const sender = new RawSender(mallory, 'alice', id);
      if (asFolder) sender.folder(path);
      else sender.nextFile(path, 4);
      sender.data(contentOf(4, 1));
      const told = bodyOf(
        await mallory.expect(MessageType.CancelFileReceiving, { clause: 'FIL-060' }),
        'CancelFileContract',
      );
      stage.equal([told.InnerError, alice.endOf(id)], [true, 'InnerError'], 'FIL-026', 'another end');
      const tree = await treeOf(stage, alice.host, '');
      stage.equal(Object.keys(tree).sort(), ['/safe/', '/safe/in/', '/safe/keep'], 'FIL-060', 'something was written');
    },
  }),
  scenario({
    id: 'FIL-Z3GN',
    title: 'two names that a disk could take for one end the project',
    clauses: ['FIL-062'],
    kind: 'matrix',
    clients: 'reference',
    plan: () => fc.constantFrom(...CLASHES),
    async run(stage, [first, second]) {
      const { alice, mallory } = await aliceAndMallory(stage);
      const id = request(mallory, 'alice', { IsFolder: true, TotalSize: 8, OriginPath: '/box' });
      await alice.heard('request', id, 'FIL-018');
      alice.files.beginReceiveFile(id, 'in/box');
      await mallory.expect(MessageType.RejectOrAcceptFile);
      const sender = new RawSender(mallory, 'alice', id);
      sender.nextFile(first, 4);
      sender.data(contentOf(4, 1));
      await mallory.expect(MessageType.SingleFileRevFinishedNotify, { clause: 'FIL-013' });
      sender.nextFile(second, 4);
      const told = await mallory.expect(MessageType.CancelFileReceiving, { clause: 'FIL-062' });
      stage.equal(bodyOf(told, 'CancelFileContract').InnerError, true, 'FIL-026', 'told differently');
      stage.equal(alice.endOf(id), 'InnerError', 'FIL-062', 'another end');
    },
  }),
  scenario({
    id: 'FIL-24HP',
    title: 'requests that cannot be are refused, and a sender may have 64 projects open',
    clauses: ['FIL-061'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, mallory } = await aliceAndMallory(stage);
      const refused = async (parts: Parameters<typeof request>[2]): Promise<void> => {
        request(mallory, 'alice', parts);
        const answer = await mallory.expect(MessageType.RejectOrAcceptFile, { clause: 'FIL-061' });
        stage.equal(bodyOf(answer, 'RejectOrAcceptFileContract').Agree, false, 'FIL-061', 'it was agreed to');
      };
      await refused({ ProjectID: null });
      await refused({ ProjectID: '' });
      await refused({ ProjectID: 'x'.repeat(513) });
      await refused({ TotalSize: -1 });
      await refused({ TotalSize: 2n ** 60n });
      await refused({ OriginPath: null });
      await refused({ OriginPath: `${'d/'.repeat(20_000)}a` });
      request(mallory, 'alice', { ProjectID: 'mallory_0' });
      await alice.heard('request', 'mallory_0', 'FIL-061');
      await refused({ ProjectID: 'mallory_0' });
      for (let count = 1; count < 64; count++) request(mallory, 'alice', { ProjectID: `mallory_${count}` });
      await alice.heard('request', 'mallory_63', 'FIL-061');
      await refused({ ProjectID: 'mallory_64' });
      stage.equal(alice.told.length, 64, 'FIL-061', 'the application was told of a refused one');
      alice.files.rejectFile('mallory_0');
      await mallory.expect(MessageType.RejectOrAcceptFile);
      request(mallory, 'alice', { ProjectID: 'mallory_64' });
      await alice.heard('request', 'mallory_64', 'FIL-061');
      alice.files.cancelAllTransfering();
    },
  }),
  scenario({
    id: 'FIL-35JQ',
    title: 'what has the name already is replaced when the new one is complete, and not before',
    clauses: ['FIL-050', 'FIL-051', 'FIL-053'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ folder: fc.boolean(), breaks: fc.boolean() }),
    async run(stage, { folder, breaks }) {
      const { alice, bob } = await threeSides(stage);
      const at = (root: string, name: string): string => (folder ? `${root}/${name}` : root);
      alice.write(at('box', 'new'), contentOf(300_000, 8));
      bob.write(at('in/box', 'old'), contentOf(1000, 1));
      const oldTree = await treeOf(stage, bob.host, 'in');
      bob.acceptAll(() => 'in/box');
      let early: string | undefined;
      bob.files.fileReceivingEvents.fileTransProgress.add((id, total, transfered) => {
        if (stage.files(bob.host).stat(at('in/box', 'old')) === undefined) early = `gone at ${transfered} of ${total}`;
        if (breaks && transfered > 100_000) bob.files.cancelTransfering(id);
      });
      const id = alice.files.beginSendFile('bob', 'box', null, { filePackageSize: 20_000, sendingSpanInMSecs: 0 });
      const end = await alice.ended(id, 'FIL-050');
      stage.equal(early, undefined, 'FIL-050', 'the old one was gone before the new one was complete');
      bob.files.ttl4ResumedFileItem = 0;
      const tree = await treeOf(stage, bob.host, 'in');
      if (breaks) stage.equal([end, tree], ['DestCancel', oldTree], 'FIL-050', 'the old one is not as it was');
      else {
        const hash = hashOf(contentOf(300_000, 8));
        const due = folder ? { '/box/': 'folder', '/box/new': hash } : { '/box': hash };
        stage.equal([end, tree], ['completed', due], 'FIL-050', 'it was not replaced by what was sent');
      }
    },
  }),
  scenario({
    id: 'FIL-46KR',
    title: 'a path that another project writes to, or that is of the other kind, is refused by the call',
    clauses: ['FIL-053'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, bob } = await threeSides(stage);
      alice.write('a.bin', contentOf(100, 1));
      stage.files(bob.host).makeFolder('in/folder');
      const one = alice.files.beginSendFile('bob', 'a.bin', null);
      const two = alice.files.beginSendFile('bob', 'a.bin', null);
      await bob.heard('request', two, 'FIL-018');
      const begin = (id: string, path: string) => (): void => bob.files.beginReceiveFile(id, path);
      const refused = (call: () => void, what: string): Promise<unknown> =>
        stage.rejects(Promise.resolve().then(call), 'E_FILE', 'FIL-053', what);
      await refused(begin(one, 'in/folder'), 'a folder would have been replaced by a file');
      begin(one, 'in/a.bin')();
      await refused(begin(two, 'in//a.bin'), 'two projects write to one file');
      begin(two, 'in/b.bin')();
      stage.equal(
        [await alice.ended(one, 'FIL-053'), await alice.ended(two, 'FIL-053')],
        ['completed', 'completed'],
        'FIL-053',
        'other ends',
      );
      // Calls about what is gone do nothing.
      begin(one, 'in/c.bin')();
      bob.files.rejectFile(one);
      bob.files.cancelTransfering(one);
      stage.equal(stage.files(bob.host).listFolder('in'), ['a.bin', 'b.bin', 'folder'], 'FIL-053', 'another file');
    },
  }),
];
