/** What may not cross a border at all, and what a SYN gets that nobody asked for: the same for NATs, firewalls and translators. */
import { isEchoReply, isEchoRequest } from '../echo.ts';
import type { EventTarget } from '../event-queue.ts';
import type { NetworkInterface } from '../node.ts';
import { ICMP_TYPE, PROTOCOL, copyPacket, isSyn } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { Router } from '../router.ts';
import { TRACE_KIND } from '../trace-kinds.ts';
import type { NatBehaviour } from './behaviour.ts';
import { resetFor } from './reset.ts';

/** RFC 5382 REQ-4, RFC 6092 REC-34, RFC 6146 section 3.5.2.2: how long a SYN nobody asked for is kept before it is answered. */
const SYN_HOLD_MICROS = 6_000_000;

/** Why a packet may not cross, whoever sent it. */
export function crossingRefusal(
  { blocksUdp, tcpPortsAllowed }: NatBehaviour,
  packet: Packet,
  isFromOutside: boolean,
): 'udpBlocked' | 'tcpPortBlocked' | undefined {
  if (blocksUdp && packet.protocol === PROTOCOL.udp) return 'udpBlocked';
  if (tcpPortsAllowed === undefined || packet.protocol !== PROTOCOL.tcp) return undefined;
  const port = isFromOutside ? packet.sourcePort : packet.destinationPort;
  return tcpPortsAllowed.includes(port) ? undefined : 'tcpPortBlocked';
}

/** Whether it is a ping from inside, or the answer to one, where those are let through (RFC 5508 section 3.1). */
export function isQuery({ icmpQueries }: NatBehaviour, packet: Readonly<Packet>, isOutbound: boolean): boolean {
  return icmpQueries === 'translate' && (isOutbound ? isEchoRequest(packet) : isEchoReply(packet));
}

/** Whoever refused the SYN: how it answers, and whether it would let the SYN in by now. */
export type Refusing = { readonly behaviour: NatBehaviour; admits(packet: Readonly<Packet>): boolean };

type Held = { readonly refusing: Refusing; readonly packet: Packet; readonly from: NetworkInterface };

/** Answers SYNs that nobody asked for, as `tcpUnsolicited` says. */
export class UnsolicitedSyns implements EventTarget {
  readonly #router: Router;
  readonly #icmpCode: number;

  /** `icmpCode` is that of the ICMP errors (type unreachable). */
  constructor(router: Router, icmpCode: number) {
    this.#router = router;
    this.#icmpCode = icmpCode;
  }

  /** A refused packet as it came in by `from`; anything but a SYN gets nothing. */
  answer(refusing: Refusing, packet: Packet, from: NetworkInterface): void {
    if (!isSyn(packet)) return;
    const { tcpUnsolicited } = refusing.behaviour;
    if (tcpUnsolicited === 'reset') from.send(resetFor(packet, this.#router.subject));
    else if (tcpUnsolicited === 'icmp') this.#answerError(packet, from);
    else if (tcpUnsolicited === 'hold') {
      const { world } = this.#router;
      world.schedule(world.nowMicros + SYN_HOLD_MICROS, this, { refusing, packet: copyPacket(packet), from });
    }
  }

  /** Silence when a SYN of our own to that place went out in the meantime. */
  onEvent(argument: unknown): void {
    const { refusing, packet, from } = argument as Held;
    this.#router.world.trace.record(TRACE_KIND.event, this.#router.subject, 0, 0, 0, 0);
    if (!refusing.admits(packet)) this.#answerError(packet, from);
  }

  #answerError(packet: Packet, from: NetworkInterface): void {
    this.#router.answerError(packet, from, ICMP_TYPE.unreachable, this.#icmpCode);
  }
}
