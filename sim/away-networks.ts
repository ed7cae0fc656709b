/**
 * Networks that a host can move to for a while, as data: the NAT in front of them, the link in them, their addresses.
 *
 * A world has each at most once, made when somebody first goes there, so hosts can meet in one. IPv4 only.
 */
import type { LinkPresetName } from './link/presets.ts';
import type { NatName } from './nat/presets.ts';

type AwayNetworkRow = {
  readonly nat: NatName;
  readonly link: LinkPresetName;
  /** Differs from the prefix of homes, so that whoever comes has another address. */
  readonly prefix: string;
};

/** By name. */
export const AWAY_NETWORKS = {
  lte: { nat: 'carrierGrade', link: 'lte', prefix: '100.64.0.0/12' },
  mobile3g: { nat: 'symmetric', link: 'mobile3g', prefix: '100.80.0.0/12' },
  cafe: { nat: 'linuxMasquerade', link: 'wifiJitter', prefix: '10.0.0.0/24' },
  office: { nat: 'symmetricSequential', link: 'lan', prefix: '10.16.0.0/16' },
  guestWifi: { nat: 'udpBlocked', link: 'wifi', prefix: '172.16.0.0/16' },
} as const satisfies Readonly<Record<string, AwayNetworkRow>>;

export type AwayNetwork = keyof typeof AWAY_NETWORKS;

/** In the order of the table. */
export const AWAY_NETWORK_NAMES = Object.keys(AWAY_NETWORKS) as readonly AwayNetwork[];
