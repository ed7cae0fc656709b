/** A scripted exchange of datagrams between two endpoints as a capture, judged: `await judged(intact(), options)`. */
import { writeRudp, type RudpDatagramName } from '../../scenarios/attach/rudp-datagrams.ts';
import { readSlices } from '../../scenarios/replay/pcap-reader.ts';
import { Replay } from '../../scenarios/replay/replay.ts';
import type { ReplayReport } from '../../scenarios/replay/report-model.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs, encodeDiscover, encodeFrame, encodeProbe } from '../../impl/wire/index.ts';
import { pcapFile, START_MICROS, withLink } from './pcap-writer.ts';
import { frameOf } from './session.ts';

export type Side = 'a' | 'b';
export type Datagram = { from: Side; bytes: Uint8Array };
const PORTS = { a: 5_001, b: 5_002 };
const TOKEN = 0x1122334455667788n;
export const IDENTITY = { a: 0xaaaa0001, b: 0xbbbb0002 };
const LIMITS = { userIdBytesMax: 11, messageBytesMax: 65_536 };
const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');

/** A UDP datagram in IPv4 and Ethernet. */
function packetOf({ from, bytes }: Datagram): Buffer {
  const header = Buffer.alloc(28);
  header[0] = 0x45;
  header.writeUInt16BE(28 + bytes.length, 2);
  header[9] = 17;
  header.set([10, 0, 0, from === 'a' ? 1 : 2, 10, 0, 0, from === 'a' ? 2 : 1], 12);
  header.writeUInt16BE(PORTS[from], 20);
  header.writeUInt16BE(PORTS[other(from)], 22);
  header.writeUInt16BE(8 + bytes.length, 24);
  return withLink(Buffer.concat([header, bytes]), 1);
}

/** What the replay says of these datagrams. */
export async function judged(datagrams: readonly Datagram[]): Promise<ReplayReport> {
  const packets = datagrams.map((each, index) => ({ timeMicros: START_MICROS + index, bytes: packetOf(each) }));
  const file = pcapFile(packets);
  const replay = new Replay({});
  // eslint-disable-next-line @typescript-eslint/require-await -- the reader takes slices as they come
  async function* slices(): AsyncGenerator<Buffer> {
    yield file;
  }
  return replay.report('test.pcap', await readSlices(slices(), file.length, replay));
}

type Values = Readonly<Record<string, number | bigint | Uint8Array>>;

/** A datagram of reliable UDP with the usual token, identities and tag; `values` say what is else. */
export function rudp(from: Side, name: RudpDatagramName, values: Values = {}, repeated: number[] = []): Datagram {
  const usual: Values = {
    version: 1,
    token: TOKEN,
    identity: IDENTITY[from],
    echo: name === 'Syn' ? 0 : IDENTITY[other(from)],
    limit: 1_000,
    tag: IDENTITY[other(from)],
  };
  return { from, bytes: writeRudp(name, { ...usual, ...values }, repeated) };
}

/** A message as it stands in the stream: its length, then its bytes. */
export function inStream(message: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.length);
  return Buffer.concat([length, message]);
}

/** A message of one user to the other over the channel, as chunk `sequence` in packet `sequence`. */
export function said(
  from: Side,
  sequence: number,
  type: number,
  value?: unknown,
  names: { source?: string; dest?: string } = {},
): Datagram {
  const [source, dest] = from === 'a' ? ['alice', 'bob'] : ['bob', 'alice'];
  const message = frameOf({ type, id: sequence + 1, source, dest, value, ...names }, false);
  return rudp(from, 'Data', { number: sequence, sequence, chunk: inStream(message) });
}

export const probe: Datagram = { from: 'a', bytes: encodeProbe(TOKEN, 1) };
export const handshake = (): Datagram[] => [probe, rudp('a', 'Syn'), rudp('b', 'SynAck'), rudp('a', 'Confirm')];

/** Both hellos and their answers, from packet and chunk 0 on; the next of each side is 2. */
export const hellos = (): Datagram[] => [
  said('a', 0, MessageType.P2PChannelHello, { StreamID: 4 }),
  said('b', 0, MessageType.P2PChannelHello, { StreamID: 9 }),
  said('a', 1, MessageType.P2PChannelCount, { StreamID: 9, Count: 0n }),
  said('b', 1, MessageType.P2PChannelCount, { StreamID: 4, Count: 0n }),
];

export const information = (from: Side, sequence: number, names = {}): Datagram =>
  said(from, sequence, MessageType.InformationBySend, { InformationType: 1, Content: new Uint8Array([1, 2]) }, names);

/** A request of discovery by `a`. */
export function discoverRequest(id = 7): Datagram {
  const header = {
    clientType: 0,
    messageType: MessageType.GetMyPublicIPE,
    messageId: id,
    sourceId: 'alice',
    destId: '',
  };
  const message = encodeFrame(header, null, LIMITS.userIdBytesMax);
  return { from: 'a', bytes: encodeDiscover('DiscoverRequest', message, 1 + message.length + 64) };
}

/** The answer of `b`; zeros behind it up to `sizeBytesMin`. */
export function discoverResponse(id = 7, port = PORTS.a, sizeBytesMin = 0): Datagram {
  const value = { IP: '10.0.0.1', PublicPort: port, SecondPort: 0 };
  const body = codecs.PublicIPEResponseContract.encode(value);
  const header = {
    clientType: 8,
    messageType: MessageType.GetMyPublicIPE,
    messageId: id,
    sourceId: '_0',
    destId: 'alice',
  };
  return {
    from: 'b',
    bytes: encodeDiscover('DiscoverResponse', encodeFrame(header, body, LIMITS.userIdBytesMax), sizeBytesMin),
  };
}
