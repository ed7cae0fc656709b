/** How long a host's firewall remembers a flow after its last packet: found by bisection, to the microsecond. */
import { PROTOCOL, TCP_FLAG, createPacket } from '../../../sim/packet.ts';
import { Firewall } from '../../../sim/host/firewall.ts';
import type { FidelityRow } from '../model.ts';

const SECOND = 1_000_000;
const { syn, ack, fin, rst } = TCP_FLAG;

/** Packets of one flow: when, which way, and the TCP flags; -1 is UDP. */
type Story = {
  readonly law: string;
  readonly seconds: number;
  readonly packets: readonly (readonly [atSecond: number, way: 'in' | 'out', flags: number])[];
};

const OPENING = [
  [0, 'out', syn],
  [1, 'in', syn | ack],
  [2, 'out', ack],
] as const;

const STORIES: readonly Story[] = [
  { law: 'an unanswered datagram (nf_conntrack_udp_timeout)', seconds: 30, packets: [[0, 'out', -1]] },
  {
    law: 'an answer within two seconds (nf_conntrack_udp_timeout)',
    seconds: 30,
    packets: [
      [0, 'out', -1],
      [1, 'in', -1],
    ],
  },
  {
    law: 'a stream of datagrams (nf_conntrack_udp_timeout_stream)',
    seconds: 120,
    packets: [
      [0, 'out', -1],
      [3, 'in', -1],
    ],
  },
  { law: 'a SYN (nf_conntrack_tcp_timeout_syn_sent)', seconds: 120, packets: [[0, 'out', syn]] },
  { law: 'an open connection (nf_conntrack_tcp_timeout_established)', seconds: 432_000, packets: OPENING },
  {
    law: 'a connection taken up in its middle (nf_conntrack_tcp_loose)',
    seconds: 432_000,
    packets: [[0, 'out', ack]],
  },
  {
    law: 'a connection that closes (nf_conntrack_tcp_timeout_fin_wait)',
    seconds: 120,
    packets: [...OPENING, [3, 'out', fin | ack], [4, 'in', ack]],
  },
  {
    law: 'a reset connection (nf_conntrack_tcp_timeout_close)',
    seconds: 10,
    packets: [...OPENING, [3, 'in', rst]],
  },
];

export function firewallLaws(): readonly FidelityRow[] {
  return STORIES.map((story) => {
    const micros = lifeMicros(story);
    return {
      area: 'hosts',
      law: `a firewall remembers ${story.law}`,
      expected: `${story.seconds} s`,
      measured: `${micros / SECOND} s`,
      holds: micros === story.seconds * SECOND,
    };
  });
}

function lifeMicros(story: Story): number {
  const lastMicros = story.packets.at(-1)![0] * SECOND;
  let [remembered, forgotten] = [0, 10 * 86_400 * SECOND];
  while (forgotten - remembered > 1) {
    const middle = Math.floor((remembered + forgotten) / 2);
    if (isRemembered(story, lastMicros + middle)) remembered = middle;
    else forgotten = middle;
  }
  return forgotten;
}

function isRemembered({ packets }: Story, atMicros: number): boolean {
  const firewall = new Firewall({});
  for (const [second, way, flags] of packets) {
    const protocol = flags < 0 ? PROTOCOL.udp : PROTOCOL.tcp;
    const [own, other] = [1, 2];
    const packet =
      way === 'out'
        ? createPacket(protocol, own, 10, other, 20, new Uint8Array(0))
        : createPacket(protocol, other, 20, own, 10, new Uint8Array(0));
    packet.flags = Math.max(0, flags);
    firewall.judge(packet, way, second * SECOND);
  }
  return firewall.flowCount(atMicros) > 0;
}
