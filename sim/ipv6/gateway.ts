/**
 * The IPv6 side of a home router: stands before its IPv4 NAT, and passes packets of IPv6 between inside and outside.
 *
 * `new Lan(internet, 'home', { nat, ipv6: {} })` makes one; `lan.six` is it.
 */
import type { NetworkInterface } from '../node.ts';
import type { Packet } from '../packet.ts';
import type { PacketGate, Router } from '../router.ts';

/** What stands between the IPv6 of a LAN and the rest. */
export class Gateway6 implements PacketGate {
  readonly #router: Router;

  constructor(router: Router) {
    this.#router = router;
    router.gate = this;
  }

  take(packet: Packet, from: NetworkInterface): boolean {
    if (typeof packet.source === 'number') return false;
    this.#router.forward(packet, from);
    return true;
  }
}
