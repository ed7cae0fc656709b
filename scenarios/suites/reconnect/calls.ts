/** Calls while the connection is broken, and breaking it oneself; seen by a bare server. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

const TEXT = 'Network connection is disconnected !';

export const calls: readonly AnyScenario[] = [
  scenario({
    id: 'RCN-5E7J',
    title: 'when the connection ends all that waits fails at once, and what is called meanwhile is refused, not kept',
    clauses: ['RCN-006', 'RCN-007'],
    kind: 'property',
    needs: ['logon', 'reconnect', 'query', 'ack', 'send', 'blob'],
    runs: 10,
    plan: () =>
      fc.record({
        waiting: fc.array(fc.constantFrom('query', 'ack'), { minLength: 1, maxLength: 4 }),
        refused: fc.array(fc.constantFrom('send', 'query', 'ack', 'blob', 'heartbeat'), { minLength: 1, maxLength: 4 }),
        isReset: fc.boolean(),
      }),
    async run(stage, { waiting, refused, isReset }) {
      const { alice, raw, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: 0 });
      const failing = waiting.map((how) => {
        const asked = how === 'query' ? alice.query(null, 9, null) : alice.sendCertainly('bob', 9, null);
        return stage.rejects(asked, 'E_DISCONNECTED', 'RCN-006', `a waiting ${how} outlived its connection`);
      });
      await stage.until(() => connection.received.length === 1 + waiting.length, 20, 'the calls did not come');
      const begin = stage.nowSecs();
      if (isReset) connection.abort();
      else connection.end();
      for (const { message } of await Promise.all(failing)) {
        stage.check(message.includes(TEXT), 'RCN-006', `another text: ${message}`);
      }
      stage.took(stage.nowSecs() - begin, { atMost: 10 }, 'RCN-006', 'failing took its time');
      for (const how of refused) {
        const call = {
          send: () => alice.send(null, 1, null),
          query: () => alice.query(null, 1, null),
          ack: () => alice.sendCertainly(null, 1, null),
          blob: () => alice.sendBlob(null, 1, stage.payload(), 4),
          heartbeat: () => alice.basic({ verb: 'sendHeartBeatMessage' }),
        }[how as 'send'];
        await stage.rejects(call(), 'E_DISCONNECTED', 'RCN-007', `${how} was not refused without a connection`);
      }
      const again = await raw.acceptLogon({ clause: 'RCN-001' });
      await alice.waitFor('relogonCompleted', { clause: 'RCN-001' });
      await alice.send(null, 77, null);
      await again.connection.expect(MessageType.InformationBySend, { clause: 'RCN-012' });
      stage.equal(again.connection.received.length, 2, 'RCN-007', 'a refused call was sent later');
    },
  }),
  scenario({
    id: 'RCN-6F8K',
    title: 'closeConnection breaks the connection, and the client comes back at once, after its delay, or not at all',
    clauses: ['RCN-008', 'RCN-014'],
    kind: 'matrix',
    needs: ['logon', 'reconnect'],
    // At once and a second later cannot be told apart on a scaled clock.
    targets: ['sim'],
    async run(stage) {
      for (const { now, auto } of [
        { now: true, auto: true },
        { now: false, auto: true },
        { now: true, auto: false },
        { now: false, auto: false },
      ]) {
        const { alice, raw, connection } = await aliceAtRawServer(stage, { autoReconnect: auto });
        const clause = auto ? 'RCN-008' : 'RCN-014';
        const begin = stage.nowSecs();
        await alice.closeConnection(now);
        await alice.waitFor('connectionInterrupted', { clause });
        stage.equal(await alice.connected(), auto && now ? await alice.connected() : false, clause, 'still connected');
        await connection.expectClosed({ clause });
        if (auto) {
          await raw.acceptLogon({ clause });
          const limits = now ? { atMost: 0.7 } : { atLeast: 1 - 0.01, atMost: 1.4 };
          stage.took(stage.nowSecs() - begin, limits, clause, `coming back after closeConnection(${now})`);
          await alice.waitFor('relogonCompleted', { clause });
        } else {
          await stage.sleep(15);
          stage.equal(raw.connections.length, 1, clause, 'the client came back without autoReconnect');
        }
        const kinds = alice.events.map((event) => event.kind);
        const expected = ['connectionInterrupted', 'connectionRebuildStart', 'relogonCompleted'];
        stage.equal(kinds, auto ? expected : expected.slice(0, 1), clause, 'other events were raised');
      }
    },
  }),
  scenario({
    id: 'RCN-7G9M',
    title:
      'while a client waits for its next attempt, closeConnection(true) makes it at once and (false) changes nothing',
    clauses: ['RCN-016'],
    kind: 'property',
    needs: ['logon', 'reconnect'],
    runs: 12,
    plan: () => fc.record({ now: fc.constantFrom(true, true, false), afterSecs: fc.integer({ min: 0, max: 3 }) }),
    async run(stage, { now, afterSecs }) {
      const { alice, raw, connection } = await aliceAtRawServer(stage);
      connection.abort();
      // Three failures, so that the next wait is 8 s.
      for (let attempt = 0; attempt < 3; attempt++) {
        const failing = await raw.accept();
        await failing.expect(MessageType.Logon);
        failing.end();
        await failing.expectClosed();
      }
      const begin = stage.nowSecs();
      await stage.sleep(afterSecs);
      await alice.closeConnection(now);
      await raw.acceptLogon({ clause: 'RCN-016' });
      const limits = now ? { atMost: afterSecs + 0.8 } : { atLeast: 7.8, atMost: 9.8 };
      stage.took(stage.nowSecs() - begin, limits, 'RCN-016', `the attempt after closeConnection(${now})`);
      await alice.waitFor('relogonCompleted', { clause: 'RCN-016' });
      await stage.sleep(12);
      stage.equal(raw.connections.length, 5, 'RCN-016', 'there was an attempt too many');
      const kinds = alice.events.map((event) => event.kind);
      const expected = ['connectionInterrupted', 'connectionRebuildStart', 'relogonCompleted'];
      stage.equal(kinds, expected, 'RCN-016', 'other events were raised');
    },
  }),
];
