/** The sending side of plain information: a client seen by a bare server, and the server seen by a bare client. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import type { RapidPassiveEngine } from '../../../impl/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { RawConnection, SeenMessage } from '../../attach/raw-peer.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

type EngineSubject = ClientSubject & { readonly engine: RapidPassiveEngine };

/** Large enough to outgrow every buffer on the way after a few of them. */
const LARGE_BYTES = 600_000;
const LARGE_COUNT_MAX = 60;

const anyType = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31)),
);
const anyInfo = fc.option(fc.uint8Array({ maxLength: 60 }));

function bodyOf(message: SeenMessage): unknown {
  const body = codecs.BinaryInformationContract.decode(message.body);
  return body.ok ? body.value : body.error;
}

/** First four bytes of the content: the number that `stage.payload` gives every content. */
function contentNumber(message: SeenMessage): number {
  return new DataView(message.body.buffer, message.body.byteOffset + 8).getUint32(0, true);
}

/** Sends with Discard until the channel refuses, then as the plan says; gives the numbers of what was taken. */
async function fillAndGoOn(
  stage: Stage,
  afterwards: readonly ('Continue' | 'Discard')[],
  send: (info: Uint8Array, action: 'Continue' | 'Discard') => Promise<boolean> | boolean,
): Promise<number[]> {
  const taken: number[] = [];
  const attempt = async (sizeBytes: number, action: 'Continue' | 'Discard'): Promise<boolean> => {
    const info = stage.payload(sizeBytes);
    const isSent = await send(info, action);
    if (isSent) taken.push(new DataView(info.buffer).getUint32(0, true));
    return isSent;
  };
  let isBusy = false;
  for (let count = 0; count < LARGE_COUNT_MAX && !isBusy; count++) {
    isBusy = !(await attempt(LARGE_BYTES, 'Discard'));
    stage.check(count > 0 || !isBusy, 'CUS-010', 'an idle channel discarded information');
    // What the transport takes, it takes in the next turns.
    if (!isBusy) await stage.sleep(0.01);
  }
  stage.check(isBusy, 'CUS-010', 'a channel that nobody reads never discards');
  for (const action of afterwards) {
    const isSent = await attempt(20, action);
    stage.equal(isSent, action === 'Continue', 'CUS-010', `${action} on a busy channel gave ${String(isSent)}`);
  }
  return taken;
}

async function expectExactly(stage: Stage, connection: RawConnection, numbers: readonly number[]): Promise<void> {
  const isInformation = (message: SeenMessage): boolean => message.messageType === MessageType.InformationBySend;
  const seen = (): SeenMessage[] => connection.received.filter(isInformation);
  await stage.until(() => seen().length >= numbers.length, 120, 'what was taken did not all come', 'CUS-010');
  stage.equal(seen().map(contentNumber), numbers, 'CUS-010', 'something else came than what was taken');
}

const toServer: readonly AnyScenario[] = [
  scenario({
    id: 'CUS-1A7K',
    title: 'information is one message of type 101, or 100 by post, with its type, its bytes and its destination',
    clauses: ['CUS-001', 'CUS-012', 'CUS-017', 'CUS-014'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.array(
        fc.record({
          target: fc.constantFrom(null, 'bob', 'Bob', 'alice'),
          informationType: anyType,
          info: anyInfo,
          form: fc.constantFrom('plain', 'post', 'transferByServer'),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    async run(stage, messages) {
      const { alice, connection } = await aliceAtRawServer(stage);
      for (const { target, informationType, info, form } of messages) {
        const byServer = form === 'transferByServer' && target !== null;
        const options = form === 'post' ? { post: true } : byServer ? { byServer } : {};
        const clause = byServer ? 'CUS-014' : 'CUS-001';
        stage.equal(await alice.send(target, informationType, info, options), true, clause, 'send did not give true');
        const messageType = form === 'post' ? MessageType.InformationByPost : MessageType.InformationBySend;
        const seen = await connection.expect(messageType, { clause });
        stage.equal(bodyOf(seen), { Content: info, InformationType: informationType }, 'CUS-012', 'another body');
        stage.equal(seen.sourceId, 'alice', 'CUS-001', 'another source');
        if (target === null) {
          stage.check(['', '_0'].includes(seen.destId), 'CUS-017', `null is not the server but "${seen.destId}"`);
        } else stage.equal(seen.destId, target, clause, 'another destination');
      }
      const informations = connection.received.filter(({ messageType }) => messageType >= 100);
      stage.equal(informations.length, messages.length, 'CUS-001', 'another number of messages than of sends');
    },
  }),
  scenario({
    id: 'CUS-2B8M',
    title: 'a plain send returns while nobody answers or reads',
    clauses: ['CUS-016'],
    kind: 'property',
    needs: ['logon', 'send'],
    runs: 5,
    plan: () => fc.record({ sizes: fc.array(fc.integer({ min: 4, max: 5000 }), { minLength: 1, maxLength: 4 }) }),
    async run(stage, { sizes }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      connection.pause();
      const begin = stage.nowSecs();
      for (const sizeBytes of sizes) await alice.send('bob', 3, stage.payload(sizeBytes));
      stage.took(stage.nowSecs() - begin, { atMost: 3 }, 'CUS-016', 'a plain send waited for somebody');
      connection.resume();
      const isInformation = ({ messageType }: SeenMessage): boolean => messageType === MessageType.InformationBySend;
      const count = (): number => connection.received.filter(isInformation).length;
      await stage.until(() => count() === sizes.length, 30, 'what was sent did not come', 'CUS-001');
    },
  }),
  scenario({
    id: 'CUS-3C9N',
    title: 'a busy channel discards with Discard and queues with Continue, and only what was taken is sent',
    clauses: ['CUS-010'],
    kind: 'property',
    needs: ['logon', 'send'],
    runs: 5,
    plan: () => fc.array(fc.constantFrom('Continue' as const, 'Discard' as const), { maxLength: 5 }),
    async run(stage, afterwards) {
      const { alice, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: 0 });
      connection.pause();
      const taken = await fillAndGoOn(stage, afterwards, (info, actionOnChannelIsBusy) =>
        alice.send(null, 3, info, { actionOnChannelIsBusy }),
      );
      connection.resume();
      await expectExactly(stage, connection, taken);
    },
  }),
  scenario({
    id: 'CUS-4D1P',
    title: 'before logon and after close nothing can be sent',
    clauses: ['CUS-011'],
    kind: 'matrix',
    needs: ['logon', 'send'],
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const bob = await stage.client('bob');
      for (const target of [null, 'alice']) {
        const early = bob.send(target, 1, stage.payload());
        await stage.rejects(early, 'E_NOT_INITIALIZED', 'CUS-011', 'sent before logon');
        const byServer = bob.send('alice', 1, stage.payload(), { byServer: true });
        await stage.rejects(byServer, 'E_NOT_INITIALIZED', 'CUS-011', 'transferred before logon');
      }
      await alice.close();
      for (const target of [null, 'bob']) {
        const late = alice.send(target, 1, stage.payload());
        await stage.rejects(late, 'E_CLOSED', 'CUS-011', 'sent after close');
      }
      await connection.expectClosed();
      const sent = connection.received.filter(({ messageType }) => messageType >= 100);
      stage.equal(sent.length, 0, 'CUS-011', 'a refused send reached the wire');
    },
  }),
  scenario({
    id: 'CUS-5E2R',
    title: 'transferByServer without a target, and an information type beyond int32, are refused without a message',
    clauses: ['CUS-014', 'CUS-012'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const { customizeOutter } = (alice as EngineSubject).engine;
      const call = (send: () => unknown): Promise<unknown> => Promise.resolve().then(send);
      const nobody = null as unknown as string;
      const transfer = call(() => customizeOutter.transferByServer(nobody, 1, null));
      await stage.rejects(transfer, 'E_ARGUMENT', 'CUS-014', 'a null target was taken');
      for (const informationType of [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN]) {
        const send = call(() => customizeOutter.send('bob', informationType, null));
        await stage.rejects(send, 'E_ARGUMENT', 'CUS-012', `the type ${informationType} was taken`);
      }
      customizeOutter.send('bob', 4711, null, true);
      await connection.expect(MessageType.InformationByPost);
      const sent = connection.received.filter(({ messageType }) => messageType === MessageType.InformationBySend);
      stage.equal(sent.length, 0, 'CUS-014', 'something of a refused call was sent');
    },
  }),
];

const fromServer: readonly AnyScenario[] = [
  scenario({
    id: 'CUS-6F3T',
    title: 'the server sends to users who are online and says so, and sends nothing to anybody else',
    clauses: ['CUS-008', 'CUS-001', 'CUS-012'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.record({
          userID: fc.constantFrom('alice', 'bob', 'ALICE', 'left'),
          informationType: anyType,
          info: anyInfo,
          post: fc.boolean(),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    async run(stage, messages) {
      const server = await stage.server();
      const peers = new Map<string, RawConnection>();
      for (const userID of ['alice', 'bob', 'left']) {
        const peer = await stage.rawClient(server, { userID });
        await peer.logon(userID);
        peers.set(userID, peer);
      }
      peers.get('left')!.end();
      await server.waitFor('someOneDisconnected');
      const { customizeController } = server.engine;
      for (const { userID, informationType, info, post } of messages) {
        const isOnline = userID === 'alice' || userID === 'bob';
        const isSent = customizeController.send(userID, informationType, info, post);
        stage.equal(isSent, isOnline, 'CUS-008', `send to ${userID} gave ${String(isSent)}`);
        if (!isOnline) continue;
        const messageType = post ? MessageType.InformationByPost : MessageType.InformationBySend;
        const seen = await peers.get(userID)!.expect(messageType, { clause: 'CUS-008' });
        stage.equal(bodyOf(seen), { Content: info, InformationType: informationType }, 'CUS-001', 'another body');
        stage.equal([seen.sourceId, seen.destId], ['_0', userID], 'CUS-001', 'another source or destination');
      }
      const seen = [...peers.values()].flatMap(({ received }) => received.filter((each) => each.messageType >= 100));
      const sent = messages.filter(({ userID }) => userID === 'alice' || userID === 'bob');
      stage.equal(seen.length, sent.length, 'CUS-008', 'another number of messages than of successful sends');
    },
  }),
  scenario({
    id: 'CUS-7G4V',
    title: 'the server discards on a busy channel with Discard and queues with Continue',
    clauses: ['CUS-010'],
    kind: 'property',
    clients: 'reference',
    runs: 5,
    plan: () => fc.array(fc.constantFrom('Continue' as const, 'Discard' as const), { maxLength: 5 }),
    async run(stage, afterwards) {
      const server = await stage.server({
        // A bare peer sends no heartbeats.
        heartbeatTimeoutInSecs: 0,
        beforeStart: (engine) => (engine.writeTimeoutInSecs = 0),
      });
      const peer = await stage.rawClient(server, { userID: 'alice' });
      await peer.logon('alice');
      peer.pause();
      const { customizeController } = server.engine;
      const taken = await fillAndGoOn(stage, afterwards, (info, action) =>
        customizeController.send('alice', 3, info, false, action === 'Discard' ? 1 : 0),
      );
      peer.resume();
      await expectExactly(stage, peer, taken);
    },
  }),
];

export const sending: readonly AnyScenario[] = [...toServer, ...fromServer];
