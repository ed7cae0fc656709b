/** What tshark makes of a capture: its complaints, its checksums, and the byte streams it puts together. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const FIELDS = [
  'frame.interface_name',
  '_ws.malformed',
  'ip.checksum.status',
  'tcp.checksum.status',
  'udp.checksum.status',
  'icmp.checksum.status',
  'icmpv6.checksum.status',
  'tcp.stream',
  'tcp.flags',
  'ip.src',
  'tcp.srcport',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'tcp.dstport',
  'frame.comment',
  'frame.protocols',
] as const;

export type Frame = Readonly<Record<(typeof FIELDS)[number], string>>;

/** What one end of a TCP connection sent, as `address:port>address:port`, put together by tshark. */
export type Streams = ReadonlyMap<string, Buffer>;

export type Reading = { readonly frames: readonly Frame[]; readonly streams: Streams };

/** Streams tshark is asked for in one call. */
const STREAMS_MAX = 400;

/** Has tshark read a capture with every checksum checked; all streams are followed in the same pass. */
export async function readWithTshark(pcapng: Uint8Array): Promise<Reading> {
  const folder = mkdtempSync(join(tmpdir(), 'esf-tshark-'));
  try {
    const file = join(folder, 'run.pcapng');
    writeFileSync(file, pcapng);
    const checks = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
    const fields = FIELDS.flatMap((name) => ['-e', name]);
    const follow = Array.from({ length: STREAMS_MAX }, (_, index) => ['-z', `follow,tcp,raw,${index}`]).flat();
    // Every occurrence of a field counts: an ICMP error quotes a second header.
    const how = ['-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=a', '-E', 'aggregator=,'];
    const { stdout } = await run(
      'tshark',
      ['-r', file, '-n', ...(await withoutGuesses()), ...checks, ...how, ...fields, ...follow],
      {
        maxBuffer: 1 << 29,
      },
    );
    const begin = stdout.search(/^=+\nFollow: /m);
    return { frames: framesOf(stdout.slice(0, begin)), streams: streamsOf(stdout.slice(begin)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let guesses: Promise<string[]> | undefined = undefined;

/** Payloads are drawn at random; tshark would take some of them for RTCP and then call them malformed RTCP. */
function withoutGuesses(): Promise<string[]> {
  return (guesses ??= run('tshark', ['-G', 'heuristic-decodes']).then(({ stdout }) =>
    stdout
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([below, , enabled]) => (below === 'udp' || below === 'tcp') && enabled === 'T')
      .flatMap(([, protocol]) => ['--disable-protocol', protocol!]),
  ));
}

function framesOf(text: string): Frame[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const values = line.split('|');
      return Object.fromEntries(FIELDS.map((name, index) => [name, values[index] ?? ''])) as Frame;
    });
}

/** Several connections between the same two ends, one after the other, count as one. */
function streamsOf(text: string): Streams {
  const parts = text.split(/^Follow: /m).slice(1);
  const numbered = parts.map((part) => ({ part, number: Number(/Filter: tcp\.stream eq (\d+)/.exec(part)?.[1]) }));
  const streams = new Map<string, Buffer>();
  for (const { part } of numbered.sort((left, right) => left.number - right.number)) {
    const [first, second] = [0, 1].map((node) => new RegExp(`^Node ${node}: (.*)$`, 'm').exec(part)?.[1]);
    if (first === undefined || second === undefined || first === ':0') continue;
    const lines = part.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
    add(streams, `${first}>${second}`, lines.filter((line) => !line.startsWith('\t')).join(''));
    add(streams, `${second}>${first}`, lines.map((line) => (line.startsWith('\t') ? line.trim() : '')).join(''));
  }
  return streams;
}

function add(streams: Map<string, Buffer>, key: string, hex: string): void {
  streams.set(key, Buffer.concat([streams.get(key) ?? Buffer.alloc(0), Buffer.from(hex, 'hex')]));
}
