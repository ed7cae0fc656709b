/**
 * Who was granted which external port of a NAT, and for how long: the bookkeeping that NAT-PMP, PCP and UPnP share, with the
 * lies it was told to tell. It makes the mappings in the NAT's table; it speaks no protocol.
 *
 * A reboot of the NAT takes everything and begins a new epoch.
 */
import { formatAddress, parseAddress } from '../address.ts';
import type { Address } from '../address.ts';
import type { LeaseFilter } from '../nat/explicit.ts';
import type { Mapping } from '../nat/mapping.ts';
import type { Nat } from '../nat/nat.ts';
import { PROTOCOL } from '../packet.ts';
import type { Protocol } from '../packet.ts';
import type { GatewaySettings } from './gateway-options.ts';

const SECOND = 1_000_000;
/** Ports drawn before the range is searched from its start. */
const DRAWS_MAX = 32;

/** One granted mapping. */
export type LeaseEntry = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  readonly externalPort: number;
  /** Proves who asked (PCP); empty where the protocol has none. */
  readonly nonce: string;
  /** UPnP. */
  readonly description: string;
  readonly filters: readonly LeaseFilter[];
  /** Until when it was said to last; Infinity for good. */
  readonly untilMicros: number;
  /** Undefined when it was only acknowledged. */
  readonly mapping: Mapping | undefined;
};

export type LeaseWish = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  /** 0 for any. */
  readonly externalPort: number;
  /** No other port will do. */
  readonly exactly: boolean;
  /** What makes it the same mapping as before: the inner endpoint, or the external port (UPnP). */
  readonly keyedBy: 'inner' | 'port';
  /** Infinity for good. */
  readonly secs: number;
  readonly nonce: string;
  readonly description?: string;
  readonly filters?: readonly LeaseFilter[];
};

/** `taken`: the wanted port belongs to another; `full`: no room at all; `quota`: none for this host; `nonce`: somebody else's. */
export type LeaseRefusal = 'taken' | 'full' | 'quota' | 'nonce';

/** The granted mappings of one NAT. */
export class Leases {
  readonly nat: Nat;
  readonly settings: GatewaySettings;
  #entries: LeaseEntry[] = [];
  #epochMicros: number;
  #onNews: (() => void) | undefined = undefined;

  constructor(nat: Nat, settings: GatewaySettings) {
    this.nat = nat;
    this.settings = settings;
    this.#epochMicros = nat.world.nowMicros;
    nat.onChange((change) => {
      if (change === 'reboot' || nat.behaviour.onRenumber === 'flush') this.#lose();
      this.#onNews?.();
    });
  }

  /** Told when the epoch has begun anew or the external address has changed; one listener, the last one that asked. */
  onNews(listener: () => void): void {
    this.#onNews = listener;
  }

  /** Seconds since state was last lost, as it is told (RFC 6887 section 8.5). */
  get epochSecs(): number {
    const secs = Math.floor((this.#nowMicros - this.#epochMicros) / SECOND);
    const { epochResetsEverySecs } = this.settings.lies;
    return epochResetsEverySecs === undefined ? secs : secs % epochResetsEverySecs;
  }

  /** The external address, as it is told. */
  get externalAddress(): Address {
    const { externalAddress } = this.settings.lies;
    return externalAddress === undefined ? this.nat.externalAddress : parseAddress(externalAddress);
  }

  /** What is granted now, in the order it was first asked for. */
  entries(): readonly LeaseEntry[] {
    const nowMicros = this.#nowMicros;
    this.#entries = this.#entries.filter(({ untilMicros }) => untilMicros > nowMicros);
    return this.#entries;
  }

  /** Of an inner endpoint; the first one where there are several. */
  ofInner(protocol: Protocol, innerAddress: Address, innerPort: number): LeaseEntry | undefined {
    return this.entries().find(
      (entry) => entry.protocol === protocol && entry.innerAddress === innerAddress && entry.innerPort === innerPort,
    );
  }

  ofPort(protocol: Protocol, externalPort: number): LeaseEntry | undefined {
    return this.entries().find((entry) => entry.protocol === protocol && entry.externalPort === externalPort);
  }

  /** Grants or renews a mapping; one that is renewed keeps its port. */
  grant(wish: LeaseWish): LeaseEntry | LeaseRefusal {
    const known =
      wish.keyedBy === 'port'
        ? this.ofPort(wish.protocol, wish.externalPort)
        : this.ofInner(wish.protocol, wish.innerAddress, wish.innerPort);
    if (known === undefined) return this.#grantNew(wish);
    if (known.innerAddress !== wish.innerAddress) return 'taken';
    if (known.nonce !== wish.nonce) return 'nonce';
    if (wish.exactly && known.externalPort !== wish.externalPort) return 'taken';
    return this.#enter(wish, known.externalPort, known);
  }

  revoke(entry: LeaseEntry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    if (entry.mapping !== undefined) this.nat.table.explicit.remove(entry.mapping);
    this.#note(entry, 'deleted');
  }

  get #nowMicros(): number {
    return this.nat.world.nowMicros;
  }

  /** All mappings of the NAT are gone. */
  #lose(): void {
    this.#entries = [];
    if (this.settings.lies.epochSurvivesReboot !== true) this.#epochMicros = this.#nowMicros;
  }

  #grantNew(wish: LeaseWish): LeaseEntry | LeaseRefusal {
    const entries = this.entries();
    if (entries.length >= this.settings.entriesMax) return 'full';
    const own = entries.filter(({ innerAddress }) => innerAddress === wish.innerAddress);
    if (own.length >= this.settings.entriesPerHostMax) return 'quota';
    const port = this.#choosePort(wish);
    if (port === undefined) return wish.exactly ? 'taken' : 'full';
    return this.#enter(wish, port, undefined);
  }

  /** The port the endpoint is seen at already, the one asked for, its own number, or any. */
  #choosePort(wish: LeaseWish): number | undefined {
    const isFree = (port: number): boolean => this.#isFree(wish, port);
    if (wish.exactly) return isFree(wish.externalPort) ? wish.externalPort : undefined;
    const { nat } = this;
    const { protocol, innerAddress, innerPort } = wish;
    const seen = nat.table.ofInner(protocol, innerAddress, innerPort, this.#nowMicros);
    if (seen !== undefined && nat.behaviour.mapping === 'endpointIndependent') return seen.externalPort;
    for (const port of [wish.externalPort, innerPort]) if (isFree(port)) return port;
    const portMin = Math.max(nat.behaviour.portMin, this.settings.portMin);
    const { portMax } = nat.behaviour;
    const stream = nat.world.stream(`nat:${nat.name}:leases`);
    for (let draws = 0; draws < DRAWS_MAX && portMax >= portMin; draws += 1) {
      const port = portMin + stream.below(portMax - portMin + 1);
      if (isFree(port)) return port;
    }
    for (let port = portMin; port <= portMax; port += 1) if (isFree(port)) return port;
    return undefined;
  }

  /** The number belongs to one host for all protocols (RFC 6886 section 3.3, for both halves of a pair). */
  #isFree({ protocol, innerAddress, innerPort }: LeaseWish, port: number): boolean {
    if (port < this.settings.portMin || port > 65_535) return false;
    const isTaken = this.entries().some(
      (entry) => entry.externalPort === port && (entry.protocol === protocol || entry.innerAddress !== innerAddress),
    );
    return !isTaken && this.nat.table.isFreeFor(protocol, [innerAddress, innerPort], port, this.#nowMicros);
  }

  #enter(wish: LeaseWish, externalPort: number, known: LeaseEntry | undefined): LeaseEntry {
    const nowMicros = this.#nowMicros;
    const { protocol, innerAddress, innerPort, nonce, filters = [] } = wish;
    const told = nowMicros + wish.secs * SECOND;
    const { lies } = this.settings;
    const { leaseEndsAfterMicros } = lies;
    const ends = leaseEndsAfterMicros === undefined ? told : Math.min(told, nowMicros + leaseEndsAfterMicros);
    const untilMicros = lies.leaseNeverEnds === true ? Infinity : ends;
    const { explicit } = this.nat.table;
    if (known?.mapping !== undefined) explicit.remove(known.mapping);
    const where = { protocol, innerAddress, innerPort, externalPort };
    const mapping =
      lies.acknowledgesOnly === true ? undefined : explicit.add({ ...where, untilMicros, filters }, nowMicros);
    const { description = '' } = wish;
    const entry: LeaseEntry = { ...where, nonce, description, filters, untilMicros: told, mapping };
    this.#entries =
      known === undefined ? [...this.entries(), entry] : this.#entries.map((each) => (each === known ? entry : each));
    this.#note(entry, `for ${wish.secs} s`);
    return entry;
  }

  #note({ protocol, innerAddress, innerPort, externalPort }: LeaseEntry, what: string): void {
    const { world, subject } = this.nat;
    const name = protocol === PROTOCOL.tcp ? 'tcp' : 'udp';
    world.log(subject, 'info', `lease ${name} ${externalPort} to ${formatAddress(innerAddress)}:${innerPort} ${what}`);
  }
}

/** Whole seconds that an entry has left, at least 1; 0 for good, as UPnP has it. */
export function secsLeft({ untilMicros }: LeaseEntry, nowMicros: number): number {
  return untilMicros === Infinity ? 0 : Math.ceil((untilMicros - nowMicros) / SECOND);
}
