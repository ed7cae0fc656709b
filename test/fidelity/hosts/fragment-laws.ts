/**
 * The rule for datagrams above the MTU, and chance at a full queue.
 *
 * A datagram that a link may cut crosses it as ceil((size - 20) / p) fragments with p = (MTU - 20) rounded down to eight
 * (RFC 791 section 3.2): each takes its own header on the line and its own chance of being lost, and one that is missing loses
 * all of it, because nobody but the receiver puts them together.
 */
import { LinkDirection, World, createUdpPacket, ratio } from '../../../sim/index.ts';
import type { LinkOptions } from '../../../sim/index.ts';
import type { HostsLength } from '../hosts.ts';
import type { FidelityRow } from '../model.ts';

const MTU = 1_500;
const HEADERS = 28;
/** One fragment carries 1,480 bytes; the first one 8 of them for UDP. */
const SIZES = [1_472, 1_473, 2_952, 2_953, 8_000, 65_507];
const LOSS = { numerator: 1, denominator: 50 };

export function fragmentLaws({ datagrams, bursts }: HostsLength): readonly FidelityRow[] {
  return [...SIZES.map(lineLaw), ...SIZES.map((size) => lossLaw(size, datagrams)), evictionLaw(bursts)];
}

function fragments(payloadBytes: number): number {
  return Math.ceil((payloadBytes + 8) / 1_480);
}

/** At eight bits a microsecond the line takes as many microseconds as bytes cross it. */
function lineLaw(payloadBytes: number): FidelityRow {
  const world = new World({ seed: 1 });
  let arrivedMicros = -1;
  const options = { delayMicros: 0, mtuBytes: MTU, bandwidthBitsPerSecond: 8_000_000 };
  const receivePacket = (): void => {
    arrivedMicros = world.nowMicros;
  };
  new LinkDirection(world, 'line', { receivePacket }, options).send(datagram(payloadBytes));
  world.runUntil(1_000_000);
  const expected = payloadBytes + HEADERS + 20 * (fragments(payloadBytes) - 1);
  return {
    area: 'hosts',
    law: `bytes on a line of MTU 1,500 for a datagram of ${payloadBytes} bytes (RFC 791 3.2)`,
    expected: `${expected}`,
    measured: `${arrivedMicros}`,
    holds: arrivedMicros === expected,
  };
}

function lossLaw(payloadBytes: number, datagrams: number): FidelityRow {
  const lost = countDrops(datagrams, payloadBytes, { mtuBytes: MTU, loss: ratio(LOSS.numerator, LOSS.denominator) });
  const share = 1 - (1 - LOSS.numerator / LOSS.denominator) ** fragments(payloadBytes);
  return shareRow(
    `a datagram in ${fragments(payloadBytes)} fragments is lost with 1 - (1 - 1/50)^n`,
    share,
    lost,
    datagrams,
  );
}

/** Nine wait behind the one on the line; the newcomer is evicted once in ten times. */
function evictionLaw(bursts: number): FidelityRow {
  let newcomers = 0;
  const world = new World({ seed: 1, timeLimitMicros: Number.MAX_SAFE_INTEGER });
  let arrived = 0;
  const options = {
    delayMicros: 0,
    bandwidthBitsPerSecond: 8_000_000,
    queuePacketsMax: 10,
    whenFull: 'random',
  } as const;
  const receivePacket = ({ sourcePort }: { readonly sourcePort: number }): void => {
    if (sourcePort === 11) arrived += 1;
  };
  const link = new LinkDirection(world, 'line', { receivePacket }, options);
  for (let burst = 0; burst < bursts; burst += 1) {
    for (let id = 1; id <= 11; id += 1) link.send(createUdpPacket(1, id, 2, 9, new Uint8Array(100)));
    world.runUntil(world.nowMicros + 100_000);
  }
  newcomers = bursts - arrived;
  return shareRow(
    'a full queue that evicts at random gives up the newcomer as often as any of nine',
    0.1,
    newcomers,
    bursts,
  );
}

function countDrops(count: number, payloadBytes: number, options: LinkOptions): number {
  const world = new World({ seed: 7 });
  const link = new LinkDirection(world, 'lossy', { receivePacket: () => undefined }, options);
  for (let index = 0; index < count; index += 1) {
    link.send(datagram(payloadBytes));
    if (index % 1_000 === 999) world.runUntil(world.nowMicros + 10_000);
  }
  return link.statistics.lostPackets;
}

const zeros = new Uint8Array(65_507);

function datagram(payloadBytes: number): ReturnType<typeof createUdpPacket> {
  return createUdpPacket(1, 1, 2, 2, zeros.subarray(0, payloadBytes));
}

/** Within three standard deviations of a share. */
function shareRow(law: string, share: number, count: number, of: number): FidelityRow {
  const deviation = Math.sqrt((share * (1 - share)) / of);
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  return {
    area: 'hosts',
    law,
    expected: `${percent(share)} +- ${percent(3 * deviation)}`,
    measured: percent(count / of),
    holds: Math.abs(count / of - share) <= 3 * deviation,
  };
}
