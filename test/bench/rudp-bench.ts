/**
 * Reliable UDP: goodput on simulated paths, latency of a thin stream under loss, and what a real loopback moves.
 *
 * Peers on the same simulated links: KCP in fast mode (when it can be installed) and the simulator's TCP. The ceiling is
 * (1 - loss) x bandwidth x share of the payload in an IP packet.
 */
import { loadKcp } from './kcp.ts';
import type { KcpConstructor } from './kcp.ts';
import type { BenchRow } from './model.ts';
import { rawLoopback, rudpLoopback } from './rudp-loopback.ts';
import { goodput, kcp, latencies, rudp, simTcp } from './rudp-paths.ts';
import type { Contestant, PathSettings } from './rudp-paths.ts';
import { interleave } from './model.ts';

const SECS = 10;
const ONE_WAY_MICROS = 25_000;
/** 1,200 bytes of UDP payload, 13 of them header, and 28 bytes of IP and UDP. */
const PAYLOAD_SHARE = 1187 / 1228;
/** Loss in thousandths and the share of the ceiling to be reached. */
const LOSSES: readonly (readonly [lossPerMille: number, target: number])[] = [
  [0, 0.95],
  [10, 0.9],
  [50, 0.8],
];
const RATES_MBIT = [10, 100];
const KCP_MTU_BYTES = 1400;
const STREAM = { count: 5000, bytes: 500, everyMicros: 20_000 };
const THIN_PATH: PathSettings = {
  bandwidthBitsPerSec: 100e6,
  oneWayMicros: 30_000,
  jitterMicros: 5_000,
  lossPerMille: 50,
};
const LOOPBACK_ROUNDS = 3;

/** Rows of everything. */
export async function rudpBench(): Promise<BenchRow[]> {
  const loaded = loadKcp();
  const KcpClass = 'kcp' in loaded ? loaded.kcp : undefined;
  if ('missing' in loaded) process.stderr.write(`bench: ${loaded.missing}\n`);
  const rows = RATES_MBIT.flatMap((rate) =>
    LOSSES.flatMap(([loss, target]) => goodputRows(rate, loss, target, KcpClass)),
  );
  rows.push(...latencyRows(KcpClass));
  const [ours, raw] = await interleave([rudpLoopback, rawLoopback], LOOPBACK_ROUNDS);
  rows.push({
    name: 'reliable UDP over real loopback, both ends in one process',
    ours: ours! / 1e6,
    peer: raw! / 1e6,
    peerName: 'raw dgram, 1,200 bytes',
    unit: 'MB/s',
    ratio: ours! / raw!,
    target: 0.6,
  });
  return rows;
}

/** The window KCP is best with: a tenth more than bandwidth x (round trip + 20 ms). */
function kcpAtRate(KcpClass: KcpConstructor, rateMbit: number): Contestant {
  const bytes = 1.1 * ((rateMbit * 1e6) / 8) * ((2 * ONE_WAY_MICROS) / 1e6 + 0.02);
  return kcp(KcpClass, { windowPackets: Math.ceil(bytes / KCP_MTU_BYTES), mtuBytes: KCP_MTU_BYTES });
}

function goodputRows(
  rateMbit: number,
  lossPerMille: number,
  target: number,
  KcpClass: KcpConstructor | undefined,
): BenchRow[] {
  const settings = { bandwidthBitsPerSec: rateMbit * 1e6, oneWayMicros: ONE_WAY_MICROS, jitterMicros: 0, lossPerMille };
  const mbit = (contestant: Contestant): number => (goodput(contestant, settings, SECS) * 8) / 1e6;
  const oursMbit = mbit(rudp('model'));
  const ceilingMbit = (1 - lossPerMille / 1000) * rateMbit * PAYLOAD_SHARE;
  const tcpMbit = mbit(simTcp);
  const cubicMbit = mbit(rudp('cubic'));
  const kcpMbit = KcpClass === undefined ? null : mbit(kcpAtRate(KcpClass, rateMbit));
  const name = `reliable UDP goodput, ${rateMbit} Mbit/s, 50 ms, loss ${lossPerMille / 10} %`;
  const against = (peerName: string, peer: number, wanted: number | null): BenchRow => ({
    name,
    ours: oursMbit,
    peer,
    peerName,
    unit: 'Mbit/s',
    ratio: oursMbit / peer,
    target: wanted,
  });
  const data = { rateMbit, lossPercent: lossPerMille / 10, ceilingMbit, oursMbit, tcpMbit, cubicMbit, kcpMbit };
  const detail = `own CUBIC ${cubicMbit.toFixed(2)} Mbit/s`;
  return [
    { ...against('ceiling', ceilingMbit, target), detail, data },
    ...(kcpMbit === null ? [] : [against('node-kcp', kcpMbit, 1)]),
    against("simulator's TCP", tcpMbit, 1),
  ];
}

function latencyRows(KcpClass: KcpConstructor | undefined): BenchRow[] {
  const ours = latencies(rudp('model'), THIN_PATH, STREAM);
  const theirs =
    KcpClass === undefined
      ? null
      : latencies(kcp(KcpClass, { windowPackets: 1024, mtuBytes: KCP_MTU_BYTES }), THIN_PATH, STREAM);
  return ([0.5, 0.99, 0.999] as const).map((share) => {
    const millis = (times: readonly number[]): number => times[Math.floor(share * (times.length - 1))]! / 1000;
    const peer = theirs === null ? null : millis(theirs);
    return {
      name: `latency of 500 bytes every 20 ms, loss 5 %, p${share * 100}`,
      ours: millis(ours),
      peer,
      peerName: peer === null ? '' : 'node-kcp',
      unit: 'ms',
      ratio: peer === null ? null : millis(ours) / peer,
      target: share === 0.99 && peer !== null ? 1 : null,
      lowerIsBetter: true,
    };
  });
}
