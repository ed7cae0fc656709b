/** The simulator while it writes pcapng: datagrams through one link, each written where it is sent and where it arrives, and the file put together. */
import { Host, World, captureWorld, connectNodes, parseAddress, ratio } from '../../sim/index.ts';
import { median } from './model.ts';
import type { BenchRow } from './model.ts';

const PACKETS = 200_000;
const BURST_PACKETS = 10;
const BURST_MICROS = 100;
const PAYLOAD_BYTES = 100;
const ROUNDS = 5;
/** Packets a second on one core, as asked for by the project. */
const PACKETS_PER_SECOND_MIN = 300_000;

/** Packets for each second of processor time, and how many blocks they are in the file. */
function writePackets(): { readonly rate: number; readonly blocks: number } {
  const world = new World({ seed: 1 });
  const capture = captureWorld(world);
  const hosts = [new Host(world, 'alice'), new Host(world, 'bob')] as const;
  const at = (index: 0 | 1, address: string) => ({ node: hosts[index], address: parseAddress(address) });
  // The link of the plain bench of the simulator: loss, delay and jitter, drawn for each packet.
  const link = { delayMicros: 5_000, jitterMicros: 5_000, loss: ratio(1, 100) };
  const lost = connectNodes(at(0, '198.18.0.1'), at(1, '198.18.0.2'), link).link.forward.statistics;
  const [alice, bob] = [hosts[0].platform(), hosts[1].platform()];
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
  if (capture.packetCount !== PACKETS * 2 - lost.lostPackets || length < capture.packetCount * PAYLOAD_BYTES)
    throw new Error('packets are missing');
  return { rate: PACKETS / ((user + system) / 1e6), blocks: capture.packetCount };
}

/** One row. */
export function pcapngBench(): BenchRow[] {
  const rounds = Array.from({ length: ROUNDS }, writePackets);
  return [
    {
      name: 'simulator while writing pcapng at both ends of a link',
      ours: median(rounds.map(({ rate }) => rate)),
      peer: null,
      peerName: '',
      unit: 'packets/CPU s',
      ratio: null,
      target: PACKETS_PER_SECOND_MIN,
      detail: `${rounds[0]!.blocks} blocks for ${PACKETS} packets of ${PAYLOAD_BYTES} bytes through one link`,
    },
  ];
}
