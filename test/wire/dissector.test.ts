/**
 * The Wireshark dissector against the stream vectors: tshark must see the same messages, values and faults.
 *
 * One capture holds all vectors, a connection each, told apart by client port; it is read once whole and once with segments of
 * seven bytes. Skipped where tshark is not installed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { codecs } from '../../impl/wire/index.ts';
import type { ContractName } from '../../spec/grammar/index.ts';
import type { Vector } from '../../spec/vectors/generate.ts';
import { bytesOfHex } from '../spec-data/vector-values.ts';
import { pcapOfStreams } from './pcap-of-streams.ts';

const hasTshark = spawnSync('tshark', ['-v']).status === 0;
const script = new URL('../../spec/wireshark/esf.lua', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'esf-dissector-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Shown = { messageId: number; messageType: number; contract?: string | null };

const FIRST_PORT = 20_000;
/** Not the dissector's own port: the streams are assigned with `-d`. */
const SERVER_PORT = 5555;

const vectors = ['messages', 'streams', 'frames']
  .flatMap(
    (name) => JSON.parse(readFileSync(new URL(`../../spec/vectors/${name}.json`, import.meta.url), 'utf8')) as Vector[],
  )
  .filter((vector) => vector.userIdBytesMax === undefined && vector.messageBytesMax === undefined && vector.hex !== '');

function capture(
  name: string,
  segmentBytes: number,
  of: readonly Vector[] = vectors,
  serverPort = SERVER_PORT,
): string {
  const streams = of.map((vector, index) => {
    const bytes = bytesOfHex(vector.hex);
    const segments: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += segmentBytes) segments.push(bytes.slice(at, at + segmentBytes));
    return { clientPort: FIRST_PORT + index, serverPort, segments };
  });
  const path = join(folder, name);
  writeFileSync(path, pcapOfStreams(streams));
  return path;
}

function tshark(path: string, ...args: string[]): string {
  const all = ['-X', `lua_script:${script}`, '-r', path, ...args];
  return execFileSync('tshark', all, { encoding: 'utf8', maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Rows of one field list per vector: all values of a field in a connection, in order. */
function fieldsByVector(path: string, fields: readonly string[], ...args: string[]): Map<number, string[][]> {
  const wanted = ['tcp.srcport', ...fields].flatMap((field) => ['-e', field]);
  const text = tshark(
    path,
    '-Y',
    'esf',
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    'aggregator=/s',
    ...wanted,
    ...args,
  );
  const rows = new Map<number, string[][]>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [port, ...values] = line.split('\t');
    const index = Number(port) - FIRST_PORT;
    const lists = rows.get(index) ?? fields.map(() => []);
    values.forEach((value, i) => {
      if (value !== '') lists[i]!.push(...value.split(' '));
    });
    rows.set(index, lists);
  }
  return rows;
}

/** Faults tshark can know: an end inside a message is not one of them, as a capture may simply stop. */
const expertOfKind: Readonly<Record<string, string>> = {
  InvalidToken: 'esf.expert.invalid_token',
  InvalidClientType: 'esf.expert.invalid_client_type',
  InvalidHeader: 'esf.expert.invalid_header',
  MessageSizeOverflow: 'esf.expert.message_size_overflow',
};
const as = ['-d', `tcp.port==${SERVER_PORT},esf`];

describe.skipIf(!hasTshark)('dissector', { timeout: 60_000 }, () => {
  test.each([
    ['whole', 65_000],
    ['in segments of seven bytes', 7],
  ])('sees the messages of every stream, %s', (name, segmentBytes) => {
    const path = capture(`${name}.pcap`, segmentBytes);
    const seen = fieldsByVector(path, ['esf.message_id', 'esf.message_type'], ...as);
    vectors.forEach((vector, index) => {
      const frames = vector.decoded as Shown[];
      const [ids = [], types = []] = seen.get(index) ?? [];
      // A header that is shown although it is at fault has an id too, after those of the good messages.
      expect(ids.slice(0, frames.length), vector.id).toEqual(frames.map((frame) => String(frame.messageId)));
      expect(types.slice(0, frames.length), vector.id).toEqual(frames.map((frame) => String(frame.messageType)));
    });
  });

  test('names the kind of every invalid stream, and finds no fault in valid messages', () => {
    const names = [...Object.values(expertOfKind), 'esf.expert.data_lacked'];
    const seen = fieldsByVector(capture('faults.pcap', 65_000), names, ...as);
    vectors.forEach((vector, index) => {
      const kind = vector.error?.kind;
      const marked = names.filter((_, i) => (seen.get(index)?.[i] ?? []).length > 0);
      const realBodies = vector.clause !== 'FRM-007'; // Those give real types an empty body.
      if (kind === undefined || kind === 'DataLacked') expect(realBodies ? marked : [], vector.id).toEqual([]);
      else expect(marked, vector.id).toEqual([expertOfKind[kind]]);
    });
  });

  test('shows the fields of bodies under their names', () => {
    const one = (id: string): Vector => vectors.find((vector) => vector.id === id)!;
    const of = [one('logon-token'), one('query-onlines'), one('onlines'), one('blob-last'), one('client-time')];
    const seen = fieldsByVector(
      capture('bodies.pcap', 20, of),
      [
        'esf.ReqLogonContract.SystemToken',
        'esf.ReqLogonContract.Version',
        'esf.QueryOnlinesContract.UserList.item',
        'esf.ResOnlinesContract.Result.key',
        'esf.ResOnlinesContract.Result.value',
        'esf.BlobFragmentContract.FragmentIndex',
        'esf.BlobFragmentContract.Fragment',
      ],
      ...as,
    );
    expect(seen.get(0)).toEqual([['tok'], ['6'], [], [], [], [], []]);
    expect(seen.get(1)).toEqual([[], [], ['bb02', 'cc03'], [], [], [], []]);
    expect(seen.get(2)).toEqual([[], [], [], ['bb02', 'cc03'], ['1', '0'], [], []]);
    expect(seen.get(3)).toEqual([[], [], [], [], [], ['1'], ['03']]);
    const time = tshark(
      join(folder, 'bodies.pcap'),
      ...as,
      '-Y',
      'esf.ResGetTimeContract.Time',
      '-T',
      'fields',
      '-e',
      'esf.ResGetTimeContract.Time',
    );
    expect(time).toContain('Feb 29, 2024 18:00:00');
  });

  test('marks bodies that are no encoding', () => {
    const header = vectors.find((vector) => vector.id === 'query-online')!.hex;
    const broken = [
      '0c000000040000006262c032',
      '0b000000040000006262303200',
      '0c000000050000006262303200',
      '03000000040000006262303200',
    ];
    const of = broken.map((body) => ({
      ...vectors[0]!,
      hex: `${header.slice(0, 8)}${Buffer.from([body.length / 2, 0, 0, 0]).toString('hex')}${header.slice(16, 72)}${body}`,
    }));
    const seen = fieldsByVector(capture('broken.pcap', 65_000, of), ['esf.expert.data_lacked'], ...as);
    expect([...seen.values()].map(([marks]) => marks!.length)).toEqual([1, 1, 1, 1]);
  });

  test('judges text and keys as the vectors do', () => {
    const texts = (
      JSON.parse(readFileSync(new URL('../../spec/vectors/text.json', import.meta.url), 'utf8')) as Vector[]
    ).filter((vector) => vector.id.startsWith('utf8-') && vector.contract === undefined);
    // The text stands in QueryOnlineContract, type 8; the two dictionaries in the reply of type 11.
    const int32 = (value: number): string => Buffer.from(Int32Array.of(value).buffer).toString('hex');
    const message = (type: string, source: string, body: string): string =>
      `e500${type}00${int32(body.length / 2)}01000000${source.padEnd(24, '0')}${'00'.repeat(12)}${body}`;
    const key = `${int32(1)}61`;
    const cases = [
      ...texts.map(({ hex, result }) => ({
        hex: message('08', '0461613031', `${int32(4 + hex.length / 2)}${hex}`),
        good: result === 'valid',
      })),
      { hex: message('0b', '025f30', `${int32(20)}${int32(2)}${key}01${key}00`), good: false },
      { hex: message('0b', '025f30', `${int32(20)}${int32(2)}${key}01${int32(1)}6200`), good: true },
    ];
    const of = cases.map(({ hex }) => ({ ...vectors[0]!, hex }));
    const seen = fieldsByVector(capture('texts.pcap', 65_000, of), ['esf.expert.data_lacked', 'esf.message_id'], ...as);
    cases.forEach(({ hex, good }, index) => {
      expect(seen.get(index)?.[0]?.length, hex).toBe(good ? 0 : 1);
      expect(seen.get(index)?.[1], hex).toEqual(['1']);
    });
    expect(cases.length).toBeGreaterThan(40);
  });

  test('agrees with the codecs about every body with one byte changed, and never fails itself', () => {
    const messages = vectors.filter(
      (vector) => (vector.decoded as Shown[])[0]?.contract != null && vector.result === 'valid',
    );
    const changed = messages.flatMap((vector) => {
      const bytes = bytesOfHex(vector.hex);
      const bodyAt = 36;
      return [0x00, 0x01, 0x02, 0x7f, 0x80, 0xff].flatMap((value, k) => {
        const at = bodyAt + ((k * 7 + bytes.length) % Math.max(1, bytes.length - bodyAt));
        if (at >= bytes.length) return [];
        const copy = bytes.slice();
        copy[at] = value;
        return [{ ...vector, hex: Buffer.from(copy).toString('hex') }];
      });
    });
    const path = capture('changed.pcap', 65_000, changed);
    const seen = fieldsByVector(path, ['esf.expert.data_lacked'], ...as);
    changed.forEach((vector, index) => {
      const codec = codecs[(vector.decoded as Shown[])[0]!.contract as ContractName];
      const good = codec.decodeNullable(bytesOfHex(vector.hex).slice(36)).ok;
      expect(seen.get(index)?.[0]?.length === 0, `${vector.id} ${vector.hex}`).toBe(good);
    });
    expect(changed.length).toBeGreaterThan(100);
    expect(tshark(path, ...as, '-V')).not.toContain('Lua Error');
  });

  test('takes N as a preference, the default port by itself, and other ports by the look of the header', () => {
    const wide = (
      JSON.parse(readFileSync(new URL('../../spec/vectors/frames.json', import.meta.url), 'utf8')) as Vector[]
    ).filter((vector) => vector.id === 'n-20');
    const path = capture('wide.pcap', 9, wide, 4530);
    const source = ['-Y', 'esf', '-T', 'fields', '-e', 'esf.source'];
    expect(tshark(path, '-o', 'esf.user_id_bytes_max:20', ...source).trim()).toBe('abcdefghijklmnopqrst');
    expect(tshark(path, ...source)).not.toContain('abcdefghijklmnopqrst');
    const elsewhere = capture('elsewhere.pcap', 65_000, wide, 47_000);
    expect(tshark(elsewhere, '-o', 'esf.user_id_bytes_max:20', ...source).trim()).toBe('abcdefghijklmnopqrst');
    expect(tshark(elsewhere, '-o', 'esf.user_id_bytes_max:20', '-o', 'esf.heuristic:FALSE', ...source).trim()).toBe('');
  });
});
