import { describe, expect, it } from 'vitest';
import { Internet, Lan, World, encodePacket, firewallBehaviour } from '../../sim/index.ts';
import type { EchoAnswer, Host, LanIpv6Options, Packet } from '../../sim/index.ts';

const SECOND = 1_000_000;
const REPLY = { kind: 'reply', icmpType: 129, icmpCode: 0 };

/** A home with two hosts of IPv6, and a server of both families outside. */
function aHome(ipv6: LanIpv6Options) {
  const world = new World({ seed: 3, traceRecords: 10_000 });
  const internet = new Internet(world, { prefix6: '2001:db8::/32' });
  const server = internet.host('server');
  const home = new Lan(internet, 'home', { nat: 'linux', ipv6 });
  const [inside, beside] = [home.host('inside', { families: 'ipv6' }), home.host('beside', { families: 'ipv6' })];
  const ping = (host: Host, to: string, options: { timeToLive?: number; identifier?: number } = {}): EchoAnswer[] => {
    const answers: EchoAnswer[] = [];
    host.echo.ping(to, { identifier: 7, ...options, onAnswer: (answer) => answers.push(answer) });
    world.runUntil(world.nowMicros + SECOND);
    return answers;
  };
  const drops = (): string[] => {
    const all = world.trace.records().filter(({ kind }) => kind === 'drop');
    return all.map(({ text }) => text.split(' ').at(-1)!);
  };
  const at = (host: Host): Packet[] => {
    const seen: Packet[] = [];
    host.interfaces[0]!.addTap((packet) => seen.push({ ...packet }));
    return seen;
  };
  return { world, home, server, inside, beside, ping, drops, at };
}

function addressOf(host: Host): string {
  return host
    .platform()
    .localAddresses()
    .find((each) => each.includes(':'))!;
}

describe('ping over IPv6', () => {
  it('RFC 4443 4.1, 4.2: the answer has the bytes of the question, and a checksum over the pseudo-header', () => {
    const { inside, beside, ping, at } = aHome({});
    const seen = at(beside);
    expect(ping(inside, addressOf(beside))).toEqual([{ ...REPLY, from: addressOf(beside), sequence: 0 }]);
    const bytes = seen.map((packet) => encodePacket(packet)[0]!);
    expect(bytes.map((each) => [each[6], each[40], (each[44]! << 8) | each[45]!, each.length])).toEqual([
      [58, 128, 7, 104],
      [58, 129, 7, 104],
    ]);
    for (const each of bytes) expect(checksumOf(each)).toBe(0xffff);
    expect(ping(inside, '::1')).toHaveLength(1);
  });

  it('a firewall lets the answer in, for as long as a ping lives, and nobody ping from outside', () => {
    const { inside, server, ping, drops, at, world } = aHome({ firewall: 'linux' });
    const seen = at(server);
    expect(ping(inside, addressOf(server))).toHaveLength(1);
    expect(ping(server, addressOf(inside))).toEqual([]);
    expect(drops()).toEqual(['firewallIcmp']);
    const reply = { ...seen.find(({ icmpType }) => icmpType === 129)! };
    const late = (micros: number): number => {
      world.runUntil(world.nowMicros + micros);
      server.sendPacket({ ...reply });
      world.runUntil(world.nowMicros + SECOND);
      return drops().length;
    };
    expect(late(56 * SECOND)).toBe(1);
    expect(late(2 * SECOND)).toBe(2);
  });

  it('a firewall that translates no pings lets none out', () => {
    const { inside, server, ping, drops } = aHome({ firewall: firewallBehaviour('simple', { icmpQueries: 'drop' }) });
    expect(ping(inside, addressOf(server))).toEqual([]);
    expect(drops()).toEqual(['firewallIcmp']);
  });

  it.each([
    ['a masquerade', { translation: 'restrictedCone' }],
    ['NPTv6', { translation: 'prefix' }],
  ] as const)('through %s, from two hosts with the same identifier', (_, ipv6) => {
    const { inside, beside, server, ping, at } = aHome(ipv6);
    const seen = at(server);
    expect(ping(inside, addressOf(server))).toHaveLength(1);
    expect(ping(beside, addressOf(server))).toHaveLength(1);
    const asked = seen.filter(({ icmpType }) => icmpType === 128);
    expect(new Set(asked.map(({ source, sourcePort }) => `${source} ${sourcePort}`)).size).toBe(2);
    expect(asked.some(({ source }) => source === addressOf(inside))).toBe(false);
  });

  it('RFC 6146 3.5.3, RFC 7915: through a NAT64 to IPv4, with errors of the way', () => {
    const { inside, beside, server, home, ping, at } = aHome({ nat64: 'restrictedCone' });
    const seen = at(server);
    const to = '64:ff9b::c612:2';
    expect(ping(inside, to)).toEqual([{ ...REPLY, from: to, sequence: 0 }]);
    expect(ping(beside, to)).toHaveLength(1);
    expect(seen.map(({ protocol, icmpType, sizeBytes }) => [protocol, icmpType, sizeBytes])).toEqual([
      [1, 8, 84],
      [1, 0, 84],
      [1, 8, 84],
      [1, 0, 84],
    ]);
    expect(home.nat.mappings().map(({ protocol, inner }) => `${protocol} ${inner}`)).toEqual([
      `icmp [${addressOf(inside)}]:7`,
      `icmp [${addressOf(beside)}]:7`,
    ]);
    expect(ping(inside, to, { timeToLive: 2 })).toMatchObject([
      { kind: 'error', icmpType: 3, from: '64:ff9b::c612:1' },
    ]);
    expect(ping(server, '198.18.0.4')).toEqual([]);
  });
});

/** The ones' complement sum over pseudo-header and message: all ones when the checksum is right (RFC 4443 section 2.3). */
function checksumOf(bytes: Uint8Array): number {
  const words = [...bytes.subarray(8, 40), 0, 0, 0, bytes.length - 40, 0, 0, 0, 58, ...bytes.subarray(40)];
  let sum = 0;
  for (let index = 0; index < words.length; index += 2) sum += (words[index]! << 8) | (words[index + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
