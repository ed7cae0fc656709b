/**
 * The tools on large input: fuzzing decodes a second, and megabytes of capture judged a second.
 *
 * The capture is what the committed `blob-amid-traffic.pcap` holds, many times over with ports and times of their own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzz } from '../../scenarios/fuzz/fuzz.ts';
import { engineSubject } from '../../scenarios/fuzz/engine-subject.ts';
import { replayFile } from '../../scenarios/replay/replay.ts';
import { median, ROUNDS } from './model.ts';
import type { BenchRow } from './model.ts';

const FUZZ_RUNS = 100_000;
const CAPTURE_BYTES = 100 * 2 ** 20;
const GLOBAL_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;

async function cpuSeconds(work: () => unknown): Promise<number> {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

/** Each copy's client port is moved, so that every copy is a connection of its own. Ethernet or loopback frames, IPv4. */
function multiply(original: Buffer, sizeBytes: number): Buffer {
  const body = original.subarray(GLOBAL_HEADER_BYTES);
  const copies = Math.ceil(sizeBytes / body.length);
  const all = Buffer.alloc(GLOBAL_HEADER_BYTES + copies * body.length);
  original.copy(all, 0, 0, GLOBAL_HEADER_BYTES);
  for (let copy = 0; copy < copies; copy++) {
    const start = GLOBAL_HEADER_BYTES + copy * body.length;
    body.copy(all, start);
    for (let at = start; at < start + body.length;) {
      const length = all.readUInt32LE(at + 8);
      all.writeUInt32LE(all.readUInt32LE(at) + copy * 600, at);
      moveAddress(all, at + PACKET_HEADER_BYTES + 14, copy);
      at += PACKET_HEADER_BYTES + length;
    }
  }
  return all;
}

/** Both ends of the copy get an address of their own below 127/8. */
function moveAddress(bytes: Buffer, ip: number, copy: number): void {
  for (const offset of [ip + 12, ip + 16]) bytes.writeUInt16BE(1 + copy, offset + 1);
}

/** Rows for `esf fuzz` and `esf replay`. */
export async function toolsBench(): Promise<BenchRow[]> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let decodes = 0;
    const seconds = await cpuSeconds(() => {
      decodes = fuzz(engineSubject, { seed: round, target: 'all', runs: FUZZ_RUNS }).decodes;
    });
    rates.push(decodes / seconds);
  }
  const folder = mkdtempSync(join(tmpdir(), 'esf-bench-'));
  try {
    const file = join(folder, 'large.pcap');
    writeFileSync(
      file,
      multiply(readFileSync(new URL('../captures/blob-amid-traffic.pcap', import.meta.url)), CAPTURE_BYTES),
    );
    const speeds: number[] = [];
    let detail = '';
    for (let round = 0; round < ROUNDS; round++) {
      const seconds = await cpuSeconds(async () => {
        const { totals } = await replayFile(file);
        detail = `${totals.connections} connections, ${totals.messages} messages, ${totals.violationCount} violations, ${totals.undecodedBytes} bytes undecoded`;
      });
      speeds.push(CAPTURE_BYTES / 1e6 / seconds);
    }
    return [
      {
        name: 'fuzzing, decodes',
        ours: median(rates),
        peer: null,
        peerName: '',
        unit: '/CPU s',
        ratio: null,
        target: 200_000,
      },
      {
        name: 'replay of a capture',
        ours: median(speeds),
        peer: null,
        peerName: '',
        unit: 'MB/CPU s',
        ratio: null,
        target: 100,
        detail,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
