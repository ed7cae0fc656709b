import { describe, expect, it } from 'vitest';
import { aConnectedPair, aPair, bytesOf, dial, listen } from './helpers.ts';
import type { Recorder } from './helpers.ts';

describe('TCP on a clean link', () => {
  it('connects, carries bytes both ways, closes both ways and leaves nothing behind', () => {
    const { world, alice, bob, client, server } = aConnectedPair();
    expect(client.events).toEqual(['connected']);
    client.connection!.write(bytesOf('hello'));
    world.runUntil(2_000_000);
    expect(server.text).toBe('hello');
    server.connection!.write(bytesOf('world'));
    server.connection!.end();
    world.runUntil(3_000_000);
    expect(client.text).toBe('world');
    expect(client.events).toEqual(['connected', 'end']);
    client.connection!.end();
    world.runUntil(4_000_000);
    expect(client.events).toEqual(['connected', 'end', 'closed']);
    expect(server.events).toEqual(['end', 'closed']);
    expect(alice.openResources()).toEqual({ timers: 0, connections: 0, listeners: 0, udpSockets: 0 });
    expect(bob.openResources().connections).toBe(0);
    world.runUntil(70_000_000);
    expect(alice.tcp.socketCount + bob.tcp.socketCount).toBe(0);
    expect(world.pendingCount).toBe(0);
  });

  it('refuses where nobody listens', () => {
    const { world, alice, bob } = aPair();
    const client = dial(alice.platform(), bob, 81);
    world.runUntil(1_000_000);
    expect(client.events).toEqual(['refused']);
  });

  it('carries a megabyte in order', () => {
    const { world, client, server } = aConnectedPair();
    const sent = world.stream('test').bytes(1_000_000);
    client.connection!.write(sent);
    client.connection!.end();
    world.runUntil(20_000_000);
    expect(Buffer.compare(server.bytes, sent)).toBe(0);
    expect(server.events).toEqual(['end']);
  });

  it('runs an async body', async () => {
    const { world, alice, bob } = aPair();
    const accepted: Recorder[] = [];
    const text = await world.run(async () => {
      listen(bob.platform(), 80, accepted);
      const client = dial(alice.platform(), bob, 80);
      await world.sleep(100_000);
      client.connection!.write(bytesOf('x'));
      await world.sleep(100_000);
      return accepted[0]!.text;
    });
    expect(text).toBe('x');
  });
});
