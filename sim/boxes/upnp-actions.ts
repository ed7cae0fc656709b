/**
 * What UPnP's WANIPConnection does (WANIPConnection:1 and :2 of the UPnP Forum): the actions as a table, from which the service
 * description is written as well.
 *
 * Nobody may map or unmap for another host (error 606), and entries are told apart by external port and protocol alone. Lease
 * times are granted as asked for; 0 is for good in version 1 and a week in version 2. Not here: eventing, connecting and
 * disconnecting, GetListOfPortMappings.
 */
import { formatAddress, tryParseAddress } from '../address.ts';
import type { Address } from '../address.ts';
import { PROTOCOL } from '../packet.ts';
import type { Protocol } from '../packet.ts';
import { secsLeft } from './leases.ts';
import type { LeaseEntry, LeaseRefusal, LeaseWish, Leases } from './leases.ts';

/** Error codes, as the services define them. */
export const UPNP_ERROR = {
  invalidAction: [401, 'Invalid Action'],
  invalidArgs: [402, 'Invalid Args'],
  actionFailed: [501, 'Action Failed'],
  notAuthorized: [606, 'Action not authorized'],
  badIndex: [713, 'SpecifiedArrayIndexInvalid'],
  noSuchEntry: [714, 'NoSuchEntryInArray'],
  wildcardPort: [716, 'WildCardNotPermittedInExtPort'],
  conflict: [718, 'ConflictInMappingEntry'],
  onlyPermanent: [725, 'OnlyPermanentLeasesSupported'],
  noPortMaps: [728, 'NoPortMapsAvailable'],
  notFound: [730, 'PortMappingNotFound'],
  wildcardInnerPort: [732, 'WildCardNotPermittedInIntPort'],
  inconsistent: [733, 'InconsistentParameter'],
} as const satisfies Record<string, readonly [number, string]>;
export type UpnpError = keyof typeof UPNP_ERROR;

/** Arguments of an action by name; an absent one is empty. */
export type Arguments = (name: string) => string;

type Act = (leases: Leases, client: Address, argument: Arguments) => Readonly<Record<string, string>> | UpnpError;

export type UpnpAction = {
  readonly name: string;
  readonly takes: readonly string[];
  readonly gives: readonly string[];
  /** Only the second version has it. */
  readonly since2?: boolean;
  readonly act: Act;
};

const WEEK_SECS = 604_800;
const KEY = ['NewRemoteHost', 'NewExternalPort', 'NewProtocol'] as const;
const REST = [
  'NewInternalPort',
  'NewInternalClient',
  'NewEnabled',
  'NewPortMappingDescription',
  'NewLeaseDuration',
] as const;

const MAPPING_ACTIONS: readonly UpnpAction[] = [
  { name: 'AddPortMapping', takes: [...KEY, ...REST], gives: [], act: addPortMapping },
  {
    name: 'AddAnyPortMapping',
    takes: [...KEY, ...REST],
    gives: ['NewReservedPort'],
    since2: true,
    act: addAnyPortMapping,
  },
  { name: 'DeletePortMapping', takes: KEY, gives: [], act: deletePortMapping },
  {
    name: 'DeletePortMappingRange',
    takes: ['NewStartPort', 'NewEndPort', 'NewProtocol', 'NewManage'],
    gives: [],
    since2: true,
    act: deleteRange,
  },
  {
    name: 'GetGenericPortMappingEntry',
    takes: ['NewPortMappingIndex'],
    gives: [...KEY, ...REST],
    act(leases, _client, argument) {
      const entry = leases.entries()[integerOf(argument('NewPortMappingIndex')) ?? -1];
      return entry === undefined ? 'badIndex' : { ...keyOf(entry), ...restOf(leases, entry) };
    },
  },
  {
    name: 'GetSpecificPortMappingEntry',
    takes: KEY,
    gives: REST,
    act(leases, _client, argument) {
      const entry = asked(leases, argument);
      return entry === undefined ? 'noSuchEntry' : restOf(leases, entry);
    },
  },
];

const STATUS_ACTIONS: readonly UpnpAction[] = [
  {
    name: 'GetExternalIPAddress',
    takes: [],
    gives: ['NewExternalIPAddress'],
    act: (leases) => ({ NewExternalIPAddress: formatAddress(leases.externalAddress) }),
  },
  {
    name: 'GetStatusInfo',
    takes: [],
    gives: ['NewConnectionStatus', 'NewLastConnectionError', 'NewUptime'],
    act: (leases) => ({
      NewConnectionStatus: 'Connected',
      NewLastConnectionError: 'ERROR_NONE',
      NewUptime: String(leases.epochSecs),
    }),
  },
  {
    name: 'GetConnectionTypeInfo',
    takes: [],
    gives: ['NewConnectionType', 'NewPossibleConnectionTypes'],
    act: () => ({ NewConnectionType: 'IP_Routed', NewPossibleConnectionTypes: 'IP_Routed' }),
  },
  {
    name: 'GetNATRSIPStatus',
    takes: [],
    gives: ['NewRSIPAvailable', 'NewNATEnabled'],
    act: () => ({ NewRSIPAvailable: '0', NewNATEnabled: '1' }),
  },
];

/** The actions of a version of the service. */
export function upnpActions(version: 1 | 2): readonly UpnpAction[] {
  return [...STATUS_ACTIONS, ...MAPPING_ACTIONS].filter(({ since2 }) => since2 !== true || version === 2);
}

function addPortMapping(leases: Leases, client: Address, argument: Arguments): Record<string, string> | UpnpError {
  const wish = wishOf(leases, client, argument);
  if (typeof wish === 'string') return wish;
  if (wish.externalPort < leases.settings.portMin) return 'notAuthorized';
  const lease = leases.grant({ ...wish, exactly: true, keyedBy: 'port' });
  return typeof lease === 'string' ? refusalOf(leases, lease) : {};
}

/** Any free port when the wanted one is taken; an endpoint that is mapped already keeps its port. */
function addAnyPortMapping(leases: Leases, client: Address, argument: Arguments): Record<string, string> | UpnpError {
  const wish = wishOf(leases, client, argument);
  if (typeof wish === 'string') return wish;
  const lease = leases.grant({ ...wish, exactly: false, keyedBy: 'inner' });
  return typeof lease === 'string' ? refusalOf(leases, lease) : { NewReservedPort: String(lease.externalPort) };
}

type Wish = Omit<LeaseWish, 'exactly' | 'keyedBy'>;

function wishOf({ settings }: Leases, client: Address, argument: Arguments): Wish | UpnpError {
  const protocol = protocolOf(argument('NewProtocol'));
  const externalPort = portOf(argument('NewExternalPort'));
  const innerPort = portOf(argument('NewInternalPort'));
  const lease = integerOf(argument('NewLeaseDuration'));
  const filters = filtersOf(argument('NewRemoteHost'));
  const isWhole = protocol !== undefined && externalPort !== undefined && innerPort !== undefined;
  if (!isWhole || lease === undefined || filters === undefined) return 'invalidArgs';
  if (!['1', 'true', 'yes'].includes(argument('NewEnabled'))) return 'invalidArgs';
  if (externalPort === 0) return 'wildcardPort';
  if (innerPort === 0) return 'wildcardInnerPort';
  if (tryParseAddress(argument('NewInternalClient')) !== client) return 'notAuthorized';
  if (settings.permanentLeasesOnly && lease !== 0) return 'onlyPermanent';
  if (settings.upnpVersion === 2 && lease > WEEK_SECS) return 'invalidArgs';
  const secs = lease !== 0 ? lease : settings.upnpVersion === 2 ? WEEK_SECS : Infinity;
  const description = argument('NewPortMappingDescription');
  return { protocol, innerAddress: client, innerPort, externalPort, secs, nonce: '', description, filters };
}

function refusalOf({ settings }: Leases, refusal: LeaseRefusal): UpnpError {
  if (refusal === 'taken' || refusal === 'nonce') return 'conflict';
  return settings.upnpVersion === 2 ? 'noPortMaps' : 'actionFailed';
}

function deletePortMapping(leases: Leases, client: Address, argument: Arguments): Record<string, string> | UpnpError {
  const entry = asked(leases, argument);
  if (entry === undefined) return 'noSuchEntry';
  if (!isOwn(entry, client)) return 'notAuthorized';
  leases.revoke(entry);
  return {};
}

function deleteRange(leases: Leases, client: Address, argument: Arguments): Record<string, string> | UpnpError {
  const [first, last] = [portOf(argument('NewStartPort')), portOf(argument('NewEndPort'))];
  const protocol = protocolOf(argument('NewProtocol'));
  if (first === undefined || last === undefined || protocol === undefined) return 'invalidArgs';
  if (first > last) return 'inconsistent';
  const meant = leases
    .entries()
    .filter(({ externalPort: port, ...entry }) => entry.protocol === protocol && port >= first && port <= last);
  if (meant.length === 0) return 'notFound';
  const own = meant.filter((entry) => isOwn(entry, client));
  if (own.length === 0) return 'notAuthorized';
  for (const entry of own) leases.revoke(entry);
  return {};
}

/** What PCP made belongs to who knows its nonce. */
function isOwn({ innerAddress, nonce }: LeaseEntry, client: Address): boolean {
  return innerAddress === client && nonce === '';
}

function asked(leases: Leases, argument: Arguments): LeaseEntry | undefined {
  const [protocol, port] = [protocolOf(argument('NewProtocol')), portOf(argument('NewExternalPort'))];
  return protocol === undefined || port === undefined ? undefined : leases.ofPort(protocol, port);
}

function keyOf({ protocol, externalPort, filters: [filter] }: LeaseEntry): Record<(typeof KEY)[number], string> {
  return {
    NewRemoteHost: filter === undefined ? '' : formatAddress(filter.address),
    NewExternalPort: String(externalPort),
    NewProtocol: protocol === PROTOCOL.tcp ? 'TCP' : 'UDP',
  };
}

function restOf({ nat: { world } }: Leases, entry: LeaseEntry): Record<(typeof REST)[number], string> {
  return {
    NewInternalPort: String(entry.innerPort),
    NewInternalClient: formatAddress(entry.innerAddress),
    NewEnabled: '1',
    NewPortMappingDescription: entry.description,
    NewLeaseDuration: String(secsLeft(entry, world.nowMicros)),
  };
}

function protocolOf(text: string): Protocol | undefined {
  if (text === 'TCP') return PROTOCOL.tcp;
  return text === 'UDP' ? PROTOCOL.udp : undefined;
}

function integerOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function portOf(text: string): number | undefined {
  const port = integerOf(text);
  return port !== undefined && port <= 65_535 ? port : undefined;
}

/** Empty lets everybody in; a name instead of an address is none of ours. */
function filtersOf(remoteHost: string): LeaseWish['filters'] {
  if (remoteHost === '' || remoteHost === '0.0.0.0') return [];
  const address = tryParseAddress(remoteHost);
  return typeof address === 'number' ? [{ address, prefixLength: 32, port: 0 }] : undefined;
}
