/**
 * Classes of attacks for random search, as data: the byzantine counterpart of `fault-classes.ts`, kept apart from it because a
 * fair network does none of this.
 *
 * A class says where its attacker stands and what a strike of it does. Off the path an attacker knows the endpoints of a flow
 * and none of its numbers (the attacker of RFC 5961); on the path he knows what a tap saw, and his packets are as good as
 * the victim's. What a protocol promises against which class is the scenario's. A new class is one row.
 */
import type { Endpoint } from '../../spec/platform.ts';
import { parseAddress } from '../address.ts';
import { ICMP_CODE, ICMP_TYPE, PROTOCOL, TCP_FLAG } from '../packet.ts';
import type { Adversary } from './adversary.ts';
import { forgeDatagram, forgeIcmpError, forgeSegment } from './forge.ts';
import type { Ends } from './forge.ts';
import { MANGLINGS, mangle } from './mangle.ts';
import { floodConnections } from './streams.ts';
import type { TappedPacket, Flow, FlowEnd, Tap } from './tap.ts';

/** One strike: who, at whom, and the knobs. */
export type Strike = {
  readonly adversary: Adversary;
  /** Sees the flows that are struck; off the path only their endpoints are used. */
  readonly tap: Tap;
  /** Where a server takes connections. */
  readonly tcpServer?: Endpoint;
  /** Where somebody takes datagrams from anybody. */
  readonly udpServer?: Endpoint;
  /** What the protocol's messages look like, for those who say them where they must not. */
  readonly phrases: readonly Uint8Array[];
  /** 1 to 100, from mild to severe. */
  readonly strength: number;
  /** 0 to 255: which flow, which way, which bytes. */
  readonly choice: number;
};

/** One class; `strike` gives how many packets or connections it sends, 0 when there was nothing to strike at. */
export type AttackClassRow = {
  readonly stands: 'offPath' | 'onPath';
  readonly strike: (strike: Strike) => number;
};

/** Between two packets of a volley, in microseconds. */
const VOLLEY_MICROS = 500;
/** Between two packets of a flood. */
const FLOOD_MICROS = 50;
/** Packets of a flood for each degree of strength. */
const FLOOD_FACTOR = 10;
const DATAGRAM_BYTES_MAX = 1_200;
/** The dynamic range, from which a flood of SYNs claims to come. */
const PORT_MIN = 1_024;

/** A flow that was seen, one of its ways. */
function flowOf({ tap, choice }: Strike, protocol: Flow['protocol']): Ends | undefined {
  const flows = tap.flows.filter((flow) => flow.protocol === protocol);
  const flow = flows[(choice >> 1) % Math.max(1, flows.length)];
  if (flow === undefined) return undefined;
  return choice % 2 === 0 ? flow : { from: flow.to, to: flow.from };
}

/** A volley of segments in a flow whose numbers nobody knows. */
function blind(flags: number, payloadBytes = 0): AttackClassRow {
  const strike = (strike: Strike): number => {
    const ends = flowOf(strike, 'tcp');
    if (ends === undefined) return 0;
    const { adversary, strength } = strike;
    const { random } = adversary;
    adversary.sendEach(strength, VOLLEY_MICROS, () =>
      forgeSegment(ends, {
        flags,
        sequence: random.uint32(),
        acknowledgment: random.uint32(),
        payload: random.bytes(payloadBytes),
      }),
    );
    return strength;
  };
  return { stands: 'offPath', strike };
}

/** Errors about segments that nobody sent (RFC 5927): their numbers are guessed, too. */
function blindIcmp(strike: Strike): number {
  const ends = flowOf(strike, 'tcp');
  if (ends === undefined) return 0;
  const { adversary, strength, choice } = strike;
  adversary.sendEach(strength, VOLLEY_MICROS, (index) => {
    const segment = forgeSegment(ends, { flags: TCP_FLAG.ack, sequence: adversary.random.uint32() });
    const code = (choice + index) % 2 === 0 ? ICMP_CODE.portUnreachable : ICMP_CODE.fragmentationNeeded;
    return forgeIcmpError(segment, { type: ICMP_TYPE.unreachable, code, nextHopMtu: 68 });
  });
  return strength;
}

/** Datagrams that claim to come from the other end of a flow, with bytes that look like the flow's own. */
function forgedDatagrams(strike: Strike): number {
  const ends = flowOf(strike, 'udp');
  if (ends === undefined) return 0;
  const { adversary, strength } = strike;
  adversary.sendEach(strength, VOLLEY_MICROS, () => forgeDatagram(ends, madeUp(strike)));
  return strength;
}

/** What somebody says who knows what datagrams look like, and none of their secrets. */
function madeUp({ adversary: { random }, phrases }: Strike): Uint8Array {
  const model = phrases.length === 0 ? undefined : random.pick(phrases);
  if (model === undefined) return random.bytes(1 + random.below(DATAGRAM_BYTES_MAX));
  // Well-formed, but for secrets that it does not have.
  if (random.below(4) === 0) return model;
  const bytes = mangle(model, random.pick(MANGLINGS), random);
  // The first byte tells kinds apart; with it a parser goes on to the rest.
  if (bytes.length > 0 && random.below(2) === 0) bytes[0] = model[0]!;
  return bytes;
}

/** From its own address and port, which nobody has heard of. */
function strayDatagrams(strike: Strike): number {
  const to = flowOf(strike, 'udp')?.to ?? (strike.udpServer && endOf(strike.udpServer));
  if (to === undefined) return 0;
  const { adversary, strength } = strike;
  const from = { address: adversary.host.address, port: PORT_MIN + adversary.random.below(0xffff - PORT_MIN) };
  adversary.sendEach(strength, VOLLEY_MICROS, () => forgeDatagram({ from, to }, madeUp(strike)));
  return strength;
}

function datagramFlood(strike: Strike): number {
  const { adversary, udpServer, strength } = strike;
  if (udpServer === undefined) return 0;
  const to = endOf(udpServer);
  const count = FLOOD_FACTOR * strength;
  adversary.sendEach(count, FLOOD_MICROS, () => forgeDatagram({ from: anybody(adversary), to }, madeUp(strike)));
  return count;
}

function synFlood({ adversary, tcpServer, strength }: Strike): number {
  if (tcpServer === undefined) return 0;
  const to = endOf(tcpServer);
  const count = FLOOD_FACTOR * strength;
  adversary.sendEach(count, FLOOD_MICROS, () => {
    const sequence = adversary.random.uint32();
    return forgeSegment({ from: anybody(adversary), to }, { flags: TCP_FLAG.syn, sequence });
  });
  return count;
}

/** A source that does not exist, in the range for documentation: what is sent to it comes back as unreachable. */
function anybody({ random }: Adversary): FlowEnd {
  const address = parseAddress(`203.0.113.${1 + random.below(254)}`);
  return { address, port: PORT_MIN + random.below(0xffff - PORT_MIN) };
}

/** Some of what was captured, the latest first, by a chance of one in the number that `choice` gives. */
function someOf({ tap, choice, strength }: Strike, protocol?: number): readonly TappedPacket[] {
  const known = tap.captured.filter(({ packet }) => protocol === undefined || packet.protocol === protocol);
  const step = 1 + (choice % 4);
  return known.filter((_each, index) => index % step === 0).slice(-strength);
}

/** @param afterMicros - How long after now, for each degree of strength. */
function replay(afterMicros: number, times: number): AttackClassRow {
  const strike = (strike: Strike): number => {
    const packets = someOf(strike);
    const { adversary, strength } = strike;
    for (const each of packets) adversary.replay(each, { afterMicros: afterMicros * strength, times });
    return packets.length * times;
  };
  return { stands: 'onPath', strike };
}

/** To another endpoint that was seen: a secret that is good in one place must be none in another. */
function replayElsewhere(strike: Strike): number {
  const { adversary, tap } = strike;
  const datagrams = someOf(strike, PROTOCOL.udp);
  const ends = tap.flows.filter(({ protocol }) => protocol === 'udp').flatMap(({ from, to }) => [from, to]);
  if (ends.length === 0) return 0;
  for (const each of datagrams) adversary.replay(each, { to: adversary.random.pick(ends) });
  return datagrams.length;
}

/** Captured datagrams with other bytes in them, as from the same sender. */
function changedDatagrams(strike: Strike): number {
  const { adversary } = strike;
  const packets = someOf(strike, PROTOCOL.udp);
  for (const each of packets) {
    const changed = mangle(
      each.packet.payload,
      adversary.random.pick(['damaged', 'truncated', 'overlong']),
      adversary.random,
    );
    adversary.replayChanged(each, changed);
  }
  return packets.length;
}

/** One segment with exactly the next numbers of the flow: TCP cannot tell it from the sender's own. */
function inSequence(flags: number, payload: (strike: Strike) => Uint8Array): AttackClassRow {
  const strike = (strike: Strike): number => {
    const ends = flowOf(strike, 'tcp');
    const next = ends && strike.tap.nextSegment(ends.from, ends.to);
    if (ends === undefined || next === undefined) return 0;
    strike.adversary.send(forgeSegment(ends, { flags, ...next, payload: payload(strike) }));
    return 1;
  };
  return { stands: 'onPath', strike };
}

function wrongPhrase({ adversary: { random }, phrases }: Strike): Uint8Array {
  const model = phrases.length === 0 ? new Uint8Array(0) : random.pick(phrases);
  return mangle(model, random.pick(['random', 'damaged', 'overlong']), random).slice(0, DATAGRAM_BYTES_MAX);
}

function endOf({ address, port }: Endpoint): FlowEnd {
  return { address: parseAddress(address), port };
}

const { rst, syn, ack, psh } = TCP_FLAG;
const NOTHING = (): Uint8Array => new Uint8Array(0);

/** Every class. */
export const ATTACK_CLASSES = {
  /** RST with guessed numbers (RFC 5961 section 3). */
  blindReset: blind(rst),
  /** SYN into a running connection (RFC 5961 section 4). */
  blindSyn: blind(syn),
  /** Data with guessed numbers (RFC 5961 section 5). */
  blindData: blind(ack | psh, 32),
  blindIcmp: { stands: 'offPath', strike: blindIcmp },
  forgedDatagrams: { stands: 'offPath', strike: forgedDatagrams },
  strayDatagrams: { stands: 'offPath', strike: strayDatagrams },
  datagramFlood: { stands: 'offPath', strike: datagramFlood },
  synFlood: { stands: 'offPath', strike: synFlood },
  /** Connections that say nothing, wait, and say no more. */
  silentConnections: { stands: 'offPath', strike: (strike) => floodConnections(strike, 'nothing') },
  /** Connections that say what a client says, as if it were logged on. */
  intrudingConnections: { stands: 'offPath', strike: (strike) => floodConnections(strike, 'phrases') },
  /** Connections that say what nobody says. */
  garbageConnections: { stands: 'offPath', strike: (strike) => floodConnections(strike, 'garbage') },
  /** Packets again, at once. */
  replayNow: replay(0, 2),
  /** Packets again, up to ten seconds later. */
  replayLate: replay(100_000, 1),
  replayElsewhere: { stands: 'onPath', strike: replayElsewhere },
  changedDatagrams: { stands: 'onPath', strike: changedDatagrams },
  /** RST with the right number: the connection is lost. */
  inSequenceReset: inSequence(rst | ack, NOTHING),
  /** Wrong bytes with the right numbers: the stream is spoilt. */
  inSequenceData: inSequence(ack | psh, wrongPhrase),
} as const satisfies Readonly<Record<string, AttackClassRow>>;

export type AttackClass = keyof typeof ATTACK_CLASSES;

/** The classes by name, in the order of the table. */
export const ATTACK_CLASS_NAMES = Object.keys(ATTACK_CLASSES) as readonly AttackClass[];
