/**
 * How a NAT behaves, in the words of RFC 4787, RFC 5382, RFC 5508 and RFC 6888. Types and the plain defaults; data only.
 *
 * `presets.ts` has behaviours with names and checks the ranges. A time that is `undefined` is as long as the one it refines.
 */
import type { Address } from '../address.ts';
import type { Protocol } from '../packet.ts';
import type { RandomStream } from '../random.ts';

/** What a decision depends on: nothing of the remote side, its address, or its address and port. */
export type NatDependence = 'endpointIndependent' | 'addressDependent' | 'addressAndPortDependent';

/** The two ends of a packet, as a NAT sees them. */
export type Flow = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  readonly remoteAddress: Address;
  readonly remotePort: number;
};

/** What a rule of one's own for ports is given. */
export type PortQuestion = {
  readonly flow: Flow;
  readonly portMin: number;
  readonly portMax: number;
  /** Whether the port may be given out now. */
  readonly isFree: (port: number) => boolean;
  /** The NAT's own stream; draw from nothing else. */
  readonly stream: RandomStream;
};

/** A rule of one's own: the port, or undefined when there is none. A port that is not free counts as none. */
export type PortRule = (question: PortQuestion) => number | undefined;

/**
 * Which external port a new mapping gets. `preserving`: the inner port while it is free; `preservingParity`: the same, and
 * what replaces it is even or odd as it was (RFC 4787 section 4.2.2); `sequential`: one after the other, `portStep` apart;
 * `random`: any free one; `block`: the lowest free one of the inner host's own `portsPerBlock` (RFC 6888 section 4);
 * `contiguous`: any for the inner host's first mapping, and the next free one above its last for all others.
 */
export type PortAllocation =
  'preserving' | 'preservingParity' | 'sequential' | 'random' | 'block' | 'contiguous' | PortRule;

export type NatBehaviour = {
  /** When an inner endpoint keeps its external port (RFC 4787 section 4.1). */
  readonly mapping: NatDependence;
  /** Which remote endpoints may send in (RFC 4787 section 5). */
  readonly filtering: NatDependence;
  readonly allocation: PortAllocation;
  readonly portMin: number;
  readonly portMax: number;
  /** From one port to the next with `sequential`: not 0, and below zero to count down. */
  readonly portStep: number;
  /** With `block`. */
  readonly portsPerBlock: number;
  /**
   * What a preserved port that is taken gives way to: the `next` free one above, a `random` one, none (`refuse`), or itself
   * all the same: shared (`overload`: two inner endpoints have one external port, told apart by the remote one), or taken away
   * from who had it (`override`).
   */
  readonly portClash: 'next' | 'random' | 'refuse' | 'overload' | 'override';
  /**
   * For whom a port that is in use is taken: for all flows, or only for those to the same remote endpoint, as with
   * connection tracking (for mappings that depend on address and port).
   */
  readonly portScope: 'all' | 'remoteEndpoint';
  /** How an inner endpoint is mapped from its first clash on: a NAT that changes its mind (against RFC 4787 REQ-11). */
  readonly mappingAfterClash: NatDependence | undefined;
  /** A mapping that old gets a new port with the next packet out: another way to break REQ-11. */
  readonly remapMicros: number | undefined;
  /** With several external addresses: always the same for one inner host (`paired`, RFC 4787 REQ-2), or any. */
  readonly pooling: 'paired' | 'arbitrary';
  /** What becomes of mappings when the external address changes: they move along, or are gone. */
  readonly onRenumber: 'keep' | 'flush';
  /** Idle life of a UDP mapping (RFC 4787 REQ-5: at least two minutes). */
  readonly udpMappingMicros: number;
  /** The same until the first answer came in. */
  readonly udpUnrepliedMicros: number | undefined;
  /**
   * A session that was answered keeps the unreplied life until a packet passes later than that after its first one, as with
   * Linux's connection tracking. Undefined: the first answer is enough.
   */
  readonly udpStreamAfterMicros: number | undefined;
  /** How long a filter stays open for a remote endpoint that UDP went out to. */
  readonly udpFilterMicros: number | undefined;
  /**
   * What keeps a UDP mapping alive (RFC 4787 REQ-6): packets out, packets in (filtered ones, too), both, or packets out and
   * those that were let in.
   */
  readonly udpRefresh: 'outbound' | 'inbound' | 'both' | 'outboundAndAdmitted';
  /** Idle life of a TCP mapping after the handshake (RFC 5382 REQ-5: at least 2 h 4 min). */
  readonly tcpEstablishedMicros: number;
  /** The same before the handshake is done (at least 4 min). */
  readonly tcpTransitoryMicros: number;
  /** The same after FIN both ways, or RST. */
  readonly tcpClosingMicros: number | undefined;
  /** Whether a SYN from outside may cross ours (RFC 5382 REQ-2 says it must). */
  readonly tcpSimultaneousOpen: boolean;
  /** Segments outside of the windows that passed are dropped (`inWindow`, as connection tracking does), or not looked at. */
  readonly tcpSequenceCheck: 'off' | 'inWindow';
  /** What a RST that passes does to its session: it stays for the closing time (RFC 7857 section 2.1), or is gone. */
  readonly tcpReset: 'closing' | 'removes';
  /**
   * What an unsolicited SYN gets: nothing, RST, ICMP port unreachable at once, or the same after 6 s unless ours went out
   * meanwhile (RFC 5382 REQ-4).
   */
  readonly tcpUnsolicited: 'drop' | 'reset' | 'icmp' | 'hold';
  /** Inner hosts may only dial these remote ports; undefined for all. */
  readonly tcpPortsAllowed: readonly number[] | undefined;
  /** A middlebox that lets no UDP through, either way. */
  readonly blocksUdp: boolean;
  /**
   * Whether inner hosts reach each other by external addresses, and what the receiver sees: the sender's external endpoint,
   * with filters as for anybody (RFC 4787 REQ-9), or its inner one, unfiltered.
   */
  readonly hairpin: 'off' | 'externalSource' | 'internalSource';
  /**
   * What the answer to an admitted packet leaves by, when the mapping depends on the endpoint: the mapping it came in by
   * (true, as with connection tracking) or a new one (false, RFC 4787 by the letter).
   */
  readonly inboundSession: boolean;
  /** ICMP errors: translated (RFC 5508 REQ-3), dropped, or taken as the end of the mapping they are about. */
  readonly icmpErrors: 'translate' | 'ignore' | 'killMapping';
  /** Pings from inside, and their answers: translated (RFC 5508 REQ-1), or dropped. */
  readonly icmpQueries: 'translate' | 'drop';
  /** Life of a ping's mapping after the last request (RFC 5508 REQ-2: at least 60 s). */
  readonly icmpQueryMicros: number;
  /** Mappings one inner host may have (RFC 6888 REQ-3); undefined for no limit. */
  readonly portsPerHostMax: number | undefined;
  /** Sessions in the whole table; undefined for no limit. */
  readonly sessionsMax: number | undefined;
  /** When ports or sessions run out: silence, ICMP 3/13 to the sender, or the mapping least recently used goes. */
  readonly whenExhausted: 'refuse' | 'icmp' | 'evict';
  /** A port that became free is not given out again for so long (RFC 6888 REQ-8: 120 s). */
  readonly quarantineMicros: number;
  /**
   * Ports that need no quarantine (RFC 6888 REQ-8 A, B and C): those of TCP, those of a block of the host's own, those whose
   * filter depended on the remote end.
   */
  readonly quarantineExempts: readonly ('tcp' | 'block' | 'filtered')[];
  /** A remote address that sends that many unsolicited packets within the time is cut off for the same time. */
  readonly blockRemote: { readonly packets: number; readonly micros: number } | undefined;
  /** So many new mappings in any stretch of that length, not more. */
  readonly newMappingsMax: { readonly count: number; readonly micros: number } | undefined;
  /** Neighbours take UDP ports, on average one in so many microseconds (a Poisson process), and keep each as anyone does. */
  readonly crossTrafficMicros: number | undefined;
};

const SECOND = 1_000_000;

/** Full cone, random ports, the shortest lives the RFCs allow, nothing special. */
export const PLAIN_BEHAVIOUR: NatBehaviour = {
  mapping: 'endpointIndependent',
  filtering: 'endpointIndependent',
  allocation: 'random',
  portMin: 1_024,
  portMax: 65_535,
  portStep: 1,
  portsPerBlock: 512,
  portClash: 'next',
  portScope: 'all',
  mappingAfterClash: undefined,
  remapMicros: undefined,
  pooling: 'paired',
  onRenumber: 'keep',
  udpMappingMicros: 120 * SECOND,
  udpUnrepliedMicros: undefined,
  udpStreamAfterMicros: undefined,
  udpFilterMicros: undefined,
  udpRefresh: 'outbound',
  tcpEstablishedMicros: 7_440 * SECOND,
  tcpTransitoryMicros: 240 * SECOND,
  tcpClosingMicros: undefined,
  tcpSimultaneousOpen: true,
  tcpSequenceCheck: 'off',
  tcpReset: 'closing',
  tcpUnsolicited: 'drop',
  tcpPortsAllowed: undefined,
  blocksUdp: false,
  hairpin: 'off',
  inboundSession: false,
  icmpErrors: 'translate',
  icmpQueries: 'translate',
  icmpQueryMicros: 60 * SECOND,
  portsPerHostMax: undefined,
  sessionsMax: undefined,
  whenExhausted: 'refuse',
  quarantineMicros: 0,
  quarantineExempts: [],
  blockRemote: undefined,
  newMappingsMax: undefined,
  crossTrafficMicros: undefined,
};
