/** What things are called: labels of arrows, reasons, times, bytes. */
import type { Kit } from './kit.ts';

/** What a hop carries, in a few words. */
export function hopLabel(kit: Kit, hop: number): string {
  const { hops, endpoints } = kit.state.run;
  const protocol = hops.protocol[hop]!;
  const load = hops.loadBytes[hop]!;
  if (protocol === 6) {
    const flags = kit.flagWords(hops.flags[hop]!);
    return load > 0 ? `${flags} ${load} B` : flags;
  }
  if (protocol === 17) {
    const port = (endpoints[hops.destination[hop]!] ?? '').split(':').at(-1) ?? '';
    return `UDP ${load} B to ${port}`;
  }
  if (protocol === 1) return kit.icmpWords(hops.sequence[hop]!, hops.acknowledgment[hop]!);
  if (protocol === 58) return kit.icmp6Words(hops.sequence[hop]!, hops.acknowledgment[hop]!);
  return `protocol ${protocol}`;
}

/** TCP flags by their names; PSH says nothing that the bytes do not. */
export function flagWords(_kit: Kit, flags: number): string {
  const names = ['FIN', 'SYN', 'RST', '', 'ACK', 'URG', 'ECE', 'CWR'];
  const set = names.filter((name, bit) => name !== '' && (flags & (1 << bit)) !== 0);
  return set.length === 0 ? 'no flags' : set.join(' ');
}

/** ICMP types and codes of RFC 792 and RFC 1812. */
export function icmpWords(_kit: Kit, type: number, code: number): string {
  const codes: Readonly<Record<number, string>> = {
    0: 'net unreachable',
    1: 'host unreachable',
    3: 'port unreachable',
    4: 'fragmentation needed',
    13: 'prohibited',
  };
  if (type === 3) return codes[code] ?? `unreachable, code ${code}`;
  return type === 11 ? 'time exceeded' : `ICMP ${type}/${code}`;
}

/** ICMPv6 types and codes of RFC 4443. */
export function icmp6Words(_kit: Kit, type: number, code: number): string {
  const codes: Readonly<Record<number, string>> = {
    0: 'no route',
    1: 'prohibited',
    3: 'address unreachable',
    4: 'port unreachable',
  };
  if (type === 1) return codes[code] ?? `unreachable, code ${code}`;
  return type === 2 ? 'packet too big' : type === 3 ? 'hop limit exceeded' : `ICMPv6 ${type}/${code}`;
}

/** Why packets end, for people. */
export function reasonWords(_kit: Kit, reason: string): string {
  const words: Readonly<Record<string, string>> = {
    loss: 'the link lost it',
    rule: 'a rule of the link dropped it',
    queueFull: 'the queue of the link was full',
    tooBig: 'larger than the MTU, and not to be cut',
    partition: 'the hosts are partitioned',
    hostDown: 'the host was down',
    noRoute: 'no way leads to its destination',
    timeToLive: 'its time to live ran out',
    checksum: 'its checksum was wrong',
    noSocket: 'no socket was there for it',
    natNoMapping: 'the NAT has no mapping for that port',
    natFiltered: 'the NAT has a mapping, but does not admit this sender',
    natExhausted: 'the NAT had no port left',
    natHairpin: 'the NAT does not turn packets round',
    linkDown: 'the link was down',
    udpBlocked: 'UDP is blocked here',
    firewallNoState: 'nothing had gone out from that address and port',
    firewallFiltered: 'something had gone out, but not to this sender',
    firewallIcmp: 'an error about no session of the firewall',
    badSource: 'its source has no business on that side',
    outOfScope: 'its addresses mean nothing beyond the border',
    notTranslatable: 'there is no such packet on the other side',
  };
  return words[reason] ?? reason;
}

/** A time of the run, as fine as the zoom needs it. */
export function timeWords(_kit: Kit, micros: number, stepMicros = 1): string {
  const digits = stepMicros >= 1_000_000 ? 0 : stepMicros >= 1_000 ? 3 : 6;
  const seconds = micros / 1e6;
  if (seconds < 60) return `${seconds.toFixed(digits)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - minutes * 60).toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0');
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

/** A span of time, in the unit that fits. */
export function spanWords(_kit: Kit, micros: number): string {
  if (!Number.isFinite(micros)) return 'for ever';
  if (micros < 1_000) return `${Math.round(micros)} µs`;
  if (micros < 1e6) return `${(micros / 1e3).toFixed(micros < 10_000 ? 2 : 1).replace(/\.?0+$/, '')} ms`;
  if (micros < 120e6) return `${(micros / 1e6).toFixed(micros < 10e6 ? 2 : 1).replace(/\.?0+$/, '')} s`;
  return micros < 7200e6 ? `${Math.round(micros / 60e6)} min` : `${Math.round(micros / 3600e6)} h`;
}
