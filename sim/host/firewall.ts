/**
 * The firewall of one host: what may come in and go out, decided by state first and then by rules, the first that fits.
 *
 * Out of the box it is what Windows and `ufw` set up: everything may leave, nothing may come in but what belongs to something
 * that left. Packets of the host to itself pass. It stands before the stacks, so it also hides closed ports. Drive:
 * `host.setFirewall({ rules: [{ direction: 'in', protocol: 'tcp', port: 80, action: 'accept' }] })`.
 */
import { parsePrefix, prefixHolds } from '../address.ts';
import type { Address, Prefix } from '../address.ts';
import { checkInteger, usageError } from '../errors.ts';
import { PROTOCOL, isIcmp } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { ConnectionTracking } from './connection-tracking.ts';
import type { Way } from './connection-tracking.ts';

/** `drop` says nothing; `reject` answers. */
export type FirewallAction = 'accept' | 'drop' | 'reject';

/** One rule; what it does not name it does not ask. */
export type FirewallRule = {
  readonly direction: 'in' | 'out';
  readonly protocol?: 'udp' | 'tcp' | 'icmp';
  /** The port the packet is for, or the first and the last of a range. Not for ICMP. */
  readonly port?: number | readonly [number, number];
  /** Addresses of the other end, like `10.0.0.0/8`. */
  readonly remote?: string;
  readonly action: FirewallAction;
};

/**
 * How a packet is rejected. `reset`: RST for TCP, port unreachable for the rest, as a host without a firewall answers for a
 * closed port; `portUnreachable`: also for TCP, the default of nftables; `prohibited`: ICMP 3/13 of RFC 1812.
 */
export type RejectAnswer = 'reset' | 'portUnreachable' | 'prohibited';

export type FirewallOptions = {
  /** What becomes of packets from outside that no state and no rule decides. Default `drop`. */
  readonly inbound?: FirewallAction;
  /** The same for packets to outside. Default `accept`. */
  readonly outbound?: FirewallAction;
  readonly rules?: readonly FirewallRule[];
  /** Default `reset`. */
  readonly rejectWith?: RejectAnswer;
};

type CheckedRule = {
  readonly direction: Way;
  readonly protocol: FirewallRule['protocol'];
  readonly portMin: number;
  readonly portMax: number;
  readonly remote: Prefix | undefined;
  readonly action: FirewallAction;
};

const ACTIONS: readonly FirewallAction[] = ['accept', 'drop', 'reject'];
const ANSWERS: readonly RejectAnswer[] = ['reset', 'portUnreachable', 'prohibited'];
const PROTOCOLS = ['udp', 'tcp', 'icmp'] as const;

/** Rules and state of one host's firewall. */
export class Firewall {
  readonly rejectWith: RejectAnswer;
  readonly #policy: Readonly<Record<Way, FirewallAction>>;
  readonly #rules: readonly CheckedRule[];
  readonly #tracking = new ConnectionTracking();

  /** @throws SimError `usage` - a word, port or network that makes no sense. */
  constructor(options: FirewallOptions) {
    const { inbound = 'drop', outbound = 'accept', rules = [], rejectWith = 'reset' } = options;
    this.#policy = { in: checkWord('inbound', inbound, ACTIONS), out: checkWord('outbound', outbound, ACTIONS) };
    this.rejectWith = checkWord('rejectWith', rejectWith, ANSWERS);
    this.#rules = rules.map(checkedRule);
  }

  /** What becomes of a packet; what is accepted is remembered. */
  judge(packet: Packet, way: Way, nowMicros: number): FirewallAction {
    if (this.#tracking.recognize(packet, way, nowMicros)) return 'accept';
    const rule = this.#rules.find((each) => fits(each, packet, way));
    const action = rule?.action ?? this.#policy[way];
    if (action === 'accept' && !this.#tracking.begin(packet, way, nowMicros)) return 'drop';
    return action;
  }

  /** Flows it remembers. */
  flowCount(nowMicros: number): number {
    return this.#tracking.count(nowMicros);
  }

  /** The host lost its memory; the rules stay. */
  forget(): void {
    this.#tracking.clear();
  }
}

function fits(rule: CheckedRule, packet: Packet, way: Way): boolean {
  if (rule.direction !== way) return false;
  if (rule.protocol !== undefined && rule.protocol !== protocolName(packet)) return false;
  if (packet.destinationPort < rule.portMin || packet.destinationPort > rule.portMax) return false;
  const other: Address = way === 'in' ? packet.source : packet.destination;
  return rule.remote === undefined || prefixHolds(rule.remote, other);
}

function protocolName(packet: Packet): string {
  if (isIcmp(packet)) return 'icmp';
  return packet.protocol === PROTOCOL.tcp ? 'tcp' : 'udp';
}

function checkedRule(rule: FirewallRule, index: number): CheckedRule {
  const name = `rules[${index}]`;
  const { direction, protocol, port, remote, action } = rule;
  checkWord(`${name}.direction`, direction, ['in', 'out']);
  checkWord(`${name}.action`, action, ACTIONS);
  if (protocol !== undefined) checkWord(`${name}.protocol`, protocol, PROTOCOLS);
  if (protocol === 'icmp' && port !== undefined) throw usageError(`${name} names a port, but ICMP has none`);
  const [portMin, portMax] = typeof port === 'number' ? [port, port] : (port ?? [0, 65_535]);
  checkInteger(`${name}.port`, portMin, 0, 65_535);
  checkInteger(`${name}.port`, portMax, portMin, 65_535);
  return {
    direction,
    protocol,
    portMin,
    portMax,
    remote: remote === undefined ? undefined : parsePrefix(remote),
    action,
  };
}

function checkWord<Word extends string>(name: string, value: Word, words: readonly Word[]): Word {
  if (words.includes(value)) return value;
  throw usageError(`${name} is '${value as string}'; give one of ${words.join(', ')}`);
}
