/** The Wireshark dissector of datagrams against a simulated conversation: tshark reads what our own reading of the table does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Capture, Internet, World, captureNode, ratio } from '../../sim/index.ts';
import { RudpLink } from '../../impl/engine/p2p/rudp-link.ts';
import type { Endpoint } from '../../spec/platform.ts';
import { readRudp } from '../../scenarios/attach/rudp-datagrams.ts';

const hasTshark = spawnSync('tshark', ['-v']).status === 0;
const script = new URL('../../spec/wireshark/esf-udp.lua', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'esf-dissector-udp-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A lossy conversation with an orderly end; gives its capture and the datagrams that the left host sent and got. */
function conversation(): { readonly pcap: Uint8Array; readonly datagrams: readonly Uint8Array[] } {
  const world = new World({ seed: 3 });
  const internet = new Internet(world, { link: { delayMicros: 10_000, loss: ratio(1, 10) } });
  const [left, right] = [internet.host('left'), internet.host('right')];
  const capture: Capture = captureNode(left);
  const datagrams: Uint8Array[] = [];
  const links: RudpLink[] = [];
  const make = (index: number, host: typeof left, other: typeof left): void => {
    const platform = host.platform();
    const socket = platform.bindUdp(
      { port: 5000 },
      {
        onMessage: (bytes) => {
          if (index === 0) datagrams.push(bytes.slice());
          links[index]?.handleDatagram(bytes);
        },
      },
    );
    const end = (of: typeof left): Endpoint => ({ address: of.platform().localAddresses()[0]!, port: 5000 });
    const send = (bytes: Uint8Array, to: Endpoint): void => {
      if (index === 0) datagrams.push(bytes.slice());
      socket.send(bytes, to);
    };
    const ignore = (): void => undefined;
    const handleConnected = (link: RudpLink): { onData(): void; onDrain(): void; onClosed(): void } => {
      link.write(new Uint8Array(20_000).fill(7));
      if (index === 0) link.close();
      return { onData: ignore, onDrain: ignore, onClosed: ignore };
    };
    links[index] = new RudpLink(
      { platform, token: 99n, local: end(host), remote: end(other), send },
      { handleConnected, handleFailed: ignore },
    );
  };
  make(0, left, right);
  make(1, right, left);
  world.runUntil(20_000_000);
  return { pcap: capture.toPcap(), datagrams };
}

test.skipIf(!hasTshark)('tshark reads every datagram as the table says, and complains about none', () => {
  const { pcap, datagrams } = conversation();
  const path = join(folder, 'rudp.pcap');
  writeFileSync(path, pcap);
  const names = [
    'kind',
    'tag',
    'number',
    'sequence',
    'largest',
    'limit',
    'before',
    'gap',
    'length',
    'identity',
    'echo',
  ];
  const args = ['-X', `lua_script:${script}`, '-r', path, '-T', 'fields', '-E', 'separator=;'];
  const fields = names.flatMap((name) => ['-e', `esfudp.${name}`]);
  const text = execFileSync('tshark', [...args, ...fields], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const rows = text.trimEnd().split('\n');
  const wanted = datagrams.map((bytes) => {
    const { name, numbers, repeated } = readRudp(bytes)!;
    const group = (offset: number): string => repeated.filter((_, index) => index % 2 === offset).join(',');
    const cells = names.slice(1).map((field) => `${numbers[field] ?? ''}`);
    cells[names.indexOf('gap') - 1] = group(0);
    cells[names.indexOf('length') - 1] = group(1);
    return [name, ...cells].join(';');
  });
  expect(new Set(wanted.map((row) => row.split(';')[0])).size).toBeGreaterThanOrEqual(5);
  expect(rows).toEqual(wanted);
});
