import { describe, expect, it } from 'vitest';
import { ratio, registryOf } from '../../sim/index.ts';
import type { Platform, UdpSocket } from '../../spec/platform.ts';
import { aPair, bytesOf } from './helpers.ts';

type Mailbox = { readonly socket: UdpSocket; readonly seen: string[] };

function bind(platform: Platform, port: number, address?: string): Mailbox {
  const seen: string[] = [];
  const socket = platform.bindUdp(address === undefined ? { port } : { port, address }, {
    onMessage: (bytes, from) => seen.push(`${from.address}:${from.port} ${String.fromCharCode(...bytes.slice(0, 20))}`),
    onError: (code) => seen.push(code),
    onListening: ({ port: bound }) => seen.push(`listening ${bound}`),
  });
  return { socket, seen };
}

describe('UDP', () => {
  it('carries datagrams both ways, whole, with the sender', () => {
    const { world, alice, bob } = aPair();
    const [left, right] = [bind(alice.platform(), 1_000), bind(bob.platform(), 2_000)];
    const toBob = { address: bob.platform().localAddresses()[0]!, port: 2_000 };
    const toAlice = { address: alice.platform().localAddresses()[0]!, port: 1_000 };
    left.socket.send(bytesOf('hi'), toBob);
    right.socket.send(bytesOf('ho'), toAlice);
    world.runUntil(20_000);
    expect(right.seen).toEqual(['listening 2000', `${toAlice.address}:1000 hi`]);
    expect(left.seen).toEqual(['listening 1000', `${toBob.address}:2000 ho`]);
    left.socket.close();
    left.socket.close();
    right.socket.send(bytesOf('late'), toAlice);
    left.socket.send(bytesOf('from a closed socket'), toBob);
    world.runUntil(SECOND);
    expect([left.seen.length, right.seen.length]).toEqual([2, 2]);
    expect(alice.openResources().udpSockets).toBe(0);
  });

  it('copies what is sent and lends what is received', () => {
    const { world, alice, bob } = aPair();
    const kept: Uint8Array[] = [];
    const seen: number[] = [];
    bob.platform().bindUdp(
      { port: 9 },
      {
        onMessage: (bytes) => {
          seen.push(...bytes);
          kept.push(bytes);
        },
      },
    );
    const { socket } = bind(alice.platform(), 0);
    const buffer = Uint8Array.of(7);
    world.runUntil(1);
    socket.send(buffer, { address: bob.platform().localAddresses()[0]!, port: 9 });
    buffer[0] = 8;
    world.runUntil(SECOND);
    expect([seen, [...kept[0]!]]).toEqual([[7], [0xa5]]);
  });

  it('takes datagrams up to 65,507 bytes and refuses larger ones', () => {
    const { world, alice, bob } = aPair();
    const left = bind(alice.platform(), 0);
    let size = 0;
    bob.platform().bindUdp({ port: 9 }, { onMessage: (bytes) => (size = bytes.length) });
    world.runUntil(1);
    const to = { address: bob.platform().localAddresses()[0]!, port: 9 };
    left.socket.send(new Uint8Array(65_507), to);
    left.socket.send(new Uint8Array(65_508), to);
    left.socket.send(new Uint8Array(1), { address: 'nonsense', port: 9 });
    world.runUntil(SECOND);
    expect(size).toBe(65_507);
    expect(left.seen.slice(1)).toEqual(['EMSGSIZE', 'EINVAL']);
  });

  it('tells of ports that are taken and addresses that are not here', () => {
    const { world, alice } = aPair();
    const own = alice.platform().localAddresses()[0]!;
    const first = bind(alice.platform(), 5);
    const clash = bind(alice.platform(), 5, own);
    const foreign = bind(alice.platform(), 6, '192.0.2.1');
    const loopback = bind(alice.platform(), 7, '127.0.0.1');
    const beside = bind(alice.platform(), 7, own);
    world.runUntil(1);
    expect([first, clash, foreign, loopback, beside].map(({ seen }) => seen[0])).toEqual([
      'listening 5',
      'EADDRINUSE',
      'EADDRNOTAVAIL',
      'listening 7',
      'listening 7',
    ]);
    clash.socket.close();
    expect(alice.openResources().udpSockets).toBe(3);
  });

  it.each([
    { udpReportsIcmp: true, expected: ['ECONNREFUSED'] },
    { udpReportsIcmp: false, expected: [] },
  ])('answers with ICMP where nobody listens; reported: $udpReportsIcmp', ({ udpReportsIcmp, expected }) => {
    const { world, alice, bob } = aPair({ alice: { udpReportsIcmp } });
    const left = bind(alice.platform(), 1_000);
    world.runUntil(1);
    left.socket.send(bytesOf('anyone?'), { address: bob.platform().localAddresses()[0]!, port: 9 });
    world.runUntil(SECOND);
    expect(registryOf(world).link('bob-internet').forward.statistics.deliveredPackets).toBe(1);
    expect(left.seen.slice(1)).toEqual(expected);
  });

  it('drops damaged datagrams', () => {
    const { world, alice, bob } = aPair({ internet: { link: { corrupt: { ratio: ratio(1, 1) } } } });
    const [left, right] = [bind(alice.platform(), 1_000), bind(bob.platform(), 2_000)];
    world.runUntil(1);
    left.socket.send(bytesOf('x'), { address: bob.platform().localAddresses()[0]!, port: 2_000 });
    world.runUntil(SECOND);
    expect(right.seen).toEqual(['listening 2000']);
  });
});

const SECOND = 1_000_000;
