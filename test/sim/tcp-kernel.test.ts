/** The same small scripts on real loopback sockets and on the simulator: an application must see the same. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { TcpSocket } from '../../sim/tcp/socket.ts';
import { aConnectedPair, aPair, bytesOf, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;

/** A connected pair of real sockets; `half` keeps them open after the peer's FIN, as the simulator's are. */
async function realPair(localPort?: number): Promise<{ client: Socket; server: Socket; close: () => void }> {
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  const client = connect({
    port,
    host: '127.0.0.1',
    allowHalfOpen: true,
    ...(localPort === undefined ? {} : { localPort }),
  });
  await once(client, 'connect');
  const [server] = await accepted;
  return { client, server, close: () => listener.close() };
}

/** What a real socket tells until it is closed, in the simulator's words. */
function record(socket: Socket): { readonly events: string[]; readonly closed: Promise<unknown> } {
  const events: string[] = [];
  socket.on('end', () => events.push('end'));
  socket.on('error', (error) => events.push((error as NodeJS.ErrnoException).code ?? 'error'));
  return { events, closed: new Promise((resolve) => socket.on('close', resolve)) };
}

describe('TCP as the kernel has it', () => {
  it('close with unread data resets the peer', async () => {
    const real = await realPair();
    const seen = record(real.client);
    real.client.resume();
    real.client.write('never read');
    // The bytes are in the server's receive buffer once they are acknowledged: loopback does that within the write.
    await new Promise((resolve) => setImmediate(resolve));
    real.server.destroy();
    await seen.closed;
    real.close();
    expect(seen.events).toEqual(['ECONNRESET']);

    const { world, client, server } = aConnectedPair();
    server.connection!.pause();
    client.connection!.write(bytesOf('never read'));
    world.runUntil(2 * SECOND);
    (server.connection as TcpSocket).close();
    world.runUntil(3 * SECOND);
    expect(client.events).toEqual(['connected', 'reset']);
    expect(server.events).toEqual(['aborted']);
  });

  it('close without unread data ends the peer, and resets it when it then writes', async () => {
    const real = await realPair();
    const seen = record(real.client);
    real.client.resume();
    real.server.destroy();
    await once(real.client, 'end');
    // Nobody reads after the end, so the reset shows in the next write, whose error depends on when it is made.
    const writing = setInterval(() => real.client.write('too late'), 1);
    await seen.closed;
    clearInterval(writing);
    real.close();
    expect(seen.events[0]).toBe('end');
    expect(['ECONNRESET', 'EPIPE']).toContain(seen.events[1]);

    const { world, client, server, bob } = aConnectedPair();
    (server.connection as TcpSocket).close();
    world.runUntil(2 * SECOND);
    client.connection!.write(bytesOf('too late'));
    world.runUntil(3 * SECOND);
    expect(client.events).toEqual(['connected', 'end', 'reset']);
    expect(server.events).toEqual(['closed']);
    expect(bob.tcp.socketCount).toBe(0);
  });

  it('a listener that accepts nothing completes one connection more than its backlog', async () => {
    const backlog = 2;
    const script = `const s=require('net').createServer(()=>{}).listen({port:0,host:'127.0.0.1',backlog:${backlog}},()=>console.log(s.address().port))`;
    const child = spawn(process.execPath, ['-e', script]);
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGSTOP');
    const sockets: Socket[] = [];
    let real = 0;
    // One after another: the next is dialled when the last one is connected, or had time for it.
    for (let index = 0; index < 5; index += 1) {
      const socket = connect(Number(text.toString()), '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      const isConnected = once(socket, 'connect', { signal: AbortSignal.timeout(300) });
      real += await isConnected.then(
        () => 1,
        () => 0,
      );
    }
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');

    const { world, alice, bob } = aPair();
    const handlers = {
      onConnection: () => ({ onData: () => undefined, onClosed: () => undefined }),
      onError: () => undefined,
    };
    bob.platform().listenTcp({ port: 80, backlog }, handlers);
    world.runUntil(1);
    bob.pause();
    const clients = Array.from({ length: 5 }, (_, index) => {
      const client = dial(alice.platform(), bob, 80);
      world.runUntil(1 + (index + 1) * 300_000);
      return client;
    });
    const simulated = clients.filter(({ events }) => events.includes('connected')).length;
    expect({ real, simulated }).toEqual({ real: backlog + 1, simulated: backlog + 1 });
  });

  it('an address that does not answer and a port without listener have their names', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const real = record(connect(port, '127.0.0.1'));
    await real.closed;
    expect(real.events).toEqual(['ECONNREFUSED']);
    const { world, alice, bob } = aPair();
    const client = dial(alice.platform(), bob, 81);
    world.runUntil(SECOND);
    expect(client.events).toEqual(['refused']);
  });

  it('a pair of endpoints that is in use cannot be dialled again', async () => {
    // A port that was free a moment ago; both ask for it by number, as hole punching does.
    const { client: other, server: peer, close } = await realPair();
    const localPort = other.localPort!;
    other.resetAndDestroy();
    peer.destroy();
    close();
    const real = await realPair(localPort);
    const again = record(connect({ port: real.client.remotePort!, host: '127.0.0.1', localPort }));
    await again.closed;
    real.client.destroy();
    real.server.destroy();
    real.close();
    expect(again.events).toEqual(['EADDRNOTAVAIL']);
    const { world, alice, bob } = aPair();
    listen(bob.platform(), 80);
    dial(alice.platform(), bob, 80, 7_000);
    const clash = dial(alice.platform(), bob, 80, 7_000);
    world.runUntil(SECOND);
    expect(clash.events).toEqual(['localError']);
    expect((clash.connection as TcpSocket).closeDetail).toMatch(/^EADDRNOTAVAIL/);
  });
});
