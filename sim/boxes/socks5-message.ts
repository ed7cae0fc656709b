/** The bytes of SOCKS5 (RFC 1928, RFC 1929): greetings, requests, replies and wrapped datagrams. No connection here. */
import type { Endpoint } from '../../spec/platform.ts';
import { formatAddress, parseAddress, tryParseAddress } from '../address.ts';
import { wordsOf } from '../ipv6/text.ts';
import { get16, put16 } from '../big-endian.ts';
import { bytesOfText, getDotted, textOf } from './bytes.ts';

/** RFC 1928 section 6. */
export const SOCKS_REPLY = {
  succeeded: 0,
  failure: 1,
  notAllowed: 2,
  networkUnreachable: 3,
  hostUnreachable: 4,
  refused: 5,
  expired: 6,
  commandNotSupported: 7,
  addressNotSupported: 8,
} as const;
export type SocksReply = (typeof SOCKS_REPLY)[keyof typeof SOCKS_REPLY];

/** RFC 1928 section 3. */
export const SOCKS_METHOD = { none: 0, password: 2, noneAcceptable: 255 } as const;

/** RFC 1928 section 4. */
export const SOCKS_COMMAND = { connect: 1, bind: 2, associate: 3 } as const;

const SOCKS_VERSION = 5;
const ADDRESS_TYPE = { v4: 1, name: 3, v6: 4 } as const;

/** A message and how many bytes it took; `'more'` when it is not whole yet, `'bad'` when it never will be. */
export type Read<T> = { readonly value: T; readonly sizeBytes: number } | 'more' | 'bad';

/** The methods a client offers. */
export function readGreeting(bytes: Uint8Array): Read<readonly number[]> {
  if (bytes.length > 0 && bytes[0] !== SOCKS_VERSION) return 'bad';
  if (bytes.length < 2 || bytes.length < 2 + bytes[1]!) return 'more';
  const sizeBytes = 2 + bytes[1]!;
  return { value: [...bytes.subarray(2, sizeBytes)], sizeBytes };
}

/** User and password of RFC 1929. */
export function readPassword(bytes: Uint8Array): Read<readonly [user: string, password: string]> {
  if (bytes.length > 0 && bytes[0] !== 1) return 'bad';
  if (bytes.length < 2 || bytes.length < 3 + bytes[1]!) return 'more';
  const passwordAt = 2 + bytes[1]!;
  const sizeBytes = passwordAt + 1 + bytes[passwordAt]!;
  if (bytes.length < sizeBytes) return 'more';
  const user = textOf(bytes.subarray(2, passwordAt));
  return { value: [user, textOf(bytes.subarray(passwordAt + 1, sizeBytes))], sizeBytes };
}

/** What a client asks for; an address type that does not exist leaves `remote` undefined. */
export type SocksRequest = { readonly command: number; readonly remote: Endpoint | undefined };

/** A client's one request. */
export function readRequest(bytes: Uint8Array): Read<SocksRequest> {
  if (bytes.length > 0 && bytes[0] !== SOCKS_VERSION) return 'bad';
  if (bytes.length < 4) return 'more';
  const remote = readEndpoint(bytes, 3);
  if (remote === 'more') return 'more';
  if (remote === 'bad') return { value: { command: bytes[1]!, remote: undefined }, sizeBytes: bytes.length };
  return { value: { command: bytes[1]!, remote: remote.value }, sizeBytes: 3 + remote.sizeBytes };
}

/** A reply with the endpoint it tells, which is an address and not a name. */
export function writeReply(reply: SocksReply, bound: Endpoint = { address: '0.0.0.0', port: 0 }): Uint8Array {
  return Uint8Array.of(SOCKS_VERSION, reply, 0, ...writeEndpoint(bound));
}

export type SocksDatagram = { readonly remote: Endpoint; readonly payload: Uint8Array };

/** A datagram with its header (section 7); undefined for a fragment, which we may drop, and for a torso. */
export function readDatagram(bytes: Uint8Array): SocksDatagram | undefined {
  if (bytes.length < 4 || bytes[2] !== 0) return undefined;
  const remote = readEndpoint(bytes, 3);
  return typeof remote === 'string' ? undefined : { remote: remote.value, payload: bytes.slice(3 + remote.sizeBytes) };
}

/** A datagram with its header. */
export function writeDatagram({ remote, payload }: SocksDatagram): Uint8Array {
  return Uint8Array.of(0, 0, 0, ...writeEndpoint(remote), ...payload);
}

/** Type, address or name, port; from the type on. */
function readEndpoint(bytes: Uint8Array, at: number): Read<Endpoint> {
  const type = bytes[at]!;
  if (type !== ADDRESS_TYPE.v4 && type !== ADDRESS_TYPE.name && type !== ADDRESS_TYPE.v6) return 'bad';
  if (bytes.length < at + 2) return 'more';
  const isName = type === ADDRESS_TYPE.name;
  const length = isName ? bytes[at + 1]! : type === ADDRESS_TYPE.v4 ? 4 : 16;
  const start = at + (isName ? 2 : 1);
  const end = start + length;
  if (bytes.length < end + 2) return 'more';
  const port = get16(bytes, end);
  const sizeBytes = end + 2 - at;
  if (isName) return { value: { address: textOf(bytes.subarray(start, end)), port }, sizeBytes };
  if (type === ADDRESS_TYPE.v4) return { value: { address: getDotted(bytes, start), port }, sizeBytes };
  const words = Array.from({ length: 8 }, (_unused, index) => get16(bytes, start + 2 * index).toString(16));
  return { value: { address: formatAddress(parseAddress(words.join(':'))), port }, sizeBytes };
}

function writeEndpoint({ address, port }: Endpoint): number[] {
  const parsed = tryParseAddress(address);
  const portBytes = new Uint8Array(2);
  put16(portBytes, 0, port);
  if (typeof parsed === 'number') return [ADDRESS_TYPE.v4, ...address.split('.').map(Number), ...portBytes];
  if (parsed === undefined) return [ADDRESS_TYPE.name, address.length, ...bytesOfText(address), ...portBytes];
  const words = wordsOf(parsed).flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
  return [ADDRESS_TYPE.v6, ...words, ...portBytes];
}
