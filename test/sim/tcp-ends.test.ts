import { describe, expect, it } from 'vitest';
import { TCP_FLAG, TCP_MOVES, TCP_STATE_NAMES, registryOf } from '../../sim/index.ts';
import { Recorder, aConnectedPair, aPair, bytesOf, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;

describe('how TCP connections end, or never begin', () => {
  it('moves exactly as figure 5 of RFC 9293 has it', () => {
    const moves = TCP_MOVES.flatMap((row, from) =>
      Object.entries(row).map(([move, to]) => `${TCP_STATE_NAMES[from]} ${move} ${TCP_STATE_NAMES[to]}`),
    );
    expect(moves).toEqual([
      'SYN-SENT synReceived SYN-RECEIVED',
      'SYN-SENT handshakeDone ESTABLISHED',
      'SYN-RECEIVED handshakeDone ESTABLISHED',
      'ESTABLISHED finSent FIN-WAIT-1',
      'ESTABLISHED finReceived CLOSE-WAIT',
      'FIN-WAIT-1 finAcked FIN-WAIT-2',
      'FIN-WAIT-1 finReceived CLOSING',
      'FIN-WAIT-2 finReceived TIME-WAIT',
      'CLOSE-WAIT finSent LAST-ACK',
      'CLOSING finAcked TIME-WAIT',
      'LAST-ACK finAcked CLOSED',
      'TIME-WAIT expired CLOSED',
    ]);
  });

  it('refused: RST in answer to the SYN, one round trip later', () => {
    const { world, alice, bob } = aPair();
    const client = dial(alice.platform(), bob, 80);
    world.runUntil(39_999);
    expect(client.events).toEqual([]);
    world.runUntil(40_000);
    expect(client.events).toEqual(['refused']);
    expect(alice.openResources().connections).toBe(0);
  });

  it('unreachable: no route to the address, told by the router', () => {
    const { world, alice } = aPair();
    const client = dial(alice.platform(), '203.0.113.9', 80);
    world.runUntil(SECOND);
    expect(client.events).toEqual(['unreachable']);
  });

  it('timedOut: SYNs into silence, after 127 s and seven SYNs', () => {
    const { world, alice, bob } = aPair();
    const [address] = bob.platform().localAddresses();
    bob.crash();
    const client = dial(alice.platform(), address!, 80);
    world.runUntil(127 * SECOND - 1);
    expect(client.events).toEqual([]);
    world.runUntil(127 * SECOND);
    expect(client.events).toEqual(['timedOut']);
    expect(registryOf(world).link('alice-internet').forward.statistics.sentPackets).toBe(7);
  });

  it('timedOut: the caller asked for less', () => {
    const { world, alice, bob } = aPair();
    const remote = { address: bob.platform().localAddresses()[0]!, port: 80 };
    bob.crash();
    const client = new Recorder();
    alice.platform().connectTcp({ remote, timeoutMicros: 300_000 }, client);
    world.runUntil(300_000);
    expect(client.events).toEqual(['timedOut']);
    // The same limit does not touch a connection that was made in time.
    bob.restart();
    listen(bob.platform(), 80);
    const other = new Recorder();
    alice.platform().connectTcp({ remote, timeoutMicros: 300_000 }, other);
    world.runUntil(10 * SECOND);
    expect(other.events).toEqual(['connected']);
  });

  it('timedOut: data that nobody acknowledges, after 100 s', () => {
    const { world, client, bob } = aConnectedPair();
    bob.crash();
    client.connection!.write(bytesOf('hello?'));
    world.runUntil(100 * SECOND);
    expect(client.events).toEqual(['connected']);
    world.runUntil(200 * SECOND);
    expect(client.events).toEqual(['connected', 'timedOut']);
  });

  it('a silent peer is not noticed without keep-alive, and is with it', () => {
    const { world, client, server, bob, alice } = aConnectedPair();
    bob.crash();
    world.runUntil(3_600 * SECOND);
    expect(client.events).toEqual(['connected']);
    expect(server.events).toEqual([]);
    client.connection!.setKeepAlive({ idleMicros: 30 * SECOND, intervalMicros: 5 * SECOND });
    world.runUntil((3_600 + 30 + 10 * 5 - 1) * SECOND);
    expect(client.events).toEqual(['connected']);
    world.runUntil((3_600 + 30 + 10 * 5) * SECOND);
    expect(client.events).toEqual(['connected', 'timedOut']);
    expect(alice.openResources().connections).toBe(0);
  });

  it('keep-alive leaves a living peer alone', () => {
    const { world, client, internet } = aConnectedPair();
    client.connection!.setKeepAlive({ idleMicros: 10 * SECOND, intervalMicros: SECOND });
    const before = registryOf(internet.world).link('alice-internet').forward.statistics.sentPackets;
    world.runUntil(101 * SECOND);
    expect(client.events).toEqual(['connected']);
    const probes = registryOf(internet.world).link('alice-internet').forward.statistics.sentPackets - before;
    expect(probes).toBeGreaterThanOrEqual(9);
    expect(probes).toBeLessThanOrEqual(10);
  });

  it('reset: half-open after a crash, found by the first data to the restarted host', () => {
    const { world, client, bob } = aConnectedPair();
    bob.crash();
    world.runUntil(2 * SECOND);
    bob.restart();
    client.connection!.write(bytesOf('still there?'));
    world.runUntil(2 * SECOND + 40_000);
    expect(client.events).toEqual(['connected', 'reset']);
  });

  it('reset: a half-open server is told by the restarted client that dials from the same port', () => {
    const pair = aPair();
    const accepted: Recorder[] = [];
    listen(pair.bob.platform(), 80, accepted);
    dial(pair.alice.platform(), pair.bob, 80, 5_000);
    pair.world.runUntil(SECOND);
    pair.alice.crash();
    const again = dial(pair.alice.restart(), pair.bob, 80, 5_000);
    // The SYN is challenged (RFC 5961), the answer resets the old connection, the repeated SYN makes the new one.
    pair.world.runUntil(5 * SECOND);
    expect(accepted[0]!.events).toEqual(['reset']);
    expect(again.events).toEqual(['connected']);
    expect(accepted.length).toBe(2);
  });

  it('aborted here, reset there', () => {
    const { world, client, server } = aConnectedPair();
    client.connection!.write(bytesOf('unread'));
    client.connection!.abort();
    expect(client.events).toEqual(['connected', 'aborted']);
    world.runUntil(2 * SECOND);
    expect(server.events).toEqual(['reset']);
    client.connection!.abort();
    client.connection!.write(bytesOf('ignored'));
    client.connection!.end();
    expect(client.events).toEqual(['connected', 'aborted']);
  });

  it('abort inside a handler gives the last call before it returns', () => {
    const { world, client, server } = aConnectedPair();
    server.onData = function (): void {
      server.connection!.abort();
      server.events.push('returned');
    };
    client.connection!.write(bytesOf('a'));
    client.connection!.write(bytesOf('b'));
    client.connection!.end();
    world.runUntil(2 * SECOND);
    expect(server.events).toEqual(['aborted', 'returned']);
    expect(client.events).toEqual(['connected', 'reset']);
  });

  it('abort before the handshake is done sends nothing more', () => {
    const { world, alice, bob } = aPair();
    listen(bob.platform(), 80);
    const client = dial(alice.platform(), bob, 80);
    client.connection!.abort();
    world.runUntil(SECOND);
    expect(client.events).toEqual(['aborted']);
    expect(bob.openResources().connections).toBe(0);
    expect(bob.tcp.socketCount).toBe(0);
  });

  it('half-close: the one who ended still reads', () => {
    const { world, client, server } = aConnectedPair();
    client.connection!.end();
    world.runUntil(2 * SECOND);
    expect(server.events).toEqual(['end']);
    server.connection!.write(bytesOf('late answer'));
    world.runUntil(3 * SECOND);
    expect(client.text).toBe('late answer');
    server.connection!.end();
    world.runUntil(4 * SECOND);
    expect([client.events.at(-1), server.events.at(-1)]).toEqual(['closed', 'closed']);
  });

  it('closes from both sides at once, by way of CLOSING', () => {
    const { world, client, server } = aConnectedPair();
    client.connection!.end();
    server.connection!.end();
    world.runUntil(2 * SECOND);
    expect(client.events).toEqual(['connected', 'end', 'closed']);
    expect(server.events).toEqual(['end', 'closed']);
  });

  it('repeats a lost FIN and answers a repeated one from TIME-WAIT', () => {
    const { world, client, server, alice } = aConnectedPair();
    client.connection!.end();
    world.runUntil(2 * SECOND);
    // The last acknowledgment, from TIME-WAIT, is lost: LAST-ACK must repeat its FIN.
    registryOf(world).link('alice-internet').forward.dropNth(1);
    server.connection!.end();
    world.runUntil(2 * SECOND + 100_000);
    expect([client.events.at(-1), server.events.at(-1)]).toEqual(['closed', 'end']);
    expect(alice.tcp.socketCount).toBe(1);
    world.runUntil(3 * SECOND);
    expect(server.events.at(-1)).toBe('closed');
    world.runUntil(70 * SECOND);
    expect(alice.tcp.socketCount).toBe(0);
  });

  it('opens from both sides at once', () => {
    const { world, alice, bob } = aPair();
    const left = dial(alice.platform(), bob, 6_001, 6_000);
    const right = dial(bob.platform(), alice, 6_000, 6_001);
    world.runUntil(SECOND);
    expect([left.events, right.events]).toEqual([['connected'], ['connected']]);
    left.connection!.write(bytesOf('to bob'));
    right.connection!.write(bytesOf('to alice'));
    world.runUntil(2 * SECOND);
    expect([left.text, right.text]).toEqual(['to alice', 'to bob']);
    expect(alice.tcp.socketCount).toBe(1);
  });

  it('opens from both sides with a lost SYN-ACK', () => {
    const { world, alice, bob } = aPair();
    registryOf(world).link('bob-internet').forward.dropNth(2);
    const left = dial(alice.platform(), bob, 6_001, 6_000);
    const right = dial(bob.platform(), alice, 6_000, 6_001);
    world.runUntil(5 * SECOND);
    expect([left.events, right.events]).toEqual([['connected'], ['connected']]);
  });

  it('tells of ports and addresses that cannot be had', () => {
    const { world, alice, bob } = aPair();
    const errors: string[] = [];
    const handlers = { onConnection: () => new Recorder(), onError: (code: string) => errors.push(code) };
    const first = alice.platform().listenTcp({ port: 80 }, handlers);
    alice.platform().listenTcp({ port: 80 }, handlers);
    alice.platform().listenTcp({ port: 81, address: '192.0.2.1' }, handlers);
    expect(errors).toEqual([]);
    world.runUntil(1);
    expect(errors).toEqual(['EADDRINUSE', 'EADDRNOTAVAIL']);
    first.close();
    alice.platform().listenTcp({ port: 80 }, handlers);
    world.runUntil(2);
    expect(errors.length).toBe(2);
    const client = dial(alice.platform(), bob, 80, 7_000);
    const clash = dial(alice.platform(), bob, 80, 7_000);
    world.runUntil(3);
    expect([client.events, clash.events]).toEqual([[], ['localError']]);
  });

  it('gives a free port when asked for port 0', () => {
    const { world, bob } = aPair();
    const ports: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      const handlers = {
        onListening: ({ port }: { port: number }) => ports.push(port),
        onConnection: () => new Recorder(),
        onError: () => undefined,
      };
      bob.platform().listenTcp({ port: 0 }, handlers);
    }
    world.runUntil(1);
    expect(new Set(ports).size).toBe(3);
    expect(ports.every((port) => port >= 49_152)).toBe(true);
  });

  it('a closed listener refuses the next, and keeps what it accepted', () => {
    const pair = aPair();
    const accepted: Recorder[] = [];
    const listener = listen(pair.bob.platform(), 80, accepted);
    const client = dial(pair.alice.platform(), pair.bob, 80);
    pair.world.runUntil(SECOND);
    listener.close();
    listener.close();
    const late = dial(pair.alice.platform(), pair.bob, 80);
    client.connection!.write(bytesOf('on'));
    pair.world.runUntil(2 * SECOND);
    expect(late.events).toEqual(['refused']);
    expect(accepted[0]!.text).toBe('on');
    expect(pair.bob.openResources()).toMatchObject({ listeners: 0, connections: 1 });
  });

  it('resets a connection whose listener closed during the handshake', () => {
    const { world, alice, bob } = aPair();
    const listener = listen(bob.platform(), 80);
    const client = dial(alice.platform(), bob, 80);
    world.at(25_000, () => listener.close());
    world.runUntil(SECOND);
    expect(client.events).toEqual(['connected', 'reset']);
    expect(bob.tcp.socketCount).toBe(0);
  });

  it('answers forged resets and SYNs that miss the next sequence number, and lives on', () => {
    const { world, client, server } = aConnectedPair();
    const forged: number[] = [];
    registryOf(world)
      .link('alice-internet')
      .forward.addRule((packet) => {
        // A forger in the middle turns data into resets and SYNs inside the window, but not at its left edge.
        const changed = packet as { flags: number; sequence: number };
        if (packet.payload.length > 0 && forged.length < 2) {
          changed.flags = forged.length === 0 ? TCP_FLAG.rst : TCP_FLAG.syn;
          changed.sequence += 7;
          forged.push(changed.flags);
        }
        return 'pass';
      });
    client.connection!.write(bytesOf('data'));
    world.runUntil(5 * SECOND);
    expect(forged).toEqual([TCP_FLAG.rst, TCP_FLAG.syn]);
    expect(server.events).toEqual([]);
    expect(server.text).toBe('data');
  });
});
