/**
 * The IPv6 side of a `Lan`: which prefix it has, and the routes to it and out of it.
 *
 * The network outside delegates a prefix unless one is given; `topology.ts` hands out the addresses.
 */
import { parsePrefix } from '../address.ts';
import { Gateway6 } from './gateway.ts';
import type { Connection } from '../node.ts';
import type { Router } from '../router.ts';
import type { SixPool } from './pool.ts';

/** What is wanted of the IPv6 side of a LAN. */
export type LanIpv6Options = {
  /** Addresses inside. Default: what the network outside delegates. */
  readonly prefix?: string;
};

/** What a LAN is built on. */
type Outside = { readonly router: Router; readonly six: SixPool };

/** Sets the routes of a LAN up; gives the prefix its hosts have addresses from. */
export function setUpLanIpv6(outside: Outside, router: Router, uplink: Connection, options: LanIpv6Options): string {
  const inner = options.prefix ?? outside.six.delegate();
  outside.router.routes.addNetwork(parsePrefix(inner), uplink.right);
  router.routes.addNetwork(parsePrefix('::/0'), uplink.left);
  new Gateway6(router);
  return inner;
}
