/** The client's side of a logon, seen by a bare server. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';

const RESULTS = ['Succeed', 'Failed', 'HadLoggedOn', 'VersionMismatched'] as const;

export const client: readonly AnyScenario[] = [
  scenario({
    id: 'LOG-1A8B',
    title:
      'the first message is a Logon with user, password, token, account and version, and nothing follows before its answer',
    clauses: ['LOG-001', 'LOG-016', 'LOG-017', 'LOG-015'],
    kind: 'property',
    needs: ['logon'],
    plan: () =>
      fc.record({
        userID: fc.stringMatching(/^[a-zA-Z0-9]{1,11}$/),
        password: fc.option(fc.string({ maxLength: 12 }), { nil: undefined }),
        systemToken: fc.option(fc.string({ maxLength: 12 })),
        settings: fc.option(
          fc.record({ version: fc.integer({ min: 0, max: 99 }), authorizedUser: fc.constantFrom('FreeUser', 'Acme') }),
          { nil: undefined },
        ),
      }),
    async run(stage, { userID, password, systemToken, settings }) {
      const raw = await stage.rawServer();
      const alice = await stage.client(userID, { systemToken, heartBeatSpanInSecs: 2, ...settings });
      const logging = alice.logon(raw, password === undefined ? {} : { password });
      logging.catch(() => undefined);
      const connection = await raw.accept();
      const logon = await connection.expect(MessageType.Logon, { clause: 'LOG-001' });
      stage.equal(logon.sourceId, userID, 'LOG-001', 'the UserID is not the source of the Logon');
      const body = codecs.ReqLogonContract.decode(logon.body);
      const request = body.ok ? body.value : undefined;
      stage.equal(request?.SystemToken, systemToken, 'LOG-015', 'another token was sent than was set');
      const expected = {
        AuthorizedUser: settings?.authorizedUser ?? 'FreeUser',
        Version: settings?.version ?? 6,
        Password: password ?? null,
      };
      const { AuthorizedUser, Version, Password } = request ?? {};
      stage.equal({ AuthorizedUser, Version, Password }, expected, 'LOG-017', 'the Logon carries something else');
      // Longer than two heartbeats, so that whatever is sent too early has been sent.
      await stage.sleep(5);
      stage.equal(connection.received.length, 1, 'LOG-016', 'something was sent before the answer to the Logon');
      answerLogon(connection, logon.messageId, userID, 0, null);
      stage.equal((await logging).logonResult, 'Succeed', 'LOG-018', 'the logon did not succeed');
    },
  }),
  scenario({
    id: 'LOG-2B9C',
    title: 'every answer resolves the logon with its result and cause, and only Succeed leaves the client connected',
    clauses: ['LOG-018', 'LOG-005', 'LOG-019', 'LOG-009'],
    kind: 'property',
    needs: ['logon'],
    plan: () => fc.record({ result: fc.nat({ max: 3 }), failureCause: fc.option(fc.string({ maxLength: 20 })) }),
    async run(stage, { result, failureCause }) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice');
      const logging = alice.logon(raw);
      const connection = await raw.accept();
      stage.equal(await alice.connected(), false, 'LOG-009', 'the client calls itself connected before the answer');
      const { messageId } = await connection.expect(MessageType.Logon);
      answerLogon(connection, messageId, 'alice', result, failureCause);
      const outcome = await logging;
      stage.equal(outcome.logonResult, RESULTS[result], 'LOG-018', 'another result than was answered');
      stage.equal(outcome.failureCause, failureCause, 'LOG-005', 'another cause than was answered');
      stage.equal(await alice.connected(), result === 0, 'LOG-009', 'connected does not follow the result');
      if (result === 0) return;
      await connection.expectClosed({ clause: 'LOG-019' });
      await stage.sleep(4);
      stage.equal(raw.connections.length, 1, 'LOG-019', 'the refused client connected again');
    },
  }),
  scenario({
    id: 'LOG-3CAD',
    title: 'a logon that nobody answers fails by timeout, one that cannot connect or is cut off fails at once',
    clauses: ['LOG-007'],
    kind: 'property',
    needs: ['logon'],
    runs: 9,
    plan: () =>
      fc.record({
        how: fc.constantFrom('refused', 'silent', 'cut', 'reset'),
        waitSecs: fc.integer({ min: 3, max: 30 }),
      }),
    async run(stage, { how, waitSecs }) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice', { waitResponseTimeoutInSecs: waitSecs });
      if (how === 'refused') raw.stopListening();
      const begin = stage.nowSecs();
      const code = how === 'silent' ? 'E_TIMEOUT' : 'E_CONNECT';
      const failed = stage.rejects(
        alice.logon(raw),
        code,
        'LOG-007',
        `a logon that is ${how} did not fail with ${code}`,
      );
      if (how !== 'refused') {
        const connection = await raw.accept();
        await connection.expect(MessageType.Logon);
        if (how === 'cut') connection.end();
        if (how === 'reset') connection.abort();
        const { message } = await failed;
        if (how === 'silent') {
          stage.check(message.includes('Timeout waiting for reply !'), 'LOG-007', `another text: ${message}`);
          stage.took(
            stage.nowSecs() - begin,
            { atLeast: waitSecs, atMost: waitSecs + 1.5 },
            'LOG-007',
            'the waiting time',
          );
          await connection.expectClosed({ clause: 'LOG-007' });
        }
      } else await failed;
      await stage.sleep(4);
      const connections = how === 'refused' ? 0 : 1;
      stage.equal(raw.connections.length, connections, 'LOG-007', 'the client connected again');
      stage.equal(await alice.connected(), false, 'LOG-009', 'the client calls itself connected');
    },
  }),
  scenario({
    id: 'LOG-4DBE',
    title: 'connected ends with the connection, and the engine knows user and server',
    clauses: ['LOG-009', 'LOG-011'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ isReset: fc.boolean() }),
    async run(stage, { isReset }) {
      const raw = await stage.rawServer();
      const alice = (await stage.client('alice', { autoReconnect: false })) as EngineSubject;
      const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      stage.equal(alice.engine.currentUserID, 'alice', 'LOG-011', 'currentUserID is another');
      const { address, port } = raw;
      stage.equal(alice.engine.serverAddress, { address, port }, 'LOG-011', 'serverAddress is another');
      stage.equal(await alice.connected(), true, 'LOG-009', 'not connected after the logon');
      if (isReset) connection.abort();
      else connection.end();
      await alice.waitFor('connectionInterrupted', { clause: 'LOG-009' });
      stage.equal(await alice.connected(), false, 'LOG-009', 'connected outlived the connection');
    },
  }),
  scenario({
    id: 'LOG-5ECF',
    title: 'the server gets the token as it was set, and null when none was',
    clauses: ['LOG-015', 'LOG-002'],
    kind: 'property',
    needs: ['logon'],
    plan: () =>
      fc.record({ systemToken: fc.option(fc.string({ maxLength: 20 })), password: fc.string({ maxLength: 20 }) }),
    async run(stage, { systemToken, password }) {
      const server = await stage.server();
      const alice = await stage.client('alice', { systemToken });
      await alice.logon(server, { password });
      await alice.query(null, QUERY_RULES.echo, null);
      const asked = server.events.filter((event) => event.kind === 'verifyUser');
      const seen = asked.map((event) => [event.userID, event.password, event.systemToken]);
      stage.equal(seen, [['alice', password, systemToken]], 'LOG-002', 'VerifyUser was asked otherwise');
    },
  }),
];

type EngineSubject = import('../../attach/client-subject.ts').ClientSubject & {
  readonly engine: { readonly currentUserID: string | null; readonly serverAddress: { readonly port: number } | null };
};

function answerLogon(
  connection: { send(message: import('../../attach/raw-peer.ts').OutgoingMessage): unknown },
  messageId: number,
  userID: string,
  logonResult: number,
  failureCause: string | null,
): void {
  const body = codecs.ResLogonContract.encode({
    FailureCause: failureCause,
    GroupRelationEnabled: false,
    LogonResult: logonResult,
    P2PEnabled: false,
    UseAsP2PServer: false,
  });
  connection.send({ messageType: MessageType.Logon, messageId, sourceId: '_0', destId: userID, clientType: 8, body });
}
