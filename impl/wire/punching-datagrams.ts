/**
 * Datagrams of address discovery and hole punching: bytes <-> values, by `spec/grammar/punching-datagrams.ts`.
 *
 * Decoding never throws and keeps nothing of the bytes but the message of a discovery, which is a view. Whether a token or
 * a message is the right one is the caller's business.
 */
import { PUNCHING_KIND_MAX, punchingDatagrams } from '../../spec/grammar/index.ts';
import type { Datagram } from '../../spec/grammar/index.ts';
import type { Endpoint } from '../../spec/platform.ts';

export type PunchingDatagram =
  /** `message` is what follows the kind: a message and, in a request, zeros. */
  | { readonly kind: 'DiscoverRequest' | 'DiscoverResponse'; readonly message: Uint8Array }
  /** `token` 0 to 2^64 - 1, `number` unsigned 32-bit. */
  | { readonly kind: 'Probe'; readonly token: bigint; readonly number: number }
  | { readonly kind: 'ProbeAck'; readonly token: bigint; readonly number: number; readonly observed: Endpoint };

const FIELD_BYTES = { uint16: 2, uint32: 4, uint64: 8, ipv4: 4 } as const;

const kindOf = (name: PunchingDatagram['kind']): number => byName.get(name)!.kind;

const byName = new Map<string, Datagram>(punchingDatagrams.map((each) => [each.name, each]));
const byKind = new Map<number, Datagram>(punchingDatagrams.map((each) => [each.kind, each]));

/** Whether the first byte is one of this family (P2P-017). */
export function isPunchingDatagram(bytes: Uint8Array): boolean {
  const kind = bytes[0];
  return kind !== undefined && kind <= PUNCHING_KIND_MAX;
}

/** The datagram, or undefined: unknown kind, wrong length, not an address. */
export function decodePunchingDatagram(bytes: Uint8Array): PunchingDatagram | undefined {
  const datagram = bytes.length === 0 ? undefined : byKind.get(bytes[0]!);
  if (datagram === undefined) return undefined;
  if (datagram.fields[0]!.type === 'message') {
    return { kind: datagram.name as 'DiscoverRequest', message: bytes.subarray(1) };
  }
  if (bytes.length !== fixedBytes(datagram)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const token = view.getBigUint64(1, true);
  const number = view.getUint32(9, true);
  if (datagram.name === 'Probe') return { kind: 'Probe', token, number };
  const address = `${bytes[13]!}.${bytes[14]!}.${bytes[15]!}.${bytes[16]!}`;
  return { kind: 'ProbeAck', token, number, observed: { address, port: view.getUint16(17, true) } };
}

/** A message as a discovery datagram, with zeros behind it up to `sizeBytesMin`. */
export function encodeDiscover(
  kind: 'DiscoverRequest' | 'DiscoverResponse',
  message: Uint8Array,
  sizeBytesMin: number,
): Uint8Array {
  const bytes = new Uint8Array(Math.max(1 + message.length, sizeBytesMin));
  bytes[0] = kindOf(kind);
  bytes.set(message, 1);
  return bytes;
}

/** A probe: 13 bytes. */
export function encodeProbe(token: bigint, number: number): Uint8Array {
  return start('Probe', token, number).bytes;
}

/** The answer to a probe that came from `observed`, an IPv4 endpoint: 19 bytes. */
export function encodeProbeAck(token: bigint, number: number, observed: Endpoint): Uint8Array {
  const { bytes, view } = start('ProbeAck', token, number);
  bytes.set(parseIpv4(observed.address) ?? [0, 0, 0, 0], 13);
  view.setUint16(17, observed.port, true);
  return bytes;
}

/** The four bytes of an IPv4 address in dotted form; undefined when it is none. */
export function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const numbers = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

function start(name: 'Probe' | 'ProbeAck', token: bigint, number: number): { bytes: Uint8Array; view: DataView } {
  const datagram = byName.get(name)!;
  const bytes = new Uint8Array(fixedBytes(datagram));
  const view = new DataView(bytes.buffer);
  bytes[0] = datagram.kind;
  view.setBigUint64(1, token, true);
  view.setUint32(9, number, true);
  return { bytes, view };
}

function fixedBytes(datagram: Datagram): number {
  let size = 1;
  for (const { type } of datagram.fields) if (type !== 'message') size += FIELD_BYTES[type];
  return size;
}
