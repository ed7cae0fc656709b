/**
 * The IPv6 side of a home router: stands before its IPv4 NAT, and passes packets of IPv6 between inside and outside through a
 * firewall, a translation of prefixes or a masquerade, and to the IPv4 outside by NAT64.
 *
 * `new Lan(internet, 'home', { nat, ipv6: { ... } })` makes one; `lan.gateway6` is it. A packet is translated before the firewall
 * sees it on its way in, and after it on its way out, so the firewall knows inner addresses only. Every packet it drops is in
 * the trace with the reason.
 */
import type { Address6, Prefix } from '../address.ts';
import type { NatBehaviour } from '../nat/behaviour.ts';
import type { MappingView } from '../nat/nat.ts';
import { UnsolicitedSyns, crossingRefusal } from '../nat/crossing.ts';
import type { NetworkInterface } from '../node.ts';
import { ICMP_CODE, ICMP_TYPE, PROTOCOL, copyPacket, isIcmp } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { PacketGate, Router } from '../router.ts';
import type { DropReason } from '../trace-kinds.ts';
import type { Firewall6 } from './firewall.ts';
import type { PrefixTranslation } from './prefix-translation.ts';
import type { Translator } from './translator.ts';

/** What a gateway is made of; all but the outside may be missing. */
export type GatewayParts = {
  readonly outside: NetworkInterface;
  readonly firewall?: Firewall6 | undefined;
  readonly prefixes?: PrefixTranslation | undefined;
  readonly masquerade?: Translator | undefined;
  readonly nat64?: Translator | undefined;
  /** The prefix of the NAT64, where the resolver inside makes up addresses from it. */
  readonly dns64Prefix?: Prefix | undefined;
};

/** What stands between the IPv6 of a LAN and the rest. */
export class Gateway6 implements PacketGate {
  readonly parts: GatewayParts;
  readonly dns64Prefix: Prefix | undefined;
  readonly #router: Router;
  readonly #syns: UnsolicitedSyns;

  constructor(router: Router, parts: GatewayParts) {
    this.#router = router;
    this.#syns = new UnsolicitedSyns(router, ICMP_CODE.administrativelyProhibited);
    this.parts = parts;
    this.dns64Prefix = parts.dns64Prefix;
    router.gate = this;
  }

  take(packet: Packet, from: NetworkInterface): boolean {
    const { nat64, outside } = this.parts;
    const isOfSix = typeof packet.source === 'string';
    if (!isOfSix && packet.destination !== nat64?.external) return false;
    // A packet that is at its end is answered as it came, not as it would leave.
    if (packet.timeToLive <= 1) this.#router.forward(packet, from);
    else if (!isOfSix) this.#fromFour(nat64!, packet, from);
    else if (from === outside) this.#inbound(packet, from);
    else this.#outbound(packet, from);
    return true;
  }

  /** Sessions and mappings are gone, as after a power cut. */
  reboot(): void {
    this.parts.firewall?.reboot();
    this.parts.masquerade?.reboot();
    this.parts.nat64?.reboot();
  }

  mappings(): MappingView[] {
    return [this.parts.masquerade, this.parts.nat64].flatMap((each) => each?.mappings() ?? []);
  }

  #outbound(packet: Packet, from: NetworkInterface): void {
    const { nat64, outside, firewall } = this.parts;
    if (nat64?.leadsOut(packet.destination as Address6) === true) {
      this.#toFour(nat64, packet, from);
      return;
    }
    const isCrossing = this.#router.routes.find(packet.destination) === outside;
    const isHairpin = packet.destination === this.parts.masquerade?.external;
    if (isCrossing || isHairpin) {
      if (!this.#fits(packet, from, outside, 0)) return;
      const refusal = this.#forbids(firewall?.behaviour, packet, false) ?? firewall?.outbound(packet);
      if (refusal !== undefined) {
        this.#router.drop(packet, refusal);
        if (refusal === 'badSource') this.#answerProhibited(packet, from);
        return;
      }
      if (!this.#translateOut(packet, from)) return;
    }
    this.#router.forward(packet, from);
  }

  #inbound(packet: Packet, from: NetworkInterface): void {
    const { masquerade, firewall } = this.parts;
    const untranslated = firewall === undefined && masquerade === undefined ? undefined : copyPacket(packet);
    const refusal = this.#translateIn(packet) ?? this.#forbids(firewall?.behaviour, packet, true);
    const reason = refusal ?? firewall?.inbound(packet);
    if (reason === undefined) {
      this.#router.forward(packet, from);
      return;
    }
    this.#router.drop(packet, reason);
    const refusing = refusal === undefined ? firewall : masquerade;
    if (refusing !== undefined && untranslated !== undefined) this.#syns.answer(refusing, untranslated, from);
  }

  /** False when the packet ended here. */
  #translateOut(packet: Packet, from: NetworkInterface): boolean {
    const { prefixes, masquerade } = this.parts;
    const reason = masquerade === undefined ? this.#mapPrefix(packet, prefixes) : masquerade.outbound(packet, from);
    if (reason === undefined) return true;
    this.#router.drop(packet, reason);
    // RFC 6296 section 3.4: a subnet of all ones cannot be translated, and its sender is told.
    if (reason === 'notTranslatable') this.#answerProhibited(packet, from);
    return false;
  }

  #mapPrefix(packet: Packet, prefixes: PrefixTranslation | undefined): DropReason | undefined {
    if (prefixes === undefined) return undefined;
    const source = prefixes.outward(packet.source as Address6);
    if (source === undefined) return 'notTranslatable';
    packet.source = source;
    const { quoted } = packet;
    if (quoted !== undefined) {
      const destination = prefixes.outward(quoted.destination as Address6);
      if (destination === undefined) return 'notTranslatable';
      quoted.destination = destination;
    }
    return undefined;
  }

  #translateIn(packet: Packet): DropReason | undefined {
    const { prefixes, masquerade } = this.parts;
    if (masquerade !== undefined) {
      return packet.destination === masquerade.external ? masquerade.inbound(packet) : 'noRoute';
    }
    if (prefixes === undefined) return undefined;
    const destination = prefixes.inward(packet.destination as Address6);
    if (destination === undefined) return 'notTranslatable';
    packet.destination = destination;
    const source = packet.quoted === undefined ? undefined : prefixes.inward(packet.quoted.source as Address6);
    if (packet.quoted !== undefined && source !== undefined) packet.quoted.source = source;
    return undefined;
  }

  /** From an inner host of IPv6 to the outside of IPv4. */
  #toFour(nat64: Translator, packet: Packet, from: NetworkInterface): void {
    if (!this.#fits(packet, from, this.parts.outside, nat64.savedBytes)) return;
    const reason = this.#forbids(nat64.behaviour, packet, false) ?? nat64.outbound(packet, from);
    if (reason === undefined) this.#router.forward(packet, from);
    else this.#router.drop(packet, reason);
  }

  #fromFour(nat64: Translator, packet: Packet, from: NetworkInterface): void {
    const inner = nat64.innerAddressOf(packet);
    const via = inner === undefined ? undefined : this.#router.routes.find(inner);
    // A segment that would be too long for the inside is refused while it is still one of IPv4 (RFC 7915 section 4).
    if (via !== undefined && !this.#fits(packet, from, via, -nat64.savedBytes)) return;
    const original = copyPacket(packet);
    const reason = this.#forbids(nat64.behaviour, packet, true) ?? nat64.inbound(packet);
    if (reason !== undefined) {
      this.#router.drop(packet, reason);
      this.#syns.answer(nat64, original, from);
      return;
    }
    if (via !== undefined && packet.sizeBytes > via.mtuBytes) packet.nextHopMtu = via.mtuBytes;
    this.#router.forward(packet, from);
  }

  /** False when the packet is too long for where it goes, and its sender was told so in its own family. */
  #fits(packet: Packet, from: NetworkInterface, via: NetworkInterface, savedBytes: number): boolean {
    const isCut = packet.protocol === PROTOCOL.udp && (typeof packet.source === 'number' || savedBytes > 0);
    const fitsCut = packet.nextHopMtu > 0 && packet.nextHopMtu - savedBytes <= via.mtuBytes;
    if (packet.sizeBytes - savedBytes <= via.mtuBytes || isCut || fitsCut || isIcmp(packet)) return true;
    this.#router.drop(packet, 'tooBig');
    const { unreachable } = ICMP_TYPE;
    const mtuBytes = via.mtuBytes + savedBytes;
    if (!via.isBlackHole) this.#router.answerError(packet, from, unreachable, ICMP_CODE.fragmentationNeeded, mtuBytes);
    return false;
  }

  /** What may not cross at all, whoever sent it. */
  #forbids(behaviour: NatBehaviour | undefined, packet: Packet, isFromOutside: boolean): DropReason | undefined {
    return behaviour && crossingRefusal(behaviour, packet, isFromOutside);
  }

  #answerProhibited(packet: Packet, from: NetworkInterface): void {
    this.#router.answerError(packet, from, ICMP_TYPE.unreachable, ICMP_CODE.administrativelyProhibited);
  }
}
