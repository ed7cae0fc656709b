/** Diagnostics: counts, times, what is under way, threads, bounds; and the state of the listener. */
import * as fc from 'fast-check';
import { InformationStyle } from '../../../impl/index.ts';
import type { InfoHandleRecord } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES, THROWING_INFORMATION_TYPE } from '../../attach/client-subject.ts';
import type { ServerOptions } from '../../attach/server-subject.ts';
import { CallLog, FIRST_TYPE, inMode, MODES } from './calls.ts';
import type { Mode } from './calls.ts';

/** A number whose handler takes its time. */
const SLOW_NUMBER = 40;

const diagnosed = (mode: Mode, workers: number, options: ServerOptions): ServerOptions =>
  inMode(mode, workers, { ...options, beforeStart: (engine) => (engine.advanced.diagnosticsEnabled = true) });

export const diagnosing: readonly AnyScenario[] = [
  scenario({
    id: 'HDL-6M9A',
    title: 'statistics count every item by type and style, its exceptions, and show the latest ten with their times',
    clauses: ['HDL-020', 'HDL-021', 'HDL-022', 'HDL-023', 'HDL-024', 'HDL-001'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        mode: fc.constantFrom(...MODES),
        items: fc.array(
          fc.oneof(
            fc.record({
              kind: fc.constantFrom('send' as const, 'blob' as const, 'certainly' as const),
              type: fc.constantFrom(1, 2, THROWING_INFORMATION_TYPE, FIRST_TYPE + SLOW_NUMBER),
            }),
            fc.record({
              kind: fc.constant('query' as const),
              type: fc.constantFrom(QUERY_RULES.echo, QUERY_RULES.throws, QUERY_RULES.null),
            }),
          ),
          { minLength: 1, maxLength: 40 },
        ),
      }),
    async run(stage, { items, mode }) {
      const log = new CallLog(stage, (number) => (number === SLOW_NUMBER ? 0.12 : 0));
      const server = await stage.server(diagnosed(mode, 3, { onInformation: log.handle }));
      const viewer = server.engine.advanced.diagnosticsViewer;
      const alice = await stage.loggedOn(server, 'alice');
      const startMillis = server.engine.userManager.getUserData('alice')!.timeLogon;
      for (const { kind, type } of items) {
        if (kind === 'send') await alice.send(null, type, stage.payload());
        else if (kind === 'blob') await alice.sendBlob(null, type, stage.payload(20), 6);
        else if (kind === 'certainly') await alice.sendCertainly(null, type, stage.payload());
        else await alice.query(null, type, stage.payload()).catch(() => null);
      }
      await alice.basic({ verb: 'ping' });
      const received = (): number => viewer.getCustomizeInfoStatistics().reduce((sum, each) => sum + each.callCount, 0);
      const isDone = (): boolean =>
        received() === items.length &&
        server.engine.advanced.getTaskQueueInfo().taskCount === 0 &&
        server.events.filter(({ kind }) => kind === 'information' || kind === 'query').length === items.length &&
        log.finished.length === log.calls.length;
      // The end of one call may be the beginning of the next.
      do {
        await stage.until(isDone, 60, 'not every item was counted', 'HDL-021');
        await stage.sleep(0.05);
      } while (!isDone());
      stage.equal(viewer.getUncommittedCustomizeInfos(), [], 'HDL-024', 'finished calls are said to be under way');
      const ids = new Set<number>();
      for (const each of viewer.getCustomizeInfoStatistics()) {
        const { informationStyle, informationType, lastRecords } = each;
        const isQuery = informationStyle === InformationStyle.Query;
        const own = items.filter(({ kind, type }) => type === informationType && (kind === 'query') === isQuery);
        const what = `type ${informationType}, style ${informationStyle}`;
        stage.equal(each.callCount, own.length, 'HDL-021', `another number of calls, ${what}`);
        const throws = isQuery ? QUERY_RULES.throws : THROWING_INFORMATION_TYPE;
        const exceptions = informationType === throws ? own.length : 0;
        stage.equal(each.exceptionCount, exceptions, 'HDL-021', `another number of exceptions, ${what}`);
        stage.equal(lastRecords.length, Math.min(10, own.length), 'HDL-023', `another number of records, ${what}`);
        for (const record of lastRecords) {
          const same = { informationStyle: record.informationStyle, informationType: record.informationType };
          stage.equal(same, { informationStyle, informationType }, 'HDL-022', `a record is not of its kind, ${what}`);
          const secs = informationType === FIRST_TYPE + SLOW_NUMBER ? 0.12 : 0;
          stage.took(record.timeSpent / 1000, { atLeast: secs, atMost: secs + 0.01 }, 'HDL-022', `timeSpent, ${what}`);
          stage.check(record.startTime >= startMillis, 'HDL-022', `startTime lies before the logon, ${what}`);
          stage.check(!ids.has(record.id), 'HDL-022', `the id ${record.id} was given twice`);
          ids.add(record.id);
        }
        if (own.length > 10 && mode === 'IocpDirectly') {
          const starts = lastRecords.map(({ id }) => id);
          stage.equal(
            starts,
            [...starts].sort((a, b) => a - b),
            'HDL-023',
            `the records are not in order, ${what}`,
          );
        }
      }
      const kinds = new Set(items.map(({ kind, type }) => `${type} ${kind === 'query'}`));
      stage.equal(viewer.getCustomizeInfoStatistics().length, kinds.size, 'HDL-021', 'not one element for each kind');
    },
  }),
  scenario({
    id: 'HDL-1C8Z',
    title: 'the latest ten are the latest ten',
    clauses: ['HDL-023'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server(diagnosed('IocpDirectly', 1, {}));
      const viewer = server.engine.advanced.diagnosticsViewer;
      const alice = await stage.loggedOn(server, 'alice');
      const recordsOf = (): readonly InfoHandleRecord[] => viewer.getCustomizeInfoStatistics()[0]?.lastRecords ?? [];
      const all: number[] = [];
      for (let count = 1; count <= 25; count++) {
        await alice.query(null, QUERY_RULES.echo, stage.payload());
        all.push(recordsOf().at(-1)!.id);
      }
      const ids = recordsOf().map(({ id }) => id);
      stage.equal(ids, all.slice(-10), 'HDL-023', 'other records than the latest ten');
    },
  }),
  scenario({
    id: 'HDL-9Y2E',
    title: 'what is under way, and only that, is shown with no time spent, and occupies a thread of its mode',
    clauses: ['HDL-024', 'HDL-026'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        mode: fc.constantFrom(...MODES),
        workers: fc.integer({ min: 1, max: 4 }),
        stuck: fc.array(fc.nat({ max: 2 }), { maxLength: 6 }),
      }),
    async run(stage, { mode, stuck, workers }) {
      const log = new CallLog(stage, (number) => (number === SLOW_NUMBER ? 6 : 0));
      const server = await stage.server(diagnosed(mode, workers, { onInformation: log.handle }));
      const { diagnosticsViewer: viewer, getTaskQueueInfo } = server.engine.advanced;
      const clients = [];
      for (const name of ['alice', 'bob', 'carol']) clients.push(await stage.loggedOn(server, name));
      const idle = {
        maxWorkThreadCount: workers,
        availableWorkThreadCount: workers,
        maxIocpThreadCount: 3,
        availableIocpThreadCount: 3,
      };
      stage.equal(viewer.getThreadPoolInfo(), idle, 'HDL-026', 'an idle server has busy threads');
      for (const user of stuck) {
        await clients[user]!.send(null, FIRST_TYPE + SLOW_NUMBER, stage.payload());
        await clients[user]!.basic({ verb: 'ping' });
      }
      const users = new Set(stuck).size;
      const underWay = mode === 'TaskQueue' ? Math.min(workers, stuck.length) : users;
      const isBegun = (): boolean => log.calls.length === underWay;
      await stage.until(isBegun, 2, 'another number of calls is under way', 'HDL-024');
      const records = viewer.getUncommittedCustomizeInfos();
      stage.equal(
        records.map(({ informationStyle, informationType, timeSpent }) => [
          informationStyle,
          informationType,
          timeSpent,
        ]),
        Array.from({ length: underWay }, () => [InformationStyle.Common, FIRST_TYPE + SLOW_NUMBER, 0]),
        'HDL-024',
        'other records are under way',
      );
      const isQueued = mode === 'TaskQueue';
      stage.equal(
        viewer.getThreadPoolInfo(),
        {
          ...idle,
          availableWorkThreadCount: workers - (isQueued ? underWay : 0),
          availableIocpThreadCount: 3 - (isQueued ? 0 : underWay),
        },
        'HDL-026',
        'the threads do not show what is under way',
      );
      await log.untilFinished(stuck.length, 60, 'HDL-024');
      stage.equal(getTaskQueueInfo().taskCount, 0, 'HDL-024', 'tasks wait although all are done');
      stage.equal(viewer.getUncommittedCustomizeInfos(), [], 'HDL-024', 'finished calls are said to be under way');
      stage.equal(viewer.getThreadPoolInfo(), idle, 'HDL-026', 'threads are still occupied');
    },
  }),
  scenario({
    id: 'HDL-5H1V',
    title: 'without diagnostics nothing is shown, and with them the number of kinds is bounded',
    clauses: ['HDL-020', 'HDL-027'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const plain = await stage.server();
      const alice = await stage.loggedOn(plain, 'alice');
      await alice.query(null, QUERY_RULES.echo, stage.payload());
      const viewer = plain.engine.advanced.diagnosticsViewer;
      const shown = [viewer.getCustomizeInfoStatistics(), viewer.getUncommittedCustomizeInfos()];
      stage.equal(shown, [[], []], 'HDL-020', 'something was watched although diagnostics are off');
      const watched = await stage.server(diagnosed('IocpDirectly', 1, {}));
      const bob = await stage.loggedOn(watched, 'bob');
      for (let type = 1000; type < 2100; type++) await bob.send(null, type, null);
      await bob.send(null, 1000, null);
      await bob.basic({ verb: 'ping' });
      const statistics = watched.engine.advanced.diagnosticsViewer.getCustomizeInfoStatistics();
      stage.check(statistics.length <= 1024, 'HDL-027', `${statistics.length} kinds are kept`);
      const first = statistics.find((each) => each.informationType === 1000);
      stage.equal(first?.callCount, 2, 'HDL-021', 'a kind that is kept is not counted any more');
    },
  }),
  scenario({
    id: 'HDL-2S4R',
    title: 'the listener says whether new clients are taken, and when one came last',
    clauses: ['HDL-040'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({
        maxConnectionCount: 2,
        beforeStart: (engine) => {
          const { isListening, lastDetectTime } = engine.advanced.getPortListenerState();
          stage.equal([isListening, lastDetectTime], [false, null], 'HDL-040', 'it listens before initialize');
        },
      });
      const state = () => server.engine.advanced.getPortListenerState();
      const began = state();
      const idle = { isAuthorized: true, isMaxConnection: false, isListening: true, pendingInQueue: false };
      stage.equal({ ...began, lastDetectTime: null }, { ...idle, lastDetectTime: null }, 'HDL-040', 'another state');
      stage.check(began.lastDetectTime !== null, 'HDL-040', 'no time at which it began to listen');
      await stage.sleep(2);
      const alice = await stage.loggedOn(server, 'alice');
      stage.check(state().lastDetectTime! > began.lastDetectTime!, 'HDL-040', 'the time did not advance with alice');
      await stage.loggedOn(server, 'bob');
      const full = state();
      stage.equal([full.isMaxConnection, full.isListening], [true, false], 'HDL-040', 'a full server takes clients');
      await alice.close();
      await server.waitFor('someOneDisconnected');
      const again = state();
      stage.equal([again.isMaxConnection, again.isListening], [false, true], 'HDL-040', 'a server with room does not');
      await server.close();
      stage.equal(state().isListening, false, 'HDL-040', 'a closed server listens');
    },
  }),
];
