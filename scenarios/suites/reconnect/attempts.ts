/** When a client reconnects, how often, and what it tells; seen by a bare server. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

const RESULTS = ['Succeed', 'Failed', 'HadLoggedOn', 'VersionMismatched'] as const;
const DELAYS_SECS = [1, 2, 4, 8, 10];
/** How much earlier than due an attempt may seem, because the end before it is seen later than it happened. */
const EARLY_SECS = 0.2;

export const attempts: readonly AnyScenario[] = [
  scenario({
    id: 'RCN-1A3E',
    title: 'a broken connection is told once, made anew with the remembered account, and works as before',
    clauses: ['RCN-001', 'RCN-012', 'RCN-011'],
    kind: 'property',
    needs: ['logon', 'reconnect', 'heartbeat', 'ack'],
    runs: 10,
    plan: () =>
      fc.record({
        how: fc.constantFrom('end', 'abort', 'endAndAbort'),
        times: fc.integer({ min: 1, max: 3 }),
        password: fc.string({ maxLength: 10 }),
      }),
    async run(stage, { how, times, password }) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice', { heartBeatSpanInSecs: 3, systemToken: 'token' });
      let [{ connection, logon }] = await Promise.all([raw.acceptLogon(), alice.logon(raw, { password })]);
      for (let time = 1; time <= times; time++) {
        const seen = alice.events.length;
        if (how !== 'abort') connection.end();
        if (how !== 'end') connection.abort();
        const again = await raw.acceptLogon({ clause: 'RCN-001' });
        await alice.waitFor('relogonCompleted', { from: seen, clause: 'RCN-001' });
        const begin = stage.nowSecs();
        stage.equal(again.logon.sourceId, 'alice', 'RCN-001', 'another user logged on');
        stage.equal(again.logon.body, logon.body, 'RCN-001', 'the logon is not the one of before');
        stage.equal(await alice.connected(), true, 'RCN-012', 'not connected after the relogon');
        ({ connection, logon } = again);
        const beat = await connection.expect(MessageType.HeartBeat, { clause: 'RCN-012' });
        stage.equal(beat.body.length, 0, 'RCN-012', 'no heartbeat');
        stage.took(stage.nowSecs() - begin, { atLeast: 2.5, atMost: 5 }, 'RCN-012', 'the first heartbeat');
        const sent = alice.sendCertainly(null, 5, stage.payload());
        const { messageId } = await connection.expect(MessageType.InformationNeedAck, { clause: 'RCN-012' });
        connection.send({ messageType: MessageType.Ack, messageId, destId: 'alice' });
        await sent;
        const told = alice.events.slice(seen);
        const kinds = told.map((event) => event.kind);
        const expected = ['connectionInterrupted', 'connectionRebuildStart', 'relogonCompleted'];
        stage.equal(kinds, expected, 'RCN-001', 'the events of a reconnect are others');
        const completed = told.find((event) => event.kind === 'relogonCompleted');
        const response = completed?.kind === 'relogonCompleted' ? completed.response : undefined;
        stage.equal(response, { logonResult: 'Succeed', failureCause: null }, 'RCN-001', 'another response');
      }
    },
  }),
  scenario({
    id: 'RCN-2B4F',
    title: 'attempts follow 1, 2, 4, 8 and then every 10 s, each up to a fifth later, and anew after each success',
    clauses: ['RCN-002', 'RCN-005', 'RCN-013', 'RCN-017'],
    kind: 'property',
    needs: ['logon', 'reconnect'],
    // A fifth of a second on a scaled clock is less than a loaded machine can keep.
    targets: ['sim'],
    runs: 12,
    plan: () =>
      fc.array(
        fc.array(fc.record({ how: fc.constantFrom('end', 'abort', 'silent'), heldSecs: fc.constantFrom(0, 1, 2) }), {
          maxLength: 7,
        }),
        { minLength: 1, maxLength: 2 },
      ),
    async run(stage, outages) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice', { waitResponseTimeoutInSecs: 4, heartBeatSpanInSecs: 0 });
      let [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      const shares: number[] = [];
      const checkDelay = (attempt: number, ended: number): void => {
        const delaySecs = DELAYS_SECS[Math.min(attempt, DELAYS_SECS.length - 1)]!;
        const took = stage.nowSecs() - ended;
        const limits = { atLeast: delaySecs - EARLY_SECS, atMost: delaySecs * 1.2 + 0.1 };
        stage.took(took, limits, attempt === 0 ? 'RCN-017' : 'RCN-002', `the wait before attempt ${attempt + 1}`);
        shares.push(took / delaySecs);
      };
      for (const failures of outages) {
        const seen = alice.events.length;
        connection.abort();
        await connection.expectClosed();
        let ended = stage.nowSecs();
        for (const [attempt, { how, heldSecs }] of failures.entries()) {
          const failing = await raw.accept({ clause: attempt === 0 ? 'RCN-002' : 'RCN-005' });
          checkDelay(attempt, ended);
          await failing.expect(MessageType.Logon, { clause: 'RCN-001' });
          await stage.sleep(heldSecs);
          if (how === 'end') failing.end();
          if (how === 'abort') failing.abort();
          await failing.expectClosed({ clause: 'RCN-005', withinSecs: 20 });
          ended = stage.nowSecs();
        }
        connection = await raw.accept({ clause: 'RCN-005' });
        checkDelay(failures.length, ended);
        const logon = await connection.expect(MessageType.Logon, { clause: 'RCN-005' });
        const { messageId } = logon;
        connection.send({ messageType: MessageType.Logon, messageId, destId: 'alice', body: logonAnswer(0, null) });
        await alice.waitFor('relogonCompleted', { from: seen, clause: 'RCN-005' });
        const kinds = alice.events.slice(seen).map((event) => event.kind);
        const expected = ['connectionInterrupted', 'connectionRebuildStart', 'relogonCompleted'];
        stage.equal(kinds, expected, 'RCN-005', 'failed attempts were told');
      }
      // Eight waits whose lengthening differs by so little happen once in many thousand runs.
      if (shares.length < 8) return;
      stage.check(
        Math.max(...shares) - Math.min(...shares) > 0.03,
        'RCN-002',
        'the waits are not lengthened at random',
      );
    },
  }),
  scenario({
    id: 'RCN-8V2Q',
    title: 'a connection on which the logon was not answered is reset, so that TCP does not repeat the logon',
    clauses: ['RCN-018'],
    kind: 'property',
    clients: 'reference',
    runs: 4,
    plan: () => fc.boolean(),
    async run(stage, isFirst) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice', { waitResponseTimeoutInSecs: 4 });
      if (!isFirst) {
        const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
        connection.abort();
      }
      const logon = isFirst ? stage.rejects(alice.logon(raw), 'E_TIMEOUT', 'LOG-007', 'the logon') : undefined;
      const silent = await raw.accept({ clause: 'RCN-018' });
      stage.equal(await silent.expectClosed({ clause: 'RCN-018' }), 'reset', 'RCN-018', 'the way it ended');
      await logon;
    },
  }),
  scenario({
    id: 'RCN-3C5G',
    title: 'a refused relogon is told with its result and cause, and is the end',
    clauses: ['RCN-003', 'RCN-010'],
    kind: 'property',
    needs: ['logon', 'reconnect'],
    runs: 9,
    plan: () =>
      fc.record({ result: fc.integer({ min: 1, max: 3 }), failureCause: fc.option(fc.string({ maxLength: 9 })) }),
    async run(stage, { result, failureCause }) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice');
      const [first] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      first.connection.abort();
      const { connection } = await raw.acceptLogon({ result, failureCause, clause: 'RCN-001' });
      const clause = result === 2 ? 'RCN-010' : 'RCN-003';
      const { response } = await alice.waitFor('relogonCompleted', { clause });
      stage.equal(response, { logonResult: RESULTS[result], failureCause }, clause, 'another response');
      await connection.expectClosed({ clause });
      stage.equal(await alice.connected(), false, clause, 'the refused client calls itself connected');
      await stage.sleep(25);
      stage.equal(raw.connections.length, 2, clause, 'the refused client tried again');
      stage.equal(alice.events.length, 3, clause, 'more was told than interruption, rebuild and refusal');
    },
  }),
  scenario({
    id: 'RCN-4D6H',
    title: 'a client does not reconnect after it was put out, was closed, or when it shall not',
    clauses: ['RCN-004', 'RCN-011'],
    kind: 'property',
    needs: ['logon', 'reconnect', 'relogon'],
    runs: 14,
    plan: () =>
      fc.record({
        how: fc.constantFrom('off', 'pushedOut', 'kickedOut', 'close', 'closeWhileWaiting', 'closeDuringRelogon'),
        waitSecs: fc.integer({ min: 3, max: 40 }),
      }),
    async run(stage, { how, waitSecs }) {
      const { alice, raw, connection } = await aliceAtRawServer(stage, { autoReconnect: how !== 'off' });
      const interrupted = ['connectionInterrupted'];
      const outage = [...interrupted, 'connectionRebuildStart'];
      let expected: string[] = [];
      let connections = 1;
      if (how === 'pushedOut' || how === 'kickedOut') {
        const isPushed = how === 'pushedOut';
        const messageType = isPushed ? MessageType.BeingPushedOutNotify : MessageType.BeingKickedOutNotify;
        connection.send({ messageType, destId: 'alice' });
        await alice.waitFor(isPushed ? 'beingPushedOut' : 'beingKickedOut', { clause: 'RCN-004' });
        expected = [isPushed ? 'beingPushedOut' : 'beingKickedOut'];
      } else if (how === 'close') {
        await alice.close();
        // Whatever is still said to a closed engine, and how its connection ends, is nobody's business any more.
        const body = codecs.BinaryInformationContract.encode({ Content: stage.payload(), InformationType: 1 });
        if (!connection.isClosed())
          connection.send({ messageType: MessageType.InformationBySend, destId: 'alice', body });
        connection.abort();
      } else {
        connection.abort();
        await alice.waitFor('connectionInterrupted', { clause: 'RCN-001' });
        expected = how === 'off' ? interrupted : outage;
        if (how === 'closeDuringRelogon') {
          await (await raw.accept()).expect(MessageType.Logon);
          connections = 2;
        }
        if (how !== 'off') await alice.close();
      }
      await stage.sleep(waitSecs);
      stage.equal(raw.connections.length, connections, 'RCN-004', 'the client came back');
      const kinds = alice.events.map((event) => event.kind);
      stage.equal(kinds, expected, how.startsWith('close') ? 'RCN-011' : 'RCN-004', 'other events were raised');
    },
  }),
];

/** The body of an answer to a Logon. */
function logonAnswer(logonResult: number, failureCause: string | null): Uint8Array {
  const flags = { GroupRelationEnabled: false, P2PEnabled: false, UseAsP2PServer: false };
  return codecs.ResLogonContract.encode({ FailureCause: failureCause, LogonResult: logonResult, ...flags });
}
