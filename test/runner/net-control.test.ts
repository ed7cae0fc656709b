/** The words of NetControl mean the same on the simulator and on real sockets. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { QUERY_RULES } from '../../scenarios/attach/client-subject.ts';
import { resetSocket } from '../../impl/platform/reset-socket.ts';
import { onBothTargets, runOn } from './on-targets.ts';

describe('delay and cuts', () => {
  onBothTargets('a delay is paid on the way there and on the way back', async (stage) => {
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    stage.net.conditions(alice.host, { delayMillis: 400 });
    const before = stage.nowSecs();
    await alice.query(null, QUERY_RULES.echo, stage.payload());
    stage.took(stage.nowSecs() - before, { atLeast: 0.8, atMost: 1 }, 'NET', 'the delay was not paid');
  });

  onBothTargets('nothing passes a partition, and everything arrives after the heal', async (stage) => {
    const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
    const alice = await stage.loggedOn(server, 'alice', { heartBeatSpanInSecs: 0 });
    stage.net.partition(alice.host);
    const seen = server.events.length;
    await alice.send(null, 7, stage.payload());
    await stage.sleep(5);
    stage.equal(server.events.length, seen, 'NET', 'something passed the partition');
    stage.net.heal(alice.host);
    await server.waitFor('information', { withinSecs: 60 });
    stage.equal(alice.events.length, 0, 'NET', 'the client noticed the partition');
  });

  onBothTargets('a partition of the server cuts every client', async (stage) => {
    const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
    const alice = await stage.loggedOn(server, 'alice', { waitResponseTimeoutInSecs: 3, heartBeatSpanInSecs: 0 });
    stage.net.partition(server.host);
    await stage.rejects(
      alice.query(null, QUERY_RULES.echo, stage.payload()),
      'E_TIMEOUT',
      'NET',
      'a query got through',
    );
    stage.net.heal(server.host);
  });

  onBothTargets('a connection made during a partition hangs until the heal', async (stage) => {
    const server = await stage.server();
    const alice = await stage.client('alice');
    stage.net.partition(alice.host);
    const logon = alice.logon(server);
    await stage.sleep(2);
    stage.equal(server.events.length, 0, 'NET', 'the logon passed the partition');
    stage.net.heal(alice.host);
    stage.equal((await logon).logonResult, 'Succeed', 'NET', 'the logon did not survive the partition');
  });

  onBothTargets('a chunk limit cuts what arrives, on either side of the connection', async (stage) => {
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    stage.net.conditions(alice.host, { chunkBytesMax: 5 });
    const asked = stage.payload(500);
    stage.equal(await alice.query(null, QUERY_RULES.echo, asked), asked, 'NET', 'chunks changed the bytes');
  });
});

describe('resets, crashes, restarts', () => {
  onBothTargets('a reset is seen by both ends at once', async (stage) => {
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    stage.net.resetConnections(alice.host);
    await alice.waitFor('connectionInterrupted', { withinSecs: 1 });
    await server.waitFor('someOneDisconnected', { withinSecs: 1 });
    await alice.waitFor('relogonCompleted');
  });

  onBothTargets('a crashed client says nothing, and the server finds out by silence only', async (stage) => {
    const server = await stage.server({ heartbeatTimeoutInSecs: 30 });
    const alice = await stage.loggedOn(server, 'alice');
    await stage.net.crash(alice.host);
    const before = stage.nowSecs();
    const gone = await server.waitFor('someOneDisconnected', { withinSecs: 60 });
    stage.took(stage.nowSecs() - before, { atLeast: 25 }, 'NET', 'the server was told of the crash');
    stage.check(gone.userID === 'alice', 'NET', 'somebody else went');
  });

  onBothTargets('a client of a restarted server is reset and finds the new one', async (stage) => {
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    await stage.net.crash(server.host);
    await stage.sleep(1);
    await stage.net.restart(server.host);
    const again = await stage.server({ host: server.host, port: server.port });
    stage.equal(again.port, server.port, 'NET', 'the new server took another port');
    await alice.waitFor('connectionInterrupted', { withinSecs: 60 });
    await alice.waitFor('relogonCompleted', { withinSecs: 60 });
    await alice.send(null, 3, stage.payload());
    await again.waitFor('information');
  });

  onBothTargets('a port where nobody listens any more refuses, also through the proxy', async (stage) => {
    const server = await stage.rawServer();
    const alice = await stage.client('alice');
    server.stopListening();
    await stage.rejects(alice.logon(server), 'E_CONNECT', 'LOG-007', 'a closed port took the logon');
    await server.listenAgain();
    const bob = await stage.client('bob');
    const logon = bob.logon(server);
    await server.acceptLogon();
    stage.equal((await logon).logonResult, 'Succeed', 'LOG-007', 'the port is open again, but the logon failed');
  });
});

test('a socket whose FIN is just leaving is ended without leaking its handle', async () => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket.on('error', () => undefined)));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const bytes of [10, 8_000_000]) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
    await once(socket, 'connect');
    socket.end(Buffer.alloc(bytes));
    resetSocket(socket);
    await once(socket, 'close');
  }
  server.close();
  for (const socket of accepted) socket.destroy();
});

test('on loopback a run leaves no socket and no timer of this process behind', async () => {
  const open = (kind: RegExp): number => process.getActiveResourcesInfo().filter((each) => kind.test(each)).length;
  const timersBefore = open(/Timeout|Immediate/);
  for (const fail of [false, true]) {
    const result = await runOn('loopback', async (stage) => {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      await stage.rawClient(server);
      stage.net.partition(alice.host);
      await alice.send(null, 1, stage.payload());
      if (fail) throw new Error('planted');
    });
    expect(result.error === undefined).toBe(!fail);
    // Closed handles leave the loop in one of its next turns.
    await vi.waitFor(() => expect(open(/TCP/)).toBe(0));
    expect(open(/Timeout|Immediate/)).toBeLessThanOrEqual(timersBefore);
  }
});
