/** Laws of packets: headers, checksums, fragments, errors, and what hosts learn from them. */
import { Internet, World, encodePacket, onesSum } from '../../../sim/index.ts';
import type { Host, Packet } from '../../../sim/index.ts';
import { SECOND, addressOf, exactly } from './scene.ts';
import type { Row } from './scene.ts';

const SMALL_MTU = 1_280;
const FRAGMENT_HEADER = 44;

type Pair = { readonly world: World; readonly near: Host; readonly far: Host };

/** Two hosts; the far one is behind a link of that MTU. */
function aPair(mtuBytes = 1_500): Pair {
  const world = new World({ seed: 1 });
  const internet = new Internet(world, { prefix6: '2001:db8::/32' });
  return { world, near: internet.host('near'), far: internet.host('far', { link: { mtuBytes } }) };
}

/** Packets that leave or reach an interface, copied. */
function seenAt(host: Host): Packet[] {
  const seen: Packet[] = [];
  host.interfaces[0]!.addTap((packet) => seen.push({ ...packet }));
  return seen;
}

function aSender({ world, near, far }: Pair): { readonly send: (sizeBytes: number) => void; readonly got: number[] } {
  const got: number[] = [];
  far.platform().bindUdp({ port: 9 }, { onMessage: (bytes) => got.push(bytes.length) });
  const socket = near.platform().bindUdp({ port: 8 }, { onMessage: () => undefined });
  world.runUntil(1);
  const send = (sizeBytes: number): void => {
    socket.send(
      Uint8Array.from({ length: sizeBytes }, (_, index) => index),
      { address: addressOf(far, 6), port: 9 },
    );
    world.runUntil(world.nowMicros + SECOND);
  };
  return { send, got };
}

export function packetLaws(): Row[] {
  return [...headerLaws(), ...fragmentLaws(), ...errorLaws(), ...pathLaws()];
}

function headerLaws(): Row[] {
  const pair = aPair();
  const seen = seenAt(pair.near);
  aSender(pair).send(101);
  const bytes = encodePacket(seen[0]!)[0]!;
  const pseudo = [...bytes.subarray(8, 40), 0, 0, 0, bytes.length - 40, 0, 0, 0, 17];
  const sum = onesSum(Uint8Array.from([...pseudo, ...bytes.subarray(40)]));
  const segments = seenAt(pair.far);
  pair.far
    .platform()
    .listenTcp({ port: 80 }, { onConnection: () => ({ onData: none, onClosed: none }), onError: none });
  const remote = { address: addressOf(pair.far, 6), port: 80 };
  pair.near.platform().connectTcp({ remote }, { onData: none, onClosed: none });
  pair.world.runUntil(pair.world.nowMicros + SECOND);
  return [
    exactly('RFC 8200 section 3: 101 bytes of UDP make a packet of so many', 101 + 8 + 40, seen[0]!.sizeBytes),
    exactly(
      'RFC 8200 section 3: version, length, next header, hop limit',
      [6, 109, 17, 64],
      [bytes[0]! >> 4, bytes[5], bytes[6], bytes[7]],
    ),
    exactly(
      'RFC 8200 section 8.1: with its pseudo-header the checksum comes to all ones',
      '0xffff',
      `0x${sum.toString(16)}`,
    ),
    exactly(
      'RFC 8200 section 8.3: the maximum segment size is the MTU less 60',
      1_440,
      segments.find(({ segmentSizeMax }) => segmentSizeMax > 0)!.segmentSizeMax,
    ),
  ];
}

function fragmentLaws(): Row[] {
  const pair = aPair(SMALL_MTU);
  const { send, got } = aSender(pair);
  send(5_000);
  const seen = seenAt(pair.near);
  send(5_000);
  const pieces = encodePacket(seen[0]!, 1_500);
  const offsets = pieces.map((piece) => ((piece[42]! << 8) | piece[43]!) & 0xfff8);
  const whole = Buffer.concat(pieces.map((piece) => piece.subarray(48)));
  const expected = offsets.map((_, index) => index * 1_232);
  return [
    exactly('RFC 8200 section 4.5: what a sender cuts has a fragment header', FRAGMENT_HEADER, pieces[0]![6]),
    exactly('RFC 8200 section 4.5: pieces begin at multiples of eight bytes', expected, offsets),
    exactly(
      'RFC 8200 section 4.5: no piece is larger than the path',
      true,
      pieces.every(({ length }) => length <= SMALL_MTU),
    ),
    exactly('RFC 8200 section 4.5: put together they are the datagram', 5_008, whole.length),
    exactly(
      'RFC 8200 section 5: routers do not cut; the first datagram is lost, the second gets through',
      [5_000],
      got,
    ),
  ];
}

function errorLaws(): Row[] {
  const pair = aPair(SMALL_MTU);
  const { world, near, far } = pair;
  const { send } = aSender(pair);
  const seen = seenAt(near);
  const errors = (): Packet[] => seen.splice(0).filter(({ protocol }) => protocol === 58);
  const kind = ({ icmpType, icmpCode }: Packet): string => `${icmpType}/${icmpCode}`;
  send(1_400);
  const [tooBig] = errors();
  const socket = near.platform().bindUdp({ port: 7 }, { onMessage: none });
  world.runUntil(world.nowMicros + 1);
  const ask = (address: string): Packet => {
    socket.send(new Uint8Array(500), { address, port: 99 });
    world.runUntil(world.nowMicros + SECOND);
    return errors()[0]!;
  };
  const [closed, nowhere] = [ask(addressOf(far, 6)), ask('2001:db8:1::1')];
  // An error about an error: its receiver does not know of the datagram, and stays silent.
  near.sendPacket({ ...closed, source: closed.destination, destination: closed.source, timeToLive: 1 });
  world.runUntil(world.nowMicros + SECOND);
  const answers = errors().filter(({ destination }) => near.ownsAddress(destination));
  near.sendPacket({ ...seen[0]!, ...plain(near, far), timeToLive: 1 });
  world.runUntil(world.nowMicros + SECOND);
  const late = errors()[0]!;
  return [
    exactly(
      'RFC 4443 section 3.2: "packet too big" with the MTU of the next link',
      `2/0 ${SMALL_MTU}`,
      `${kind(tooBig!)} ${tooBig!.nextHopMtu}`,
    ),
    exactly(
      'RFC 4443 section 2.4 c: it quotes as much as fits into 1,280 bytes',
      SMALL_MTU,
      encodePacket(tooBig!)[0]!.length,
    ),
    exactly('RFC 4443 section 3.1: no socket', '1/4', kind(closed)),
    exactly(
      'RFC 4443 section 2.4 c: a smaller packet is quoted as a whole',
      40 + 8 + 548,
      encodePacket(closed)[0]!.length,
    ),
    exactly('RFC 4443 section 3.1: no route', '1/0', kind(nowhere)),
    exactly('RFC 4443 section 3.3: the hop limit is used up', '3/0', kind(late)),
    exactly('RFC 4443 section 2.4 e: no error about an error', 0, answers.length),
  ];
}

function pathLaws(): Row[] {
  const pair = aPair(SMALL_MTU);
  const { world, near, far } = pair;
  const { send } = aSender(pair);
  const mtu = (): number => near.mtuTowards(pair.far.interfaces[0]!.addressFor('::')!);
  const before = mtu();
  send(1_400);
  const learned = mtu();
  const forged = { ...plain(near, far), protocol: 58, icmpType: 2, nextHopMtu: 600 } as Packet;
  const quoted = { ...forged, protocol: 17 } as Packet;
  far.sendPacket({ ...forged, source: forged.destination, destination: forged.source, quoted });
  world.runUntil(world.nowMicros + SECOND);
  const afterForged = mtu();
  world.runUntil(world.nowMicros + 600 * SECOND);
  return [
    exactly('RFC 8201 section 4: a host learns the MTU of the path', [1_500, SMALL_MTU], [before, learned]),
    exactly('RFC 8201 section 4: and believes nothing below 1,280', SMALL_MTU, afterForged),
    exactly('RFC 8201 section 5.3: after ten minutes it tries again', 1_500, mtu()),
  ];
}

/** A small datagram between two hosts. */
function plain(near: Host, far: Host): Packet {
  const [source, destination] = [near, far].map((host) => host.interfaces[0]!.addressFor('::')!);
  return {
    ...{
      protocol: 17,
      source,
      destination,
      sourcePort: 8,
      destinationPort: 9,
      payload: new Uint8Array(4),
      sizeBytes: 52,
    },
    ...{ timeToLive: 64, identification: 0, ecn: 0, flags: 0, sequence: 0, acknowledgment: 0, window: 0 },
    ...{ segmentSizeMax: 0, windowShift: -1, sackPermitted: false, sackEdges: undefined, icmpType: 0, icmpCode: 0 },
    ...{ nextHopMtu: 0, quoted: undefined, origin: -1, damaged: false, payloadHash: 0 },
  } as Packet;
}

function none(): void {
  // Nothing to note.
}
