/** Worlds for laws about NATs: a classifier's two servers, and NATs in a chain with a host behind them. */
import { Internet, World } from '../../../sim/index.ts';
import type { Host, NatBehaviour } from '../../../sim/index.ts';
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import { placeHost } from '../../../scenarios/nat/place.ts';
import { serveStun } from '../../../scenarios/nat/stun-server.ts';

const PORTS = [3_478, 3_479] as const;

export const addressOf = (host: Host): string => host.platform().localAddresses()[0]!;

/** Runs `body` on a host behind that chain of NATs (the outermost first), with a STUN server outside. */
export function behind<T>(
  nats: readonly NatBehaviour[],
  body: (platform: Platform, server: Endpoint, world: World, second: Endpoint) => Promise<T>,
): Promise<T> {
  const world = new World({ seed: 5 });
  const internet = new Internet(world);
  const [one, two] = [internet.host('one'), internet.host('two')].map((host) => ({
    platform: host.platform(),
    address: addressOf(host),
  }));
  const inside = placeHost(internet, 'inside', { nats });
  serveStun([one!, two!], PORTS);
  return world.run(async () => {
    await world.sleep(1);
    const [server, second] = [one!, two!].map(({ address }): Endpoint => ({ address, port: PORTS[0] }));
    return body(inside.platform(), server!, world, second!);
  });
}
