import { describe, expect, it } from 'vitest';
import { Internet, Lan, World, captureWorld, natBehaviour } from '../../sim/index.ts';
import type { EchoAnswer, Host, NatBehaviour } from '../../sim/index.ts';

const SECOND = 1_000_000;

/** Two hosts behind a NAT, and two outside. */
function aNat(changes: Partial<NatBehaviour> = {}) {
  const world = new World({ seed: 3, traceRecords: 10_000 });
  const internet = new Internet(world);
  const [server, other] = [internet.host('server'), internet.host('other')];
  const lan = new Lan(internet, 'home', { nat: natBehaviour('portRestricted', changes) });
  const [inside, beside] = [lan.host('inside'), lan.host('beside')];
  const wait = (micros = SECOND): void => world.runUntil(world.nowMicros + micros);
  const ping = (host: Host, to: string, options: { timeToLive?: number; sequence?: number } = {}): EchoAnswer[] => {
    const answers: EchoAnswer[] = [];
    host.echo.ping(to, { identifier: 7, ...options, onAnswer: (answer) => answers.push(answer) });
    wait();
    return answers;
  };
  const drops = (): string[] => {
    const all = world.trace.records().filter(({ kind }) => kind === 'drop');
    return all.map(({ text }) => text.split(' ').at(-1)!);
  };
  return { world, lan, server, other, inside, beside, ping, wait, drops };
}

describe('ping', () => {
  it('between two public hosts, and to itself', () => {
    const { ping, server, other } = aNat();
    expect(ping(server, '198.18.0.3', { sequence: 5 })).toEqual([
      { kind: 'reply', from: '198.18.0.3', sequence: 5, icmpType: 0, icmpCode: 0 },
    ]);
    expect(ping(other, '127.0.0.1')).toHaveLength(1);
    const nowhere = (): void => other.echo.ping('2001:db8::1', { identifier: 1, onAnswer: () => undefined });
    expect(nowhere).toThrow('cannot ping 2001:db8::1; give an address that this host has a way to');
  });

  it('RFC 5508 3.1: through a NAT, from two hosts with the same identifier at once', () => {
    const { lan, inside, beside, wait } = aNat();
    const heard: string[] = [];
    for (const [index, host] of [inside, beside].entries()) {
      const onAnswer = ({ sequence }: EchoAnswer): unknown => heard.push(`${host.name} ${sequence}`);
      host.echo.ping('198.18.0.2', { identifier: 7, sequence: index, onAnswer });
    }
    wait();
    expect(heard).toEqual(['inside 0', 'beside 1']);
    const seen = lan.nat.mappings();
    expect(seen.map(({ protocol, inner }) => `${protocol} ${inner}`)).toEqual([
      'icmp 192.168.1.2:7',
      'icmp 192.168.1.3:7',
    ]);
    expect(new Set(seen.map(({ externalPort }) => externalPort)).size).toBe(2);
  });

  it('RFC 5508 REQ-2: the mapping of a ping lives 60 s', () => {
    const { lan, inside, ping, wait } = aNat();
    ping(inside, '198.18.0.2');
    wait(58_900_000);
    expect(lan.nat.mappings()).toHaveLength(1);
    wait(200_000);
    expect(lan.nat.mappings()).toHaveLength(0);
  });

  it('a trace of the route: routers answer that the time to live is over, also through the NAT', () => {
    const { ping, inside } = aNat();
    expect([1, 2, 3].map((timeToLive) => ping(inside, '198.18.0.2', { timeToLive })[0]?.from)).toEqual([
      '192.168.1.1',
      '198.18.0.1',
      '198.18.0.2',
    ]);
    expect(ping(inside, '192.0.2.1')[0]).toMatchObject({ kind: 'error', icmpType: 3, icmpCode: 1 });
  });

  it('nobody pings through from outside, and a NAT that translates no pings drops them', () => {
    const { ping, server, drops } = aNat();
    expect(ping(server, '198.18.0.4')).toEqual([]);
    expect(drops()).toEqual(['natIcmp']);
    const strict = aNat({ icmpQueries: 'drop' });
    expect(strict.ping(strict.inside, '198.18.0.2')).toEqual([]);
    expect(strict.drops()).toEqual(['natIcmp']);
  });

  it('a capture of it is right to the last byte', () => {
    const { world, ping, inside } = aNat();
    const capture = captureWorld(world);
    ping(inside, '198.18.0.2', { sequence: 3 });
    const bytes = capture.toPcapng();
    // Type 8, code 0, checksum, identifier 7, sequence 3.
    const wanted = [8, 0, 0xf7, 0xf5, 0, 7, 0, 3];
    const isThere = bytes.some((_byte, at) => wanted.every((byte, offset) => bytes[at + offset] === byte));
    expect(isThere).toBe(true);
  });
});
