/**
 * How a NAT behaves, in the words of RFC 4787 and RFC 5382, and the four classic types of RFC 3489 as presets. Data only.
 */
import { checkInteger } from './errors.ts';

/** What a decision depends on: nothing of the remote side, its address, or its address and port. */
export type NatDependence = 'endpointIndependent' | 'addressDependent' | 'addressAndPortDependent';

export type NatBehaviour = {
  /** When an inner endpoint keeps its external port (RFC 4787 section 4.1). */
  readonly mapping: NatDependence;
  /** Which remote endpoints may send in (RFC 4787 section 5). */
  readonly filtering: NatDependence;
  /**
   * Which external port a new mapping gets. `preserving`: the inner port while it is free, else the next free one above;
   * `sequential`: one after the other; `random`: any free one.
   */
  readonly allocation: 'preserving' | 'sequential' | 'random';
  readonly portMin: number;
  readonly portMax: number;
  /** Idle life of a UDP mapping (RFC 4787 REQ-5: at least two minutes). */
  readonly udpMappingMicros: number;
  /** Whether packets from outside keep a UDP mapping alive, too; packets from inside always do (RFC 4787 REQ-6). */
  readonly udpRefreshInbound: boolean;
  /** Idle life of a TCP mapping after the handshake (RFC 5382 REQ-5: at least 2 h 4 min). */
  readonly tcpEstablishedMicros: number;
  /** The same before the handshake is done, and after FIN or RST (at least 4 min). */
  readonly tcpTransitoryMicros: number;
  /** Whether inner hosts reach each other by external addresses; the source is then translated as well (REQ-9). */
  readonly hairpin: boolean;
  /**
   * What the answer to an admitted packet leaves by, when the mapping depends on the endpoint: the mapping it came in by
   * (true, as with connection tracking) or a new one (false, RFC 4787 by the letter).
   */
  readonly inboundSession: boolean;
  /** What an unsolicited SYN gets (RFC 5382 REQ-4 wants silence at first). */
  readonly tcpUnsolicited: 'drop' | 'reset';
  /** A middlebox that lets no UDP through, either way. */
  readonly blocksUdp: boolean;
};

const SECOND = 1_000_000;

const COMMON: NatBehaviour = {
  mapping: 'endpointIndependent',
  filtering: 'endpointIndependent',
  allocation: 'random',
  portMin: 1_024,
  portMax: 65_535,
  udpMappingMicros: 120 * SECOND,
  udpRefreshInbound: false,
  tcpEstablishedMicros: 7_440 * SECOND,
  tcpTransitoryMicros: 240 * SECOND,
  hairpin: false,
  inboundSession: false,
  tcpUnsolicited: 'drop',
  blocksUdp: false,
};

/** The classic types (RFC 3489 section 5), two that differ in allocation, and one that blocks UDP. */
export const NAT_PRESETS = {
  fullCone: COMMON,
  restrictedCone: { ...COMMON, filtering: 'addressDependent' },
  portRestricted: { ...COMMON, filtering: 'addressAndPortDependent' },
  symmetric: { ...COMMON, mapping: 'addressAndPortDependent', filtering: 'addressAndPortDependent' },
  symmetricSequential: {
    ...COMMON,
    mapping: 'addressAndPortDependent',
    filtering: 'addressAndPortDependent',
    allocation: 'sequential',
  },
  /** Symmetric in its tables, but the port is kept while nobody else has it: what a plain Linux router does. */
  linux: {
    ...COMMON,
    mapping: 'addressAndPortDependent',
    filtering: 'addressAndPortDependent',
    allocation: 'preserving',
    udpRefreshInbound: true,
    inboundSession: true,
  },
  /** What some companies have: TCP from inside only, and no UDP at all. */
  udpBlocked: { ...COMMON, filtering: 'addressAndPortDependent', blocksUdp: true },
} as const satisfies Record<string, NatBehaviour>;

export type NatPreset = keyof typeof NAT_PRESETS;

/**
 * A preset, or a preset with changes, with its ranges checked.
 *
 * @throws SimError `usage` - a port range or a lifetime makes no sense.
 */
export function natBehaviour(preset: NatPreset, changes: Partial<NatBehaviour> = {}): NatBehaviour {
  const behaviour: NatBehaviour = { ...NAT_PRESETS[preset], ...changes };
  checkInteger('portMin', behaviour.portMin, 1, 65_535);
  checkInteger('portMax', behaviour.portMax, behaviour.portMin, 65_535);
  checkInteger('udpMappingMicros', behaviour.udpMappingMicros, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('tcpEstablishedMicros', behaviour.tcpEstablishedMicros, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('tcpTransitoryMicros', behaviour.tcpTransitoryMicros, 1, Number.MAX_SAFE_INTEGER);
  return behaviour;
}
