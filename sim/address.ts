/**
 * Addresses of both families: text outside; inside an IPv4 address is one signed 32-bit integer (small integers are the
 * cheapest thing an engine has) and an IPv6 address its canonical text. Equal addresses are `===`. No names, no zones.
 */
import { usageError } from './errors.ts';
import { textOf, tryCanonical, wordsOf } from './ipv6/text.ts';

/** An IPv4 address as a signed 32-bit integer, most significant byte first. */
export type Address4 = number;
/** An IPv6 address as the text of RFC 5952. */
export type Address6 = string;
export type Address = Address4 | Address6;

export const LOOPBACK_ADDRESS: Address4 = 0x7f000001;
/** 0.0.0.0, "any IPv4 address of this host". */
export const ANY_ADDRESS: Address4 = 0;
export const LOOPBACK_ADDRESS6: Address6 = '::1';
/** `::`, "any address of this host". */
export const ANY_ADDRESS6: Address6 = '::';

const CACHE_SIZE_MAX = 100_000;
const parsed = new Map<string, Address>();
const formatted = new Map<Address4, string>();

/** Reads an address of either family; undefined when it is none. */
export function tryParseAddress(text: string): Address | undefined {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const address = text.includes(':') ? tryCanonical(text) : tryParseDotted(text);
  if (address !== undefined) remember(parsed, text, address);
  return address;
}

function tryParseDotted(text: string): Address4 | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let address = 0;
  for (const part of match.slice(1)) {
    const byte = Number(part);
    if (byte > 255) return undefined;
    address = (address << 8) | byte;
  }
  return address;
}

/**
 * Reads an address of either family.
 *
 * @throws SimError `usage` - the text is no address, or one with a zone id.
 */
export function parseAddress(text: string): Address {
  const address = tryParseAddress(text);
  if (address !== undefined) return address;
  if (text.includes('%'))
    throw usageError(`'${text}' has a zone id; hosts here have none, leave out what follows the %`);
  throw usageError(`'${text}' is no IP address; write it like 192.0.2.1 or 2001:db8::1`);
}

/** Reads an IPv6 address: the same, and never a number. */
export function parseAddress6(text: string): Address6 {
  const address = parseAddress(text);
  if (typeof address === 'string') return address;
  throw usageError(`'${text}' is no IPv6 address; write it like 2001:db8::1`);
}

/** The text of an address: dotted, or that of RFC 5952. */
export function formatAddress(address: Address): string {
  if (typeof address === 'string') return address;
  let text = formatted.get(address);
  if (text === undefined) {
    text = `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
    remember(formatted, address, text);
  }
  return text;
}

/** An address and a port: `192.0.2.1:80` or `[2001:db8::1]:80`. */
export function formatEndpoint(address: Address, port: number): string {
  return typeof address === 'string' ? `[${address}]:${port}` : `${formatAddress(address)}:${port}`;
}

/** An IPv6 address with an IPv4 address inside (RFC 4291 section 2.5.5.2) as that one; others as they are. */
export function unmapped(address: Address): Address {
  if (typeof address === 'number' || !address.startsWith('::ffff:') || !address.includes('.')) return address;
  return wordsOf(address)[3];
}

/** One 32-bit word that stands for an address in hashes: itself, or its four words folded. */
export function addressWord(address: Address): number {
  if (typeof address === 'number') return address;
  const [a, b, c, d] = wordsOf(address);
  return a ^ Math.imul(b, 3) ^ Math.imul(c, 5) ^ d;
}

/** A network: all addresses whose first `length` bits equal those of `address`. */
export type Prefix = { readonly address: Address; readonly length: number };

/**
 * Reads `192.0.2.0/24` or `2001:db8::/32`.
 *
 * @throws SimError `usage` - not of that form.
 */
export function parsePrefix(text: string): Prefix {
  const [addressText = '', lengthText = ''] = text.split('/');
  const address = parseAddress(addressText);
  const lengthMax = typeof address === 'string' ? 128 : 32;
  const length = /^\d{1,3}$/.test(lengthText) ? Number(lengthText) : -1;
  if (length < 0 || length > lengthMax) {
    throw usageError(`'${text}' is no network; write it like 192.0.2.0/24 or 2001:db8::/32`);
  }
  return { address: firstOf(address, length), length };
}

/** The address with all bits behind the prefix cleared. */
function firstOf(address: Address, length: number): Address {
  if (typeof address === 'number') return address & prefixMask(length);
  const [a, b, c, d] = wordsOf(address);
  return textOf([a & wordMask(length, 0), b & wordMask(length, 1), c & wordMask(length, 2), d & wordMask(length, 3)]);
}

/** The mask of a prefix length, 0 to 32. */
function prefixMask(length: number): number {
  return length === 0 ? 0 : -1 << (32 - length);
}

/** The mask of one of four words, for a length of 0 to 128. */
function wordMask(length: number, index: number): number {
  return prefixMask(Math.min(32, Math.max(0, length - 32 * index)));
}

/** The address so many behind the first one of a network; `index` is below 2^32. */
export function nthAddress({ address }: Prefix, index: number): Address {
  if (typeof address === 'number') return (address + index) | 0;
  const [a, b, c, d] = wordsOf(address);
  return textOf([a, b, c, (d + index) | 0]);
}

/** Whether the network holds the address; never when they are of different families. */
export function prefixHolds(prefix: Prefix, address: Address): boolean {
  if (typeof address === 'number') {
    return typeof prefix.address === 'number' && ((address ^ prefix.address) & prefixMask(prefix.length)) === 0;
  }
  return typeof prefix.address === 'string' && commonLength(prefix.address, address) >= prefix.length;
}

/** How many leading bits two IPv6 addresses have in common, 0 to 128. */
export function commonLength(left: Address6, right: Address6): number {
  const [ours, theirs] = [wordsOf(left), wordsOf(right)];
  for (const [index, word] of ours.entries()) {
    const difference = word ^ theirs[index]!;
    if (difference !== 0) return 32 * index + Math.clz32(difference);
  }
  return 128;
}

// The caches only save time; what they hold follows from the key, so clearing one changes no run.
function remember<K, V>(cache: Map<K, V>, key: K, value: V): void {
  if (cache.size >= CACHE_SIZE_MAX) cache.clear();
  cache.set(key, value);
}
