/**
 * Real captures made worse: packets swapped, repeated, overlapping, sequence numbers that wrap. The byte streams must stay
 * those of the whole capture, and tshark must see the same ones.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../scenarios/fuzz/random.ts';
import { replayFile } from '../../scenarios/replay/replay.ts';
import { streamsOf, tsharkStreams } from './streams.ts';

const folder = fileURLToPath(new URL('../captures/', import.meta.url));

type PacketRecord = { header: Buffer; data: Buffer };

function split(file: Buffer): PacketRecord[] {
  const records: PacketRecord[] = [];
  for (let at = 24; at < file.length;) {
    const length = file.readUInt32LE(at + 8);
    records.push({
      header: Buffer.from(file.subarray(at, at + 16)),
      data: Buffer.from(file.subarray(at + 16, at + 16 + length)),
    });
    at += 16 + length;
  }
  return records;
}

const fileOf = (file: Buffer, records: readonly PacketRecord[]): Buffer =>
  Buffer.concat([file.subarray(0, 24), ...records.flatMap(({ header, data }) => [header, data])]);

/** Where TCP begins in a packet of these captures: Ethernet, IPv4 without options. */
const TCP_AT = 14 + 20;
const payloadAt = (data: Buffer): number => TCP_AT + (data[TCP_AT + 12]! >> 4) * 4;
const hasPayload = ({ data }: PacketRecord): boolean => payloadAt(data) < data.length;
const copyOf = ({ header, data }: PacketRecord): PacketRecord => ({
  header: Buffer.from(header),
  data: Buffer.from(data),
});

/** A packet cut in two: its first or its second part, as a retransmission might be. */
function part(record: PacketRecord, isFirst: boolean): PacketRecord {
  const copy = copyOf(record);
  const from = payloadAt(copy.data);
  const middle = from + Math.floor((copy.data.length - from) / 2);
  const data = isFirst
    ? copy.data.subarray(0, middle)
    : Buffer.concat([copy.data.subarray(0, from), copy.data.subarray(middle)]);
  data.writeUInt16BE(data.length - 14, 16);
  if (!isFirst) data.writeUInt32BE((data.readUInt32BE(TCP_AT + 4) + middle - from) >>> 0, TCP_AT + 4);
  copy.header.writeUInt32LE(data.length, 8);
  copy.header.writeUInt32LE(data.length, 12);
  return { header: copy.header, data };
}

type Damage = (records: PacketRecord[], random: Random) => PacketRecord[];

const DAMAGES: Readonly<Record<string, Damage>> = {
  'packets with data repeated': (records, random) =>
    records.flatMap((record) => (hasPayload(record) && random.below(3) === 0 ? [record, copyOf(record)] : [record])),
  'packets with data swapped': (records, random) => {
    const result = [...records];
    for (let index = 0; index + 1 < result.length; index += 1) {
      const [first, second] = [result[index]!, result[index + 1]!];
      const isSameWay = first.data.readUInt16BE(TCP_AT) === second.data.readUInt16BE(TCP_AT);
      if (isSameWay && hasPayload(first) && hasPayload(second) && random.below(2) === 0) {
        result[index] = second;
        result[index + 1] = first;
        index += 1;
      }
    }
    return result;
  },
  'packets cut in two, the second part first': (records) =>
    records.flatMap((record) =>
      record.data.length - payloadAt(record.data) > 1 ? [part(record, false), part(record, true)] : [record],
    ),
  'parts sent again after the whole': (records, random) =>
    records.flatMap((record) =>
      record.data.length - payloadAt(record.data) > 1 ? [record, part(record, random.below(2) === 0)] : [record],
    ),
  'sequence numbers that wrap': (records) => {
    const shift = new Map<number, number>();
    for (const { data } of records) {
      const port = data.readUInt16BE(TCP_AT);
      // The first packet of each side is its SYN; a few bytes later the number passes 2^32.
      if (!shift.has(port)) shift.set(port, (0xffff_ffe0 - data.readUInt32BE(TCP_AT + 4)) >>> 0);
    }
    return records.map((record) => {
      const copy = copyOf(record);
      const shifted = (at: number, port: number): void =>
        void copy.data.writeUInt32BE((copy.data.readUInt32BE(at) + (shift.get(port) ?? 0)) >>> 0, at);
      shifted(TCP_AT + 4, copy.data.readUInt16BE(TCP_AT));
      if ((copy.data[TCP_AT + 13]! & 0x10) !== 0) shifted(TCP_AT + 8, copy.data.readUInt16BE(TCP_AT + 2));
      return copy;
    });
  },
};

const hasTshark = spawnSync('tshark', ['--version']).status === 0 || process.env.CI !== undefined;

describe('a capture made worse', { timeout: 60_000 }, () => {
  let temporary = '';
  beforeAll(() => (temporary = mkdtempSync(join(tmpdir(), 'esf-damage-'))));
  afterAll(() => rmSync(temporary, { recursive: true }));

  for (const name of ['everyday.pcap', 'refused.pcap']) {
    for (const [damage, apply] of Object.entries(DAMAGES)) {
      it(`${name}, ${damage}: the streams and the verdict stay the same`, async () => {
        const file = readFileSync(join(folder, name));
        const path = join(temporary, `${damage.replaceAll(' ', '-')}-${name}`);
        writeFileSync(path, fileOf(file, apply(split(file), new Random(3))));
        const streams = await streamsOf(path);
        expect(streams).toEqual(await streamsOf(join(folder, name)));
        if (hasTshark) expect(tsharkStreams(path, streams.length)).toEqual(streams);
        const { totals } = await replayFile(path);
        expect(totals).toMatchObject({ undecodedBytes: 0, violationCount: 0 });
      });
    }
  }
});
