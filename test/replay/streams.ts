/** The byte streams of a capture: by the reader under test, and by tshark. */
import { execFileSync } from 'node:child_process';
import { emptySegment, readSegment } from '../../scenarios/replay/ip-tcp.ts';
import { readPcap } from '../../scenarios/replay/pcap-reader.ts';
import { TcpFlows, type FlowSide } from '../../scenarios/replay/tcp-flows.ts';

/** All byte streams of a capture: per connection, what side 0 and side 1 sent. */
export async function streamsOf(path: string): Promise<[string, string][]> {
  const all: [Buffer[], Buffer[]][] = [];
  const nothing = (): void => undefined;
  const flows = new TcpFlows(() => {
    const own: [Buffer[], Buffer[]] = [[], []];
    all.push(own);
    const onBytes = (side: FlowSide, bytes: Buffer): void => void own[side].push(Buffer.from(bytes));
    return { onBytes, onGap: nothing, onFin: nothing, onReset: nothing, onEnd: nothing };
  });
  const segment = emptySegment();
  let linkType = -1;
  await readPcap(path, {
    onHeader: (header) => void (linkType = header.linkType),
    onPacket: ({ bytes, number, timeMicros }) => {
      if (readSegment(linkType, bytes, segment) === undefined) flows.segment(segment, number, timeMicros);
    },
  });
  flows.finish(0);
  return all.map(([first, second]) => [Buffer.concat(first).toString('hex'), Buffer.concat(second).toString('hex')]);
}

/** The same by tshark; its second node's lines are indented by a tab. */
export function tsharkStreams(path: string, count: number): [string, string][] {
  const asked = Array.from({ length: count }, (_, index) => ['-z', `follow,tcp,raw,${index}`]).flat();
  const text = execFileSync('tshark', ['-r', path, '-q', ...asked], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  });
  const streams = text
    .split(/^Follow: /m)
    .slice(1)
    .map((part): [string, string] => {
      const lines = part.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
      const of = (isSecond: boolean): string =>
        lines
          .filter((line) => line.startsWith('\t') === isSecond)
          .map((line) => line.trim())
          .join('');
      return [of(false), of(true)];
    });
  // tshark prints the last one asked for first.
  const first = /Filter: tcp\.stream eq (\d+)/.exec(text)?.[1];
  return first === '0' ? streams : streams.reverse();
}
