/**
 * The IPv6 side of a network: its prefix, the router's address, addresses for hosts in order, and prefixes for the networks
 * behind it (prefix delegation, RFC 8415 section 6.3, with nobody asking for it by packets).
 */
import { formatAddress, nthAddress, parseAddress6, parsePrefix, prefixHolds } from '../address.ts';
import type { Address6, Prefix } from '../address.ts';
import { usageError } from '../errors.ts';
import { textOf, wordsOf } from './text.ts';

/** What a network delegates: from a prefix up to /32 each /48, from a /48 each /64. */
const SITE_LENGTH = 48;
const SUBNET_LENGTH = 64;

/** Addresses and prefixes of one network. */
export class SixPool {
  /** All of it; addresses are from the first /64. */
  readonly prefix: Prefix;
  readonly routerAddress: Address6;
  readonly #taken = new Set<Address6>();
  #nextHost = 1;
  #nextPrefix = 1;

  constructor(prefix: string) {
    this.prefix = parsePrefix(prefix);
    if (typeof this.prefix.address !== 'string' || this.prefix.length > SUBNET_LENGTH) {
      throw usageError(`'${prefix}' is no IPv6 network of hosts; give one up to /${SUBNET_LENGTH}, like 2001:db8::/32`);
    }
    this.routerAddress = this.take();
  }

  /** The wanted address, or the next free one. */
  take(wanted?: string): Address6 {
    const address = wanted === undefined ? this.#nextFree() : parseAddress6(wanted);
    const isTaken = this.#taken.has(address);
    if (isTaken || !prefixHolds(this.prefix, address)) {
      const why = isTaken ? 'taken' : 'not in the network';
      throw usageError(`address ${address} is ${why} (${this.text})`);
    }
    this.#taken.add(address);
    return address;
  }

  /**
   * A prefix for a network behind this one, another one with every call.
   *
   * @throws SimError `usage` - this network is a /64 or nearly: there is nothing to give.
   */
  delegate(): string {
    const { length } = this.prefix;
    const wanted = length <= 32 ? SITE_LENGTH : SUBNET_LENGTH;
    if (length > SITE_LENGTH) {
      throw usageError(`${this.text} has no prefix to give away; give the network behind it a prefix of its own`);
    }
    const [first, second] = wordsOf(String(this.prefix.address));
    const index = this.#nextPrefix;
    this.#nextPrefix += 1;
    return `${textOf([first, second + (wanted === SITE_LENGTH ? index << 16 : index), 0, 0])}/${wanted}`;
  }

  /** As it is written: `2001:db8::/32`. */
  get text(): string {
    return `${formatAddress(this.prefix.address)}/${this.prefix.length}`;
  }

  #nextFree(): Address6 {
    for (;;) {
      const address = formatAddress(nthAddress(this.prefix, this.#nextHost));
      this.#nextHost += 1;
      if (!this.#taken.has(address)) return address;
    }
  }
}
