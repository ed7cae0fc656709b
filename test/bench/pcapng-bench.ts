/** The simulator while it writes pcapng: datagrams through two interfaces, each written twice, and the file put together. */
import { Internet, World, captureWorld } from '../../sim/index.ts';
import { median } from './model.ts';
import type { BenchRow } from './model.ts';

const PACKETS = 200_000;
const BURST_PACKETS = 10;
const BURST_MICROS = 100;
const PAYLOAD_BYTES = 100;
const ROUNDS = 5;
/** Packets a second on one core, as asked for by the project. */
const PACKETS_PER_SECOND_MIN = 300_000;

/** Packets that reach their host for each second of processor time, and the bytes of the file. */
function writePackets(): { readonly rate: number; readonly blocks: number } {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const capture = captureWorld(world, { nodes: ['alice', 'bob'] });
  const [alice, bob] = [internet.host('alice').platform(), internet.host('bob').platform()];
  bob.bindUdp({ port: 9 }, { onMessage: () => undefined });
  const socket = alice.bindUdp({ port: 0 }, { onMessage: () => undefined });
  const to = { address: bob.localAddresses()[0]!, port: 9 };
  const payload = new Uint8Array(PAYLOAD_BYTES);
  for (let sent = 0; sent < PACKETS; sent += BURST_PACKETS) {
    world.at((sent / BURST_PACKETS) * BURST_MICROS, () => {
      for (let index = 0; index < BURST_PACKETS; index += 1) socket.send(payload, to);
    });
  }
  const begin = process.cpuUsage();
  world.runUntil((PACKETS / BURST_PACKETS) * BURST_MICROS + 1_000_000);
  const { length } = capture.toPcapng();
  const { user, system } = process.cpuUsage(begin);
  if (capture.packetCount !== PACKETS * 2 || length < PACKETS * 2 * PAYLOAD_BYTES)
    throw new Error('packets are missing');
  return { rate: PACKETS / ((user + system) / 1e6), blocks: capture.packetCount };
}

/** One row. */
export function pcapngBench(): BenchRow[] {
  const rounds = Array.from({ length: ROUNDS }, writePackets);
  return [
    {
      name: 'simulator while writing pcapng at both hosts',
      ours: median(rounds.map(({ rate }) => rate)),
      peer: null,
      peerName: '',
      unit: 'packets/CPU s',
      ratio: null,
      target: PACKETS_PER_SECOND_MIN,
      detail: `${rounds[0]!.blocks} blocks for ${PACKETS} packets of ${PAYLOAD_BYTES} bytes through two links`,
    },
  ];
}
