/** Two clients: what goes from one to the other through the server. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';

export const forwarding: readonly AnyScenario[] = [
  scenario({
    id: 'SMK-7M3E',
    title: 'acknowledged information between two clients is delivered, and the promise resolves',
    clauses: ['ACK-001', 'CUS-005'],
    kind: 'example',
    needs: ['logon', 'send', 'ack'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const sent = stage.payload();
      await alice.sendCertainly('bob', 5, sent);
      const got = await bob.waitFor('information', { clause: 'CUS-005' });
      stage.equal(got.source, 'alice', 'CUS-005', 'bob was told another sender');
      stage.equal(got.info, sent, 'CUS-005', 'bob got other bytes than alice sent');
    },
  }),
  scenario({
    id: 'SMK-3T6F',
    title: 'everything two clients send each other arrives, whatever the sizes and however it is cut',
    clauses: ['CUS-004', 'FRM-017'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.record({
        chunkBytesMax: fc.constantFrom(0, 1, 7, 36, 100),
        sizes: fc.array(fc.record({ fromAlice: fc.boolean(), bytes: fc.integer({ min: 4, max: 400 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
      }),
    async run(stage, plan) {
      // On real sockets every piece takes a turn, so that heartbeats might be late.
      const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      stage.net.conditions(server.host, { chunkBytesMax: plan.chunkBytesMax });
      for (const { fromAlice, bytes } of plan.sizes) {
        await (fromAlice ? alice.send('bob', 9, stage.payload(bytes)) : bob.send('alice', 9, stage.payload(bytes)));
      }
      const toBob = plan.sizes.filter((each) => each.fromAlice).length;
      const count = ({ events }: ClientSubject): number => events.filter(({ kind }) => kind === 'information').length;
      // Order and content are the invariants' business; here it is about completeness.
      await stage.until(
        () => count(bob) === toBob && count(alice) === plan.sizes.length - toBob,
        30,
        'not everything that was sent was delivered',
        'CUS-005',
      );
    },
  }),
];
