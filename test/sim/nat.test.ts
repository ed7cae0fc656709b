import { describe, expect, it } from 'vitest';
import { Internet, Lan, NAT_PRESETS, World, natBehaviour, registryOf } from '../../sim/index.ts';
import type { Host, NatBehaviour, NatDependence, NatPreset } from '../../sim/index.ts';
import type { Endpoint, UdpSocket } from '../../spec/platform.ts';
import { bytesOf, dial, listen } from './helpers.ts';
import type { Recorder } from './helpers.ts';

const SECOND = 1_000_000;
const show = ({ address, port }: Endpoint): string => `${address}:${port}`;

/** A UDP socket that answers with where it heard from, like a STUN server. */
function reflect(host: Host, port: number): void {
  const socket: UdpSocket = host.platform().bindUdp(
    { port },
    {
      onMessage: (_bytes, from) => socket.send(bytesOf(show(from)), from),
    },
  );
}

/** A UDP socket that keeps what it hears as `sender text`. */
function mailbox(host: Host, port = 0): { readonly socket: UdpSocket; readonly heard: string[] } {
  const heard: string[] = [];
  const socket = host.platform().bindUdp(
    { port },
    {
      onMessage: (bytes, from) => heard.push(`${show(from)} ${String.fromCharCode(...bytes)}`),
    },
  );
  return { socket, heard };
}

function parse(text: string): Endpoint {
  const [address, port] = text.split(':');
  return { address: address!, port: Number(port) };
}

const addressOf = (host: Host): string => host.platform().localAddresses()[0]!;

/** A world with two public servers and one NAT with two hosts behind it. */
function aNat(behaviour: NatBehaviour) {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const [one, two] = [internet.host('one'), internet.host('two')];
  const lan = new Lan(internet, 'nat', { nat: behaviour });
  const [inside, beside] = [lan.host('inside'), lan.host('beside')];
  for (const server of [one, two]) for (const port of [1, 2]) reflect(server, port);
  return { world, internet, one, two, lan, inside, beside };
}

/**
 * Plain hole punching after nat.md 2.1: both learn their reflexive endpoint from one server, exchange it, probe each other
 * repeatedly, learn from whom probes really come, and answer there. True when both heard an answer to a probe.
 */
function punches(a: NatBehaviour | undefined, b: NatBehaviour | undefined): boolean {
  const world = new World({ seed: 7 });
  const internet = new Internet(world);
  const server = internet.host('server');
  reflect(server, 3_478);
  const sideOf = (name: string, behaviour: NatBehaviour | undefined): Host =>
    behaviour === undefined ? internet.host(name) : new Lan(internet, `nat-${name}`, { nat: behaviour }).host(name);
  const peers = [sideOf('a', a), sideOf('b', b)].map((host) => new Puncher(host));
  world.runUntil(1);
  for (const peer of peers) peer.socket.send(bytesOf('?'), { address: addressOf(server), port: 3_478 });
  world.runUntil(SECOND);
  peers[0]!.candidates.add(peers[1]!.reflexive!);
  peers[1]!.candidates.add(peers[0]!.reflexive!);
  for (let round = 0; round < 4; round += 1) {
    for (const peer of peers) peer.probe();
    world.runUntil(world.nowMicros + SECOND);
  }
  return peers.every(({ isAnswered }) => isAnswered);
}

class Puncher {
  readonly socket: UdpSocket;
  readonly candidates = new Set<string>();
  reflexive: string | undefined = undefined;
  isAnswered = false;

  constructor(host: Host) {
    this.socket = host.platform().bindUdp(
      { port: 4_000 },
      {
        onMessage: (bytes, from) => {
          const text = String.fromCharCode(...bytes);
          if (text === 'answer') this.isAnswered = true;
          else if (text !== 'probe') this.reflexive = text;
          if (text !== 'probe') return;
          this.candidates.add(show(from));
          this.socket.send(bytesOf('answer'), from);
        },
      },
    );
  }

  probe(): void {
    for (const candidate of this.candidates) this.socket.send(bytesOf('probe'), parse(candidate));
  }
}

const DEPENDENCES: readonly NatDependence[] = ['endpointIndependent', 'addressDependent', 'addressAndPortDependent'];
const NINE = DEPENDENCES.flatMap((mapping) => DEPENDENCES.map((filtering) => ({ mapping, filtering })));

describe('UDP hole punching laws', () => {
  const types: readonly NatPreset[] = ['fullCone', 'restrictedCone', 'portRestricted', 'symmetric'];

  it.each(types.flatMap((a) => types.map((b) => [a, b] as const)))('%s with %s', (a, b) => {
    const isStrict = (type: NatPreset): boolean => type === 'portRestricted' || type === 'symmetric';
    const expected = !(isStrict(a) && isStrict(b) && (a === 'symmetric' || b === 'symmetric'));
    expect(punches(natBehaviour(a), natBehaviour(b))).toBe(expected);
  });

  it.each(types)('%s with an open host, both ways round', (type) => {
    expect([punches(natBehaviour(type), undefined), punches(undefined, natBehaviour(type))]).toEqual([true, true]);
  });

  it.each([
    { inboundSession: false, count: 25 },
    { inboundSession: true, count: 31 },
  ])('$count of the 45 pairs of RFC 4787 with inboundSession $inboundSession', ({ inboundSession, count }) => {
    const behaviours = NINE.map((each) => natBehaviour('fullCone', { ...each, inboundSession }));
    let direct = 0;
    for (let a = 0; a < behaviours.length; a += 1) {
      for (let b = a; b < behaviours.length; b += 1) if (punches(behaviours[a], behaviours[b])) direct += 1;
    }
    expect(direct).toBe(count);
  });

  it('symmetric with preserved ports is punched like port restricted while nothing clashes', () => {
    const linux = natBehaviour('linux');
    expect([punches(linux, natBehaviour('portRestricted')), punches(linux, linux)]).toEqual([true, true]);
    expect(punches(natBehaviour('linux', { allocation: 'random' }), linux)).toBe(false);
  });
});

describe('a NAT classified from outside (RFC 5780)', () => {
  it.each(NINE)('$mapping mapping, $filtering filtering', ({ mapping, filtering }) => {
    const { world, one, two, inside } = aNat(natBehaviour('fullCone', { mapping, filtering }));
    const { socket, heard } = mailbox(inside);
    world.runUntil(1);
    const ask = (server: Host, port: number): string => {
      socket.send(bytesOf('?'), { address: addressOf(server), port });
      world.runUntil(world.nowMicros + SECOND);
      return heard.at(-1)!.split(' ')[1]!;
    };
    const [first, otherPort, otherAddress] = [ask(one, 1), ask(one, 2), ask(two, 1)];
    const seenMapping =
      first === otherAddress
        ? 'endpointIndependent'
        : first === otherPort
          ? 'addressDependent'
          : 'addressAndPortDependent';
    expect(seenMapping).toBe(mapping);
    // A fresh socket that has spoken to one:1 only; who else gets through to it?
    const fresh = mailbox(inside);
    world.runUntil(world.nowMicros + 1);
    fresh.socket.send(bytesOf('?'), { address: addressOf(one), port: 1 });
    world.runUntil(world.nowMicros + SECOND);
    const target = parse(fresh.heard[0]!.split(' ')[1]!);
    const gets = (from: Host): boolean => {
      const before = fresh.heard.length;
      const stranger = mailbox(from);
      world.runUntil(world.nowMicros + 1);
      stranger.socket.send(bytesOf('!'), target);
      world.runUntil(world.nowMicros + SECOND);
      return fresh.heard.length > before;
    };
    const [fromOther, fromSame] = [gets(two), gets(one)];
    const seenFiltering = fromOther ? 'endpointIndependent' : fromSame ? 'addressDependent' : 'addressAndPortDependent';
    expect(seenFiltering).toBe(filtering);
  });
});

describe('ports and lives of mappings', () => {
  function externalPorts(behaviour: NatBehaviour, localPorts: readonly number[]): number[] {
    const { world, one, inside, lan } = aNat(behaviour);
    const sockets = localPorts.map((port) => mailbox(inside, port).socket);
    world.runUntil(1);
    for (const socket of sockets) socket.send(bytesOf('?'), { address: addressOf(one), port: 1 });
    world.runUntil(SECOND);
    return lan.nat.mappings().map(({ externalPort }) => externalPort);
  }

  it('preserves, counts up, or draws', () => {
    expect(externalPorts(natBehaviour('linux'), [5_000, 6_000])).toEqual([5_000, 6_000]);
    const counted = externalPorts(natBehaviour('symmetricSequential'), [5_000, 6_000, 5_001]);
    expect([counted[1]! - counted[0]!, counted[2]! - counted[1]!]).toEqual([1, 1]);
    const drawn = externalPorts(natBehaviour('fullCone', { portMin: 30_000, portMax: 30_999 }), [5_000, 6_000]);
    expect(drawn.every((port) => port >= 30_000 && port <= 30_999)).toBe(true);
    expect(drawn[1]! - drawn[0]!).not.toBe(1);
  });

  it('a preserved port that is taken gives way to the next', () => {
    const { world, one, inside, beside, lan } = aNat(natBehaviour('linux'));
    const sockets = [mailbox(inside, 5_000).socket, mailbox(beside, 5_000).socket];
    world.runUntil(1);
    for (const socket of sockets) socket.send(bytesOf('?'), { address: addressOf(one), port: 1 });
    world.runUntil(SECOND);
    expect(lan.nat.mappings().map(({ externalPort }) => externalPort)).toEqual([5_000, 5_001]);
  });

  it('runs out of ports, and has them again when mappings expire', () => {
    const { world, one, inside, lan } = aNat(natBehaviour('symmetric', { portMin: 40_000, portMax: 40_003 }));
    const sockets = Array.from({ length: 6 }, () => mailbox(inside));
    world.runUntil(1);
    const to = { address: addressOf(one), port: 1 };
    for (const { socket } of sockets) socket.send(bytesOf('?'), to);
    world.runUntil(SECOND);
    expect(sockets.filter(({ heard }) => heard.length > 0).length).toBe(4);
    expect(lan.nat.statistics).toMatchObject({ exhausted: 2, mappingsMade: 4 });
    world.runUntil(122 * SECOND);
    for (const { socket } of sockets.slice(4)) socket.send(bytesOf('?'), to);
    world.runUntil(123 * SECOND);
    expect(sockets.every(({ heard }) => heard.length === 1)).toBe(true);
  });

  it.each([
    { udpRefresh: 'outbound', survives: false },
    { udpRefresh: 'outboundAndAdmitted', survives: true },
  ] as const)('a mapping idle for its life is gone; refreshed by $udpRefresh', ({ udpRefresh, survives }) => {
    const { world, one, inside, lan } = aNat(natBehaviour('fullCone', { udpMappingMicros: 30 * SECOND, udpRefresh }));
    const { socket, heard } = mailbox(inside);
    const server = mailbox(one, 9);
    world.runUntil(1);
    socket.send(bytesOf('?'), { address: addressOf(one), port: 9 });
    world.runUntil(SECOND);
    const external = parse(server.heard[0]!.split(' ')[0]!);
    for (const at of [25, 50]) {
      world.runUntil(at * SECOND);
      server.socket.send(bytesOf('keep'), external);
    }
    world.runUntil(51 * SECOND);
    expect(heard.length).toBe(survives ? 2 : 1);
    expect(lan.nat.mappings().length).toBe(survives ? 1 : 0);
    expect(lan.nat.statistics.withoutMapping).toBe(survives ? 0 : 1);
  });

  it('a filter closes when its own session has been idle, though the mapping lives on', () => {
    const { world, one, two, inside } = aNat(natBehaviour('portRestricted', { udpMappingMicros: 30 * SECOND }));
    const { socket, heard } = mailbox(inside);
    const server = mailbox(one, 9);
    world.runUntil(1);
    socket.send(bytesOf('?'), { address: addressOf(one), port: 9 });
    for (const at of [20, 40]) {
      world.runUntil(at * SECOND);
      socket.send(bytesOf('?'), { address: addressOf(two), port: 1 });
    }
    world.runUntil(41 * SECOND);
    const before = heard.length;
    server.socket.send(bytesOf('late'), parse(server.heard[0]!.split(' ')[0]!));
    world.runUntil(42 * SECOND);
    expect(heard.length).toBe(before);
  });

  it('a reboot forgets everything', () => {
    const { world, one, inside, lan } = aNat(natBehaviour('symmetric'));
    const { socket, heard } = mailbox(inside);
    world.runUntil(1);
    const to = { address: addressOf(one), port: 1 };
    socket.send(bytesOf('?'), to);
    world.runUntil(SECOND);
    lan.nat.reboot();
    expect(lan.nat.mappings()).toEqual([]);
    socket.send(bytesOf('?'), to);
    world.runUntil(2 * SECOND);
    expect(heard[0]!.split(' ')[1]).not.toBe(heard[1]!.split(' ')[1]);
  });

  it.each(['externalSource', 'off'] as const)(
    'hairpin %s: a neighbour is reached by its external address',
    (hairpin) => {
      const { world, one, inside, beside, lan } = aNat(natBehaviour('portRestricted', { hairpin }));
      const [left, right] = [mailbox(inside, 5_000), mailbox(beside, 6_000)];
      world.runUntil(1);
      for (const { socket } of [left, right]) socket.send(bytesOf('?'), { address: addressOf(one), port: 1 });
      world.runUntil(SECOND);
      const [ofLeft, ofRight] = [left, right].map(({ heard }) => heard[0]!.split(' ')[1]!);
      left.socket.send(bytesOf('a'), parse(ofRight!));
      right.socket.send(bytesOf('b'), parse(ofLeft!));
      left.socket.send(bytesOf('c'), parse(ofRight!));
      world.runUntil(2 * SECOND);
      // The first packet is filtered, the others carry the external source (RFC 4787 REQ-9a).
      expect(right.heard.slice(1)).toEqual(hairpin !== 'off' ? [`${ofLeft!} c`] : []);
      expect(left.heard.slice(1)).toEqual(hairpin !== 'off' ? [`${ofRight!} b`] : []);
      expect(lan.nat.statistics.hairpinned).toBe(hairpin !== 'off' ? 2 : 0);
      // Inside, they reach each other directly in any case.
      left.socket.send(bytesOf('direct'), { address: addressOf(beside), port: 6_000 });
      world.runUntil(3 * SECOND);
      expect(right.heard.at(-1)).toBe(`${addressOf(inside)}:5000 direct`);
    },
  );

  it('two NATs in a row act as the stricter of the two', () => {
    const world = new World({ seed: 1 });
    const internet = new Internet(world);
    const servers = [internet.host('one'), internet.host('two')];
    for (const server of servers) reflect(server, 1);
    const carrier = new Lan(internet, 'carrier', { nat: 'symmetric', prefix: '100.64.0.0/24' });
    const home = new Lan(carrier, 'home', { nat: 'fullCone' });
    const { socket, heard } = mailbox(home.host('inside'));
    world.runUntil(1);
    for (const server of servers) socket.send(bytesOf('?'), { address: addressOf(server), port: 1 });
    world.runUntil(SECOND);
    const seen = heard.map((line) => parse(line.split(' ')[1]!));
    expect(seen.map(({ address }) => address)).toEqual([seen[0]!.address, seen[0]!.address]);
    expect(seen[0]!.port).not.toBe(seen[1]!.port);
    expect(home.nat.mappings().length).toBe(1);
    expect(carrier.nat.mappings().length).toBe(2);
  });
});

describe('TCP through a NAT', () => {
  it('dials out, is tracked, and cannot be dialled', () => {
    const { world, one, inside, lan } = aNat(natBehaviour('portRestricted'));
    const accepted: Recorder[] = [];
    listen(one.platform(), 80, accepted);
    listen(inside.platform(), 80);
    const client = dial(inside.platform(), one, 80);
    world.runUntil(SECOND);
    client.connection!.write(bytesOf('hello'));
    world.runUntil(2 * SECOND);
    expect(accepted[0]!.text).toBe('hello');
    const seen = accepted[0]!.connection!.remote;
    expect(seen.address).toBe('198.18.0.4');
    const [mapping] = lan.nat.mappings();
    expect(mapping).toMatchObject({ protocol: 'tcp', externalPort: seen.port });
    // Established: two hours and four minutes.
    expect(mapping!.expiresAtMicros).toBeGreaterThan(7_400 * SECOND);
    const stranger = dial(one.platform(), seen.address, seen.port);
    world.runUntil(3 * SECOND);
    expect(stranger.events).toEqual([]);
    client.connection!.end();
    accepted[0]!.connection!.end();
    world.runUntil(10 * SECOND);
    // Both FINs passed: four minutes are left.
    expect(lan.nat.mappings()[0]!.expiresAtMicros).toBeLessThan(251 * SECOND);
    world.runUntil(260 * SECOND);
    expect(lan.nat.mappings()).toEqual([]);
  });

  it.each([
    { tcpUnsolicited: 'reset', expected: ['refused'] },
    { tcpUnsolicited: 'drop', expected: [] },
  ] as const)('an unsolicited SYN: $tcpUnsolicited', ({ tcpUnsolicited, expected }) => {
    const { world, one } = aNat(natBehaviour('portRestricted', { tcpUnsolicited }));
    const stranger = dial(one.platform(), '198.18.0.4', 5_000);
    world.runUntil(SECOND);
    expect(stranger.events).toEqual(expected);
  });

  it('an idle TCP mapping dies, and the connection with it', () => {
    const { world, one, inside } = aNat(natBehaviour('symmetric', { tcpEstablishedMicros: 60 * SECOND }));
    const accepted: Recorder[] = [];
    listen(one.platform(), 80, accepted);
    const client = dial(inside.platform(), one, 80);
    world.runUntil(100 * SECOND);
    client.connection!.write(bytesOf('anyone?'));
    world.runUntil(101 * SECOND);
    // The segment leaves by a new port, where the server knows no connection.
    expect(client.events).toEqual(['connected', 'reset']);
    expect(accepted[0]!.events).toEqual([]);
  });

  it('carries ICMP errors in to the one they concern', () => {
    const { world, one, inside, lan } = aNat(natBehaviour('symmetric'));
    const client = dial(inside.platform(), '203.0.113.7', 80);
    world.runUntil(SECOND);
    expect(client.events).toEqual(['unreachable']);
    expect(lan.nat.statistics.mappingsMade).toBe(1);
    const errors: string[] = [];
    const socket = inside
      .platform()
      .bindUdp({ port: 0 }, { onMessage: () => undefined, onError: (code) => errors.push(code) });
    world.runUntil(world.nowMicros + 1);
    socket.send(bytesOf('?'), { address: addressOf(one), port: 99 });
    const before = registryOf(world).link('inside-nat').backward.statistics.deliveredPackets;
    world.runUntil(2 * SECOND);
    expect(registryOf(world).link('inside-nat').backward.statistics.deliveredPackets - before).toBe(1);
  });

  it.each([
    ['portRestricted', 'portRestricted', true],
    ['fullCone', 'portRestricted', true],
    ['restrictedCone', 'restrictedCone', true],
    ['portRestricted', 'symmetric', false],
    ['symmetric', 'symmetric', false],
  ] as const)('simultaneous open between %s and %s', (left, right, expected) => {
    const world = new World({ seed: 3 });
    const internet = new Internet(world);
    const server = internet.host('server');
    const seen: Endpoint[] = [];
    server.platform().listenTcp(
      { port: 1 },
      {
        onConnection: (connection) => {
          seen.push(connection.remote);
          return { onData: () => undefined, onClosed: () => undefined };
        },
        onError: () => undefined,
      },
    );
    const peers = [left, right].map((nat, index) => new Lan(internet, `nat${index}`, { nat }).host(`peer${index}`));
    for (const peer of peers) dial(peer.platform(), server, 1, 4_000);
    world.runUntil(SECOND);
    const [a, b] = peers.map((peer, index) => {
      const other = seen[1 - index]!;
      return dial(peer.platform(), other.address, other.port, 4_000);
    });
    world.runUntil(10 * SECOND);
    expect([a!.events, b!.events]).toEqual(expected ? [['connected'], ['connected']] : [[], []]);
  });

  it('checks its options', () => {
    expect(() => natBehaviour('linux', { portMin: 5, portMax: 4 })).toThrow('portMax is 4');
    expect(Object.keys(NAT_PRESETS)).toHaveLength(8);
  });
});
