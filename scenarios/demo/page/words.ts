/** What things are called on the page. */
import { reasonWords } from '../../../reports/view/client/words.ts';
import { PACKET_KINDS } from '../kinds.ts';

/** Kinds of packets as the subject of a sentence. */
const SUBJECTS: Readonly<Record<string, string>> = {
  probe: 'a probe',
  open: 'a SYN',
  data: 'a message',
  again: 'a repeated packet',
  ack: 'an acknowledgement',
  beat: 'a heartbeat',
  control: 'a packet of the engine',
  close: 'a FIN or RST',
  error: 'an ICMP error',
};

/** Reasons that the viewer of recordings has no words for. */
const REASONS: Readonly<Record<string, string>> = {
  suspended: 'the host was asleep',
  interfaceDown: 'the interface was down',
  addressGone: 'nobody has that address any more',
  natExpired: 'the router has forgotten the mapping',
  natBlocked: 'the router has cut off this sender',
  natRateLimited: 'the router makes no more mappings for now',
  natTcpState: 'the router knows no such TCP session',
  natTcpWindow: 'outside of the TCP window the router follows',
  natIcmp: 'the router lets no such ICMP through',
  tcpPortBlocked: 'the router lets that port not through',
  codel: 'the queue had stood too long (CoDel)',
  queueEvicted: 'it was pushed out of the queue',
  hostFirewall: 'the firewall of the host',
};

/** The commonest, shorter still. */
const PICTURE_REASONS: Readonly<Record<string, string>> = {
  loss: 'lost',
  linkDown: 'link is down',
  hostDown: 'host is down',
  natFiltered: 'filtered',
  natNoMapping: 'no mapping',
  natExpired: 'mapping expired',
  noSocket: 'no socket',
  checksum: 'damaged',
  queueFull: 'queue full',
  partition: 'partitioned',
  udpBlocked: 'UDP blocked',
  interfaceDown: 'unplugged',
  suspended: 'asleep',
  natTcpState: 'no such session',
};

/** `a probe was dropped: the NAT has no mapping for that port`. */
export function dropWords(reason: string, kind: number): string {
  const subject = SUBJECTS[PACKET_KINDS[kind]?.[0] ?? ''] ?? 'a packet';
  return `${subject} was dropped: ${shortReason(reason)}`;
}

/** Why, without what. */
function shortReason(reason: string): string {
  // The viewer's functions take its kit first; this one needs nothing of it.
  return REASONS[reason] ?? reasonWords(undefined as never, reason);
}

/** Why, in two words or so: there is little room in the picture. */
export function pictureReason(reason: string): string {
  return PICTURE_REASONS[reason] ?? shortReason(reason);
}

/** The name of a kind in one word, to stand beside a packet. */
export function kindName(kind: number): string {
  const names: Readonly<Record<string, string>> = {
    open: 'SYN',
    again: 'again',
    beat: 'heartbeat',
    close: 'FIN/RST',
    error: 'ICMP',
  };
  const name = PACKET_KINDS[kind]?.[0] ?? '';
  return names[name] ?? name;
}

/** A note of a TCP state, `4530>50212 SYN-SENT to ESTABLISHED`, taken apart. */
export function tcpWords(text: string): { readonly what: string; readonly state: string } | undefined {
  const found = /^(\d+)>(\d+) (\S+) to (\S+)$/.exec(text);
  if (found === null) return undefined;
  return { what: `port ${found[1]!} to port ${found[2]!}`, state: found[4]! };
}

/** Whether a state of a program is good, poor or bad news; undefined for what is neither. */
export function wellbeing(state: string): 'good' | 'poor' | 'bad' | undefined {
  if (/^(down|crashed|asleep|cut off|stopped|refused)/.test(state)) return 'bad';
  if (/^(offline|reconnecting|not a member|no direct way|paused)/.test(state)) return 'poor';
  if (/^(direct|online)/.test(state)) return 'good';
  return undefined;
}
