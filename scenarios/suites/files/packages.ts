/** What is on the wire: packages, their order and pace, and what a receiver makes of bad ones. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { PackageType } from '../../../spec/errors.ts';
import { readUtf8 } from '../../../impl/wire/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { RawClient, SeenMessage } from '../../attach/raw-peer.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { contentOf, hashOf, Side } from './side.ts';
import { agree, bodyOf, confirm, RawSender, request } from './wire.ts';

/** `alice` is the engine, `mallory` is played by hand. */
export async function aliceAndMallory(stage: Stage): Promise<{ alice: Side; mallory: RawClient; server: Side }> {
  const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
  const alice = new Side(stage, await stage.loggedOn(server, 'alice'));
  const mallory = await stage.rawClient(server, { userID: 'mallory' });
  await mallory.logon('mallory');
  return { alice, mallory, server: new Side(stage, server) };
}

type Package = { readonly index: number; readonly type: number; readonly data: Uint8Array | null; readonly at: number };

function packageOf(message: SeenMessage): Package {
  const { Index, PackageType: type, Data } = bodyOf(message, 'FilePackage');
  return { index: Index, type, data: Data, at: message.atMicros };
}

/** Takes packages of a project until Finished, confirming files of a folder; gives them in order. */
async function takeAll(peer: RawClient, id: string, isFolder: boolean): Promise<Package[]> {
  const packages: Package[] = [];
  let left = 0;
  for (;;) {
    const next = packageOf(await peer.expect(MessageType.FilePackageData, { clause: 'FIL-010' }));
    packages.push(next);
    if (next.type === PackageType.Finished) return packages;
    if (next.type === PackageType.FoldTransferingNextFile) left = nextFileOf(next).FileLength as number;
    if (next.type === PackageType.FileTransferingPackage) left -= next.data?.length ?? 0;
    if (isFolder && left === 0 && next.type !== PackageType.NewChildFolder) confirm(peer, 'alice', id);
  }
}

function nextFileOf({ data }: Package): { FileLength: number | bigint; RelativeFilePath: string | null } {
  const decoded = codecs.FoldTransferingNextFileInfo.decode(data ?? new Uint8Array(0));
  return decoded.ok ? decoded.value : { FileLength: -1, RelativeFilePath: null };
}

function joined(packages: readonly Package[]): Uint8Array {
  return Uint8Array.from(packages.flatMap(({ type, data }) => (type === 0 ? [...(data ?? [])] : [])));
}

export const packages: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-3PDH',
    title: 'a file is cut into packages of the size asked for, numbered from 1 modulo 256, with Finished at the end',
    clauses: ['FIL-010', 'FIL-011', 'FIL-015', 'FIL-001', 'FIL-013'],
    kind: 'property',
    clients: 'reference',
    runs: 8,
    plan: () =>
      fc.record({ size: fc.constantFrom(0, 1, 63, 64, 65, 20_000), packageBytes: fc.constantFrom(undefined, 64, 777) }),
    async run(stage, { size, packageBytes }) {
      const { alice, mallory } = await aliceAndMallory(stage);
      const content = contentOf(size, 4);
      alice.write('a.bin', content);
      const paras = packageBytes === undefined ? null : { filePackageSize: packageBytes, sendingSpanInMSecs: 0 };
      const id = alice.files.beginSendFile('mallory', 'a.bin', 'why', paras);
      const asked = bodyOf(
        await mallory.expect(MessageType.BeginSendFile, { clause: 'FIL-001' }),
        'BeginSendFileContract',
      );
      stage.equal(
        [asked.ProjectID, asked.IsFolder, asked.TotalSize, asked.OriginPath, asked.Comment],
        [id, false, size, '/a.bin', 'why'],
        'FIL-001',
        'the request says something else',
      );
      agree(mallory, 'alice', id);
      const all = await takeAll(mallory, id, false);
      const expected = all.map((_, index) => (index + 1) & 0xff);
      stage.equal(
        all.map(({ index }) => index),
        expected,
        'FIL-011',
        'other numbers',
      );
      stage.equal(hashOf(joined(all)), hashOf(content), 'FIL-010', 'other bytes');
      const lengths = all.slice(0, -1).map(({ data }) => data?.length ?? -1);
      const cut = packageBytes ?? 2048;
      const due = Array.from({ length: Math.ceil(size / cut) }, (_, index) => Math.min(cut, size - index * cut));
      stage.equal(lengths, due, 'FIL-015', 'cut differently');
      stage.equal(all.at(-1)?.data, null, 'FIL-010', 'Finished has data');
      // Sentinel: alice answers a ping on the same way, so she has nothing more to say about the file.
      mallory.send({
        messageType: MessageType.PingByServer,
        destId: 'alice',
        body: codecs.PingContract.encode({ SendTicks: 1 }),
      });
      await mallory.expect(MessageType.PingAck);
      stage.equal(alice.endOf(id), undefined, 'FIL-013', 'the sender was done before it was confirmed');
      confirm(mallory, 'alice', id);
      stage.equal(await alice.ended(id, 'FIL-013'), 'completed', 'FIL-013', 'another end');
    },
  }),
  scenario({
    id: 'FIL-5SFJ',
    title: 'a folder goes folder before contents, and the next file waits for the confirmation of the last',
    clauses: ['FIL-012', 'FIL-017'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, mallory } = await aliceAndMallory(stage);
      alice.write('box/b/2.bin', contentOf(5000, 2));
      alice.write('box/a.bin', contentOf(10, 1));
      alice.write('box/c.bin', new Uint8Array(0));
      stage.files(alice.host).makeFolder('box/b/none');
      const id = alice.files.beginSendFile('mallory', 'box', null);
      await mallory.expect(MessageType.BeginSendFile, { clause: 'FIL-001' });
      agree(mallory, 'alice', id);
      const ping = async (): Promise<void> => {
        const body = codecs.PingContract.encode({ SendTicks: 1 });
        mallory.send({ messageType: MessageType.PingByServer, destId: 'alice', body });
        await mallory.expect(MessageType.PingAck);
      };
      const count = (): number => mallory.received.filter((each) => each.messageType === 202).length;
      const steps: unknown[] = [];
      for (;;) {
        const next = packageOf(await mallory.expect(MessageType.FilePackageData, { clause: 'FIL-012' }));
        if (next.type === 3) break;
        if (next.type === 2) steps.push(readUtf8(next.data!, 0, next.data!.length));
        if (next.type === 0) steps.push(next.data?.length);
        if (next.type === 1) steps.push([nextFileOf(next).RelativeFilePath, nextFileOf(next).FileLength]);
        const isEnd =
          steps.at(-1) === 10 || steps.at(-1) === 904 || (next.type === 1 && nextFileOf(next).FileLength === 0);
        if (!isEnd) continue;
        await stage.sleep(1);
        await ping();
        const before = count();
        await ping();
        stage.equal(count(), before, 'FIL-017', 'the sender went on without a confirmation');
        stage.check(mallory.received.at(-1)?.messageType === 2, 'FIL-017', 'a package came before the confirmation');
        confirm(mallory, 'alice', id);
      }
      const due = [['a.bin', 10], 10, 'b', ['b/2.bin', 5000], 2048, 2048, 904, 'b/none', ['c.bin', 0]];
      stage.equal(steps, due, 'FIL-012', 'another order');
      confirm(mallory, 'alice', id);
      stage.equal(await alice.ended(id, 'FIL-013'), 'completed', 'FIL-013', 'another end');
    },
  }),
  scenario({
    id: 'FIL-6TGK',
    title: 'the pause asked for lies between packages',
    clauses: ['FIL-016'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { alice, mallory } = await aliceAndMallory(stage);
      alice.write('a.bin', contentOf(500, 4));
      const id = alice.files.beginSendFile('mallory', 'a.bin', null, { filePackageSize: 100, sendingSpanInMSecs: 400 });
      await mallory.expect(MessageType.BeginSendFile);
      agree(mallory, 'alice', id);
      const all = await takeAll(mallory, id, false);
      const seconds = (all.at(-1)!.at - all[0]!.at) / 1e6;
      stage.took(seconds, { atLeast: 2, atMost: 3 }, 'FIL-016', 'six packages with 400 ms between them');
      confirm(mallory, 'alice', id);
      await alice.ended(id, 'FIL-013');
    },
  }),
  scenario({
    id: 'FIL-8VHM',
    title: 'another message passes a large file on a slow line, and little of it waits in memory',
    clauses: ['FIL-019'],
    kind: 'example',
    clients: 'reference',
    // A real socket takes megabytes at once, so only here a burst can be told from the whole.
    targets: ['sim'],
    async run(stage) {
      const server = await stage.server();
      const client = await stage.loggedOn(server, 'alice');
      const alice = new Side(stage, client);
      const bob = new Side(stage, await stage.loggedOn(server, 'bob'));
      stage.net.conditions(alice.host, { bandwidthBitsPerSec: 2_000_000 });
      alice.write('a.bin', contentOf(3_000_000, 4));
      bob.acceptAll(() => 'a.bin');
      let queuedMost = 0;
      alice.files.fileSendingEvents.fileTransProgress.add(() => {
        const sent = alice.files.getTransferingProgress(id)?.transfered ?? 0;
        const got = bob.files.getTransferingProgress(id)?.transfered ?? 0;
        queuedMost = Math.max(queuedMost, sent - got);
      });
      const id = alice.files.beginSendFile('bob', 'a.bin', null);
      await bob.heard('progress', id, 'FIL-019');
      for (let count = 0; count < 5; count++) {
        const begin = stage.nowSecs();
        await client.query(null, QUERY_RULES.echo, stage.payload());
        stage.took(stage.nowSecs() - begin, { atMost: 1.5 }, 'FIL-019', 'a query behind a file');
      }
      await alice.ended(id, 'FIL-019');
      // One burst waiting, and what TCP and the line hold besides.
      stage.check(queuedMost < 65_536 * 5, 'FIL-019', `${queuedMost} bytes were ahead of the receiver`);
    },
  }),
  scenario({
    id: 'FIL-AWJN',
    title: 'packages that are out of order, too long, too short or out of place end the project as InnerError',
    clauses: ['FIL-014', 'FIL-026', 'FIL-051'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.constantFrom('gap', 'repeat', 'tooLong', 'early', 'late', 'empty', 'null', 'nextFile', 'folder', 'unknown'),
    async run(stage, fault) {
      const { alice, mallory } = await aliceAndMallory(stage);
      const id = request(mallory, 'alice', { TotalSize: 6 });
      await alice.heard('request', id, 'FIL-018');
      alice.files.beginReceiveFile(id, 'in/a.bin');
      await mallory.expect(MessageType.RejectOrAcceptFile);
      const sender = new RawSender(mallory, 'alice', id);
      sender.data(Uint8Array.of(1, 2, 3));
      if (fault === 'gap') sender.index += 1;
      if (fault === 'repeat') sender.index -= 1;
      if (fault === 'gap' || fault === 'repeat') sender.data(Uint8Array.of(4));
      else if (fault === 'tooLong') sender.data(Uint8Array.of(4, 5, 6, 7));
      else if (fault === 'early') sender.finished();
      else if (fault === 'late') sender.data(new Uint8Array(7));
      else if (fault === 'empty') sender.data(new Uint8Array(0));
      else if (fault === 'null') sender.data(null);
      else if (fault === 'nextFile') sender.nextFile('x', 1);
      else if (fault === 'folder') sender.folder('x');
      else sender.other(4);
      const told = await mallory.expect(MessageType.CancelFileReceiving, { clause: 'FIL-026' });
      const body = bodyOf(told, 'CancelFileContract');
      stage.equal([body.ProjectID, body.InnerError], [id, true], 'FIL-026', 'told differently');
      stage.equal(alice.endOf(id), 'InnerError', 'FIL-014', 'another end');
      sender.finished();
      const saved = await alice.read('in/a.bin');
      stage.equal(saved, undefined, 'FIL-051', 'a part stands under the final name');
    },
  }),
  scenario({
    id: 'FIL-BXKP',
    title: 'messages about a project from anybody but its other end mean nothing',
    clauses: ['FIL-021', 'FIL-014'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.constantFrom('cancelSending', 'cancelReceiving', 'package', 'confirm', 'answer'),
    async run(stage, what) {
      const server = await stage.server();
      const alice = new Side(stage, await stage.loggedOn(server, 'alice'));
      const bob = new Side(stage, await stage.loggedOn(server, 'bob'));
      const mallory = await stage.rawClient(server, { userID: 'mallory' });
      await mallory.logon('mallory');
      alice.write('a.bin', contentOf(9000, 3));
      const id = alice.files.beginSendFile('bob', 'a.bin', null);
      await bob.heard('request', id, 'FIL-018');
      if (what !== 'answer') bob.files.beginReceiveFile(id, 'a.bin');
      const sender = new RawSender(mallory, 'bob', id);
      if (what === 'cancelSending' || what === 'cancelReceiving') {
        for (const messageType of [MessageType.CancelFileSending, MessageType.CancelFileReceiving]) {
          const body = codecs.CancelFileContract.encode({ Cause: null, InnerError: false, ProjectID: id });
          mallory.send({ messageType, destId: what === 'cancelSending' ? 'bob' : 'alice', body });
        }
      } else if (what === 'package') sender.data(Uint8Array.of(1));
      else if (what === 'confirm') confirm(mallory, 'alice', id);
      else agree(mallory, 'alice', id, { Agree: false });
      const body = codecs.PingContract.encode({ SendTicks: 1 });
      for (const destId of ['alice', 'bob']) {
        mallory.send({ messageType: MessageType.PingByServer, destId, body });
        await mallory.expect(MessageType.PingAck);
      }
      if (what === 'answer') bob.files.beginReceiveFile(id, 'a.bin');
      stage.equal(await alice.ended(id, 'FIL-021'), 'completed', 'FIL-021', 'a stranger ended the project');
      stage.equal(hashOf(await bob.read('a.bin')), hashOf(contentOf(9000, 3)), 'FIL-051', 'other bytes');
    },
  }),
];
