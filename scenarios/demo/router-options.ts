/** The routers one can choose on the page, in groups, with words for each. Data. */
import { NAT_DEVICES } from '../../sim/index.ts';
import { NINE } from '../nat/nine.ts';

export type RouterGroup = {
  readonly title: string;
  readonly routers: readonly (readonly [name: string, text: string])[];
};

/** What some of the nine were called before (RFC 3489). */
const OLD_NAMES: Readonly<Record<string, string>> = {
  'EI/EI': 'full cone',
  'EI/AD': 'restricted cone',
  'EI/APD': 'port-restricted cone',
  'APD/APD': 'symmetric',
};

export const ROUTER_GROUPS: readonly RouterGroup[] = [
  {
    title: 'Mapping / filtering of RFC 4787',
    routers: NINE.map(({ name }) => [name, name in OLD_NAMES ? `${name}: ${OLD_NAMES[name]!}` : name] as const),
  },
  {
    title: 'Devices',
    routers: [
      ...Object.entries(NAT_DEVICES).map(([name, { title }]) => [name, title] as const),
      ['udpBlocked', 'a firewall that blocks UDP'] as const,
    ],
  },
];
