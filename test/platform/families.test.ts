/** The port over both families: what a program at `::` is told is the same on the simulator and on this machine. */
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { Internet, World } from '../../sim/index.ts';
import type { Endpoint, Platform } from '../../spec/platform.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));
const QUIET = { onData: () => undefined, onClosed: () => undefined };

/** Dials a listener at `::` by three addresses, one after the other; what each side sees of the other. */
function acceptsAll(platform: Platform, done: (seen: readonly string[]) => void): void {
  const seen: string[] = [];
  const addresses = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
  const next = (port: number): void => {
    const address = addresses.shift();
    if (address === undefined) {
      listener.close();
      done(seen);
      return;
    }
    const connection = platform.connectTcp({ remote: { address, port } }, { ...QUIET, onConnected: () => undefined });
    accepted = (remote) => {
      seen.push(`${address} is ${remote.address}`);
      connection.abort();
      next(port);
    };
  };
  let accepted: (remote: Endpoint) => void = () => undefined;
  const listener = platform.listenTcp(
    { address: '::', port: 0 },
    {
      onListening: ({ port }) => next(port),
      onConnection: ({ remote }) => {
        accepted(remote);
        return QUIET;
      },
      onError: (code) => done([code]),
    },
  );
}

/** A socket of each kind sends to one at `::`, which answers nobody. */
function hearsAll(platform: Platform, done: (seen: readonly string[]) => void): void {
  const seen: string[] = [];
  const server = platform.bindUdp(
    { address: '::', port: 0 },
    {
      onListening: ({ address, port }) => {
        seen.push(address);
        const send = (own: string, to: string): void => {
          const socket = platform.bindUdp(
            { address: own, port: 0 },
            { onMessage: () => undefined, onListening: () => socket.send(Uint8Array.of(1), { address: to, port }) },
          );
          last = () => socket.close();
        };
        const turns: (readonly [string, string])[] = [
          ['0.0.0.0', '127.0.0.1'],
          ['::', '::1'],
          ['::', '127.0.0.1'],
        ];
        turn = () => {
          last();
          const [own, to] = turns.shift() ?? [];
          if (own !== undefined && to !== undefined) send(own, to);
          else {
            server.close();
            done(seen);
          }
        };
        turn();
      },
      onMessage: (_bytes, from) => {
        seen.push(from.address);
        turn();
      },
    },
  );
  let [last, turn] = [(): void => undefined, (): void => undefined];
}

describe.skipIf(!hasIpv6)('at ::', () => {
  test.each([
    ['a listener', acceptsAll, ['127.0.0.1 is ::ffff:127.0.0.1', '::1 is ::1', '::ffff:127.0.0.1 is ::ffff:127.0.0.1']],
    ['a socket', hearsAll, ['::', '::ffff:127.0.0.1', '::1', '::ffff:127.0.0.1']],
  ] as const)('%s is told the same', async (_name, program, expected) => {
    const platform = createNodePlatform();
    const real = await new Promise<readonly string[]>((resolve) => program(platform, resolve));
    const world = new World({ seed: 1 });
    const host = new Internet(world, { prefix6: '2001:db8::/32' }).host('host');
    let virtual: readonly string[] = [];
    program(host.platform(), (seen) => (virtual = seen));
    world.runUntil(1_000_000);
    expect([real, virtual]).toEqual([expected, expected]);
  });
});
