/**
 * Classes of devices as NAT behaviours, each with where its numbers come from. `devices.md` is the table of them, made by
 * `npx tsx test/sim/write-nat-devices.ts`. What a source does not say is as in the plain presets.
 */
import type { GatewayOptions } from '../boxes/gateway-options.ts';
import { PLAIN_BEHAVIOUR } from './behaviour.ts';
import type { NatBehaviour } from './behaviour.ts';

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;

export type NatDevice = {
  /** What it stands for. */
  readonly title: string;
  readonly source: string;
  readonly behaviour: NatBehaviour;
  /** What opens ports by request in such a device; absent for nothing. */
  readonly gateway?: GatewayOptions;
};

/** Connection tracking: symmetric tables, and a port is taken only towards the same remote endpoint. */
const TRACKING: NatBehaviour = {
  ...PLAIN_BEHAVIOUR,
  mapping: 'addressAndPortDependent',
  filtering: 'addressAndPortDependent',
  inboundSession: true,
  portScope: 'remoteEndpoint',
  udpRefresh: 'outboundAndAdmitted',
};

const LINUX: NatBehaviour = {
  ...TRACKING,
  allocation: 'preserving',
  portClash: 'random',
  onRenumber: 'flush',
  udpMappingMicros: 120 * SECOND,
  udpUnrepliedMicros: 30 * SECOND,
  udpStreamAfterMicros: 2 * SECOND,
  tcpEstablishedMicros: 5 * DAY,
  tcpTransitoryMicros: 120 * SECOND,
  tcpClosingMicros: 120 * SECOND,
};

const CARRIER_GRADE: NatBehaviour = {
  ...PLAIN_BEHAVIOUR,
  allocation: 'block',
  portsPerBlock: 1_024,
  portsPerHostMax: 1_024,
  quarantineMicros: 120 * SECOND,
  hairpin: 'externalSource',
  whenExhausted: 'icmp',
};

/** By name. */
export const NAT_DEVICES = {
  recommended: {
    title: 'a NAT as the RFCs recommend it',
    source: 'RFC 4787, RFC 5382, RFC 5508, RFC 7857',
    behaviour: {
      ...PLAIN_BEHAVIOUR,
      filtering: 'addressDependent',
      allocation: 'preservingParity',
      hairpin: 'externalSource',
      udpMappingMicros: 300 * SECOND,
      tcpUnsolicited: 'hold',
    },
  },
  linuxMasquerade: {
    title: 'Linux masquerade, firewall dropping what is new from outside',
    source: 'kernel documentation, nf_conntrack-sysctl; its kinds and lives are measured by `npm run lab`',
    behaviour: LINUX,
  },
  linuxFullyRandom: {
    title: 'the same with fully-random ports',
    source: 'as above',
    behaviour: { ...LINUX, allocation: 'random' },
  },
  linuxFullCone: {
    title: 'Linux masquerade with all that comes in sent to one host',
    source: 'as above',
    behaviour: { ...LINUX, mapping: 'endpointIndependent', filtering: 'endpointIndependent', portScope: 'all' },
  },
  linuxFullConeHairpin: {
    title: 'the same, also for what comes from inside',
    source: 'as above',
    behaviour: {
      ...LINUX,
      mapping: 'endpointIndependent',
      filtering: 'endpointIndependent',
      portScope: 'all',
      hairpin: 'externalSource',
    },
  },
  routerOs: {
    title: 'MikroTik RouterOS, short UDP lives until a stream',
    source: 'MikroTik manual, connection tracking',
    behaviour: {
      ...LINUX,
      udpMappingMicros: 180 * SECOND,
      udpUnrepliedMicros: 10 * SECOND,
      tcpEstablishedMicros: DAY,
      tcpTransitoryMicros: 60 * SECOND,
      tcpClosingMicros: 10 * SECOND,
    },
  },
  cloudGateway: {
    title: 'a small NAT gateway of a public cloud',
    source: 'Huawei Cloud, NAT gateway specifications',
    behaviour: {
      ...TRACKING,
      udpMappingMicros: 300 * SECOND,
      tcpEstablishedMicros: 900 * SECOND,
      sessionsMax: 10_000,
    },
  },
  carrierGrade: {
    title: 'a carrier-grade NAT: port blocks, limits, quarantine',
    source: 'RFC 6888',
    behaviour: CARRIER_GRADE,
  },
  preservesUntilClash: {
    title: 'a home router that keeps ports until two hosts want one, and is symmetric from then on',
    source: 'the kind RFC 4787 REQ-11 forbids',
    behaviour: {
      ...PLAIN_BEHAVIOUR,
      filtering: 'addressAndPortDependent',
      allocation: 'preserving',
      portClash: 'random',
      mappingAfterClash: 'addressAndPortDependent',
    },
  },
  punishing: {
    title: 'a firewall that resets strangers, cuts scanners off and rations mappings',
    source: 'no particular device',
    behaviour: {
      ...PLAIN_BEHAVIOUR,
      mapping: 'addressAndPortDependent',
      filtering: 'addressAndPortDependent',
      tcpUnsolicited: 'reset',
      tcpReset: 'removes',
      icmpErrors: 'killMapping',
      blockRemote: { packets: 10, micros: 60 * SECOND },
      newMappingsMax: { count: 100, micros: SECOND },
    },
  },
  openWrtUpnp: {
    title: 'a Linux home router that opens ports by request, as OpenWrt with miniupnpd',
    source: 'as linuxMasquerade; miniupnpd manual: UPnP version 2, NAT-PMP and PCP on one port',
    behaviour: LINUX,
    gateway: { upnpVersion: 2 },
  },
  permanentUpnp: {
    title: 'an old home router whose UPnP knows no lease times (error 725)',
    source: 'WANIPConnection:1, error 725',
    behaviour: { ...PLAIN_BEHAVIOUR, filtering: 'addressAndPortDependent', allocation: 'preserving' },
    gateway: { speaks: ['upnp'], permanentLeasesOnly: true, entriesMax: 32 },
  },
  carrierGradePcp: {
    title: 'a carrier-grade NAT whose subscribers open ports by PCP',
    source: 'RFC 6888, REQ-9',
    behaviour: CARRIER_GRADE,
    gateway: { speaks: ['pcp'], entriesPerHostMax: 64 },
  },
  pionVnet: {
    title: 'the NAT of the pion vnet simulator as it comes',
    source: 'pion transport, vnet/nat.go',
    behaviour: { ...PLAIN_BEHAVIOUR, allocation: 'sequential', udpMappingMicros: 30 * SECOND },
  },
} as const satisfies Record<string, NatDevice>;

export type NatDeviceName = keyof typeof NAT_DEVICES;
