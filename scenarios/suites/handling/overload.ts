/** Handlers that take too long: back pressure, the heartbeat, the queue's numbers, users who leave. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { CallLog, FIRST_TYPE, inMode, MODES } from './calls.ts';

export const overload: readonly AnyScenario[] = [
  scenario({
    id: 'HDL-3P8F',
    title: 'a client whose information is not handled is held up, no other is, and nothing is lost',
    clauses: ['HDL-006', 'HDL-013'],
    kind: 'property',
    clients: 'reference',
    runs: 2,
    plan: () => fc.constantFrom(...MODES),
    async run(stage, mode) {
      let release: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      let handled = 0;
      const options = inMode(mode, 1, {
        onInformation: () =>
          gate.then(() => {
            handled++;
            stage.note(`${handled} calls have ended`);
          }),
        heartbeatTimeoutInSecs: 0,
      });
      const server = await stage.server(options);
      const alice = await stage.loggedOn(server, 'alice', { heartBeatSpanInSecs: 0 });
      const bob = await stage.loggedOn(server, 'bob');
      let sent = 0;
      const isHeldUp = async (): Promise<boolean> => {
        if (alice.engine?.channelIsBusy !== true) return false;
        // What the windows still hold goes out now.
        await stage.sleep(0.5);
        return alice.engine.channelIsBusy;
      };
      while (sent < 80 && !(await isHeldUp())) {
        await alice.send(null, 10, stage.payload(200_000));
        sent++;
        await stage.sleep(0.02);
      }
      const clause = mode === 'TaskQueue' ? 'HDL-013' : 'HDL-006';
      stage.check(await isHeldUp(), clause, `alice could send ${sent} times without being held up`);
      const { taskCount } = server.engine.advanced.getTaskQueueInfo();
      // 1 MiB, one chunk, and one message that was being received.
      stage.check(taskCount * 200_000 <= 2_000_000, 'HDL-013', `${taskCount} tasks of 200,000 bytes are waiting`);
      await bob.sendCertainly(null, 11, stage.payload());
      const isBobs = (event: { source: string }): boolean => event.source === 'bob';
      if (mode === 'IocpDirectly') await server.waitFor('information', { match: isBobs, clause: 'HDL-006' });
      else
        stage.equal(server.engine.advanced.getTaskQueueInfo().taskCount, taskCount + 1, 'HDL-013', 'bob was held up');
      release();
      await stage.until(() => handled === sent + 1, 120, 'not everything was handled at last', clause);
    },
  }),
  scenario({
    id: 'HDL-7T2X',
    title:
      'a call as long as the heartbeat timeout costs the user its connection in mode IocpDirectly, and in no other case',
    clauses: ['HDL-007', 'HDL-015'],
    kind: 'property',
    clients: 'reference',
    runs: 16,
    plan: () =>
      fc.record({
        mode: fc.constantFrom(...MODES),
        timeoutSecs: fc.constantFrom(5, 8, 5, 0),
        handlerSecs: fc.constantFrom(9, 3, 13, 3),
        count: fc.integer({ min: 1, max: 3 }),
      }),
    async run(stage, { count, handlerSecs, mode, timeoutSecs }) {
      const log = new CallLog(stage, () => handlerSecs);
      const options = inMode(mode, 20, { heartbeatTimeoutInSecs: timeoutSecs, onInformation: log.handle });
      const server = await stage.server(options);
      const alice = await stage.loggedOn(server, 'alice', { heartBeatSpanInSecs: 1, autoReconnect: false });
      for (let number = 0; number < count; number++) await alice.send(null, FIRST_TYPE + number, stage.payload());
      await stage.until(() => log.calls.length > 0, 10, 'the handler was not called');
      const begin = log.calls[0]!.beginSecs;
      const isFatal = mode === 'IocpDirectly' && timeoutSecs > 0 && handlerSecs > timeoutSecs;
      if (isFatal) {
        await server.waitFor('someOneTimeOuted', { clause: 'HDL-007', withinSecs: 20 });
        const latest = timeoutSecs * 1.1 + 1;
        const what = 'the timeout was noticed at another time';
        stage.took(stage.nowSecs() - begin, { atLeast: timeoutSecs, atMost: latest }, 'HDL-007', what);
        const gone = await server.waitFor('someOneDisconnected', { clause: 'HDL-007' });
        stage.equal(gone.disconnectedType, 'HeartBeatTimeout', 'HDL-007', 'another reason was given');
        return;
      }
      await log.untilFinished(count, 60, 'HDL-015');
      await alice.basic({ verb: 'ping' });
      const clause = mode === 'TaskQueue' ? 'HDL-015' : 'HDL-007';
      const ends = server.events.filter((event) => event.kind === 'someOneTimeOuted');
      stage.equal(ends, [], clause, 'alice was timed out');
    },
  }),
  scenario({
    id: 'HDL-4G0L',
    title: 'getTaskQueueInfo shows what waits and what waited at most, and zeros where there is no queue',
    clauses: ['HDL-014', 'HDL-010'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        mode: fc.constantFrom(...MODES),
        workers: fc.integer({ min: 1, max: 4 }),
        count: fc.integer({ min: 1, max: 9 }),
      }),
    async run(stage, { count, mode, workers }) {
      const log = new CallLog(stage, () => 2);
      const server = await stage.server(inMode(mode, workers, { onInformation: log.handle }));
      const { advanced } = server.engine;
      const alice = await stage.loggedOn(server, 'alice');
      const none = { taskCount: 0, maxTaskCount: 0 };
      stage.equal(advanced.getTaskQueueInfo(), none, 'HDL-014', 'an idle queue holds tasks');
      for (let number = 0; number < count; number++) await alice.send(null, FIRST_TYPE + number, stage.payload());
      await alice.basic({ verb: 'ping' });
      if (mode === 'IocpDirectly') {
        stage.equal(advanced.getTaskQueueInfo(), none, 'HDL-014', 'mode IocpDirectly has a queue');
        return;
      }
      const waiting = Math.max(0, count - workers);
      await stage.until(() => log.calls.length === Math.min(count, workers), 1, 'other workers than set', 'HDL-010');
      stage.equal(advanced.getTaskQueueInfo().taskCount, waiting, 'HDL-014', 'another number of tasks waits');
      await log.untilFinished(count, 60, 'HDL-010');
      const { maxTaskCount, taskCount } = advanced.getTaskQueueInfo();
      stage.equal(taskCount, 0, 'HDL-014', 'tasks wait although all are done');
      const isPossible = maxTaskCount >= Math.max(1, waiting) && maxTaskCount <= count;
      stage.check(isPossible, 'HDL-014', `at most ${maxTaskCount} tasks are said to have waited, of ${count}`);
    },
  }),
  scenario({
    id: 'HDL-0W5J',
    title: 'what waits of a user is handled after an ordinary end of the connection and dropped when it was cut off',
    clauses: ['HDL-016'],
    kind: 'property',
    clients: 'reference',
    runs: 8,
    plan: () =>
      fc.record({
        mode: fc.constantFrom(...MODES),
        end: fc.constantFrom('closed', 'replaced', 'kicked', 'serverClosed'),
        count: fc.integer({ min: 2, max: 4 }),
      }),
    async run(stage, { count, end, mode }) {
      const log = new CallLog(stage, () => 1);
      const server = await stage.server(inMode(mode, 1, { onInformation: log.handle }));
      const alice = await stage.loggedOn(server, 'alice', { autoReconnect: false });
      for (let number = 0; number < count; number++) await alice.send(null, FIRST_TYPE + number, stage.payload());
      await alice.basic({ verb: 'ping' });
      await stage.until(() => log.calls.length === 1, 5, 'the first call was not made', 'HDL-016');
      if (end === 'closed') await alice.close();
      else if (end === 'kicked') server.engine.basicController.kickOut('alice');
      else if (end === 'serverClosed') await server.close();
      else await stage.loggedOn(server, 'alice');
      const expected = end === 'closed' ? count : 1;
      await log.untilFinished(expected, 20, 'HDL-016');
      // Whatever else were to come would have begun by now: the call before it is done.
      await stage.sleep(1.5);
      stage.equal(log.calls.length, expected, 'HDL-016', 'another number of calls was made');
    },
  }),
];
