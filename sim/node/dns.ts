/**
 * `dns` and `dns/promises` of one process: names from the table of the world (`sim/names.ts`), each answer an event of
 * its own after the table's `lookupMicros`. No DNS packet is sent; record types other than A, AAAA and PTR have no data.
 */
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { namesOf } from '../names.ts';
import { hasIpv6 } from './families.ts';
import type { ProcessLife } from './process-life.ts';
import { refusedFunction } from './refused.ts';
import { nodeError, systemError } from './system-errors.ts';

export type LookupAddress = { readonly address: string; readonly family: number };
/** As in Node: one address and its family, or a list when `all` was asked for. */
export type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address?: string | readonly LookupAddress[],
  family?: number,
) => void;
export type LookupOptions = {
  readonly all?: boolean;
  readonly family?: number | string;
  readonly hints?: number;
  readonly verbatim?: boolean;
  readonly order?: 'verbatim' | 'ipv4first' | 'ipv6first';
};
/** `dns.lookup`, for `net` and `dgram`. */
export type Lookup = (name: string, options: LookupOptions, callback: LookupCallback) => void;

type Order = 'verbatim' | 'ipv4first' | 'ipv6first';

/** Bits of `hints`. */
export const HINT = { ADDRCONFIG: 32, V4MAPPED: 8, ALL: 16 } as const;

type ResolveCallback = (error: NodeJS.ErrnoException | null, records?: readonly unknown[]) => void;

/** What `dns` hands to the rest of the process, besides the module itself. */
export type NodeDns = { readonly module: Readonly<Record<string, unknown>>; readonly lookup: Lookup };

/** The module of a process. */
export function createDns(life: ProcessLife): NodeDns {
  let order: Order = 'verbatim';
  const lookup = createLookup(life, () => order);
  const lookupCall = (name: string, options: unknown, callback?: LookupCallback): void => {
    const done = typeof options === 'function' ? (options as LookupCallback) : callback;
    if (typeof done !== 'function') throw callbackMissing(done);
    lookup(name, typeof options === 'number' ? { family: options } : (options ?? {}), done);
  };
  const lookupLater = (name: string, options: LookupOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lookup(name, options, (error, address, family) => {
        if (error !== null) reject(error);
        else resolve(typeof address === 'string' ? { address, family } : address);
      });
    });
  Object.defineProperty(lookupCall, promisify.custom, { value: lookupLater });
  const resolvers = createResolvers(life);
  const promises = {
    lookup: lookupLater,
    ...Object.fromEntries(Object.entries(resolvers).map(([name, call]) => [name, promisify(call)])),
  };
  const common = {
    ...HINT,
    NOTFOUND: 'ENOTFOUND',
    NODATA: 'ENODATA',
    getServers: (): readonly string[] => [],
    setServers: (): void => undefined,
    getDefaultResultOrder: (): string => order,
    setDefaultResultOrder: (wanted: Order): void => {
      order = wanted;
    },
    lookupService: refusedFunction('dns.lookupService'),
  };
  const module = {
    ...common,
    lookup: lookupCall,
    ...resolvers,
    Resolver: resolverClass({ ...common, ...resolvers }),
    promises: { ...common, ...promises, Resolver: resolverClass({ ...common, ...promises }) },
  };
  return { module, lookup };
}

/** Of what is known, the families asked for in the order asked for, as Node and `getaddrinfo` do together. */
function wantedAddresses(
  life: ProcessLife,
  addresses: readonly string[],
  options: LookupOptions,
  byDefault: Order,
): LookupAddress[] {
  const { family = 0, hints = 0, verbatim } = options;
  const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : Number(family);
  const found = addresses
    .map((address) => ({ address, family: isIP(address) }))
    .filter((each) => (hints & HINT.ADDRCONFIG) === 0 || hasFamily(life, each.family));
  const chosen = wanted === 0 ? found : found.filter((each) => each.family === wanted);
  if (wanted === 6 && chosen.length === 0 && (hints & HINT.V4MAPPED) !== 0) {
    return found.map(({ address }) => ({ address: `::ffff:${address}`, family: 6 }));
  }
  const order = options.order ?? (verbatim === undefined ? byDefault : verbatim ? 'verbatim' : 'ipv4first');
  if (order === 'verbatim') return chosen;
  const first = order === 'ipv4first' ? 4 : 6;
  return [...chosen.filter((each) => each.family === first), ...chosen.filter((each) => each.family !== first)];
}

function hasFamily({ host }: ProcessLife, family: number): boolean {
  if (family === 6) return hasIpv6(host);
  return host.interfaces.some((each) => each.addressFor(0) !== undefined) || !hasIpv6(host);
}

function createLookup(life: ProcessLife, defaultOrder: () => Order): Lookup {
  const names = namesOf(life.world);
  return (name, options, callback) => {
    const { all = false } = options;
    const give = (addresses: readonly LookupAddress[]): void => {
      if (all) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    };
    const literal = isIP(name);
    if (literal !== 0) {
      process.nextTick(give, [{ address: name, family: literal }]);
      return;
    }
    life.after(names.lookupMicros, () => {
      const answer = names.lookup(name, life.host);
      const found = 'failure' in answer ? [] : wantedAddresses(life, answer.addresses, options, defaultOrder());
      const failure = 'failure' in answer ? answer.failure : found.length === 0 ? 'ENOTFOUND' : undefined;
      if (failure === undefined) give(found);
      else callback(systemError('getaddrinfo', failure, { hostname: name }));
    });
  };
}

type Resolver = (name: string, ...parts: unknown[]) => void;

/** The functions that take a name and a callback at the end. */
function createResolvers(life: ProcessLife): Readonly<Record<string, Resolver>> {
  const names = namesOf(life.world);
  const ask = (syscall: string, name: string, parts: unknown[], find: () => readonly unknown[] | string): void => {
    const callback = parts.at(-1) as ResolveCallback;
    if (typeof callback !== 'function') throw callbackMissing(callback);
    life.after(names.lookupMicros, () => {
      const found = find();
      if (typeof found === 'string') callback(systemError(syscall, found, { hostname: name }));
      else callback(null, found);
    });
  };
  const resolveFamily =
    (syscall: string, family: 4 | 6): Resolver =>
    (name, ...parts) => {
      ask(syscall, name, parts, () => {
        const answer = names.lookup(name, life.host);
        if ('failure' in answer) return answer.failure === 'EAI_AGAIN' ? 'ETIMEOUT' : answer.failure;
        const found = answer.addresses.filter((address) => isIP(address) === family);
        if (found.length === 0) return 'ENODATA';
        const isWithTtl = (parts[0] as { readonly ttl?: boolean } | undefined)?.ttl === true;
        return isWithTtl ? found.map((address) => ({ address, ttl: 0 })) : found;
      });
    };
  const resolve4 = resolveFamily('queryA', 4);
  const resolve6 = resolveFamily('queryAaaa', 6);
  const nothing =
    (type: string): Resolver =>
    (name, ...parts) => {
      ask(`query${type}`, name, parts, () => ('failure' in names.lookup(name) ? 'ENOTFOUND' : 'ENODATA'));
    };
  const reverse = (address: string, ...parts: unknown[]): void => {
    ask('getHostByAddr', address, parts, () => {
      const found = names.namesFor(address);
      return found.length > 0 ? found : 'ENOTFOUND';
    });
  };
  const resolve = (name: string, ...parts: unknown[]): void => {
    const type = typeof parts[0] === 'string' ? parts[0].toUpperCase() : 'A';
    const of = type === 'A' ? resolve4 : type === 'AAAA' ? resolve6 : undefined;
    (of ?? nothing(type.charAt(0) + type.slice(1).toLowerCase()))(name, ...parts.slice(-1));
  };
  const others = ['Any', 'Caa', 'Cname', 'Mx', 'Naptr', 'Ns', 'Ptr', 'Soa', 'Srv', 'Txt'];
  return {
    resolve,
    resolve4,
    resolve6,
    reverse,
    ...Object.fromEntries(others.map((type) => [`resolve${type}`, nothing(type)])),
  };
}

function resolverClass(calls: object): object {
  return class Resolver {
    constructor() {
      Object.assign(this, calls);
    }
    cancel(): void {
      // Nothing is under way that could be told from an answer.
    }
  };
}

function callbackMissing(got: unknown): Error {
  return nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "callback" argument must be a function, not ${typeof got}`);
}
