/** The table of device classes as Markdown, from the behaviours themselves. Pure. */
import { gatewaySettings } from '../boxes/gateway-options.ts';
import type { GatewayOptions } from '../boxes/gateway-options.ts';
import type { NatBehaviour, NatDependence } from './behaviour.ts';
import { NAT_DEVICES } from './devices.ts';
import type { NatDevice } from './devices.ts';
import { brokenRequirements } from './rfc.ts';

const SHORT: Readonly<Record<NatDependence, string>> = {
  endpointIndependent: 'EI',
  addressDependent: 'AD',
  addressAndPortDependent: 'APD',
};

const COLUMNS: readonly (readonly [string, (name: string, device: NatDevice) => string])[] = [
  ['name', (name) => `\`${name}\``],
  ['stands for', (_name, { title }) => title],
  ['mapping / filtering', (_name, { behaviour }) => `${SHORT[behaviour.mapping]} / ${SHORT[behaviour.filtering]}`],
  ['ports', (_name, { behaviour }) => portsText(behaviour)],
  ['UDP life', (_name, { behaviour }) => udpText(behaviour)],
  ['TCP life', (_name, { behaviour }) => tcpText(behaviour)],
  ['hairpin', (_name, { behaviour }) => behaviour.hairpin],
  ['opens ports by', (_name, { gateway }) => gatewayText(gateway)],
  ['breaks', (_name, { behaviour }) => brokenRequirements(behaviour).join(', ') || 'nothing'],
  ['source', (_name, { source }) => source],
];

/** All of `devices.md`. */
export function natDevicesText(): string {
  const rows = Object.entries(NAT_DEVICES).map(([name, device]) => COLUMNS.map(([, text]) => text(name, device)));
  const widths = COLUMNS.map(([title], column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [
    '# Device classes',
    '',
    'The behaviours of `NAT_DEVICES`, made from `devices.ts` by `npx tsx test/sim/write-nat-devices.ts`. EI, AD, APD: endpoint-independent, address-dependent, address- and port-dependent.',
    '',
    line(COLUMNS.map(([title]) => title)),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    '',
  ].join('\n');
}

function portsText({ allocation, portStep, portsPerBlock }: NatBehaviour): string {
  if (typeof allocation === 'function') return 'a rule of its own';
  if (allocation === 'sequential') return `sequential by ${portStep}`;
  return allocation === 'block' ? `blocks of ${portsPerBlock}` : allocation;
}

function udpText({ udpMappingMicros, udpUnrepliedMicros, udpStreamAfterMicros }: NatBehaviour): string {
  const life = seconds(udpMappingMicros);
  if (udpUnrepliedMicros === undefined) return life;
  const until =
    udpStreamAfterMicros === undefined ? 'before a reply' : `until answered for ${seconds(udpStreamAfterMicros)}`;
  return `${life}, ${seconds(udpUnrepliedMicros)} ${until}`;
}

function tcpText({ tcpEstablishedMicros, tcpTransitoryMicros }: NatBehaviour): string {
  return `${seconds(tcpEstablishedMicros)}, ${seconds(tcpTransitoryMicros)} opening`;
}

function gatewayText(gateway: GatewayOptions | undefined): string {
  if (gateway === undefined) return 'nothing';
  const { speaks, upnpVersion } = gatewaySettings(gateway);
  return speaks.map((protocol) => (protocol === 'upnp' ? `UPnP ${upnpVersion}` : PROTOCOL_NAMES[protocol])).join(', ');
}

const PROTOCOL_NAMES = { natPmp: 'NAT-PMP', pcp: 'PCP' } as const;

function seconds(micros: number): string {
  return `${micros / 1_000_000} s`;
}
