/** What leaves an engine, byte for byte: headers of clients and of servers, ids, padding, empty bodies. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import type { SeenMessage } from '../../attach/raw-peer.ts';
import {
  ascii,
  header,
  hexOf,
  i32,
  informationBody,
  message,
  messageIdOf,
  obj,
  prefixed,
  str,
  unhex,
} from './bytes.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

const int32 = (): fc.Arbitrary<number> => fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const RESERVED_TYPES = [12, 108, 109];

export const sending: readonly AnyScenario[] = [
  scenario({
    id: 'FRM-3D8K',
    title: 'every message of a client is, byte for byte, the header of the chapter and its body',
    clauses: ['FRM-001', 'FRM-002', 'FRM-003', 'FRM-005', 'FRM-007', 'FRM-009', 'FRM-013', 'FRM-016', 'FRM-021'],
    kind: 'property',
    needs: ['logon', 'send', 'basic'],
    plan: () =>
      fc.record({
        n: fc.constantFrom(5, 11, 12, 40, 255),
        clientType: fc.integer({ min: 0, max: 8 }),
        target: fc.constantFrom(null, 'bob', 'B\u00f6b'),
        informationType: int32(),
        content: fc.option(fc.uint8Array({ maxLength: 300 })),
        post: fc.boolean(),
      }),
    async run(stage, { n, clientType, target, informationType, content, post }) {
      const raw = await stage.rawServer({ userIdBytesMax: n });
      const alice = await stage.client('alice', { clientType, ...(n === 11 ? {} : { maxLengthOfUserID: n }) });
      const [{ connection, logon }] = await Promise.all([raw.acceptLogon({ clause: 'FRM-001' }), alice.logon(raw)]);
      const from = { client: clientType, source: ascii('alice'), n };
      const expectBytes = (seen: SeenMessage, dest: string | null, body: string): void => {
        const parts = { ...from, type: seen.messageType, id: messageIdOf(seen.bytes) };
        const dests = dest === null ? ['', ascii('_0')] : [dest];
        const allowed = dests.map((each) => message({ ...parts, dest: each }, body));
        const actual = hexOf(seen.bytes);
        stage.equal(actual, allowed.find((each) => each === actual) ?? allowed[0], 'FRM-001', 'other bytes were sent');
      };
      expectBytes(logon, null, hexOf(logon.bytes.subarray(14 + 2 * n)));
      await alice.send(target, informationType, content, { post });
      const type = post ? MessageType.InformationByPost : MessageType.InformationBySend;
      const information = await connection.expect(type, { clause: 'FRM-007' });
      const dest = target === null ? null : Buffer.from(target, 'utf8').toString('hex');
      expectBytes(information, dest, informationBody(content, informationType));
      const asked = alice.basic({ verb: 'getMyIPE' });
      const question = await connection.expect(MessageType.GetMyIPE, { clause: 'FRM-021' });
      expectBytes(question, null, '');
      const answer = { client: 8, type: 0, id: question.messageId, source: ascii('_0'), dest: ascii('alice'), n };
      connection.sendBytes(unhex(message(answer, obj(str('10.0.0.1'), i32(7)))));
      stage.equal(await asked, { address: '10.0.0.1', port: 7 }, 'FRM-013', 'the answer was not understood');
    },
  }),
  scenario({
    id: 'FRM-5G2N',
    title: 'every message a server makes itself comes from _0 with client type 8 and names the user as destination',
    clauses: ['FRM-026', 'FRM-016', 'FRM-005', 'FRM-030', 'FRM-021'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ autoRespondHeartBeat: true });
      const { peer, done } = await everythingAServerSays(stage, server);
      await done;
      const types = new Set<number>();
      for (const { bytes } of peer.received) {
        const type = bytes[2]! + 256 * bytes[3]!;
        types.add(type);
        const parts = { client: 8, type, id: messageIdOf(bytes), source: ascii('_0'), dest: ascii('aa01') };
        const expected = header({ ...parts, bodyLength: bytes.length - 36 });
        stage.equal(hexOf(bytes.subarray(0, 36)), expected, 'FRM-026', `the header of type ${type}`);
        stage.check(!RESERVED_TYPES.includes(type), 'FRM-030', `the server sent the reserved type ${type}`);
      }
      const expected = [0, 2, 3, 4, 7, 8, 9, 10, 11, 101, 102, 103, 104, 105, 106, 107];
      stage.equal(
        [...types].sort((a, b) => a - b),
        expected,
        'FRM-026',
        'the server did not say all it can say',
      );
    },
  }),
  scenario({
    id: 'FRM-6H4P',
    title: 'ids of requests that wait at the same time are all different and no reserved type is sent',
    clauses: ['FRM-011', 'FRM-024', 'FRM-030'],
    kind: 'property',
    needs: ['logon', 'query', 'ack', 'basic', 'blob', 'sendMessage'],
    plan: () => fc.array(fc.nat({ max: 4 }), { minLength: 6, maxLength: 12 }),
    async run(stage, kinds) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice', { autoReconnect: false });
      const [{ connection, logon }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      const asks: Promise<unknown>[] = kinds.map((kind) => {
        if (kind === 0) return alice.query(null, 9, null);
        if (kind === 1) return alice.sendCertainly('bob', 9, null);
        if (kind === 2) return alice.basic({ verb: 'ping' });
        if (kind === 3) return alice.basic({ verb: 'isUserOnline', userID: 'bob' });
        return alice.query('bob', 9, null);
      });
      await Promise.all([alice.sendBlob(null, 1, stage.payload(30), 20), alice.sendMessage(null, 1, null, 'tag')]);
      await connection.expect(MessageType.BlobByRapidEngine, { clause: 'FRM-030' });
      const seen = connection.received.map(({ bytes }) => ({
        id: messageIdOf(bytes),
        type: bytes[2]! + 256 * bytes[3]!,
      }));
      const ids = seen.map(({ id }) => id);
      stage.equal(new Set(ids).size, ids.length, 'FRM-011', `an id is used twice: ${ids.join()}`);
      stage.equal(messageIdOf(logon.bytes), 1, 'FRM-024', 'the first id is not 1');
      stage.equal(
        ids,
        [...ids].sort((a, b) => a - b),
        'FRM-024',
        'ids do not go upward',
      );
      const reserved = seen.filter(({ type }) => RESERVED_TYPES.includes(type));
      stage.equal(reserved, [], 'FRM-030', 'a reserved type was sent');
      connection.abort();
      await Promise.allSettled(asks);
    },
  }),
  scenario({
    id: 'FRM-7J6Q',
    title: 'every reply of a server has the id of its request, whatever id that is',
    clauses: ['FRM-012', 'FRM-025'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ ids: fc.uniqueArray(int32(), { minLength: 9, maxLength: 9 }), toZero: fc.boolean() }),
    async run(stage, { ids, toZero }) {
      const server = await stage.server({ autoRespondHeartBeat: true });
      const peer = await stage.rawClient(server);
      await peer.logon('aa01');
      const content = stage.payload();
      const echo = informationBody(content, QUERY_RULES.echo);
      const text = obj(str('aa01'));
      const requests: readonly (readonly [request: number, body: string, reply: number])[] = [
        [MessageType.GetMyIPE, '', MessageType.GetMyIPE],
        [MessageType.PingByServer, obj('0102030405060708'), MessageType.PingAck],
        [MessageType.HeartBeat, '', MessageType.HeartBeat],
        [MessageType.GetAllOnlineUsers, '', MessageType.GetAllOnlineUsers],
        [MessageType.QueryOnline, text, MessageType.QueryOnline],
        [MessageType.GetUserIPE, text, MessageType.GetUserIPE],
        [MessageType.QueryOnlines, obj(i32(1) + str('aa01')), MessageType.QueryOnlines],
        [MessageType.Request, echo, MessageType.Response],
        [MessageType.InformationNeedAck, echo, MessageType.Ack],
      ];
      for (const [index, [type, body, replyType]] of requests.entries()) {
        const id = ids[index]!;
        const dest = toZero ? ascii('_0') : '';
        peer.sendBytes(unhex(message({ type, id, source: ascii('aa01'), dest }, body)));
        const reply = await peer.expect(replyType, { clause: toZero ? 'FRM-025' : 'FRM-012' });
        stage.equal(messageIdOf(reply.bytes), id, 'FRM-012', `the reply to type ${type} has another id`);
      }
    },
  }),
  scenario({
    id: 'FRM-8K8R',
    title: 'the ACK and the ping answer of a client have the id of what they answer',
    clauses: ['FRM-012'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () => fc.record({ ackId: int32(), pingId: int32() }),
    async run(stage, { ackId, pingId }) {
      const { connection } = await aliceAtRawServer(stage);
      const to = { client: 8, source: ascii('bob'), dest: ascii('alice') };
      const body = obj(prefixed(hexOf(stage.payload())), i32(5));
      connection.sendBytes(unhex(message({ ...to, type: MessageType.InformationNeedAck, id: ackId }, body)));
      const ack = await connection.expect(MessageType.Ack, { clause: 'FRM-012' });
      stage.equal(messageIdOf(ack.bytes), ackId, 'FRM-012', 'the ACK has another id');
      connection.sendBytes(unhex(message({ ...to, type: MessageType.PingByServer, id: pingId }, obj('08(00)*7'))));
      const pong = await connection.expect(MessageType.PingAck, { clause: 'FRM-012' });
      stage.equal(messageIdOf(pong.bytes), pingId, 'FRM-012', 'the ping answer has another id');
    },
  }),
  scenario({
    id: 'FRM-9M1S',
    title: 'where N is 1 the server is the empty id, in both directions',
    clauses: ['FRM-031', 'LIM-002'],
    kind: 'example',
    needs: ['logon', 'query', 'basic'],
    async run(stage) {
      const server = await stage.server({ maxLengthOfUserID: 1 });
      const raw = await stage.rawClient(server, { userIdBytesMax: 1 });
      await raw.logon('r', { clause: 'FRM-031' });
      const expected = header({ n: 1, client: 8, type: 9, id: 1, source: '', dest: ascii('r'), bodyLength: 19 - 4 });
      const reply = raw.received[0]!;
      stage.equal(hexOf(reply.bytes.subarray(0, 16)), expected, 'FRM-031', 'the header of the answer to a logon');
      const alice = await stage.loggedOn(server, 'a', { maxLengthOfUserID: 1 });
      const asked = stage.payload();
      stage.equal(await alice.query(null, QUERY_RULES.echo, asked), asked, 'FRM-031', 'the server was not understood');
      stage.equal(await alice.basic({ verb: 'isUserOnline', userID: 'r' }), true, 'FRM-031', 'no answer of the server');
    },
  }),
];

type Stage = Parameters<AnyScenario['run']>[0];
type Server = Awaited<ReturnType<Stage['server']>>;
type Raw = Awaited<ReturnType<Stage['rawClient']>>;

/** Makes a server send `aa01` one message of every type that it can make itself. */
async function everythingAServerSays(stage: Stage, server: Server): Promise<{ peer: Raw; done: Promise<void> }> {
  const peer = await stage.rawClient(server);
  await peer.logon('aa01');
  const ask = (type: number, body = ''): void => peer.sendBytes(unhex(message({ type, id: 9 }, body)));
  const text = obj(str('aa01'));
  for (const type of [0, 3, 7]) ask(type);
  ask(1, obj('(01)*8'));
  for (const type of [8, 10]) ask(type, text);
  ask(10, obj(str('nobody')));
  ask(11, obj(i32(1) + str('aa01')));
  ask(102, informationBody(null, QUERY_RULES.echo));
  ask(102, informationBody(null, QUERY_RULES.throws));
  ask(104, informationBody(null, 1));
  await peer.expect(MessageType.Ack);
  const { customizeController } = server.engine;
  customizeController.send('aa01', 1, stage.payload());
  const open = [
    customizeController.queryLocalClient('aa01', 1, null),
    customizeController.sendCertainlyToLocalClient('aa01', 1, null),
  ];
  const done = Promise.allSettled(open).then(() => undefined);
  await customizeController.sendBlob('aa01', 1, stage.payload(20), 10);
  await server.engine.sendMessage('aa01', 1, null, 'tag');
  const newcomer = await stage.rawClient(server);
  await newcomer.logon('aa01');
  await peer.expectClosed();
  return { peer, done };
}
