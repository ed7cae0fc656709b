/**
 * tshark reads what the simulator captures: nothing malformed, no checksum wrong but of packets that are marked as damaged,
 * and its TCP streams are what the applications wrote. Needs tshark. `CAPTURES=50 npx vitest run test/seeing/tshark` reads
 * fifty; without the variable it is every fifth of them.
 */
import { describe, expect, it } from 'vitest';
import { KINDS, captureCase, captureKind, endOf } from './capture-worlds.ts';
import type { Captured } from './capture-worlds.ts';
import { readWithTshark } from './tshark.ts';
import type { Frame, Reading } from './tshark.ts';

const CASES = [
  ['smoke', 'SMK-2Q7C'],
  ['rudp', 'RUD-2K5S'],
  ['rudp', 'RUD-9S4B'],
  ['rudp', 'RUD-3L6T'],
  ['p2p', 'P2P-6T0K'],
  ['p2p', 'P2P-7X2N'],
  ['p2p', 'P2P-2SWM'],
  ['p2p', 'P2P-6CHO'],
  ['files', 'FIL-7KQ2'],
  ['reconnect', 'RCN-9JBP'],
] as const;

const SEEDS_PER_KIND = 6;
const SEEDS_PER_CASE = 2;

const ALL: (() => Captured | Promise<Captured>)[] = [
  ...(Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) =>
    Array.from({ length: SEEDS_PER_KIND }, (_, seed) => () => captureKind(kind, seed + 1)),
  ),
  ...CASES.flatMap(([area, id]) =>
    Array.from({ length: SEEDS_PER_CASE }, (_, seed) => () => captureCase(id, area, seed + 1)),
  ),
];

const wanted = Number(process.env.CAPTURES ?? ALL.length / 5);
const chosen = ALL.filter(
  (_, index) => Math.floor((index * wanted) / ALL.length) !== Math.floor(((index + 1) * wanted) / ALL.length),
);

const DAMAGED = 'damaged on the way';

/** Frames with a checksum that tshark calls wrong (status 0); what an ICMP error quotes is cut off and cannot be checked. */
function isWrong(frame: Frame): boolean {
  const isQuoting = frame['frame.protocols'].includes('icmp');
  const of = (field: 'ip' | 'tcp' | 'udp' | 'icmp' | 'icmpv6'): string[] =>
    frame[`${field}.checksum.status`].split(',');
  const inner = isQuoting ? [] : [...of('tcp'), ...of('udp')];
  return [...of('ip'), ...of('icmp'), ...of('icmpv6'), ...inner].includes('0');
}

/** Whether the end sent all it had: a FIN, and nobody reset the connection. */
function isWhole({ frames }: Reading, key: string): boolean {
  const between = frames.filter((frame) => {
    const [from, to] = [sourceOf(frame), endOf(frame['ip.dst'] || frame['ipv6.dst'], frame['tcp.dstport'])];
    return `${from}>${to}` === key || `${to}>${from}` === key;
  });
  const flags = between.map((frame) => [sourceOf(frame), Number(frame['tcp.flags'])] as const);
  return (
    flags.some(([from, bits]) => key.startsWith(`${from}>`) && (bits & 1) !== 0) &&
    !flags.some(([, bits]) => (bits & 4) !== 0)
  );
}

function sourceOf(frame: Frame): string {
  return endOf(frame['ip.src'] || frame['ipv6.src'], frame['tcp.srcport']);
}

type Totals = { frames: number; comments: number; wholeStreams: number; streamBytes: number };

async function check(captured: Captured): Promise<Totals> {
  const { name, written } = captured;
  const reading = await readWithTshark(captured.pcapng);
  const { frames, streams } = reading;
  expect(frames.length, name).toBeGreaterThan(0);
  const malformed = frames.filter((frame) => frame['_ws.malformed'] !== '');
  expect(malformed, `${name}: malformed`).toEqual([]);
  const marked = frames.map((frame) => frame['frame.comment'].includes(DAMAGED));
  expect(frames.map(isWrong), `${name}: wrong checksums are those of damaged packets`).toEqual(marked);
  const totals = { frames: frames.length, comments: 0, wholeStreams: 0, streamBytes: 0 };
  totals.comments = frames.filter((frame) => frame['frame.comment'] !== '').length;
  for (const [key, bytes] of written) {
    const read = streams.get(key) ?? Buffer.alloc(0);
    const isSame = Buffer.compare(read, bytes) === 0;
    if (isWhole(reading, key)) expect(isSame, `${name}: ${key} has ${read.length} of ${bytes.length} bytes`).toBe(true);
    expect(Buffer.compare(read, bytes.subarray(0, read.length)), `${name}: ${key} begins as written`).toBe(0);
    if (isSame) totals.wholeStreams += 1;
    totals.streamBytes += read.length;
  }
  return totals;
}

describe(`tshark reads ${chosen.length} captures`, () => {
  it('without a fault, and its streams are what was written', { timeout: 180_000 }, async () => {
    const totals: Totals = { frames: 0, comments: 0, wholeStreams: 0, streamBytes: 0 };
    const add = (one: Totals): void => {
      for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += one[name];
    };
    // The next world runs while tshark reads the last one.
    let reading = Promise.resolve();
    for (const make of chosen) {
      const captured = await make();
      await reading;
      reading = check(captured).then(add);
    }
    await reading;
    process.stdout.write(`tshark: ${chosen.length} captures, ${JSON.stringify(totals)}\n`);
    expect(totals.frames).toBeGreaterThan(chosen.length * 200);
    expect(totals.comments).toBeGreaterThan(chosen.length);
    expect(totals.wholeStreams).toBeGreaterThan(chosen.length);
  });
});
