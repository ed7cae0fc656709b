/**
 * The IPv6 side of a `Lan`: which prefix it has, the routes to it and out of it, and what stands at its border.
 *
 * The network outside delegates a prefix unless one is given; `topology.ts` hands out the addresses.
 */
import { parsePrefix } from '../address.ts';
import type { Address } from '../address.ts';
import { usageError } from '../errors.ts';
import type { NatBehaviour } from '../nat/behaviour.ts';
import { natBehaviour } from '../nat/presets.ts';
import type { NatName } from '../nat/presets.ts';
import type { Connection } from '../node.ts';
import type { Router } from '../router.ts';
import { Firewall6, firewallBehaviour } from './firewall.ts';
import type { FirewallName } from './firewall.ts';
import { Gateway6 } from './gateway.ts';
import type { SixPool } from './pool.ts';
import { PrefixTranslation } from './prefix-translation.ts';
import { SAME_REALM, nat64Realm } from './realms.ts';
import { Translator, nat64Behaviour } from './translator.ts';

/** What is wanted of the IPv6 side of a LAN. */
export type LanIpv6Options = {
  /** Addresses inside. Default: what the network outside delegates; with a translation fd00::/48. */
  readonly prefix?: string;
  /** Who gets in: a name, or a behaviour made by `firewallBehaviour`. Default `linux`; with a masquerade `off`. */
  readonly firewall?: FirewallName | NatBehaviour | 'off';
  /**
   * How inner addresses look outside. `none`; `prefix`: another prefix, which the network outside delegates (NPTv6, RFC 6296);
   * a NAT by name or behaviour: the one address of the router, as a masquerade (NAT66). Default `none`.
   */
  readonly translation?: 'none' | 'prefix' | NatName | NatBehaviour;
  /** A NAT64 to the IPv4 outside, by the name of a NAT or a behaviour made by `nat64Behaviour`. Default: none. */
  readonly nat64?: NatName | NatBehaviour;
  /** Where inner hosts find IPv4. Default 64:ff9b::/96, the well-known prefix of RFC 6052. */
  readonly nat64Prefix?: string;
  /** The resolver inside makes up addresses for names that have none of IPv6 (RFC 6147). Default: yes, with a NAT64. */
  readonly dns64?: boolean;
};

/** What a LAN is built on. `alias` gives the router one more IPv4 address outside. */
type Outside = { readonly router: Router; readonly six: SixPool; alias(node: Router): Address };

/** Inside where addresses are translated (RFC 4193, without the random part that tells sites apart). */
const INNER_PREFIX = 'fd00::/48';

/** Builds the border of a LAN and its routes. Gives the prefix its hosts have addresses from, and the border. */
export function setUpLanIpv6(
  outside: Outside,
  router: Router,
  uplink: Connection,
  options: LanIpv6Options,
): { readonly prefix: string; readonly gateway: Gateway6 } {
  const { translation = 'none', nat64Prefix = '64:ff9b::/96' } = options;
  const isTranslated = translation !== 'none';
  const isMasquerade = isTranslated && translation !== 'prefix';
  const outer = isMasquerade || (!isTranslated && options.prefix !== undefined) ? undefined : outside.six.delegate();
  const inner = options.prefix ?? (isTranslated ? INNER_PREFIX : outer!);
  if (typeof parsePrefix(inner).address !== 'string') throw usageError(`ipv6.prefix '${inner}' is a network of IPv4`);
  if (!isMasquerade) outside.router.routes.addNetwork(parsePrefix(outer ?? inner), uplink.right);
  router.routes.addNetwork(parsePrefix('::/0'), uplink.left);
  const behaviour = firewallOf(options.firewall ?? (isMasquerade ? 'off' : 'linux'));
  const gateway = new Gateway6(router, {
    outside: uplink.left,
    firewall: behaviour && new Firewall6(router.world, router.name, parsePrefix(inner), behaviour),
    prefixes: translation === 'prefix' ? new PrefixTranslation(parsePrefix(inner), parsePrefix(outer!)) : undefined,
    masquerade: isMasquerade ? masqueradeOf(router, uplink, translation) : undefined,
    nat64: options.nat64 === undefined ? undefined : nat64Of(outside, router, options.nat64, nat64Prefix),
    dns64Prefix: options.nat64 === undefined || options.dns64 === false ? undefined : parsePrefix(nat64Prefix),
  });
  return { prefix: inner, gateway };
}

function firewallOf(firewall: FirewallName | NatBehaviour | 'off'): NatBehaviour | undefined {
  if (firewall === 'off') return undefined;
  return typeof firewall === 'string' ? firewallBehaviour(firewall) : firewall;
}

function masqueradeOf(router: Router, uplink: Connection, nat: NatName | NatBehaviour): Translator {
  const behaviour = typeof nat === 'string' ? natBehaviour(nat) : nat;
  // Any destination will do: the uplink has one address of global scope.
  const external = (): Address => uplink.left.addressFor('::')!;
  return new Translator(router, 'nat66', { behaviour, realm: SAME_REALM, external });
}

function nat64Of(outside: Outside, router: Router, nat: NatName | NatBehaviour, prefix: string): Translator {
  const behaviour = typeof nat === 'string' ? nat64Behaviour(nat) : nat;
  // An address of its own, so that its ports are not those of the IPv4 NAT in the same box.
  const address = outside.alias(router);
  return new Translator(router, 'nat64', { behaviour, realm: nat64Realm(prefix), external: () => address });
}
