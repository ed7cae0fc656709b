/** Files under hardship: whatever is drawn, both ends end, and after the last fault the file arrives whole. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { contentOf, Side, treeOf } from './side.ts';

const FAULTS = ['none', 'cancelSender', 'cancelReceiver', 'resetSender', 'resetReceiver', 'partition'] as const;
type Fault = (typeof FAULTS)[number];

const conditions = fc.record({
  delayMillis: fc.nat({ max: 80 }),
  jitterMillis: fc.nat({ max: 20 }),
  lossPerMille: fc.constantFrom(0, 0, 5, 20),
  duplicatePerMille: fc.constantFrom(0, 0, 5),
  reorderPerMille: fc.constantFrom(0, 0, 10),
  bandwidthBitsPerSec: fc.constantFrom(0, 0, 20_000_000, 5_000_000),
  chunkBytesMax: fc.constantFrom(0, 0, 700),
});

const plan = fc.record({
  way: fc.constantFrom('clients', 'clients', 'up', 'down'),
  sizes: fc.oneof(
    fc.tuple(fc.oneof(fc.nat({ max: 2_000_000 }), fc.nat({ max: 5000 }))),
    fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 200_000 })), { minLength: 2, maxLength: 6 }),
  ),
  packageBytes: fc.constantFrom(2048, 4096, 50_000, 204_800),
  sender: conditions,
  receiver: conditions,
  fault: fc.constantFrom<Fault>(...FAULTS),
  atPercent: fc.nat({ max: 99 }),
  /** Another transfer in the other direction at the same time. */
  cross: fc.boolean(),
});

type Ends = {
  readonly from: Side;
  readonly to: Side;
  readonly clients: readonly ClientSubject[];
  readonly sender: ClientSubject | null;
};

async function makeEnds(stage: Stage, way: string): Promise<Ends> {
  // A line may be dead for a while without anybody being thrown out for it.
  const server = await stage.server({ heartbeatTimeoutInSecs: 60 });
  const alice = await stage.loggedOn(server, 'alice');
  const bob = await stage.loggedOn(server, 'bob');
  const [a, b, s] = [new Side(stage, alice), new Side(stage, bob), new Side(stage, server)];
  if (way === 'up') return { from: a, to: s, clients: [alice], sender: alice };
  if (way === 'down') return { from: s, to: b, clients: [bob], sender: null };
  return { from: a, to: b, clients: [alice, bob], sender: alice };
}

function inject(stage: Stage, fault: Fault, { from, to, sender }: Ends, id: string): void {
  const dropFrom = sender === null ? to : from;
  if (fault === 'cancelSender') from.files.cancelTransfering(id);
  if (fault === 'cancelReceiver') to.files.cancelTransfering(id);
  if (fault === 'resetSender') stage.net.resetConnections(dropFrom.host);
  if (fault === 'resetReceiver') stage.net.resetConnections(to.userID === '_0' ? from.host : to.host);
  if (fault === 'partition') stage.net.partition(dropFrom.host);
}

export const swarm: readonly AnyScenario[] = [
  scenario({
    id: 'FIL-57LS',
    title: 'whatever happens to the line and whoever breaks it off, the file or folder arrives whole in the end',
    clauses: ['FIL-051', 'FIL-052', 'FIL-021', 'FIL-043', 'FIL-013'],
    kind: 'property',
    clients: 'reference',
    runs: 40,
    timeLimitSecs: 3600,
    plan: () => plan,
    async run(stage, drawn) {
      const { sizes, packageBytes, fault, atPercent, cross } = drawn;
      const ends = await makeEnds(stage, drawn.way);
      const { from, to, clients } = ends;
      const isFolder = sizes.length > 1;
      for (const [index, size] of sizes.entries())
        from.write(isFolder ? `out/d${index % 2}/${index}` : 'out', contentOf(size, index + 1));
      stage.net.conditions(ends.sender === null ? to.host : from.host, drawn.sender);
      if (drawn.way === 'clients') stage.net.conditions(to.host, drawn.receiver);
      to.acceptAll(() => 'in');
      from.acceptAll(() => 'back');
      to.write('other', contentOf(50_000, 99));
      if (cross) to.files.beginSendFile(from.userID, 'other', null);
      const paras = { filePackageSize: packageBytes, sendingSpanInMSecs: 0 };
      const send = (): string => from.files.beginSendFile(to.userID, 'out', null, paras);
      let id = send();
      let isDone = false;
      to.files.fileReceivingEvents.fileTransProgress.add((projectID, total, transfered) => {
        if (isDone || projectID !== id || transfered < (total * atPercent) / 100) return;
        isDone = true;
        inject(stage, fault, ends, id);
      });
      const over = (): boolean => from.endOf(id) !== undefined && to.endOf(id) !== undefined;
      if (fault === 'partition') {
        await stage.until(() => isDone || over(), 300, 'no progress', 'FIL-010');
        await stage.sleep(10);
        for (const client of clients) stage.net.heal(client.host);
      }
      await stage.until(over, 600, 'an end was not told', 'FIL-021');
      for (let attempt = 0; from.endOf(id) !== 'completed' || to.endOf(id) !== 'completed'; attempt++) {
        stage.check(attempt < 4, 'FIL-051', `it did not arrive: ${from.endOf(id)} and ${to.endOf(id)}`);
        const isOnline = (): boolean => clients.every((client) => client.engine!.connected);
        await stage.until(isOnline, 120, 'a client did not come back', 'RCN-001');
        id = send();
        await stage.until(over, 600, 'an end was not told', 'FIL-021');
      }
      const tree = async (side: Side, root: string): Promise<unknown> =>
        isFolder ? await treeOf(stage, side.host, root) : await side.read(root);
      stage.equal(await tree(to, 'in'), await tree(from, 'out'), 'FIL-051', 'something else arrived');
    },
  }),
  scenario({
    id: 'FIL-68MT',
    title: 'a server holds back a fast sender instead of keeping its file for a slow receiver',
    clauses: ['FIL-037'],
    kind: 'example',
    clients: 'reference',
    // A real socket takes megabytes by itself, so only here the server's own queue can be told.
    targets: ['sim'],
    async run(stage) {
      const server = await stage.server();
      const alice = new Side(stage, await stage.loggedOn(server, 'alice'));
      const bob = new Side(stage, await stage.loggedOn(server, 'bob'));
      stage.net.conditions(bob.host, { bandwidthBitsPerSec: 20_000_000 });
      alice.write('a.bin', contentOf(20_000_000, 4));
      bob.acceptAll(() => 'a.bin');
      let most = 0;
      alice.files.fileSendingEvents.fileTransProgress.add((_id, _total, transfered) => {
        most = Math.max(most, transfered - (bob.of(id, 'progress').at(-1)?.transfered ?? 0));
      });
      const id = alice.files.beginSendFile('bob', 'a.bin', null, { filePackageSize: 50_000, sendingSpanInMSecs: 0 });
      stage.equal(await alice.ended(id, 'FIL-037'), 'completed', 'FIL-037', 'another end');
      stage.check(most < 7_000_000, 'FIL-037', `${most} bytes were on the way at once`);
      stage.check(most > 4_000_000, 'FIL-037', 'the sender was never faster than the receiver');
    },
  }),
];
