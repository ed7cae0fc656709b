/**
 * The laws TCP must obey: throughput under loss against published models, and the exact times of its repeats.
 *
 * The models are computed here, in floating point, from their papers: Padhye, Firoiu, Towsley, Kurose 1998 (PFTK, which counts
 * the timeouts of plain Reno, so it is asked only where a timeout is not many round trips long), Mathis, Semke, Mahdavi, Ott
 * 1997, and RFC 9438 section 5.1.
 */
import { ECN, ratio } from '../../sim/index.ts';
import type { LinkRule, TcpOptions } from '../../sim/index.ts';
import type { FidelityRow } from './model.ts';
import { segmentsPerSecond } from './tcp-bulk.ts';
import { timingLaws } from './tcp-timing.ts';

const AREA = 'tcp';
const TOLERANCE = 0.15;
const RTO_SECONDS_MIN = 0.2;
const LENGTH_FULL: TransferLength = { packets: 60_000, cycles: 20 };

/** How long a transfer is: packets, and cycles from loss to loss, both at least; half as much goes before. */
export type TransferLength = { readonly packets: number; readonly cycles: number };

/** Round trip in seconds, and one packet in so many is lost. */
type Path = { readonly rtt: number; readonly every: number };
type Law = {
  readonly name: string;
  readonly paths: readonly Path[];
  readonly tcp: Partial<TcpOptions>;
  readonly model: (p: number, rtt: number) => number;
  /** Losses drawn independently; otherwise every n-th packet with data, as the model has it. */
  readonly isRandom?: boolean;
  /** Marks instead of losses. */
  readonly isMarked?: boolean;
};

const SACK: Partial<TcpOptions> = { selectiveAcknowledgments: true };
const LAWS: readonly Law[] = [
  {
    name: 'NewReno, independent loss (PFTK)',
    paths: [path(50, 50), path(100, 100), path(300, 100), path(40, 400), path(200, 1_000)],
    tcp: {},
    model: pftk,
    isRandom: true,
  },
  {
    name: 'Reno with SACK, periodic loss (Mathis)',
    paths: [path(50, 50), path(300, 100), path(10, 200), path(40, 400), path(200, 1_000)],
    tcp: SACK,
    model: mathis,
  },
  {
    name: 'CUBIC with SACK, periodic loss (RFC 9438 5.1)',
    paths: [path(20, 200), path(200, 1_000), path(300, 2_000), path(100, 5_000), path(50, 5_000)],
    tcp: { ...SACK, congestionControl: 'cubic' },
    model: cubicResponse,
  },
  {
    name: 'Reno with ECN, periodic marks (RFC 3168 6.1.2, Mathis)',
    paths: [path(50, 100), path(100, 400)],
    tcp: { ...SACK, ecn: 'request' },
    model: mathis,
    isMarked: true,
  },
];

/** All laws of TCP with long transfers, for the table. */
export function tcpArea(): FidelityRow[] {
  return tcpLaws(LENGTH_FULL);
}

/** All laws of TCP; the shorter the transfers, the rougher the throughput. */
export function tcpLaws(length: TransferLength): FidelityRow[] {
  const throughput = LAWS.flatMap((law) => law.paths.map((each) => throughputRow(law, each, length)));
  return [...throughput, ...timingLaws()].map((row) => ({ area: AREA, ...row }));
}

function throughputRow(law: Law, { rtt, every }: Path, length: TransferLength): Omit<FidelityRow, 'area'> {
  const expected = law.model(1 / every, rtt);
  const seconds = Math.max(length.packets, length.cycles * every) / expected;
  const measured = segmentsPerSecond({
    roundTripMicros: rtt * 1e6,
    tcp: law.tcp,
    ...(law.isRandom === true ? { loss: ratio(1, every) } : { rule: everyNth(every, law.isMarked === true) }),
    warmUpMicros: Math.ceil((seconds / 2) * 1e6),
    micros: Math.ceil(seconds * 1e6),
  });
  const error = measured / expected - 1;
  return {
    law: `${law.name}: RTT ${rtt * 1_000} ms, p 1/${every}`,
    expected: `${expected.toFixed(1)} segments/s +- ${TOLERANCE * 100} %`,
    measured: `${measured.toFixed(1)} (${error >= 0 ? '+' : ''}${(error * 100).toFixed(1)} %)`,
    holds: Math.abs(error) <= TOLERANCE,
  };
}

function path(rttMillis: number, every: number): Path {
  return { rtt: rttMillis / 1_000, every };
}

/** Counts packets with data, and drops or marks every n-th. */
function everyNth(every: number, isMarked: boolean): LinkRule {
  let count = 0;
  return (packet) => {
    if (packet.payload.length === 0) return 'pass';
    count += 1;
    if (count % every !== 0) return 'pass';
    if (!isMarked) return 'drop';
    if (packet.ecn !== ECN.capable0) throw new Error('data without ECT: there is nothing to mark');
    (packet as { ecn: number }).ecn = ECN.congestion;
    return 'pass';
  };
}

/** Segments a second, one acknowledgment for each segment. */
function mathis(p: number, rtt: number): number {
  return Math.sqrt(3 / (2 * p)) / rtt;
}

/** Equation 30 of the paper, one acknowledgment for each segment. */
function pftk(p: number, rtt: number): number {
  const timeout = Math.max(RTO_SECONDS_MIN, rtt);
  const halving = rtt * Math.sqrt((2 * p) / 3);
  return 1 / (halving + timeout * Math.min(1, 3 * Math.sqrt((3 * p) / 8)) * p * (1 + 32 * p * p));
}

/** Section 5.1, or the window of the Reno-friendly region (section 4.3) where that is larger. */
function cubicResponse(p: number, rtt: number): number {
  const [c, beta] = [0.4, 0.7];
  const cubic = ((c * (3 + beta)) / (4 * (1 - beta))) ** 0.25 * (rtt / p) ** 0.75;
  const alpha = (3 * (1 - beta)) / (1 + beta);
  const friendly = Math.sqrt((alpha * (1 + beta)) / (2 * (1 - beta) * p));
  return Math.max(cubic, friendly) / rtt;
}
