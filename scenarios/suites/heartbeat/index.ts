/** Heartbeat and timeouts, both ways: chapter 5. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'HBT-1A2C',
    title: 'a client sends an empty heartbeat to the server every span, the first one span after its logon',
    clauses: ['HBT-001'],
    kind: 'property',
    needs: ['logon', 'heartbeat'],
    runs: 6,
    plan: () =>
      fc.record({
        spanSecs: fc.option(fc.integer({ min: 2, max: 9 }), { nil: undefined }),
        count: fc.integer({ min: 1, max: 3 }),
      }),
    async run(stage, { spanSecs, count }) {
      const { connection } = await aliceAtRawServer(
        stage,
        spanSecs === undefined ? {} : { heartBeatSpanInSecs: spanSecs },
      );
      const begin = stage.nowSecs();
      for (let index = 1; index <= count; index++) {
        const beat = await connection.expect(MessageType.HeartBeat, { clause: 'HBT-001' });
        const due = index * (spanSecs ?? 10);
        stage.took(stage.nowSecs() - begin, { atLeast: due - 0.5, atMost: due + 1 }, 'HBT-001', `heartbeat ${index}`);
        stage.check(
          ['', '_0'].includes(beat.destId) && beat.body.length === 0,
          'HBT-001',
          'it has a body or another destination',
        );
      }
    },
  }),
  scenario({
    id: 'HBT-2B3D',
    title: 'a client without a span sends no heartbeat, except when told to',
    clauses: ['HBT-002', 'HBT-013'],
    kind: 'property',
    needs: ['logon', 'heartbeat'],
    runs: 4,
    plan: () => fc.record({ spanSecs: fc.constantFrom(0, -1, -10), waitSecs: fc.integer({ min: 12, max: 40 }) }),
    async run(stage, { spanSecs, waitSecs }) {
      const { alice, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: spanSecs });
      await stage.sleep(waitSecs);
      stage.equal(connection.received.length, 1, 'HBT-002', 'something was sent besides the Logon');
      const begin = stage.nowSecs();
      await alice.basic({ verb: 'sendHeartBeatMessage' });
      await connection.expect(MessageType.HeartBeat, { clause: 'HBT-013' });
      stage.took(stage.nowSecs() - begin, { atMost: 0.5 }, 'HBT-013', 'the heartbeat did not leave at once');
    },
  }),
  scenario({
    id: 'HBT-3C4E',
    title:
      'a client gives a silent server up after its timeout, but only when heartbeats were answered on the connection',
    clauses: ['HBT-010', 'HBT-014'],
    kind: 'property',
    needs: ['logon', 'heartbeat'],
    runs: 8,
    plan: () =>
      fc.record({
        answers: fc.boolean(),
        spanSecs: fc.integer({ min: 2, max: 5 }),
        timeoutSecs: fc.option(fc.integer({ min: 11, max: 20 }), { nil: undefined }),
      }),
    async run(stage, { answers, spanSecs, timeoutSecs }) {
      const { alice, connection } = await aliceAtRawServer(stage, {
        heartBeatSpanInSecs: spanSecs,
        autoReconnect: false,
        ...(timeoutSecs === undefined ? {} : { heartbeatTimeoutInSecs: timeoutSecs }),
      });
      const silenceSecs = timeoutSecs ?? 3 * spanSecs;
      const beat = await connection.expect(MessageType.HeartBeat);
      // Any message counts as life, but only an answered heartbeat arms the timeout.
      const messageType = answers ? MessageType.HeartBeat : MessageType.PingByServer;
      const body = answers ? null : codecs.PingContract.encode({ SendTicks: 1 });
      connection.send({ messageType, messageId: beat.messageId, sourceId: '_0', destId: 'alice', clientType: 8, body });
      const begin = stage.nowSecs();
      if (answers) {
        await alice.waitFor('connectionInterrupted', { withinSecs: silenceSecs + 5, clause: 'HBT-010' });
        stage.took(
          stage.nowSecs() - begin,
          { atLeast: silenceSecs - 0.5, atMost: silenceSecs + 1.5 },
          'HBT-010',
          'the timeout',
        );
      } else {
        await stage.sleep(silenceSecs + 10);
        stage.equal(await alice.connected(), true, 'HBT-014', 'a server that answers no heartbeats was given up');
      }
    },
  }),
  scenario({
    id: 'HBT-4D5F',
    title: 'a server returns heartbeats when told to, with id and direction right, and otherwise does not',
    clauses: ['HBT-003', 'HBT-004'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({ responds: fc.constantFrom(true, false, undefined), id: fc.integer({ min: 1, max: 2 ** 31 - 1 }) }),
    async run(stage, { responds, id }) {
      const server = await stage.server(responds === undefined ? {} : { autoRespondHeartBeat: responds });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      await raw.logon('alice');
      raw.send({ messageType: MessageType.HeartBeat, messageId: id });
      raw.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 1 }) });
      await raw.expect(MessageType.PingAck, { clause: 'HBT-004' });
      const beats = raw.received.filter((each) => each.messageType === MessageType.HeartBeat);
      if (responds !== true) {
        stage.equal(beats.length, 0, 'HBT-004', 'a heartbeat was answered though that was not switched on');
        return;
      }
      const seen = beats.map((each) => [each.messageId, each.sourceId, each.destId, each.body.length]);
      stage.equal(seen, [[id, '_0', 'alice', 0]], 'HBT-003', 'the heartbeat came back otherwise');
    },
  }),
  scenario({
    id: 'HBT-5E6G',
    title: 'a user who says nothing times out within its bounds, and the end is told in order',
    clauses: ['HBT-005', 'HBT-009', 'HBT-008', 'HBT-015'],
    kind: 'property',
    clients: 'reference',
    runs: 8,
    plan: () =>
      fc.record({
        timeoutSecs: fc.option(fc.integer({ min: 3, max: 25 }), { nil: undefined }),
        eventHandlerMillis: fc.constantFrom(0, 700),
        speaksMeanwhile: fc.boolean(),
      }),
    async run(stage, { timeoutSecs, eventHandlerMillis, speaksMeanwhile }) {
      const options = timeoutSecs === undefined ? {} : { heartbeatTimeoutInSecs: timeoutSecs };
      const server = await stage.server({ ...options, eventHandlerMillis });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      await raw.logon('alice');
      const begin = stage.nowSecs();
      const limit = timeoutSecs ?? 30;
      await server.waitFor('someOneTimeOuted', { withinSecs: limit * 1.1 + 5, clause: 'HBT-005' });
      stage.took(stage.nowSecs() - begin, { atLeast: limit - 0.5, atMost: limit * 1.1 + 1 }, 'HBT-009', 'the timeout');
      if (speaksMeanwhile && eventHandlerMillis > 0) {
        const body = codecs.BinaryInformationContract.encode({ Content: null, InformationType: 9 });
        raw.send({ messageType: MessageType.InformationBySend, body });
      }
      await raw.expectClosed({ clause: 'HBT-008' });
      const gone = await server.waitFor('someOneDisconnected', { clause: 'HBT-008' });
      stage.equal(gone.disconnectedType, 'HeartBeatTimeout', 'HBT-008', 'another reason');
      const kinds = server.events
        .map((event) => event.kind)
        .filter((kind) => !['verifyUser', 'someOneConnected'].includes(kind));
      const told = [
        'userCountChanged',
        'someOneTimeOuted',
        ...(eventHandlerMillis > 0 ? ['someOneTimeOuted.done'] : []),
        'someOneDisconnected',
        'userCountChanged',
      ];
      stage.equal(
        kinds.filter((kind) => told.includes(kind)),
        told,
        'HBT-008',
        'the end was told in another order',
      );
      stage.check(!kinds.includes('information'), 'HBT-015', 'a message after the timeout was handled');
    },
  }),
  scenario({
    id: 'HBT-6F7H',
    title: 'any complete message is a sign of life, half a message is none',
    clauses: ['HBT-006', 'HBT-005', 'HBT-012'],
    kind: 'property',
    clients: 'reference',
    runs: 8,
    plan: () =>
      fc.record({
        kind: fc.constantFrom('heartbeat', 'ping', 'unknown', 'half'),
        timeoutSecs: fc.integer({ min: 8, max: 14 }),
        count: fc.integer({ min: 1, max: 3 }),
      }),
    async run(stage, { kind, timeoutSecs, count }) {
      const server = await stage.server({ heartbeatTimeoutInSecs: timeoutSecs });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      await raw.logon('alice');
      const begin = stage.nowSecs();
      const ping = codecs.PingContract.encode({ SendTicks: 1 });
      for (let index = 0; index < count; index++) {
        await stage.sleep(timeoutSecs * 0.6);
        if (kind === 'heartbeat') raw.send({ messageType: MessageType.HeartBeat });
        else if (kind === 'ping') raw.send({ messageType: MessageType.PingByServer, body: ping });
        else if (kind === 'unknown') raw.send({ messageType: 9999 });
        else if (index === 0) raw.sendBytes(Uint8Array.of(0xe5, 0, 3, 0, 0));
      }
      const lived = kind === 'half' ? 0 : count * timeoutSecs * 0.6;
      const timedOut = await server.waitFor('someOneTimeOuted', { withinSecs: 60, clause: 'HBT-005' });
      const limits = { atLeast: lived + timeoutSecs - 0.6, atMost: lived + timeoutSecs * 1.1 + 1.5 };
      stage.took(
        timedOut.atMicros / 1e6 - begin,
        limits,
        kind === 'half' ? 'HBT-005' : 'HBT-006',
        `life with ${count} of ${kind}`,
      );
    },
  }),
  scenario({
    id: 'HBT-7G8J',
    title: 'a server without a timeout keeps silent users',
    clauses: ['HBT-007'],
    kind: 'property',
    clients: 'reference',
    runs: 4,
    plan: () => fc.record({ timeoutSecs: fc.constantFrom(0, -1, -30) }),
    async run(stage, { timeoutSecs }) {
      const server = await stage.server({ heartbeatTimeoutInSecs: timeoutSecs });
      const raw = await stage.rawClient(server, { userID: 'alice' });
      await raw.logon('alice');
      await stage.sleep(45);
      raw.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 1 }) });
      await raw.expect(MessageType.PingAck, { clause: 'HBT-007' });
    },
  }),
  scenario({
    id: 'HBT-8H9K',
    title: 'a client whose network stalls is kept when it is back in time, and timed out when it is not',
    clauses: ['HBT-012', 'HBT-005'],
    kind: 'property',
    needs: ['logon', 'heartbeat'],
    runs: 8,
    plan: () =>
      fc.record({
        stallSecs: fc.constantFrom(4, 8, 12, 45),
        spanSecs: fc.integer({ min: 3, max: 6 }),
        beforeSecs: fc.constantFrom(1, 25),
      }),
    async run(stage, { stallSecs, spanSecs, beforeSecs }) {
      const server = await stage.server({ heartbeatTimeoutInSecs: 20 });
      const alice = await stage.loggedOn(server, 'alice', { heartBeatSpanInSecs: spanSecs, autoReconnect: false });
      await stage.sleep(beforeSecs);
      stage.net.partition(alice.host);
      if (stallSecs > 30) {
        const gone = await server.waitFor('someOneDisconnected', { withinSecs: 40, clause: 'HBT-005' });
        stage.equal(gone.disconnectedType, 'HeartBeatTimeout', 'HBT-005', 'another reason');
        stage.net.heal(alice.host);
        return;
      }
      await stage.sleep(stallSecs);
      stage.net.heal(alice.host);
      const sent = stage.payload();
      stage.equal(await alice.query(null, QUERY_RULES.echo, sent), sent, 'HBT-012', 'the connection did not survive');
      const kinds = server.events.map((event) => event.kind);
      stage.check(!kinds.includes('someOneTimeOuted'), 'HBT-012', 'a client that was back in time was timed out');
    },
  }),
  scenario({
    id: 'HBT-9JAM',
    title: 'both ends probe a dead connection by keep-alive, so that it ends long before any system default',
    clauses: ['HBT-011'],
    kind: 'property',
    clients: 'reference',
    // Keep-alive intervals of a real kernel are real seconds and cannot be scaled.
    targets: ['sim'],
    runs: 4,
    // A second, because what follows a logon has to be acknowledged first: unacknowledged data is repeated, not probed.
    plan: () => fc.record({ idleSecs: fc.integer({ min: 1, max: 5 }) }),
    async run(stage, { idleSecs }) {
      const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
      const alice = await stage.loggedOn(server, 'alice', { heartBeatSpanInSecs: 0, autoReconnect: false });
      await stage.sleep(idleSecs);
      const begin = stage.nowSecs();
      stage.net.partition(alice.host);
      await alice.waitFor('connectionInterrupted', { withinSecs: 60, clause: 'HBT-011' });
      await server.waitFor('someOneDisconnected', { withinSecs: 60, clause: 'HBT-011' });
      stage.took(stage.nowSecs() - begin, { atLeast: 2, atMost: 45 }, 'HBT-011', 'noticing a dead connection');
    },
  }),
];
