/** Connections that say nothing, or take nothing, or are too many. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { ascii, header, i32, message, obj, str, unhex } from '../framing/bytes.ts';
import { expectAlive, serverReceiver } from '../framing/receivers.ts';

const LOGON = message({ type: 9, source: ascii('aa01') }, obj(str('FreeUser'), i32(-1), i32(-1), i32(6)));

export const silence: readonly AnyScenario[] = [
  scenario({
    id: 'SEC-DN9V',
    title:
      'a connection that is not bound in time is closed, whether it said nothing, too little, or waits for the answer',
    clauses: ['SEC-006', 'SEC-007', 'SEC-019'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        timeoutSecs: fc.constantFrom(undefined, 2, 5, 20, 40),
        says: fc.constantFrom('nothing', 'a byte', 'most of a logon', 'a logon that is not decided'),
        afterSecs: fc.constantFrom(0, 0.5, 1.5),
      }),
    async run(stage, { timeoutSecs, says, afterSecs }) {
      const seconds = timeoutSecs ?? 15;
      const server = await stage.server({
        ...(timeoutSecs === undefined ? {} : { emptyConnectionTimeoutInSecs: timeoutSecs }),
        verifyUser: () => new Promise(() => undefined),
      });
      const begin = stage.nowSecs();
      const peer = await stage.rawClient(server);
      const open = stage.nowSecs();
      await stage.sleep(afterSecs);
      const whole = unhex(LOGON);
      const sizes = new Map([
        ['nothing', 0],
        ['a byte', 1],
        ['most of a logon', whole.length - 1],
      ]);
      const bytes = sizes.get(says) ?? whole.length;
      peer.sendBytes(whole.subarray(0, bytes));
      const clause = says === 'nothing' ? 'SEC-006' : 'SEC-007';
      await peer.expectClosed({ withinSecs: 120, clause });
      stage.took(stage.nowSecs() - begin, { atLeast: seconds }, clause, 'the connection was closed too early');
      stage.took(stage.nowSecs() - open, { atMost: seconds * 1.1 + 1.05 }, 'SEC-019', 'the connection was closed late');
      const told = server.events.filter((event) => event.kind !== 'verifyUser');
      stage.equal(told, [], clause, 'the server told of a stranger');
    },
  }),
  scenario({
    id: 'SEC-EP2W',
    title: 'who is bound in time is not closed by that timeout, and where it is off nobody is',
    clauses: ['SEC-006', 'SEC-007'],
    kind: 'property',
    clients: 'reference',
    runs: 8,
    plan: () => fc.record({ timeoutSecs: fc.constantFrom(0, -1, 3), isLogonWhole: fc.boolean() }),
    async run(stage, { timeoutSecs, isLogonWhole }) {
      const server = await stage.server({ emptyConnectionTimeoutInSecs: timeoutSecs, heartbeatTimeoutInSecs: 0 });
      const bound = await serverReceiver(stage, server, 'bb02');
      const quiet = await stage.rawClient(server);
      const whole = unhex(LOGON);
      const first = isLogonWhole ? 0 : 20;
      quiet.sendBytes(whole.subarray(0, first));
      await stage.sleep(timeoutSecs > 0 ? 6 : 40);
      await expectAlive(stage, bound, 'SEC-007');
      if (timeoutSecs > 0) return;
      quiet.sendBytes(whole.subarray(first));
      await quiet.expect(MessageType.Logon, { clause: isLogonWhole ? 'SEC-006' : 'SEC-007' });
    },
  }),
  scenario({
    id: 'SEC-FQ4X',
    title: 'a connection above the maximum is closed at once, and one that ends makes room',
    clauses: ['SEC-014'],
    kind: 'property',
    clients: 'reference',
    runs: 8,
    plan: () => fc.record({ most: fc.integer({ min: 1, max: 4 }), bound: fc.boolean() }),
    async run(stage, { most, bound }) {
      const server = await stage.server({ maxConnectionCount: most });
      const open = [];
      for (let index = 0; index < most; index++) {
        const peer = await stage.rawClient(server);
        if (bound) await peer.logon(`user${index}`, { clause: 'SEC-014' });
        open.push(peer);
      }
      const tooMany = await stage.rawClient(server);
      await tooMany.expectClosed({ withinSecs: 3, clause: 'SEC-014' });
      stage.equal(server.engine.connectionCount, most, 'SEC-014', 'the number of connections');
      stage.check(!open.some((peer) => peer.isClosed()), 'SEC-014', 'another connection was closed instead');
      open[0]!.end();
      await open[0]!.expectClosed({ clause: 'FRM-032' });
      const next = await stage.rawClient(server);
      await next.logon('next', { clause: 'SEC-014' });
    },
  }),
  scenario({
    id: 'SEC-GR6Y',
    title: 'without a maximum many connections are open at once',
    clauses: ['SEC-014'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const peers = await Promise.all(Array.from({ length: 12 }, () => stage.rawClient(server)));
      for (const [index, peer] of peers.entries()) await peer.logon(`user${index}`, { clause: 'SEC-014' });
      stage.equal(server.engine.connectionCount, 12, 'SEC-014', 'the number of connections');
    },
  }),
  scenario({
    id: 'SEC-HS8Z',
    title:
      'a connection with more queued than the channel may hold is closed as ChannelCacheOverflow, without a limit it is not',
    clauses: ['SEC-017'],
    kind: 'property',
    clients: 'reference',
    // Real sockets take megabytes before anything is queued here, so the limit would be hit by the size of their buffers.
    targets: ['sim'],
    runs: 4,
    plan: () => fc.record({ limit: fc.constantFrom(0, 1, 10_000, 100_000) }),
    async run(stage, { limit }) {
      const server = await stage.server({ maxChannelCacheSize: limit });
      const { peer } = await serverReceiver(stage, server);
      const other = await stage.loggedOn(server, 'bob');
      peer.pause();
      const send = (): boolean => server.engine.customizeController.send('aa01', 1, stage.payload(8000));
      let sent = 0;
      for (; sent < 100 && send(); sent++) await stage.sleep(0.01);
      if (limit === 0) {
        stage.equal(sent, 100, 'SEC-017', 'without a limit a connection was closed');
        peer.resume();
        const last = peer.received.length;
        await stage.until(() => peer.received.length >= last + 100, 60, 'queued messages are lost', 'SEC-017');
        return;
      }
      stage.check(sent * 8000 > limit, 'SEC-017', `closed after ${sent} messages, before the limit was reached`);
      const gone = await server.waitFor('someOneDisconnected', { clause: 'SEC-017' });
      stage.equal([gone.userID, gone.disconnectedType], ['aa01', 'ChannelCacheOverflow'], 'SEC-017', 'who, and why');
      stage.equal(await other.connected(), true, 'SEC-012', 'another connection was closed');
      peer.resume();
      await peer.expectClosed({ clause: 'SEC-017' });
    },
  }),
  scenario({
    id: 'SEC-JT1A',
    title: 'the time of a logon runs from the accepting, not from the last byte',
    clauses: ['SEC-007', 'SEC-019'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ emptyConnectionTimeoutInSecs: 10 });
      const begin = stage.nowSecs();
      const peer = await stage.rawClient(server);
      const bytes = unhex(header({ type: 9, source: ascii('aa01'), bodyLength: 30 }));
      for (let at = 0; at < bytes.length && !peer.isClosed(); at++) {
        peer.sendBytes(bytes.subarray(at, at + 1));
        await stage.sleep(0.5);
      }
      await peer.expectClosed({ clause: 'SEC-007', withinSecs: 5 });
      stage.took(stage.nowSecs() - begin, { atLeast: 10, atMost: 19 }, 'SEC-019', 'a trickle of bytes was let go on');
    },
  }),
];
