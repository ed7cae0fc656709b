/** The server's side of a logon, seen by a bare client. */
import * as fc from 'fast-check';
import { codecs, encodeFrame } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { USER_ID_BYTES_MAX_DEFAULT } from '../../../spec/limits.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { RawClient, SeenMessage } from '../../attach/raw-peer.ts';

type Claim = {
  readonly version?: number;
  readonly authorizedUser?: string;
  readonly messageId?: number;
  readonly userID?: string;
};

function logonBody(claim: Claim = {}): Uint8Array {
  const { authorizedUser = 'FreeUser', version = 6 } = claim;
  return codecs.ReqLogonContract.encode({
    AuthorizedUser: authorizedUser,
    Password: 'secret',
    SystemToken: null,
    Version: version,
  });
}

/** The Logon of `alice` as bytes, to be sent together with other messages. */
function logonBytes(): Uint8Array {
  const header = { clientType: 0, messageType: MessageType.Logon, messageId: 1, sourceId: 'alice', destId: '' };
  return encodeFrame(header, logonBody(), USER_ID_BYTES_MAX_DEFAULT);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function logonAs(raw: RawClient, claim: Claim = {}): void {
  const body = logonBody(claim);
  raw.send({
    messageType: MessageType.Logon,
    messageId: claim.messageId ?? 1,
    sourceId: claim.userID ?? 'alice',
    body,
  });
}

/** What a server answered: result and cause. */
function answerOf(message: SeenMessage): unknown[] {
  const body = codecs.ResLogonContract.decode(message.body);
  return body.ok ? [body.value.LogonResult, body.value.FailureCause] : [body.error.code];
}

export const server: readonly AnyScenario[] = [
  scenario({
    id: 'LOG-6FDG',
    title:
      'an accepted logon is answered Succeed with its id, before anything else, and then SomeOneConnected is raised',
    clauses: ['LOG-003', 'LOG-010', 'LOG-013', 'LOG-014'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({ messageId: fc.integer({ min: 1, max: 2 ** 31 - 1 }), verifySecs: fc.constantFrom(0, 0, 3) }),
    async run(stage, { messageId, verifySecs }) {
      const server = await stage.server({
        verifyUser: () => (verifySecs === 0 ? { ok: true } : stage.sleep(verifySecs).then(() => ({ ok: true }))),
      });
      // Whoever is online speaks at once to whoever comes.
      server.engine.userManager.someOneConnected.add((user) => {
        server.engine.customizeController.send(user.userID, 5, null);
      });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      logonAs(raw, { messageId });
      const answer = await raw.expect(MessageType.Logon, { clause: 'LOG-003' });
      stage.equal(answerOf(answer), [0, null], 'LOG-003', 'the answer is not Succeed');
      stage.equal(
        [answer.messageId, answer.destId],
        [messageId, 'alice'],
        'LOG-003',
        'the answer has another id or goes elsewhere',
      );
      const body = codecs.ResLogonContract.decode(answer.body);
      const groups = body.ok ? body.value.GroupRelationEnabled : undefined;
      stage.equal(groups, false, 'LOG-014', 'the server offers what this edition lacks');
      await raw.expect(MessageType.InformationBySend, { clause: 'LOG-010' });
      stage.equal(raw.received[0]?.messageType, MessageType.Logon, 'LOG-013', 'something came before the answer');
      const connected = server.events.filter((event) => event.kind === 'someOneConnected');
      stage.equal(connected.length, 1, 'LOG-010', 'SomeOneConnected was not raised once');
    },
  }),
  scenario({
    id: 'LOG-7GEH',
    title: 'a refused logon is answered Failed with the cause, arrives, and ends the connection',
    clauses: ['LOG-004', 'LOG-012', 'LOG-002'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        how: fc.constantFrom('refuses', 'refusesWithoutCause', 'throws', 'rejects'),
        cause: fc.string({ minLength: 1, maxLength: 15 }),
      }),
    async run(stage, { how, cause }) {
      const server = await stage.server({
        verifyUser: () => {
          if (how === 'throws') throw new Error(cause);
          if (how === 'rejects') return Promise.reject(new Error(cause));
          return how === 'refuses' ? { ok: false, failureCause: cause } : { ok: false };
        },
      });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      logonAs(raw);
      const answer = await raw.expect(MessageType.Logon, { clause: 'LOG-004' });
      const clause = how === 'throws' || how === 'rejects' ? 'LOG-012' : 'LOG-004';
      stage.equal(
        answerOf(answer),
        [1, how === 'refusesWithoutCause' ? null : cause],
        clause,
        'another answer to a refused logon',
      );
      stage.equal(
        await raw.expectClosed({ clause: 'LOG-004', withinSecs: 5 }),
        'closed',
        'LOG-004',
        'the connection was reset',
      );
      stage.equal(
        server.events.filter((event) => event.kind === 'verifyUser').length,
        1,
        'LOG-002',
        'VerifyUser was not asked once',
      );
      stage.equal(server.engine.userManager.userCount, 0, 'LOG-004', 'a refused user is online');
    },
  }),
  scenario({
    id: 'LOG-8HFJ',
    title: 'another version or account is answered VersionMismatched without asking the application',
    clauses: ['LOG-006'],
    kind: 'property',
    clients: 'reference',
    runs: 40,
    plan: () =>
      fc.record({
        version: fc.constantFrom(6, 6, 6, 6, 5, 7, 0, -1),
        authorizedUser: fc.constantFrom('FreeUser', 'freeuser', 'freeuser', ''),
        own: fc.option(fc.record({ version: fc.constantFrom(6, 7), authorizedUser: fc.constantFrom('FreeUser', '') }), {
          nil: undefined,
        }),
      }),
    async run(stage, { version, authorizedUser, own }) {
      const server = await stage.server(own ?? {});
      const raw = await stage.rawClient(server, { userID: 'alice' });
      logonAs(raw, { version, authorizedUser });
      const fits = version === (own?.version ?? 6) && authorizedUser === (own?.authorizedUser ?? 'FreeUser');
      const answer = await raw.expect(MessageType.Logon, { clause: 'LOG-006' });
      stage.equal(answerOf(answer)[0], fits ? 0 : 3, 'LOG-006', 'another result');
      if (fits) return;
      await raw.expectClosed({ clause: 'LOG-006' });
      const asked = server.events.filter((event) => event.kind === 'verifyUser');
      stage.equal(asked.length, 0, 'LOG-006', 'VerifyUser was asked about another version');
    },
  }),
  scenario({
    id: 'LOG-9JGK',
    title: 'a second Logon on a bound connection is answered HadLoggedOn, and everything stays as it was',
    clauses: ['LOG-008'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        times: fc.integer({ min: 1, max: 3 }),
        mode: fc.constantFrom('IgnoreNew' as const, 'ReplaceOld' as const),
      }),
    async run(stage, { times, mode }) {
      const server = await stage.server({ relogonMode: mode });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      await raw.logon('alice');
      for (let index = 0; index < times; index++) {
        logonAs(raw, { messageId: 100 + index });
        const answer = await raw.expect(MessageType.Logon, { clause: 'LOG-008' });
        stage.equal(
          [answer.messageId, answerOf(answer)[0]],
          [100 + index, 2],
          'LOG-008',
          'another answer to a second Logon',
        );
      }
      raw.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 1 }) });
      await raw.expect(MessageType.PingAck, { clause: 'LOG-008' });
      const kinds = server.events.map((event) => event.kind);
      stage.equal(kinds.filter((kind) => kind === 'verifyUser').length, 1, 'LOG-008', 'VerifyUser was asked again');
      stage.check(!kinds.includes('someOneDisconnected'), 'LOG-008', 'the user was disconnected');
    },
  }),
  scenario({
    id: 'LOG-AKHM',
    title: 'what comes while a logon is decided is handled after it when it succeeds, and never when it is refused',
    clauses: ['LOG-021', 'LOG-013'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        ok: fc.boolean(),
        verifySecs: fc.integer({ min: 0, max: 9 }),
        count: fc.integer({ min: 1, max: 4 }),
        chunkBytes: fc.constantFrom(0, 1, 30),
      }),
    async run(stage, { ok, verifySecs, count, chunkBytes }) {
      const server = await stage.server({ verifyUser: () => stage.sleep(verifySecs).then(() => ({ ok })) });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      // Logon and the first messages in one chunk: they are there while the logon is being decided.
      const ping = { messageType: MessageType.PingByServer, sourceId: 'alice', destId: '', clientType: 0 };
      const body = codecs.PingContract.encode({ SendTicks: 1 });
      const together = Array.from({ length: count }, (_, index) =>
        encodeFrame({ ...ping, messageId: 10 + index }, body, USER_ID_BYTES_MAX_DEFAULT),
      );
      raw.sendBytes(joined([logonBytes(), ...together]), chunkBytes > 0 ? chunkBytes : undefined);
      const answer = await raw.expect(MessageType.Logon, { clause: 'LOG-021' });
      stage.equal(answerOf(answer)[0], ok ? 0 : 1, 'LOG-021', 'another result');
      if (!ok) {
        await raw.expectClosed({ clause: 'LOG-004' });
        const answered = raw.received.filter((each) => each.messageType === MessageType.PingAck);
        stage.equal(answered.length, 0, 'LOG-021', 'a message of a refused user was handled');
        return;
      }
      for (let index = 0; index < count; index++) await raw.expect(MessageType.PingAck, { clause: 'LOG-021' });
      stage.equal(raw.received[0]?.messageType, MessageType.Logon, 'LOG-013', 'something was sent before the answer');
    },
  }),
  scenario({
    id: 'LOG-BMJN',
    title: 'the number of users follows who comes and goes, and each change is told once',
    clauses: ['LOG-020', 'LOG-010'],
    kind: 'property',
    needs: ['logon'],
    plan: () => fc.array(fc.constantFrom('alice', 'bob', 'carol'), { minLength: 1, maxLength: 5 }),
    async run(stage, moves) {
      const server = await stage.server();
      const online = new Map<string, { close(): Promise<void> }>();
      const expected: number[] = [];
      for (const userID of moves) {
        const present = online.get(userID);
        if (present === undefined) online.set(userID, await stage.loggedOn(server, userID));
        else {
          await present.close();
          online.delete(userID);
          const isGone = (): boolean => !server.engine.userManager.isUserOnLine(userID);
          await stage.until(isGone, 10, `${userID} is still online`, 'LOG-020');
        }
        expected.push(online.size);
        stage.equal(server.engine.userManager.userCount, online.size, 'LOG-020', 'userCount is wrong');
      }
      const told = server.events.flatMap((event) => (event.kind === 'userCountChanged' ? [event.count] : []));
      stage.equal(told, expected, 'LOG-020', 'UserCountChanged told something else');
    },
  }),
  scenario({
    id: 'LOG-CNKP',
    title: 'without a basic handler everybody is accepted',
    clauses: ['LOG-002'],
    kind: 'example',
    needs: ['logon'],
    async run(stage) {
      const server = await stage.server({ basicHandler: 'none' });
      const alice = await stage.client('alice');
      const outcome = await alice.logon(server, { password: 'whatever' });
      stage.equal(outcome, { logonResult: 'Succeed', failureCause: null }, 'LOG-002', 'the logon was not accepted');
    },
  }),
];
