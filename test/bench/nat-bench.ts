/**
 * A NAT alone: packets a second through its tables, for the two ends of the range of behaviours.
 *
 * Inner endpoints send to remote ones in turn, each packet is answered, and both ways are counted. Packets are handed to the
 * NAT directly and taken off it directly, so that neither links nor hosts are measured.
 */
import { Nat, World, createUdpPacket, natBehaviour, parseAddress } from '../../sim/index.ts';
import type { NatBehaviour, NetworkInterface, Packet } from '../../sim/index.ts';
import { cpuSeconds } from './cpu.ts';
import { interleave } from './model.ts';
import type { BenchRow } from './model.ts';

const PACKETS = 200_000;
const INNER_ENDPOINTS = 1_000;
const REMOTE_ENDPOINTS = 10;
const PAYLOAD = new Uint8Array(100);

/** An interface without a link, and what was sent out of it last. */
type Line = { readonly at: NetworkInterface; last: Packet | undefined };

function line(nat: Nat, address: string): Line {
  const made: Line = { at: nat.addInterface(parseAddress(address)), last: undefined };
  made.at.addTap((packet) => (made.last = packet));
  return made;
}

/** Packets translated for each second of processor time. */
function translations(behaviour: NatBehaviour): number {
  const world = new World({ seed: 1 });
  const nat = new Nat(world, 'nat', behaviour);
  const [inside, outside] = [line(nat, '192.168.0.1'), line(nat, '198.18.0.1')];
  const innerFirst = 0xc0a80100 | 0;
  const remoteFirst = 0xcb007101 | 0;
  nat.setOutside(outside.at);
  for (let host = 0; host < 256; host += 1) nat.routes.addHost(innerFirst + host, inside.at);
  let translated = 0;
  const seconds = cpuSeconds(() => {
    for (let sent = 0; sent < PACKETS / 2; sent += 1) {
      const inner = sent % INNER_ENDPOINTS;
      const remote = remoteFirst + (Math.floor(sent / INNER_ENDPOINTS) % REMOTE_ENDPOINTS);
      nat.receivePacket(createUdpPacket(innerFirst + (inner & 255), 5_000 + inner, remote, 9, PAYLOAD), inside.at);
      const out = outside.last!;
      nat.receivePacket(createUdpPacket(remote, 9, out.source, out.sourcePort, PAYLOAD), outside.at);
      if (inside.last!.destinationPort === 5_000 + inner) translated += 2;
    }
  });
  if (translated !== PACKETS) throw new Error(`${PACKETS - translated} packets did not come through`);
  return PACKETS / seconds;
}

/** One row for each behaviour. */
export async function natBench(): Promise<BenchRow[]> {
  const kinds = [
    { name: 'endpoint-independent, open', behaviour: natBehaviour('fullCone') },
    { name: 'endpoint-independent, port-restricted', behaviour: natBehaviour('portRestricted') },
    { name: 'symmetric', behaviour: natBehaviour('symmetric') },
  ];
  const figures = await interleave(
    kinds.map(
      ({ behaviour }) =>
        () =>
          translations(behaviour),
    ),
  );
  return kinds.map(({ name }, index) => ({
    name: `NAT alone, ${name}`,
    ours: figures[index]!,
    peer: null,
    peerName: '',
    unit: 'packets/CPU s',
    ratio: null,
    target: 1_000_000,
    detail: `${INNER_ENDPOINTS} inner endpoints, ${REMOTE_ENDPOINTS} remote ones, both ways`,
  }));
}
