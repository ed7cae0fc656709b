/**
 * Host names of one world: what a resolver on any host would answer, and how long it takes.
 *
 * One table for the whole world, as if every host asked the same resolver out of band: no DNS packets are sent, no answer
 * is cached. A host is known by its own name without being entered. Use: `namesOf(world).set('broker.example', ['192.0.2.1'])`.
 * Asked for a host, the answer is what `getaddrinfo` gives there: in the order of RFC 6724, and with addresses made up from
 * those of IPv4 where its router has a NAT64 (DNS64, RFC 6147).
 */
import { formatAddress, parseAddress } from './address.ts';
import type { Host } from './host.ts';
import { answersFor } from './ipv6/answers.ts';
import { checkInteger, usageError } from './errors.ts';
import { registryOf } from './registry.ts';
import type { World } from './world.ts';

/** The errors of getaddrinfo: the name does not exist, or the resolver did not answer in time. */
export type NameFailure = 'ENOTFOUND' | 'EAI_AGAIN';

/** What is known of a name: addresses in the order they are handed out, or why there are none. */
export type NameAnswer = { readonly addresses: readonly string[] } | { readonly failure: NameFailure };

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const NAME_LENGTH_MAX = 253;
const LOOKUP_MICROS_DEFAULT = 1_000;
const LOOKUP_MICROS_MAX = 3_600_000_000;

/** The names of one world. */
export class Names {
  readonly #world: World;
  readonly #answers = new Map<string, NameAnswer>();
  #lookupMicros = LOOKUP_MICROS_DEFAULT;
  #failure: NameFailure | undefined = undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** How long an answer takes; default 1,000. */
  get lookupMicros(): number {
    return this.#lookupMicros;
  }

  set lookupMicros(micros: number) {
    checkInteger('lookupMicros', micros, 0, LOOKUP_MICROS_MAX);
    this.#lookupMicros = micros;
  }

  /**
   * Gives a name its addresses of both families (A and AAAA), first the one to be tried first; replaces what it had.
   *
   * @throws SimError `usage` - no name after RFC 1123 section 2.1, or an address is none.
   */
  set(name: string, addresses: readonly string[]): void {
    if (addresses.length === 0) throw usageError(`name '${name}' needs an address; remove() takes a name away`);
    this.#answers.set(checkedName(name), { addresses: addresses.map((text) => formatAddress(parseAddress(text))) });
  }

  /** Lets lookups of one name fail, until it is set anew. */
  fail(name: string, failure: NameFailure): void {
    this.#answers.set(checkedName(name), { failure });
  }

  /** Lets every lookup fail, as when the resolver is gone; `undefined` mends it. */
  failAll(failure: NameFailure | undefined): void {
    this.#failure = failure;
  }

  /** Takes a name away. The host of that name, if there is one, is still known by it. */
  remove(name: string): void {
    this.#answers.delete(checkedName(name));
  }

  /**
   * What a resolver says now. Names are compared without case; a final dot is ignored.
   *
   * @param host - Who asks; without one there is no order but that of the table, and no address is made up.
   */
  lookup(name: string, host?: Host): NameAnswer {
    const answer = this.#known(name);
    return host === undefined || 'failure' in answer ? answer : { addresses: answersFor(host, answer.addresses) };
  }

  #known(name: string): NameAnswer {
    const key = canonical(name);
    if (key === 'localhost') return { addresses: ['127.0.0.1', '::1'] };
    if (this.#failure !== undefined) return { failure: this.#failure };
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    for (const host of registryOf(this.#world).hosts.values()) {
      if (host.name.toLowerCase() !== key || host.interfaces.length === 0) continue;
      return { addresses: host.interfaces.flatMap(({ addresses }) => addresses.map(formatAddress)) };
    }
    return { failure: 'ENOTFOUND' };
  }

  /** The names entered for an address, in the order they were set. */
  namesFor(address: string): readonly string[] {
    return [...this.#answers].flatMap(([name, answer]) =>
      'addresses' in answer && answer.addresses.includes(address) ? [name] : [],
    );
  }
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function checkedName(name: string): string {
  const key = canonical(name);
  if (key.length > NAME_LENGTH_MAX || !key.split('.').every((label) => LABEL.test(label))) {
    throw usageError(`'${name}' is no host name; write labels of letters, digits and hyphens, like broker.example`);
  }
  return key;
}

const tables = new WeakMap<World, Names>();

/** The names of a world; the same object for the same world. */
export function namesOf(world: World): Names {
  let names = tables.get(world);
  if (names === undefined) {
    names = new Names(world);
    tables.set(world, names);
  }
  return names;
}
