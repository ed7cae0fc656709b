/** The length of UserIDs, which UserIDs there may be, and that they are compared byte by byte. */
import * as fc from 'fast-check';
import { globalUtil } from '../../../impl/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { hexOf, u8, utf8Hex } from '../framing/bytes.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

/** Text of `size` bytes in UTF-8 with characters of one to four bytes. */
function textOfBytes(size: number, wide: boolean): string {
  const [unit, width] = wide ? ['\u{1f600}', 4] : ['\u00e4', 2];
  const count = Math.floor((size - 1) / width);
  return 'x' + unit.repeat(count) + 'y'.repeat(size - 1 - count * width);
}

export const userIds: readonly AnyScenario[] = [
  scenario({
    id: 'LIM-2A7R',
    title: 'without a setting N is 11: ids of 11 bytes fit, the header has 36, ids of 12 are refused',
    clauses: ['LIM-001', 'LIM-003'],
    kind: 'example',
    needs: ['logon', 'query'],
    async run(stage) {
      const raw = await stage.rawServer();
      const longest = textOfBytes(11, false);
      const client = await stage.client(longest);
      const [{ logon }] = await Promise.all([raw.acceptLogon({ clause: 'LIM-001' }), client.logon(raw)]);
      stage.equal(hexOf(logon.bytes.subarray(12, 24)), u8(11) + utf8Hex(longest), 'LIM-001', 'the source id');
      const bodyLength = new DataView(logon.bytes.buffer, logon.bytes.byteOffset).getInt32(4, true);
      stage.equal(logon.bytes.length - bodyLength, 36, 'LIM-001', 'the header has another length');
      const server = await stage.server();
      const other = await stage.loggedOn(server, longest);
      const asked = stage.payload();
      stage.equal(await other.query(null, QUERY_RULES.echo, asked), asked, 'LIM-001', 'the server has another N');
      const tooLong = await stage.client(textOfBytes(12, false));
      await stage.rejects(tooLong.logon(raw), 'E_USER_ID', 'LIM-003', 'a UserID of 12 bytes is taken');
    },
  }),
  scenario({
    id: 'LIM-3B9S',
    title: 'N can be set from 1 to 255, by engine or for all, and an id may use all of it',
    clauses: ['LIM-002'],
    kind: 'property',
    clients: 'reference',
    runs: 15,
    plan: () =>
      fc.record({
        n: fc.oneof(fc.constantFrom(1, 2, 3, 254, 255), fc.integer({ min: 1, max: 255 })),
        wide: fc.boolean(),
        global: fc.boolean(),
      }),
    async run(stage, { n, wide, global }) {
      const options = global ? {} : { maxLengthOfUserID: n };
      const userID = textOfBytes(n, wide);
      // The defaults belong to the whole process: they are put back before anything else can run.
      const before = globalUtil.maxLengthOfUserID;
      if (global) globalUtil.setMaxLengthOfUserID(n);
      const starting = stage.server(options);
      const making = stage.client(userID, options);
      globalUtil.setMaxLengthOfUserID(before);
      const [server, client] = await Promise.all([starting, making]);
      stage.equal((await client.logon(server)).logonResult, 'Succeed', 'LIM-002', `logon with N = ${n}`);
      const asked = stage.payload();
      stage.equal(await client.query(null, QUERY_RULES.echo, asked), asked, 'LIM-002', `a query with N = ${n}`);
      stage.equal(server.engine.userManager.getOnlineUserList(), [userID], 'LIM-002', 'the server knows another name');
    },
  }),
  scenario({
    id: 'LIM-4C2T',
    title: 'values of N outside 1 to 255 are refused by both engines and by globalUtil',
    clauses: ['LIM-002', 'ERR-001'],
    kind: 'property',
    clients: 'reference',
    runs: 12,
    plan: () => fc.oneof(fc.constantFrom(0, 256, -1, 1.5, NaN, Infinity), fc.integer({ min: 256, max: 2 ** 31 - 1 })),
    async run(stage, n) {
      const set = (): Promise<void> =>
        Promise.resolve().then(() => {
          globalUtil.setMaxLengthOfUserID(n);
        });
      await stage.rejects(set(), 'E_ARGUMENT', 'LIM-002', `globalUtil took ${n}`);
      await stage.rejects(stage.server({ maxLengthOfUserID: n }), 'E_ARGUMENT', 'LIM-002', `the server took ${n}`);
      const client = stage.client('alice', { maxLengthOfUserID: n });
      const error = await stage.rejects(client, 'E_ARGUMENT', 'LIM-002', `the client took ${n}`);
      stage.check(error.message.includes('1 to 255'), 'ERR-001', `the text does not name the limit: ${error.message}`);
      stage.equal(globalUtil.maxLengthOfUserID, 11, 'LIM-002', 'a refused value was kept');
    },
  }),
  scenario({
    id: 'LIM-5D4V',
    title: 'a client refuses a target that is empty, too long or reserved, in every call, and sends nothing',
    clauses: ['LIM-003'],
    kind: 'matrix',
    needs: ['logon', 'send', 'query', 'ack', 'blob', 'sendMessage', 'basic'],
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage);
      await connection.expect(MessageType.HeartBeat);
      for (const target of ['', 'x'.repeat(12), '\u00e4'.repeat(6), '_0', '_', '_x']) {
        const calls: readonly (() => Promise<unknown>)[] = [
          () => alice.send(target, 1, null),
          () => alice.query(target, 1, null),
          () => alice.sendCertainly(target, 1, null),
          () => alice.sendBlob(target, 1, null, 100),
          () => alice.sendMessage(target, 1, null, null),
          () => alice.basic({ verb: 'pingByServer', userID: target }),
          () => alice.basic({ verb: 'isUserOnline', userID: target }),
          () => alice.basic({ verb: 'areUsersOnline', userIDs: ['bob', target] }),
          () => alice.basic({ verb: 'getUserIPE', userID: target }),
          () => alice.basic({ verb: 'kickOut', userID: target }),
        ];
        for (const [index, call] of calls.entries()) {
          await stage.rejects(call(), 'E_USER_ID', 'LIM-003', `call ${index} took the target "${target}"`);
        }
      }
      await alice.send('bob', 4711, null);
      await connection.expect(MessageType.InformationBySend, { clause: 'LIM-003' });
      const types = connection.received.map(({ messageType }) => messageType).filter((type) => type !== 3);
      stage.equal(types, [9, 101], 'LIM-003', 'a refused call sent something');
    },
  }),
  scenario({
    id: 'LIM-6E6W',
    title: 'a client refuses a UserID of its own that is empty, too long or reserved, and does not even connect',
    clauses: ['LIM-003'],
    kind: 'matrix',
    needs: ['logon'],
    async run(stage) {
      const raw = await stage.rawServer();
      for (const userID of ['', 'x'.repeat(12), '\u00e4'.repeat(6), '_0', '_', '_alice']) {
        const client = await stage.client(userID);
        await stage.rejects(client.logon(raw), 'E_USER_ID', 'LIM-003', `"${userID}" is taken for a UserID`);
      }
      const good = await stage.client('alice');
      await Promise.all([raw.acceptLogon(), good.logon(raw)]);
      stage.equal(raw.connections.length, 1, 'LIM-003', 'a refused logon connected');
    },
  }),
  scenario({
    id: 'LIM-7F8X',
    title: 'when the two ends differ in N nobody is logged on and nothing is delivered',
    clauses: ['LIM-004'],
    kind: 'property',
    clients: 'reference',
    runs: 30,
    plan: () =>
      fc
        .record({
          atClient: fc.constantFrom(5, 8, 11, 12, 13, 16, 20, 40, 255),
          atServer: fc.constantFrom(5, 8, 11, 12, 13, 16, 20, 40, 255),
          password: fc.string({ maxLength: 30 }),
        })
        .filter(({ atClient, atServer }) => atClient !== atServer),
    async run(stage, { atClient, atServer, password }) {
      const server = await stage.server({ maxLengthOfUserID: atServer });
      const client = await stage.client('alice', { maxLengthOfUserID: atClient, waitResponseTimeoutInSecs: 20 });
      const outcome = await client.logon(server, { password }).then(
        ({ logonResult }) => logonResult,
        (error: unknown) => (error as { readonly code?: string }).code,
      );
      const isGivenUp = outcome === 'E_TIMEOUT' || outcome === 'E_CONNECT';
      stage.check(isGivenUp, 'LIM-004', `a logon across different N ended with ${String(outcome)}`);
      const kinds = server.events.map((event) => event.kind).filter((kind) => kind !== 'invalidMsgReceived');
      stage.equal(kinds, [], 'LIM-004', 'the server made something of it');
    },
  }),
  scenario({
    id: 'LIM-8G1Y',
    title: 'upper and lower case are different users',
    clauses: ['LIM-010'],
    kind: 'example',
    needs: ['logon', 'send', 'query', 'basic'],
    async run(stage) {
      const server = await stage.server();
      const names = ['bob', 'Bob', 'BOB', 'b\u00d6b', 'b\u00f6b', 'bo\u0308b'];
      const users = [];
      for (const name of names) users.push(await stage.loggedOn(server, name));
      stage.equal(server.engine.userManager.userCount, names.length, 'LIM-010', 'two names are one user');
      const alice = await stage.loggedOn(server, 'alice');
      for (const [index, name] of names.entries()) {
        await alice.send(name, 50 + index, null);
        const got = await users[index]!.waitFor('information', { clause: 'LIM-010' });
        stage.equal(got.informationType, 50 + index, 'LIM-010', `what ${name} got was for another`);
      }
      stage.equal(await alice.basic({ verb: 'isUserOnline', userID: 'bOb' }), false, 'LIM-010', 'bOb is not online');
      for (const user of users) stage.equal(user.events.length, 1, 'LIM-010', `${user.userID} got something more`);
    },
  }),
  scenario({
    id: 'LIM-9H3Z',
    title: 'a UserID may consist of any characters as long as it does not start with an underscore',
    clauses: ['LIM-012'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () =>
      fc
        .oneof(
          fc.constantFrom(
            ' ',
            'a b',
            '\0',
            '\n',
            "'",
            '"',
            '%',
            '\\',
            '<&>',
            'a_',
            '\ufeff',
            '\u00a0',
            '-1',
            '*',
            '/../',
          ),
          fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
        )
        .filter((id) => !id.startsWith('_') && Buffer.byteLength(id) <= 11),
    async run(stage, userID) {
      const server = await stage.server();
      const odd = await stage.client(userID);
      const outcome = await odd.logon(server);
      stage.equal(outcome.logonResult, 'Succeed', 'LIM-012', `${JSON.stringify(userID)} may not log on`);
      const alice = await stage.loggedOn(server, 'alice-alice');
      const asked = stage.payload();
      stage.equal(await alice.query(userID, QUERY_RULES.echo, asked), asked, 'LIM-012', 'it cannot be asked');
      const seen = odd.events.find((event) => event.kind === 'query');
      stage.equal(seen?.kind === 'query' ? seen.source : '', 'alice-alice', 'LIM-012', 'another sender was told');
    },
  }),
];
