/** A home with IPv6 and two servers outside, and what happened there. For the laws of IPv6. */
import {
  BLIND_OBSERVER,
  DROP_REASON,
  Internet,
  Lan,
  World,
  formatAddress,
  observe,
  parseAddress,
} from '../../../sim/index.ts';
import type { DropReason, Host, LanIpv6Options, Packet } from '../../../sim/index.ts';
import type { UdpSocket } from '../../../spec/platform.ts';
import type { FidelityRow } from '../model.ts';

export type Row = Omit<FidelityRow, 'area'>;

export const SECOND = 1_000_000;

/** A row whose measured value must be the expected one, word for word. */
export function exactly(law: string, expected: unknown, measured: unknown): Row {
  const [wanted, got] = [textOf(expected), textOf(measured)];
  return { law, expected: wanted, measured: got, holds: wanted === got };
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(textOf).join(', ') : String(value);
}

/** A bound socket and the texts it got, with their sender. */
export type Box = { readonly socket: UdpSocket; readonly got: { readonly text: string; readonly from: string }[] };

/** One world. */
export class Scene {
  readonly world = new World({ seed: 1 });
  readonly internet = new Internet(this.world, { prefix6: '2001:db8::/32' });
  readonly server = this.internet.host('server');
  readonly other = this.internet.host('other');
  readonly home: Lan;
  readonly inner: Host;
  /** What the home's router dropped, and why. */
  readonly drops: DropReason[] = [];

  constructor(ipv6: LanIpv6Options) {
    this.home = new Lan(this.internet, 'home', { nat: 'linux', ipv6 });
    this.inner = this.home.host('inner', { families: 'ipv6' });
    const reasons = Object.keys(DROP_REASON) as DropReason[];
    observe(this.world, {
      ...BLIND_OBSERVER,
      onDrop: (subject, _packet, code) => {
        if (this.world.trace.subjectName(subject) === 'home') this.drops.push(reasons[code]!);
      },
    });
  }

  box(host: Host, port: number): Box {
    const got: Box['got'] = [];
    const socket = host.platform().bindUdp(
      { port },
      {
        onMessage: (bytes, from) =>
          got.push({ text: String.fromCharCode(...bytes), from: `${from.address} ${from.port}` }),
      },
    );
    this.wait(1);
    return { socket, got };
  }

  send(box: Box, address: string, port: number, sizeBytes = 1): void {
    box.socket.send(new Uint8Array(sizeBytes).fill(120), { address, port });
    this.wait(200_000);
  }

  wait(micros = SECOND): void {
    this.world.runUntil(this.world.nowMicros + micros);
  }

  /** Kinds of the ICMP errors a host gets from now on, with what they say of the MTU. */
  errorsAt(host: Host): string[] {
    const kinds: string[] = [];
    host.interfaces[0]!.addTap((packet) => {
      if (isErrorFor(host, packet)) kinds.push(`${packet.icmpType}/${packet.icmpCode}${mtuText(packet)}`);
    });
    return kinds;
  }
}

function isErrorFor(host: Host, packet: Readonly<Packet>): boolean {
  return (packet.protocol === 1 || packet.protocol === 58) && host.ownsAddress(packet.destination);
}

function mtuText({ nextHopMtu }: Readonly<Packet>): string {
  return nextHopMtu === 0 ? '' : ` mtu ${nextHopMtu}`;
}

export function addressOf(host: Host, family: 4 | 6): string {
  return host
    .platform()
    .localAddresses()
    .find((each) => each.includes(':') === (family === 6))!;
}

/** Where a host behind a NAT64 finds one of IPv4. */
export function mapped(host: Host): string {
  return formatAddress(parseAddress(`64:ff9b::${addressOf(host, 4)}`));
}
