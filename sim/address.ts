/**
 * IPv4 addresses: dotted text outside, one signed 32-bit integer inside (small integers are the cheapest thing an engine
 * has). No IPv6, no names.
 */
import { usageError } from './errors.ts';

/** An IPv4 address as a signed 32-bit integer, most significant byte first. */
export type Address = number;

export const LOOPBACK_ADDRESS: Address = 0x7f000001;
/** 0.0.0.0, "any address of this host". */
export const ANY_ADDRESS: Address = 0;

const CACHE_SIZE_MAX = 100_000;
const parsed = new Map<string, Address>();
const formatted = new Map<Address, string>();

/** Reads a dotted address; undefined when it is none. */
export function tryParseAddress(text: string): Address | undefined {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let address = 0;
  for (const part of match.slice(1)) {
    const byte = Number(part);
    if (byte > 255) return undefined;
    address = (address << 8) | byte;
  }
  remember(parsed, text, address);
  return address;
}

/**
 * Reads a dotted address.
 *
 * @throws SimError `usage` - the text is not a dotted IPv4 address.
 */
export function parseAddress(text: string): Address {
  const address = tryParseAddress(text);
  if (address === undefined) throw usageError(`'${text}' is no IPv4 address; write it like 192.0.2.1`);
  return address;
}

/** The dotted text of an address. */
export function formatAddress(address: Address): string {
  let text = formatted.get(address);
  if (text === undefined) {
    text = `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
    remember(formatted, address, text);
  }
  return text;
}

/** A network: all addresses whose first `length` bits equal those of `address`. */
export type Prefix = { readonly address: Address; readonly length: number };

/**
 * Reads `192.0.2.0/24`.
 *
 * @throws SimError `usage` - not of that form.
 */
export function parsePrefix(text: string): Prefix {
  const [addressText = '', lengthText = ''] = text.split('/');
  const length = /^\d{1,2}$/.test(lengthText) ? Number(lengthText) : -1;
  if (length < 0 || length > 32) throw usageError(`'${text}' is no network; write it like 192.0.2.0/24`);
  return { address: parseAddress(addressText) & prefixMask(length), length };
}

/** The mask of a prefix length, 0 to 32. */
function prefixMask(length: number): number {
  return length === 0 ? 0 : -1 << (32 - length);
}

/** Whether the network holds the address. */
export function prefixHolds(prefix: Prefix, address: Address): boolean {
  return ((address ^ prefix.address) & prefixMask(prefix.length)) === 0;
}

// The caches only save time; what they hold follows from the key, so clearing one changes no run.
function remember<K, V>(cache: Map<K, V>, key: K, value: V): void {
  if (cache.size >= CACHE_SIZE_MAX) cache.clear();
  cache.set(key, value);
}
