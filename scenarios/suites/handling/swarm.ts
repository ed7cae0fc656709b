/** Handlers of any duration while users come, go and are cut off: the laws of the mode hold, and diagnostics agree with the log. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { CallLog, FIRST_TYPE, inMode, MODES } from './calls.ts';

const USERS = ['u0', 'u1', 'u2', 'u3'] as const;

export const swarm: readonly AnyScenario[] = [
  scenario({
    id: 'HDL-7Q5B',
    title:
      'whatever handlers take and users do, calls keep to their mode and end, and diagnostics have counted them all',
    clauses: ['HDL-004', 'HDL-010', 'HDL-016', 'HDL-021', 'HDL-024', 'HDL-014'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        mode: fc.constantFrom(...MODES),
        workers: fc.integer({ min: 1, max: 4 }),
        delayMillis: fc.constantFrom(0, 40),
        steps: fc.array(
          fc.oneof(
            {
              weight: 6,
              arbitrary: fc.record({
                kind: fc.constant('send' as const),
                user: fc.nat({ max: 3 }),
                millis: fc.constantFrom(0, 0, 5, 200, 1500, 7000),
              }),
            },
            {
              weight: 2,
              arbitrary: fc.record({
                kind: fc.constantFrom('leave', 'again', 'reset', 'wait'),
                user: fc.nat({ max: 3 }),
              }),
            },
          ),
          { minLength: 5, maxLength: 30 },
        ),
      }),
    async run(stage, { delayMillis, mode, steps, workers }) {
      const millisOf = steps.map((step) => ('millis' in step ? step.millis : 0));
      const log = new CallLog(stage, (number) => millisOf[number]! / 1000);
      const server = await stage.server(
        inMode(mode, workers, {
          onInformation: log.handle,
          beforeStart: (engine) => (engine.advanced.diagnosticsEnabled = true),
        }),
      );
      stage.net.conditions(server.host, { delayMillis });
      const users = new Map<string, ClientSubject>();
      const come = async (name: string): Promise<ClientSubject> => {
        const client = await stage.loggedOn(server, name);
        users.set(name, client);
        return client;
      };
      for (const [number, step] of steps.entries()) {
        const name = USERS[step.user]!;
        const client = users.get(name);
        if (step.kind === 'send') {
          const sender = client?.engine?.connected === true ? client : await come(name);
          if (sender.engine?.connected === true) await sender.send(null, FIRST_TYPE + number, stage.payload());
        } else if (step.kind === 'again') await come(name);
        else if (step.kind === 'wait') await stage.sleep(1);
        else if (step.kind === 'reset' && client !== undefined) stage.net.resetConnections(client.host);
        else if (step.kind === 'leave' && client !== undefined) {
          users.delete(name);
          await client.close();
        }
      }
      const { advanced } = server.engine;
      const { diagnosticsViewer: viewer } = advanced;
      const last = await stage.loggedOn(server, 'last');
      // Whatever was sent before on a connection that still lives has arrived.
      await last.basic({ verb: 'ping' });
      const isDone = (): boolean =>
        log.finished.length === log.calls.length && advanced.getTaskQueueInfo().taskCount === 0;
      // The end of one call may be the beginning of the next.
      do {
        await stage.until(isDone, 300, 'a call never ended', 'HDL-014');
        await stage.sleep(0.05);
      } while (!isDone());
      stage.equal(viewer.getUncommittedCustomizeInfos(), [], 'HDL-024', 'finished calls are said to be under way');
      stage.equal(
        new Set(log.calls.map(({ number }) => number)).size,
        log.calls.length,
        'HDL-004',
        'a message was handled twice',
      );
      if (mode === 'TaskQueue') stage.check(log.mostAtOnce() <= workers, 'HDL-010', 'more calls at once than workers');
      const statistics = viewer.getCustomizeInfoStatistics();
      const committed = statistics.filter((each) => each.informationStyle === 0 && each.lastRecords.length > 0).length;
      stage.equal(committed, log.calls.length, 'HDL-021', 'diagnostics know of another number of calls');
      const received = server.events.filter((event) => event.kind === 'informationReceived').length;
      const counted = statistics.reduce((sum, each) => sum + each.callCount, 0);
      stage.equal(counted, received, 'HDL-021', 'diagnostics counted another number of items than were received');
    },
  }),
];
