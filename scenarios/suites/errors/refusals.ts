/** Calls that an engine refuses: a code of the table, the clause it rests on, and a text with the value and its limit. */
import { HandingException, TimeoutException } from '../../../impl/index.ts';
import { ErrorCode } from '../../../spec/errors.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';

type Refusal = {
  readonly call: () => unknown;
  readonly code: keyof typeof ErrorCode;
  /** What the text must say. */
  readonly says: readonly string[];
};

async function refused(stage: Stage, { call, code, says }: Refusal): Promise<void> {
  const outcome = Promise.resolve().then(call);
  const what = `refusal with ${code} saying ${says.join(', ')}`;
  const error = (await stage.rejects(outcome, code, 'ERR-001', what)) as Error & { code: string; clause?: unknown };
  stage.check(Object.hasOwn(ErrorCode, error.code), 'ERR-001', `the code ${error.code} is not in the table`);
  const clause = String(error.clause);
  stage.check(/^[A-Z][A-Z0-9]{2}-\d{3}$/.test(clause), 'ERR-001', `the error names no clause but ${clause}`);
  for (const text of says) {
    stage.check(error.message.includes(text), 'ERR-001', `"${text}" is missing in: ${error.message}`);
  }
}

export const refusals: readonly AnyScenario[] = [
  scenario({
    id: 'ERR-2A4B',
    title: 'every refused call of a client names its code, its clause, the value and the limit',
    clauses: ['ERR-001'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ maxLengthOfMessage: 1000 });
      const alice = await stage.loggedOn(server, 'alice', { maxLengthOfMessage: 1000 });
      const fresh = await stage.client('bob');
      const closed = await stage.loggedOn(server, 'carol', { maxLengthOfMessage: 1000 });
      await closed.close();
      const long = 'x'.repeat(12);
      const cases: readonly Refusal[] = [
        { call: () => alice.send(long, 1, null), code: 'E_USER_ID', says: [long, '12', '11'] },
        { call: () => alice.query('_0', 1, null), code: 'E_USER_ID', says: ['_0'] },
        { call: () => alice.send(null, 1, stage.payload(953)), code: 'E_MESSAGE_SIZE', says: ['1001', '1000'] },
        { call: () => alice.send(null, 2 ** 31, null), code: 'E_ARGUMENT', says: ['2147483648'] },
        { call: () => alice.query(null, 0.5, null), code: 'E_ARGUMENT', says: ['0.5'] },
        { call: () => alice.sendBlob(null, 1, null, 0), code: 'E_ARGUMENT', says: ['0'] },
        { call: () => alice.sendBlob(null, 1, null, 5000), code: 'E_ARGUMENT', says: ['5000'] },
        { call: () => alice.sendMessage(null, 1, null, 7 as never), code: 'E_ARGUMENT', says: ['7'] },
        { call: () => fresh.send(null, 1, null), code: 'E_NOT_INITIALIZED', says: ['initialize'] },
        {
          call: () => fresh.logon({ address: server.address, port: 70_000 }),
          code: 'E_ARGUMENT',
          says: ['70000', '65535'],
        },
        { call: () => closed.send(null, 1, null), code: 'E_CLOSED', says: ['closed'] },
        { call: () => stage.client('dave', { maxLengthOfUserID: 256 }), code: 'E_ARGUMENT', says: ['256', '255'] },
        { call: () => stage.client('dave', { maxLengthOfMessage: 1 }), code: 'E_ARGUMENT', says: ['1'] },
        { call: () => stage.client('dave', { waitResponseTimeoutInSecs: NaN }), code: 'E_ARGUMENT', says: ['NaN'] },
        { call: () => stage.client('dave', { version: 2 ** 40 }), code: 'E_ARGUMENT', says: [String(2 ** 40)] },
      ];
      for (const each of cases) await refused(stage, each);
    },
  }),
  scenario({
    id: 'ERR-3B6C',
    title: 'every refused call of a server names its code, its clause, the value and the limit',
    clauses: ['ERR-001'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ maxLengthOfMessage: 1000 });
      await stage.loggedOn(server, 'alice', { maxLengthOfMessage: 1000 });
      const { engine } = server;
      const { customizeController: controller } = engine;
      const cases: readonly Refusal[] = [
        { call: () => controller.send('alice', 1, stage.payload(953)), code: 'E_MESSAGE_SIZE', says: ['1001', '1000'] },
        { call: () => controller.send('alice', -(2 ** 31) - 1, null), code: 'E_ARGUMENT', says: ['-2147483649'] },
        { call: () => controller.queryLocalClient('alice', 1, [] as never), code: 'E_ARGUMENT', says: ['array'] },
        { call: () => controller.sendBlob('alice', 1, null, -3), code: 'E_ARGUMENT', says: ['-3'] },
        { call: () => void (engine.maxLengthOfMessage = 5000), code: 'E_SETTING_LATE', says: ['maxLengthOfMessage'] },
        {
          call: () => void (engine.heartbeatTimeoutInSecs = 5),
          code: 'E_SETTING_LATE',
          says: ['heartbeatTimeoutInSecs'],
        },
        { call: () => stage.server({ port: 65_536 }), code: 'E_ARGUMENT', says: ['65536', '65535'] },
        { call: () => stage.server({ maxConnectionCount: -1 }), code: 'E_ARGUMENT', says: ['-1'] },
        {
          call: () => stage.server({ port: server.port, host: server.host }),
          code: 'E_ADDRINUSE',
          says: [String(server.port)],
        },
      ];
      for (const each of cases) await refused(stage, each);
      await server.close();
      await refused(stage, { call: () => controller.send('alice', 1, null), code: 'E_CLOSED', says: ['closed'] });
    },
  }),
  scenario({
    id: 'ERR-4C8D',
    title: 'waits that end without an answer reject with the classes of the manual and with codes of the table',
    clauses: ['ERR-002', 'ERR-001'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ waitResponseTimeoutInSecs: 5 });
      const alice = await stage.loggedOn(server, 'alice', { waitResponseTimeoutInSecs: 5, autoReconnect: false });
      const threw = await stage.rejects(
        alice.query(null, QUERY_RULES.throws, null),
        'E_HANDLING',
        'ERR-002',
        'a throw',
      );
      stage.check(threw instanceof HandingException, 'ERR-002', `a throwing handler is a ${threw.constructor.name}`);
      const late = await stage.rejects(
        alice.query(null, QUERY_RULES.silent, null),
        'E_TIMEOUT',
        'ERR-002',
        'a timeout',
      );
      stage.check(late instanceof TimeoutException, 'ERR-002', `a timeout is a ${late.constructor.name}`);
      const nobody = await stage.rejects(
        server.engine.customizeController.queryLocalClient('nobody', 1, null),
        'E_TIMEOUT',
        'ERR-002',
        'a timeout at the server',
      );
      stage.check(nobody instanceof TimeoutException, 'ERR-002', `at the server it is a ${nobody.constructor.name}`);
      const waiting = alice.sendCertainly('nobody', 1, null);
      const broken = refused(stage, { call: () => waiting, code: 'E_DISCONNECTED', says: ['disconnected'] });
      await alice.closeConnection(false);
      await broken;
      const stranger = await stage.client('bob');
      const port = server.port;
      await server.close();
      const there = { address: server.address, port };
      await refused(stage, { call: () => stranger.logon(there), code: 'E_CONNECT', says: [String(port)] });
    },
  }),
];
