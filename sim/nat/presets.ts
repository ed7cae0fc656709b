/**
 * NAT behaviours with names: the classic types of RFC 3489 and a few that differ in one thing. Classes of real devices are in
 * `devices.ts`. `natBehaviour` makes any other, and checks it.
 */
import { checkInteger, usageError } from '../errors.ts';
import { PLAIN_BEHAVIOUR } from './behaviour.ts';
import type { NatBehaviour } from './behaviour.ts';
import { NAT_DEVICES } from './devices.ts';
import type { NatDeviceName } from './devices.ts';

const SYMMETRIC: NatBehaviour = {
  ...PLAIN_BEHAVIOUR,
  mapping: 'addressAndPortDependent',
  filtering: 'addressAndPortDependent',
};

/** The classic types (RFC 3489 section 5), two that differ in allocation, and two that block. */
export const NAT_PRESETS = {
  fullCone: PLAIN_BEHAVIOUR,
  restrictedCone: { ...PLAIN_BEHAVIOUR, filtering: 'addressDependent' },
  portRestricted: { ...PLAIN_BEHAVIOUR, filtering: 'addressAndPortDependent' },
  symmetric: SYMMETRIC,
  symmetricSequential: { ...SYMMETRIC, allocation: 'sequential' },
  /** Symmetric in its tables, but the port is kept while nobody else has it: what a plain Linux router does. */
  linux: { ...SYMMETRIC, allocation: 'preserving', udpRefresh: 'outboundAndAdmitted', inboundSession: true },
  /** What some companies have: TCP from inside only, and no UDP at all. */
  udpBlocked: { ...PLAIN_BEHAVIOUR, filtering: 'addressAndPortDependent', blocksUdp: true },
  /** The same, and only to web servers. */
  webOnly: {
    ...PLAIN_BEHAVIOUR,
    filtering: 'addressAndPortDependent',
    blocksUdp: true,
    tcpPortsAllowed: [80, 443],
  },
} as const satisfies Record<string, NatBehaviour>;

export type NatPreset = keyof typeof NAT_PRESETS;

/** A preset, or a class of devices. */
export type NatName = NatPreset | NatDeviceName;

/**
 * A preset or device class, perhaps with changes, with its ranges checked.
 *
 * @throws SimError `usage` - a port range, a lifetime or a limit makes no sense.
 */
export function natBehaviour(name: NatName, changes: Partial<NatBehaviour> = {}): NatBehaviour {
  const known = name in NAT_DEVICES ? NAT_DEVICES[name as NatDeviceName].behaviour : NAT_PRESETS[name as NatPreset];
  return checkedBehaviour({ ...known, ...changes });
}

/** Times and limits by name, with the least value that makes sense; absent ones are as good as any. */
const LEAST = {
  udpMappingMicros: 1,
  udpUnrepliedMicros: 1,
  udpStreamAfterMicros: 0,
  udpFilterMicros: 1,
  tcpEstablishedMicros: 1,
  tcpTransitoryMicros: 1,
  tcpClosingMicros: 1,
  icmpQueryMicros: 1,
  remapMicros: 1,
  portsPerHostMax: 1,
  sessionsMax: 1,
  quarantineMicros: 0,
  crossTrafficMicros: 1,
} as const satisfies Partial<Record<keyof NatBehaviour, number>>;

/** Gives the behaviour back, or throws SimError `usage`. */
function checkedBehaviour(behaviour: NatBehaviour): NatBehaviour {
  const { portMin, portMax, portStep, portsPerBlock, blockRemote, newMappingsMax } = behaviour;
  checkInteger('portMin', portMin, 1, 65_535);
  checkInteger('portMax', portMax, portMin, 65_535);
  const count = portMax - portMin + 1;
  checkInteger('portStep', portStep, -65_535, 65_535);
  if (portStep === 0) throw usageError('portStep is 0; give the distance from one port to the next, e.g. 1 or -1');
  if (behaviour.portScope === 'remoteEndpoint' && behaviour.mapping !== 'addressAndPortDependent') {
    throw usageError(
      `portScope is 'remoteEndpoint' with ${behaviour.mapping} mapping; it needs addressAndPortDependent`,
    );
  }
  if (behaviour.allocation === 'block') checkInteger('portsPerBlock', portsPerBlock, 1, count);
  for (const [name, least] of Object.entries(LEAST)) {
    const value = behaviour[name as keyof typeof LEAST];
    if (value !== undefined) checkInteger(name, value, least, Number.MAX_SAFE_INTEGER);
  }
  if (blockRemote !== undefined) {
    checkInteger('blockRemote.packets', blockRemote.packets, 1, 1_000_000);
    checkInteger('blockRemote.micros', blockRemote.micros, 1, Number.MAX_SAFE_INTEGER);
  }
  if (newMappingsMax !== undefined) {
    checkInteger('newMappingsMax.count', newMappingsMax.count, 1, 1_000_000);
    checkInteger('newMappingsMax.micros', newMappingsMax.micros, 1, Number.MAX_SAFE_INTEGER);
  }
  return behaviour;
}
