/** The two modes: which calls run at the same time, which wait, and that nothing else differs. */
import * as fc from 'fast-check';
import { CustomizeInfoHandleMode } from '../../../impl/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES, THROWING_INFORMATION_TYPE } from '../../attach/client-subject.ts';
import { CallLog, FIRST_TYPE, inMode, MODES } from './calls.ts';

const NAMES = ['alice', 'bob', 'carol'] as const;

const works = fc.array(fc.record({ user: fc.nat({ max: 2 }), millis: fc.integer({ min: 0, max: 900 }) }), {
  minLength: 2,
  maxLength: 14,
});

export const modes: readonly AnyScenario[] = [
  scenario({
    id: 'HDL-2K7W',
    title: 'IocpDirectly: one call at a time for each connection, in order, and no connection waits for another',
    clauses: ['HDL-004', 'HDL-005', 'HDL-001'],
    kind: 'property',
    clients: 'reference',
    plan: () => works,
    async run(stage, plan) {
      const log = new CallLog(stage, (number) => plan[number]!.millis / 1000);
      const server = await stage.server(inMode('IocpDirectly', 1, { onInformation: log.handle }));
      const clients = [];
      for (const name of NAMES) clients.push(await stage.loggedOn(server, name));
      const begin = stage.nowSecs();
      for (const [number, { user }] of plan.entries())
        await clients[user]!.send(null, FIRST_TYPE + number, stage.payload());
      await log.untilFinished(plan.length, 60, 'HDL-005');
      for (const [user, name] of NAMES.entries()) {
        const numbers = [...plan.keys()].filter((number) => plan[number]!.user === user);
        const own = log.calls.filter((call) => call.source === name);
        stage.equal(
          own.map((call) => call.number),
          numbers,
          'HDL-004',
          `the calls for ${name} were made in another order`,
        );
        stage.check(log.mostAtOnce(name) <= 1, 'HDL-004', `two calls for ${name} were under way at once`);
        const totalSecs = numbers.reduce((sum, number) => sum + plan[number]!.millis, 0) / 1000;
        const last = own.at(-1);
        if (last === undefined) continue;
        const what = `the calls for ${name} waited for those of others`;
        stage.took(last.endSecs! - begin, { atLeast: totalSecs, atMost: totalSecs + 0.1 }, 'HDL-005', what);
      }
    },
  }),
  scenario({
    id: 'HDL-5R3M',
    title: 'TaskQueue: calls begin in the order of arrival, as many at once as there are workers and never more',
    clauses: ['HDL-010', 'HDL-011', 'HDL-014', 'HDL-001'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ plan: works, workers: fc.integer({ min: 1, max: 5 }) }),
    async run(stage, { plan, workers }) {
      const log = new CallLog(stage, (number) => plan[number]!.millis / 1000);
      const server = await stage.server(inMode('TaskQueue', workers, { onInformation: log.handle }));
      const clients = [];
      for (const name of NAMES) clients.push(await stage.loggedOn(server, name));
      const begin = stage.nowSecs();
      for (const [number, { user }] of plan.entries()) {
        await clients[user]!.send(null, FIRST_TYPE + number, stage.payload());
        // Messages of different clients have no order on their way; this gives them one.
        await clients[user]!.basic({ verb: 'ping' });
      }
      await log.untilFinished(plan.length, 60, 'HDL-010');
      stage.equal(
        log.calls.map((call) => call.number),
        [...plan.keys()],
        'HDL-010',
        'the calls were not begun in the order of arrival',
      );
      stage.check(log.mostAtOnce() <= workers, 'HDL-010', `more than ${workers} calls were under way at once`);
      // A worker that takes the next task whenever it is free never does worse than this.
      const longestSecs = Math.max(...plan.map(({ millis }) => millis)) / 1000;
      const totalSecs = plan.reduce((sum, { millis }) => sum + millis, 0) / 1000;
      const lastSecs = Math.max(...log.calls.map((call) => call.endSecs!));
      const atMost = totalSecs / workers + longestSecs + 0.1 + plan.length * 0.01;
      stage.took(lastSecs - begin, { atMost }, 'HDL-011', 'calls waited although a worker was free');
      stage.equal(server.engine.advanced.getTaskQueueInfo().taskCount, 0, 'HDL-014', 'tasks are still waiting');
    },
  }),
  scenario({
    id: 'HDL-8N1C',
    title: 'TaskQueue: a later message of the same connection may be finished first',
    clauses: ['HDL-011'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const log = new CallLog(stage, (number) => (number === 1 ? 5 : 0));
      const server = await stage.server(inMode('TaskQueue', 2, { onInformation: log.handle }));
      const alice = await stage.loggedOn(server, 'alice');
      for (const number of [1, 2, 3]) await alice.send(null, FIRST_TYPE + number, stage.payload());
      const reversed = await alice.query(null, QUERY_RULES.echo, stage.payload());
      stage.check(reversed !== null, 'HDL-011', 'the query was not answered');
      const numbers = log.finished.map((call) => call.number);
      stage.equal(numbers, [2, 3], 'HDL-011', 'later messages waited for the first');
    },
  }),
  scenario({
    id: 'HDL-1V9T',
    title: 'TaskQueue: no call is made in the step in which its message arrived',
    clauses: ['HDL-010'],
    kind: 'property',
    clients: 'reference',
    // Whether two messages arrive in one step is the network's business; the simulator keeps them together.
    targets: ['sim'],
    plan: () => fc.record({ mode: fc.constantFrom(...MODES), count: fc.integer({ min: 2, max: 5 }) }),
    async run(stage, { count, mode }) {
      const server = await stage.server(inMode(mode));
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      const seen = server.events.length;
      const numbers = Array.from({ length: count }, (_, number) => number);
      for (const InformationType of numbers) {
        const body = codecs.BinaryInformationContract.encode({ Content: null, InformationType });
        raw.send({ messageType: MessageType.InformationBySend, body });
      }
      await server.waitFor('information', { from: seen, match: (event) => event.informationType === count - 1 });
      const kinds = server.events.slice(seen).map((event) => event.kind);
      const expected =
        mode === 'TaskQueue'
          ? [...numbers.map(() => 'informationReceived'), ...numbers.map(() => 'information')]
          : numbers.flatMap(() => ['informationReceived', 'information']);
      stage.equal(kinds, expected, 'HDL-010', 'the handler was called at another time');
    },
  }),
  scenario({
    id: 'HDL-6B4Y',
    title: 'both modes make the same calls and give the same answers',
    clauses: ['HDL-003'],
    kind: 'property',
    clients: 'reference',
    runs: 10,
    plan: () =>
      fc.array(
        fc.record({
          kind: fc.constantFrom('send', 'certainly', 'blob', 'message', 'query'),
          type: fc.constantFrom(
            QUERY_RULES.echo,
            QUERY_RULES.throws,
            QUERY_RULES.null,
            QUERY_RULES.doubled,
            THROWING_INFORMATION_TYPE,
          ),
          bytes: fc.option(fc.uint8Array({ maxLength: 30 })),
        }),
        { minLength: 1, maxLength: 8 },
      ),
    async run(stage, plan) {
      const seen: unknown[] = [];
      for (const mode of MODES) {
        const server = await stage.server(inMode(mode));
        const alice = await stage.loggedOn(server, 'alice');
        const outcome = async (promise: Promise<unknown>): Promise<unknown> =>
          promise.then(
            (value) => ['value', value],
            (error: unknown) => ['error', (error as { code: string }).code],
          );
        const answers: unknown[] = [];
        for (const { bytes, kind, type } of plan) {
          if (kind === 'send') await alice.send(null, type, bytes);
          else if (kind === 'certainly') answers.push(await outcome(alice.sendCertainly(null, type, bytes)));
          else if (kind === 'blob') await alice.sendBlob(null, type, bytes, 7);
          else if (kind === 'message') await alice.sendMessage(null, type, bytes, 'tag');
          else answers.push(await outcome(alice.query(null, type, bytes)));
        }
        await alice.query(null, QUERY_RULES.echo, null);
        const calls = server.events.flatMap((event) =>
          event.kind === 'information' || event.kind === 'query'
            ? [[event.kind, event.source, event.informationType, event.info]]
            : [],
        );
        const told = server.events.filter((event) => event.kind === 'messageReceived').length;
        seen.push([calls, answers, told]);
      }
      stage.equal(seen[1], seen[0], 'HDL-003', 'mode TaskQueue did something else than mode IocpDirectly');
    },
  }),
  scenario({
    id: 'HDL-9D6Q',
    title:
      'the settings of the handling model have the defaults of the manual, are checked, and are frozen by initialize',
    clauses: ['HDL-002', 'HDL-012', 'HDL-020'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const refused = (set: () => void): string => {
        try {
          set();
          return 'none';
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      const server = await stage.server({
        beforeStart: ({ advanced }) => {
          const { customizeInfoHandleMode, diagnosticsEnabled, queueWorkerThreadCount } = advanced;
          const defaults = [customizeInfoHandleMode, queueWorkerThreadCount, diagnosticsEnabled];
          stage.equal(defaults, [CustomizeInfoHandleMode.IocpDirectly, 20, false], 'HDL-002', 'other defaults');
          for (const count of [0, -1, 2.5, 32_768, NaN]) {
            const code = refused(() => (advanced.queueWorkerThreadCount = count));
            stage.equal(code, 'E_ARGUMENT', 'HDL-012', `queueWorkerThreadCount took ${count}`);
          }
          const code = refused(() => (advanced.customizeInfoHandleMode = 2 as 1));
          stage.equal(code, 'E_ARGUMENT', 'HDL-002', 'customizeInfoHandleMode took 2');
          for (const count of [1, 32_767, 3]) advanced.queueWorkerThreadCount = count;
        },
      });
      const { advanced } = server.engine;
      stage.equal(advanced.queueWorkerThreadCount, 3, 'HDL-012', 'a good value was not kept');
      const late = [
        () => (advanced.queueWorkerThreadCount = 4),
        () => (advanced.customizeInfoHandleMode = CustomizeInfoHandleMode.TaskQueue),
        () => (advanced.diagnosticsEnabled = true),
      ].map(refused);
      stage.equal(late, ['E_SETTING_LATE', 'E_SETTING_LATE', 'E_SETTING_LATE'], 'HDL-002', 'a setting came late');
    },
  }),
];
