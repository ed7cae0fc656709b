/**
 * The laws of links and queues, with a million draws each: distributions, losses, queues, rates, CoDel. Deterministic: the
 * same rows every time, so a law that holds once holds until somebody changes the simulator.
 */
import {
  BLIND_OBSERVER,
  DelaySource,
  ECN,
  Host,
  LinkDirection,
  LossProcess,
  RandomStream,
  World,
  connectNodes,
  createUdpPacket,
  observe,
  parseAddress,
  ratio,
  shapeNode,
} from '../../sim/index.ts';
import type { CodelOptions, DelayModel, LinkOptions, LossModel, Packet } from '../../sim/index.ts';
import { codelReference } from './codel-reference.ts';
import type { FidelityRow } from './model.ts';
import { count, followsLaw, isExactly, meanOf, withinShare, withinThreeSigma } from './statistics.ts';

const AREA = 'links';
const SEED = 20_260;
const DRAWS = 1_000_000;
const MEAN_SHARE = 0.005;

/** All rows of the area. */
export function linksFidelity(): FidelityRow[] {
  return [
    ...delayRows(),
    ...independentLossRows(),
    ...burstLossRows(),
    ...exactLossRows(),
    ...queueRows(),
    ...bucketRows(),
    ...nodeRows(),
    ...codelRows(),
  ];
}

function drawDelays(model: DelayModel, draws = DRAWS): Float64Array {
  const source = new DelaySource(model, new RandomStream(SEED, `delay ${model.kind}`));
  return Float64Array.from({ length: draws }, () => source.draw());
}

function delayRows(): FidelityRow[] {
  const uniform = drawDelays({ kind: 'uniform', minMicros: 500_000, maxMicros: 1_500_000 });
  const normal = drawDelays({ kind: 'normal', meanMicros: 1_000_000, deviationMicros: 150_000 });
  const exponential = drawDelays({ kind: 'exponential', meanMicros: 1_000_000, minMicros: 50_000 });
  const [least, most, shape] = [1_000_000, 50_000_000, 2.5];
  const pareto = drawDelays({
    kind: 'pareto',
    minMicros: least,
    shape: { numerator: 5, denominator: 2 },
    maxMicros: most,
  });
  const trace = [7, 900, 40, 40, 1_000_000];
  const traced = drawDelays({ kind: 'trace', micros: trace }, 12);
  const sampled = drawDelays({ kind: 'trace', micros: trace, order: 'random' });
  const sortedTrace = [...trace].sort((a, b) => a - b);
  // A draw of x stands for everything that rounds to it.
  const paretoBelow = (x: number): number => (x >= most ? 1 : 1 - (least / (x + 0.5)) ** shape);
  const paretoMean = least + (least / (shape - 1)) * (1 - (least / most) ** (shape - 1));
  return [
    isExactly(
      AREA,
      'constant delay: every draw is the constant',
      '12,345 to 12,345',
      range(drawDelays({ kind: 'constant', micros: 12_345 })),
    ),
    followsLaw(AREA, 'uniform delay', uniform, (x) => (x - 499_999) / 1_000_001),
    withinShare(AREA, 'uniform delay: mean (min + max) / 2 in us', 1_000_000, meanOf(uniform), MEAN_SHARE),
    followsLaw(AREA, 'normal delay', normal, (x) => normalBelow((x + 0.5 - 1_000_000) / 150_000)),
    withinShare(AREA, 'normal delay: mean in us', 1_000_000, meanOf(normal), MEAN_SHARE),
    followsLaw(AREA, 'exponential delay', exponential, (x) => 1 - Math.exp(-(x + 0.5 - 50_000) / 1_000_000)),
    withinShare(AREA, 'exponential delay: min + mean in us', 1_050_000, meanOf(exponential), MEAN_SHARE),
    followsLaw(AREA, 'Pareto delay of shape 5/2, cut off at 50 times the least', pareto, paretoBelow),
    withinShare(AREA, 'Pareto delay: mean of the law cut off in us', paretoMean, meanOf(pareto), MEAN_SHARE),
    isExactly(AREA, 'trace of delays: in order, and again', [...trace, ...trace, 7, 900].join(' '), traced.join(' ')),
    followsLaw(
      AREA,
      'trace of delays at random',
      sampled,
      (x) => sortedTrace.filter((micros) => micros <= x).length / trace.length,
    ),
  ];
}

function drawLosses(model: LossModel, draws: number): Uint8Array {
  const process = new LossProcess(model, new RandomStream(SEED, 'loss'));
  return Uint8Array.from({ length: draws }, () => (process.draw() ? 1 : 0));
}

const lostOf = (losses: Uint8Array): number => losses.reduce((sum, lost) => sum + lost, 0);

function independentLossRows(): FidelityRow[] {
  const share = 0.02;
  const losses = drawLosses(ratio(1, 50), DRAWS);
  const pairs = losses.reduce((sum, lost, index) => sum + (lost & (losses[index + 1] ?? 0)), 0);
  const both = share * share;
  return [
    withinThreeSigma(
      AREA,
      `independent loss of 2 %: lost of ${count(DRAWS)}`,
      DRAWS * share,
      Math.sqrt(DRAWS * share * (1 - share)),
      lostOf(losses),
    ),
    withinThreeSigma(
      AREA,
      'independent loss: two in a row',
      (DRAWS - 1) * both,
      Math.sqrt(DRAWS * both * (1 - both + 2 * share * (1 - share))),
      pairs,
    ),
  ];
}

function burstLossRows(): FidelityRow[] {
  const draws = 4 * DRAWS;
  const [toBad, toGood] = [0.01, 0.25];
  const losses = drawLosses(
    { goodToBad: ratio(1, 100), badToGood: ratio(1, 4), lossInGood: ratio(0, 1), lossInBad: ratio(1, 1) },
    draws,
  );
  const lost = lostOf(losses);
  const bursts = losses.reduce((sum, bit, index) => sum + (bit === 1 && losses[index - 1] !== 1 ? 1 : 0), 0);
  const share = toBad / (toBad + toGood);
  // States are correlated with the factor 1 - toBad - toGood from packet to packet, which widens the spread.
  const memory = 1 - toBad - toGood;
  const sigma = Math.sqrt((draws * share * (1 - share) * (1 + memory)) / (1 - memory));
  return [
    withinShare(AREA, 'Gilbert-Elliott loss: mean burst 1 / P(bad to good)', 1 / toGood, lost / bursts, 0.02),
    withinThreeSigma(AREA, `Gilbert-Elliott loss: lost of ${count(draws)}`, draws * share, sigma, lost),
  ];
}

function exactLossRows(): FidelityRow[] {
  const nth = drawLosses({ everyPackets: 7 }, 700);
  const wrong = nth.filter((lost, index) => (lost === 1) !== ((index + 1) % 7 === 0)).length;
  const blocks = 20_000;
  const scattered = drawLosses({ lostPackets: 3, ofPackets: 20 }, blocks * 20);
  const together = drawLosses({ lostPackets: 3, ofPackets: 20, together: true }, blocks * 20);
  const blockOf = (losses: Uint8Array, block: number): Uint8Array => losses.subarray(block * 20, block * 20 + 20);
  const isRun = (block: Uint8Array): boolean => block.lastIndexOf(1) - block.indexOf(1) === 2;
  let odd = 0;
  let runs = 0;
  let first = 0;
  for (let block = 0; block < blocks; block += 1) {
    if (lostOf(blockOf(scattered, block)) !== 3 || lostOf(blockOf(together, block)) !== 3) odd += 1;
    if (isRun(blockOf(together, block))) runs += 1;
    first += scattered[block * 20]!;
  }
  return [
    isExactly(AREA, 'every 7th packet lost: wrong decisions in 700', '0', String(wrong)),
    isExactly(AREA, '3 of each 20 lost: blocks with another number', '0', String(odd)),
    isExactly(AREA, '3 of each 20 lost together: blocks with one run of 3', String(blocks), String(runs)),
    withinThreeSigma(
      AREA,
      '3 of each 20 lost: the first of a block as often as any',
      blocks * 0.15,
      Math.sqrt(blocks * 0.15 * 0.85),
      first,
    ),
  ];
}

/** A direction that is fed packets of a size at given times; tells who came when. */
function feed(
  options: LinkOptions,
  timesMicros: readonly number[],
  payloadBytes: number,
  onArrival: (packet: Packet, atMicros: number) => void,
  change: (packet: Packet) => void = () => undefined,
  onDrop: (packet: Readonly<Packet>, atMicros: number) => void = () => undefined,
): void {
  const world = new World({ seed: SEED, timeLimitMicros: Number.MAX_SAFE_INTEGER });
  const sink = { receivePacket: (packet: Packet): void => onArrival(packet, world.nowMicros) };
  const link = new LinkDirection(world, 'fed', sink, options);
  const payload = new Uint8Array(payloadBytes);
  const sender = {
    onEvent(id: unknown): void {
      const packet = createUdpPacket(1, 1, 2, 2, payload);
      packet.sequence = world.nowMicros;
      packet.acknowledgment = id as number;
      change(packet);
      link.send(packet);
    },
  };
  // All are planned beforehand, so that at equal times the arrival comes before what the line does.
  timesMicros.forEach((atMicros, id) => world.schedule(atMicros, sender, id));
  observe(world, { ...BLIND_OBSERVER, onDrop: (_subject, packet) => onDrop(packet, world.nowMicros) });
  world.runUntil(2_000_000_000);
}

function poisson(meanMicros: number, packets: number): number[] {
  const gap = new DelaySource({ kind: 'exponential', meanMicros }, new RandomStream(SEED, 'arrivals'));
  let at = 0;
  return Array.from({ length: packets }, () => (at += gap.draw()));
}

/** 1,250 bytes at 10 Mbit/s: a millisecond each. */
const MILLISECOND_LINE = { bandwidthBitsPerSecond: 10_000_000, delayMicros: 0, queueBytesMax: 0x7fff_ffff };
const MILLISECOND_PAYLOAD_BYTES = 1_222;

function queueRows(): FidelityRow[] {
  const load = 0.7;
  const waits: number[] = [];
  feed(MILLISECOND_LINE, poisson(Math.round(1_000 / load), DRAWS), MILLISECOND_PAYLOAD_BYTES, (packet, at) => {
    waits.push(at - packet.sequence - 1_000);
  });
  const actual = 1_000 / Math.round(1_000 / load);
  return [
    withinShare(
      AREA,
      'M/D/1 queue at load 0.7: mean wait S rho / 2(1 - rho) in us (Pollaczek-Khinchine)',
      (1_000 * actual) / (2 * (1 - actual)),
      meanOf(Float64Array.from(waits)),
      0.02,
    ),
  ];
}

const evenly = (everyMicros: number, packets: number): number[] =>
  Array.from({ length: packets }, (_, index) => index * everyMicros);

function bucketRows(): FidelityRow[] {
  const options = { bandwidthBitsPerSecond: 1_000_000, burstBytes: 20_000, delayMicros: 0, queueBytesMax: 5_000 };
  let [bytes, bytesAtOnce, lastMicros] = [0, 0, 0];
  // Packets of 1,000 bytes every 2 ms: four times what may pass, for 100 s.
  feed(options, evenly(2_000, 50_000), 972, (packet, at) => {
    bytes += packet.sizeBytes;
    lastMicros = at;
    if (at === packet.sequence) bytesAtOnce += packet.sizeBytes;
  });
  const rate = ((bytes - options.burstBytes) * 8e6) / lastMicros;
  // While the bucket empties, a quarter of what leaves comes in again: 20,000 / (1 - 1/4), down to whole packets.
  return [
    withinShare(AREA, 'token bucket of 1 Mbit/s under load 4: rate behind the burst in bit/s', 1e6, rate, 0.005),
    isExactly(AREA, 'token bucket of 20,000 bytes: bytes that pass without waiting', '26,000', count(bytesAtOnce)),
  ];
}

function nodeRows(): FidelityRow[] {
  const world = new World({ seed: SEED });
  const node = new Host(world, 'node');
  const received: number[] = [];
  const ends = ['left', 'right'].map((name, index) => {
    const host = new Host(world, name);
    const address = parseAddress(`10.0.${index}.1`);
    host.platform().bindUdp({ port: 9 }, { onMessage: (message) => received.push(message.length + 28) });
    const { left } = connectNodes({ node, address: parseAddress(`10.0.${index}.2`) }, { node: host, address }, {});
    return { address, via: left };
  });
  shapeNode(node, { upBitsPerSecond: 5_000_000, queueBytesMax: 10_000 });
  const payload = new Uint8Array(972);
  for (let at = 0; at < 10_000_000; at += 500) {
    const end = ends[(at / 500) % 2]!;
    const onEvent = (): void => end.via.send(createUdpPacket(1, 9, end.address, 9, payload));
    world.schedule(at, { onEvent }, undefined);
  }
  world.runUntil(20_000_000);
  const bits = received.reduce((sum, bytes) => sum + bytes, 0) * 8;
  // What still waits at the end of the 10 s goes out too.
  return [
    withinShare(
      AREA,
      'node of 5 Mbit/s with two fast links under load 3.2: rate over both in bit/s',
      5e6,
      (bits - 10_000 * 8) / 10,
      0.005,
    ),
  ];
}

/** Overloads of many lengths and rests of many lengths between them, so that every way into and out of dropping is taken. */
function codelArrivals(gridMicros: number): number[] {
  const stream = new RandomStream(SEED, `codel arrivals ${gridMicros}`);
  const times: number[] = [];
  let at = 0;
  for (let round = 0; round < 60; round += 1) {
    const packets = stream.between(100, 1_500);
    const gapMax = Math.floor(stream.between(1_100, 2_000) / gridMicros);
    for (let index = 0; index < packets; index += 1) times.push((at += gridMicros * (1 + stream.below(gapMax))));
    at += gridMicros * Math.floor(stream.between(50_000, 2_000_000) / gridMicros);
  }
  return times;
}

type CodelCase = {
  readonly name: string;
  readonly gridMicros: number;
  readonly mtuBytes: number;
} & Required<CodelOptions>;

const CODEL_CASES: readonly CodelCase[] = [
  { name: 'defaults', gridMicros: 1, mtuBytes: 1_500, targetMicros: 5_000, intervalMicros: 100_000 },
  { name: 'ties', gridMicros: 500, mtuBytes: 2_500, targetMicros: 2_000, intervalMicros: 30_000 },
];

function codelRows(): FidelityRow[] {
  return CODEL_CASES.flatMap((codel) => {
    const arrivalsMicros = codelArrivals(codel.gridMicros);
    return [false, true].map((ecn) => {
      const { targetMicros, intervalMicros, mtuBytes: maxpacketBytes } = codel;
      const line = { serviceMicros: 1_000, packetBytes: 1_250, maxpacketBytes };
      const expected = codelReference({ arrivalsMicros, ...line, targetMicros, intervalMicros, ecn });
      const measured = codelRun(arrivalsMicros, codel, ecn);
      const first = expected.findIndex((event, index) => event !== measured[index]);
      const what = ecn ? 'marks' : 'drops';
      return {
        area: AREA,
        law: `CoDel, ${codel.name}: ${what} of ${count(arrivalsMicros.length)} packets as in RFC 8289 section 5, packet and time`,
        expected: first < 0 ? `${expected.length} ${what}, the last "${expected.at(-1)}"` : `"${expected[first]}"`,
        measured: first < 0 ? `${measured.length} ${what}, the last "${measured.at(-1)}"` : `"${measured[first]}"`,
        holds: expected.length > 500 && first < 0 && measured.length === expected.length,
      };
    });
  });
}

/** What the simulator's CoDel did: drops as they happen, marks by what arrives. */
function codelRun(arrivalsMicros: readonly number[], codel: CodelCase, ecn: boolean): string[] {
  const events: string[] = [];
  const { targetMicros, intervalMicros, mtuBytes } = codel;
  feed(
    { ...MILLISECOND_LINE, codel: { targetMicros, intervalMicros }, mtuBytes },
    arrivalsMicros,
    MILLISECOND_PAYLOAD_BYTES,
    (packet, at) => {
      // A marked packet leaves at once: it was marked when its first bit went out.
      if (packet.ecn === ECN.congestion) events.push(`mark ${packet.acknowledgment} at ${at - 1_000}`);
    },
    (packet) => {
      if (ecn) packet.ecn = ECN.capable0;
    },
    (packet, at) => events.push(`drop ${packet.acknowledgment} at ${at}`),
  );
  return events;
}

/** The least and the greatest value. */
function range(values: Float64Array): string {
  return `${count(values.reduce((a, b) => Math.min(a, b)))} to ${count(values.reduce((a, b) => Math.max(a, b)))}`;
}

/** The normal distribution function, by its series: exact to 1e-12 for |z| < 7. */
function normalBelow(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) sum += term *= (z * z) / k;
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
