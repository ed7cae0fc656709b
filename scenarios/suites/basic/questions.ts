/** Questions to the server and their answers, on both sides: endpoints, who is online, pings. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { BasicRequest } from '../../attach/client-subject.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

/** A map, or the object an adapter makes of it, as sorted pairs. */
function pairs(result: unknown): [string, unknown][] {
  const entries: [string, unknown][] =
    result instanceof Map ? [...(result as Map<string, unknown>)] : Object.entries(result as object);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

type Question = {
  readonly request: BasicRequest;
  readonly clause: string;
  readonly messageType: number;
  /** The request's body as it must be. */
  readonly body: Uint8Array;
  readonly answer: Uint8Array | null;
  readonly result: unknown;
};

const ONLINE_LIST = ['bob', 'Carol', 'x1'];

/** Each question with one answer and what the client must make of it. */
const QUESTIONS: readonly Question[] = [
  {
    request: { verb: 'getMyIPE' },
    clause: 'BAS-005',
    messageType: MessageType.GetMyIPE,
    body: new Uint8Array(0),
    answer: codecs.UserIpeResContract.encode({ IP: '203.0.113.9', Port: 40_123 }),
    result: { address: '203.0.113.9', port: 40_123 },
  },
  {
    request: { verb: 'getUserIPE', userID: 'bob' },
    clause: 'BAS-006',
    messageType: MessageType.GetUserIPE,
    body: codecs.QueryIPEContract.encode({ UserID: 'bob' }),
    answer: codecs.UserIpeResContract.encode({ IP: '198.51.100.7', Port: 1 }),
    result: { address: '198.51.100.7', port: 1 },
  },
  {
    request: { verb: 'getUserIPE', userID: 'nobody' },
    clause: 'BAS-006',
    messageType: MessageType.GetUserIPE,
    body: codecs.QueryIPEContract.encode({ UserID: 'nobody' }),
    answer: null,
    result: null,
  },
  {
    request: { verb: 'isUserOnline', userID: 'bob' },
    clause: 'BAS-007',
    messageType: MessageType.QueryOnline,
    body: codecs.QueryOnlineContract.encode({ UserID: 'bob' }),
    answer: codecs.ResOnlineContract.encode({ Online: true }),
    result: true,
  },
  {
    request: { verb: 'isUserOnline', userID: 'dave' },
    clause: 'BAS-007',
    messageType: MessageType.QueryOnline,
    body: codecs.QueryOnlineContract.encode({ UserID: 'dave' }),
    answer: codecs.ResOnlineContract.encode({ Online: false }),
    result: false,
  },
  {
    request: { verb: 'getAllOnlineUsers' },
    clause: 'BAS-009',
    messageType: MessageType.GetAllOnlineUsers,
    body: new Uint8Array(0),
    answer: codecs.ResUsersContract.encode({ UserList: ONLINE_LIST }),
    result: ONLINE_LIST,
  },
];

export const questions: readonly AnyScenario[] = [
  scenario({
    id: 'BAS-1B5A',
    title: 'each question is asked in its own message and its answer becomes the result',
    clauses: ['BAS-005', 'BAS-006', 'BAS-007', 'BAS-009'],
    kind: 'matrix',
    needs: ['logon', 'basic'],
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage);
      for (const { request, clause, messageType, body, answer, result } of QUESTIONS) {
        const asked = alice.basic(request);
        const message = await connection.expect(messageType, { clause });
        stage.equal(message.body, body, clause, `the body of ${request.verb} is another`);
        stage.check(['', '_0'].includes(message.destId), clause, `${request.verb} is addressed to "${message.destId}"`);
        const { messageId } = message;
        connection.send({ messageType, messageId, clientType: 8, sourceId: '_0', destId: 'alice', body: answer });
        stage.equal(await asked, result, clause, `${request.verb} gave another result than was answered`);
      }
    },
  }),
  scenario({
    id: 'BAS-2C6B',
    title: 'a question about many users gives one entry for each of them',
    clauses: ['BAS-008'],
    kind: 'property',
    needs: ['logon', 'basic'],
    plan: () =>
      fc.uniqueArray(fc.record({ userID: fc.stringMatching(/^[a-zA-Z0-9]{1,11}$/), online: fc.boolean() }), {
        selector: (each) => each.userID,
        maxLength: 6,
      }),
    async run(stage, users) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const asked = alice.basic({ verb: 'areUsersOnline', userIDs: users.map((each) => each.userID) });
      const message = await connection.expect(MessageType.QueryOnlines, { clause: 'BAS-008' });
      const query = codecs.QueryOnlinesContract.decode(message.body);
      const names = users.map((each) => each.userID);
      stage.equal(query.ok ? query.value.UserList : query.error, names, 'BAS-008', 'the request names other users');
      const body = codecs.ResOnlinesContract.encode({
        Result: new Map(users.map((each) => [each.userID, each.online])),
      });
      const { messageId, messageType } = message;
      connection.send({ messageType, messageId, clientType: 8, sourceId: '_0', destId: 'alice', body });
      const expected = pairs(new Map(users.map((each) => [each.userID, each.online])));
      stage.equal(pairs(await asked), expected, 'BAS-008', 'the result is not one entry for each user');
    },
  }),
  scenario({
    id: 'BAS-3D7C',
    title: 'the server answers every question from who is online now',
    clauses: ['BAS-014', 'BAS-015', 'BAS-016', 'BAS-017', 'BAS-018'],
    kind: 'property',
    needs: ['logon', 'basic'],
    plan: () => fc.record({ online: fc.subarray(['bob', 'carol', 'Bob', 'x-1']), left: fc.boolean() }),
    async run(stage, { online, left }) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      for (const userID of online) await stage.loggedOn(server, userID);
      const gone = await stage.loggedOn(server, 'gone');
      if (left) {
        await gone.close();
        await server.waitFor('someOneDisconnected');
      }
      const everybody = ['alice', ...online, ...(left ? [] : ['gone'])].sort();
      const all = (await alice.basic({ verb: 'getAllOnlineUsers' })) as string[];
      stage.equal([...all].sort(), everybody, 'BAS-018', 'the list of all users is wrong');
      const asked = ['alice', 'bob', 'carol', 'Bob', 'x-1', 'gone', 'nobody'];
      const expected = pairs(new Map(asked.map((userID) => [userID, everybody.includes(userID)])));
      const many = await alice.basic({ verb: 'areUsersOnline', userIDs: asked });
      stage.equal(pairs(many), expected, 'BAS-017', 'the answer about many users is wrong');
      for (const userID of asked) {
        const isOnline = everybody.includes(userID);
        stage.equal(await alice.basic({ verb: 'isUserOnline', userID }), isOnline, 'BAS-016', `wrong about ${userID}`);
        const address = server.engine.userManager.getUserAddress(userID);
        stage.equal(
          await alice.basic({ verb: 'getUserIPE', userID }),
          address,
          'BAS-015',
          `wrong endpoint of ${userID}`,
        );
        stage.equal(address !== null, isOnline, 'USR-009', `the server has the address of ${userID} wrong`);
      }
      const mine = server.engine.userManager.getUserAddress('alice');
      stage.equal(await alice.basic({ verb: 'getMyIPE' }), mine, 'BAS-014', 'another endpoint than the server sees');
    },
  }),
  scenario({
    id: 'BAS-4E8D',
    title: 'nulls in questions mean nobody, and an answer above the limit is not sent',
    clauses: ['BAS-023', 'BAS-013'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ maxLengthOfMessage: 150 });
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      raw.send({ messageType: MessageType.QueryOnline, body: codecs.QueryOnlineContract.encode({ UserID: null }) });
      const one = codecs.ResOnlineContract.decode((await raw.expect(MessageType.QueryOnline)).body);
      stage.equal(one.ok && one.value.Online, false, 'BAS-023', 'a null UserID is online');
      for (const UserList of [null, [null, 'raw', null]]) {
        raw.send({ messageType: MessageType.QueryOnlines, body: codecs.QueryOnlinesContract.encode({ UserList }) });
        const many = codecs.ResOnlinesContract.decode((await raw.expect(MessageType.QueryOnlines)).body);
        const expected = new Map(UserList === null ? [] : [['raw', true]]);
        stage.equal(
          many.ok ? pairs(many.value.Result) : many.error,
          pairs(expected),
          'BAS-023',
          'nulls were not left out',
        );
      }
      for (const userID of [
        'abcdefghij1',
        'abcdefghij2',
        'abcdefghij3',
        'abcdefghij4',
        'abcdefghij5',
        'abcdefghij6',
        'abcdefghij7',
      ]) {
        const other = await stage.rawClient(server, { userID });
        await other.logon(userID);
      }
      raw.send({ messageType: MessageType.GetAllOnlineUsers });
      raw.send({ messageType: MessageType.QueryOnline, body: codecs.QueryOnlineContract.encode({ UserID: 'raw' }) });
      await raw.expect(MessageType.QueryOnline, { clause: 'BAS-013' });
      const answers = raw.received.filter((each) => each.messageType === MessageType.GetAllOnlineUsers);
      stage.equal(answers.length, 0, 'BAS-013', 'an answer above the limit was sent');
      stage.check(!raw.isClosed(), 'BAS-013', 'the connection was closed');
    },
  }),
  scenario({
    id: 'BAS-5F9E',
    title: 'questions fail like queries: by timeout, and at once when the connection ends',
    clauses: ['BAS-019'],
    kind: 'matrix',
    needs: ['logon', 'basic'],
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage, {
        waitResponseTimeoutInSecs: 4,
        autoReconnect: false,
      });
      const verbs: readonly BasicRequest[] = [
        ...QUESTIONS.map(({ request }) => request),
        { verb: 'areUsersOnline', userIDs: ['bob'] },
        { verb: 'ping' },
        { verb: 'pingByServer', userID: 'bob' },
      ];
      const begin = stage.nowSecs();
      await Promise.all(
        verbs.map((request) =>
          stage.rejects(alice.basic(request), 'E_TIMEOUT', 'BAS-019', `${request.verb} did not time out`),
        ),
      );
      stage.took(stage.nowSecs() - begin, { atLeast: 4, atMost: 5.5 }, 'BAS-019', 'the waiting time');
      const again = stage.nowSecs();
      const failures = verbs.map((request) =>
        stage.rejects(alice.basic(request), 'E_DISCONNECTED', 'BAS-019', `${request.verb} outlived its connection`),
      );
      await connection.expect(MessageType.PingByServer);
      connection.abort();
      await Promise.all(failures);
      stage.took(stage.nowSecs() - again, { atMost: 3 }, 'BAS-019', 'failing took as long as a timeout');
    },
  }),
];
