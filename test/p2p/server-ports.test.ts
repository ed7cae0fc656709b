/** A P2P server needs one number for UDP and TCP; where any will do, a number that is half taken is no reason to fail. */
import { expect, test } from 'vitest';
import { rapidEngineFactory } from '../../impl/index.ts';
import type { Platform, TcpListenOptions, TcpListenerHandlers } from '../../spec/platform.ts';
import { Internet, World } from '../../sim/index.ts';

/** The host's platform, on which the first `count` listeners find their port taken. */
function withTakenPorts(platform: Platform, count: number): { readonly platform: Platform; readonly asked: number[] } {
  const asked: number[] = [];
  const listenTcp = (options: TcpListenOptions, handlers: TcpListenerHandlers): ReturnType<Platform['listenTcp']> => {
    asked.push(options.port);
    if (asked.length > count) return platform.listenTcp(options, handlers);
    platform.setTimer(0, () => handlers.onError('EADDRINUSE', 'taken by another process'));
    return { local: { address: '0.0.0.0', port: options.port }, close: () => undefined };
  };
  const half = new Proxy(platform, {
    get(target, key) {
      if (key === 'listenTcp') return listenTcp;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { platform: half, asked };
}

async function started(port: number, takenCount: number): Promise<{ readonly port: number; readonly asked: number[] }> {
  const world = new World({ seed: 1 });
  const host = new Internet(world, {}).host('p2p');
  const { platform, asked } = withTakenPorts(host.platform(), takenCount);
  return await world.run(async () => {
    const server = rapidEngineFactory.createP2PServer(platform);
    await server.initialize(port);
    const found = { port: server.port, asked };
    server.close();
    return found;
  });
}

test('any port: another number is tried until one is free for both', async () => {
  const { port, asked } = await started(0, 3);
  expect(asked.slice(0, 4)).toHaveLength(4);
  expect(new Set(asked.slice(0, 4)).size).toBe(4);
  expect(port).toBe(asked[3]);
});

test('any port: it gives up when none is free, and says so', async () => {
  await expect(started(0, 1000)).rejects.toThrow('no port is free for UDP and TCP');
});

test('a port that was asked for is tried once', async () => {
  await expect(started(9901, 1)).rejects.toThrow('port 9901 is in use; choose another');
});
