import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  Internet,
  Lan,
  NAT_DEVICES,
  World,
  brokenRequirements,
  natBehaviour,
  natDevicesText,
} from '../../sim/index.ts';
import type { Host, LanOptions, NatBehaviour, NatDeviceName, PortQuestion } from '../../sim/index.ts';
import type { Endpoint, UdpSocket } from '../../spec/platform.ts';
import { bytesOf, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;
const addressOf = (host: Host): string => host.platform().localAddresses()[0]!;

/** Two public servers, a NAT with two hosts behind it, and what was dropped for which reason. */
function aNat(changes: Partial<NatBehaviour>, options: Partial<LanOptions> = {}) {
  const world = new World({ seed: 4, traceRecords: 100_000 });
  const internet = new Internet(world);
  const [one, two] = [internet.host('one'), internet.host('two')];
  const lan = new Lan(internet, 'nat', { nat: natBehaviour('fullCone', changes), ...options });
  const [inside, beside] = [lan.host('inside'), lan.host('beside')];
  const servers = [one, two].map((host) => new Mailbox(host, 1));
  world.runUntil(1);
  /** Sends from a local port to one of the servers; gives where the server saw it come from, undefined for nowhere. */
  const send = (from: Host, port: number, server = 0): Endpoint | undefined => {
    const before = servers[server]!.heard.length;
    boxOf(from, port).socket.send(bytesOf('?'), { address: addressOf([one, two][server]!), port: 1 });
    world.runUntil(world.nowMicros + SECOND / 10);
    return servers[server]!.heard[before]?.from;
  };
  const boxes = new Map<string, Mailbox>();
  const boxOf = (host: Host, port: number): Mailbox => {
    const key = `${host.name} ${port}`;
    let box = boxes.get(key);
    if (box === undefined) {
      boxes.set(key, (box = new Mailbox(host, port)));
      world.runUntil(world.nowMicros + 1);
    }
    return box;
  };
  /** Sends from a server to an endpoint of the NAT; true when the host behind it hears it. */
  const answer = (to: Endpoint, box: Mailbox, server = 0): boolean => {
    const before = box.heard.length;
    servers[server]!.socket.send(bytesOf('!'), to);
    world.runUntil(world.nowMicros + SECOND / 10);
    return box.heard.length > before;
  };
  const drops = (): string[] => dropsOf(world);
  return { world, internet, one, two, lan, inside, beside, send, answer, boxOf, drops };
}

function dropsOf(world: World): string[] {
  const drops = world.trace.records().filter(({ kind }) => kind === 'drop');
  return drops.map(({ text }) => text.split(' ').at(-1)!);
}

/** A UDP socket that keeps what it hears. */
class Mailbox {
  readonly socket: UdpSocket;
  readonly heard: { readonly from: Endpoint; readonly text: string }[] = [];
  readonly errors: string[] = [];

  constructor(host: Host, port: number) {
    const onMessage = (bytes: Uint8Array, from: Endpoint): unknown =>
      this.heard.push({ from, text: String.fromCharCode(...bytes) });
    this.socket = host.platform().bindUdp({ port }, { onMessage, onError: (code) => this.errors.push(code) });
  }
}

describe('ports', () => {
  it('sequential by any step, down as well, and round the end of the range', () => {
    const { send, inside } = aNat({ allocation: 'sequential', portStep: -3, portMin: 100, portMax: 108 });
    const ports = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((port) => send(inside, 4_000 + port)!.port);
    expect(ports.slice(1).map((port, index) => (port - ports[index]! + 9) % 9)).toEqual([6, 6, 7, 6, 6, 7, 6, 6]);
    expect(new Set(ports).size).toBe(9);
    expect(send(inside, 5_000)).toBeUndefined();
  });

  it('keeps the parity of a port that is taken', () => {
    const { send, inside, beside } = aNat({ allocation: 'preservingParity' });
    expect(
      [send(inside, 5_000), send(beside, 5_000), send(inside, 6_001), send(beside, 6_001)].map((at) => at!.port),
    ).toEqual([5_000, 5_002, 6_001, 6_003]);
    const drawn = aNat({ allocation: 'preservingParity', portClash: 'random' });
    drawn.send(drawn.inside, 5_001);
    const other = drawn.send(drawn.beside, 5_001)!.port;
    expect([other % 2, other === 5_003]).toEqual([1, false]);
  });

  it('refuses, or shares a port among inner endpoints', () => {
    const refusing = aNat({ allocation: 'preserving', portClash: 'refuse' });
    refusing.send(refusing.inside, 5_000);
    expect([refusing.send(refusing.beside, 5_000), refusing.drops()]).toEqual([undefined, ['natExhausted']]);
    const { send, answer, boxOf, inside, beside, drops } = aNat({ allocation: 'preserving', portClash: 'overload' });
    const [left, right] = [send(inside, 5_000, 0)!, send(beside, 5_000, 1)!];
    expect([left.port, right.port]).toEqual([5_000, 5_000]);
    // Who is meant, the remote endpoint tells.
    expect([answer(left, boxOf(inside, 5_000), 0), answer(right, boxOf(beside, 5_000), 1)]).toEqual([true, true]);
    expect(drops()).toEqual([]);
  });

  it('connection tracking takes a port only towards the same remote endpoint', () => {
    const { send, inside, beside } = aNat(NAT_DEVICES.linuxMasquerade.behaviour);
    const ports = [send(inside, 5_000, 0), send(beside, 5_000, 1), send(beside, 5_000, 0)].map((at) => at!.port);
    expect(ports.slice(0, 2)).toEqual([5_000, 5_000]);
    expect(ports[2]).not.toBe(5_000);
  });

  it('gives every inner host a block', () => {
    const { send, inside, beside } = aNat({ allocation: 'block', portsPerBlock: 2, portMin: 100, portMax: 103 });
    const ports = [send(inside, 1), send(beside, 1), send(inside, 2), send(beside, 2)].map((at) => at!.port);
    expect(ports).toEqual([100, 102, 101, 103]);
    expect(send(inside, 3)).toBeUndefined();
  });

  it('takes a rule of one’s own, and nothing it may not have', () => {
    const rule = ({ flow, isFree }: PortQuestion): number => (isFree(flow.innerPort + 1) ? flow.innerPort + 1 : 1);
    const { send, inside, beside } = aNat({ allocation: rule });
    expect([send(inside, 5_000)!.port, send(beside, 5_000)]).toEqual([5_001, undefined]);
  });

  it('changes its mind at the first clash, or after a while', () => {
    const clashing = aNat(NAT_DEVICES.preservesUntilClash.behaviour);
    const { send, inside, beside } = clashing;
    const portsOf = (host: Host): number[] => [send(host, 5_000, 0)!.port, send(host, 5_000, 1)!.port];
    expect(portsOf(inside)).toEqual([5_000, 5_000]);
    const [first, second] = portsOf(beside);
    expect(first).not.toBe(second);
    const { world, ...remapping } = aNat({ remapMicros: 50 * SECOND });
    const seen = [0, 40, 40].map((secs) => {
      world.runUntil(world.nowMicros + secs * SECOND);
      return remapping.send(remapping.inside, 5_000)!.port;
    });
    expect([seen[0] === seen[1], seen[1] === seen[2]]).toEqual([true, false]);
  });

  it('loses ports to neighbours, more of them the longer it waits', () => {
    const { world, send, inside, lan } = aNat({ allocation: 'sequential', crossTrafficMicros: SECOND });
    const first = send(inside, 5_000)!.port;
    world.runUntil(50 * SECOND);
    const stolen = send(inside, 5_001)!.port - first - 1;
    expect(stolen).toBeGreaterThan(25);
    expect(stolen).toBeLessThan(80);
    expect(lan.nat.mappings().filter(({ inner }) => inner.startsWith('0.0.0.0')).length).toBe(stolen);
  });

  it('reboots with or without its counter', () => {
    const { send, inside, lan } = aNat({ allocation: 'sequential' });
    const first = send(inside, 5_000)!.port;
    lan.nat.reboot();
    const second = send(inside, 5_000)!.port;
    lan.nat.reboot('reset');
    expect([second - first, send(inside, 5_000)!.port - first]).toEqual([1, 0]);
  });
});

describe('lives', () => {
  it.each([
    ['outbound', true, false, false],
    ['inbound', false, true, true],
    ['both', true, true, true],
    ['outboundAndAdmitted', true, true, false],
  ] as const)('kept by %s: packets out %s, let in %s, kept out %s', (udpRefresh, outbound, admitted, refused) => {
    const survives = (keep: (nat: ReturnType<typeof aNat>, at: Endpoint) => void): boolean => {
      const nat = aNat({ udpRefresh, filtering: 'addressDependent', udpMappingMicros: 30 * SECOND });
      const at = nat.send(nat.inside, 5_000)!;
      for (const secs of [20, 40]) {
        nat.world.runUntil(secs * SECOND);
        keep(nat, at);
      }
      return nat.lan.nat.mappings()[0]?.externalPort === at.port;
    };
    expect([
      survives(({ send, inside }) => send(inside, 5_000)),
      survives(({ answer, boxOf, inside }, at) => answer(at, boxOf(inside, 5_000), 0)),
      survives(({ answer, boxOf, inside }, at) => answer(at, boxOf(inside, 5_000), 1)),
    ]).toEqual([outbound, admitted, refused]);
  });

  it('is short until a reply, and a filter may close before the mapping ends', () => {
    const { world, send, answer, boxOf, inside, lan, drops } = aNat({
      udpUnrepliedMicros: 10 * SECOND,
      udpMappingMicros: 100 * SECOND,
    });
    const [silent, spoken] = [send(inside, 5_000)!, send(inside, 5_001)!];
    answer(spoken, boxOf(inside, 5_001));
    world.runUntil(50 * SECOND);
    expect(lan.nat.mappings().map(({ externalPort }) => externalPort)).toEqual([spoken.port]);
    answer(silent, boxOf(inside, 5_000));
    expect(drops()).toEqual(['natExpired']);
    const filtering = aNat({ filtering: 'addressAndPortDependent', udpFilterMicros: 10 * SECOND });
    const at = filtering.send(filtering.inside, 5_000)!;
    expect(filtering.answer(at, filtering.boxOf(filtering.inside, 5_000))).toBe(true);
    filtering.world.runUntil(20 * SECOND);
    expect(filtering.answer(at, filtering.boxOf(filtering.inside, 5_000))).toBe(false);
    expect([filtering.lan.nat.mappings().length, filtering.drops()]).toEqual([1, ['natFiltered']]);
  });
});

it('keeps the short life until it was answered long enough to be a stream', () => {
  const { world, send, answer, boxOf, inside, lan } = aNat({
    udpUnrepliedMicros: 10 * SECOND,
    udpMappingMicros: 100 * SECOND,
    udpStreamAfterMicros: 2 * SECOND,
  });
  const [early, late] = [send(inside, 5_000)!, send(inside, 5_001)!];
  answer(early, boxOf(inside, 5_000));
  answer(late, boxOf(inside, 5_001));
  world.runUntil(world.nowMicros + 3 * SECOND);
  send(inside, 5_001);
  world.runUntil(50 * SECOND);
  expect(lan.nat.mappings().map(({ externalPort }) => externalPort)).toEqual([late.port]);
});

describe('limits', () => {
  const small = { portMin: 100, portMax: 101 } as const;

  it('refuses in silence, says so by ICMP 3/13, or throws out what was used least recently', () => {
    const fill = (whenExhausted: NatBehaviour['whenExhausted']) => {
      const nat = aNat({ ...small, whenExhausted });
      const first = nat.send(nat.inside, 1)!;
      nat.send(nat.inside, 2);
      nat.send(nat.inside, 1);
      return { ...nat, first, third: nat.send(nat.inside, 3) };
    };
    expect([fill('refuse').third, fill('refuse').drops()]).toEqual([undefined, ['natExhausted']]);
    const evicting = fill('evict');
    expect(evicting.third).toBeDefined();
    expect(evicting.lan.nat.mappings().map(({ inner }) => inner.split(':')[1])).toEqual(['1', '3']);
    const { world, inside, one } = aNat({ ...small, portMax: 100, whenExhausted: 'icmp' });
    listen(one.platform(), 80);
    const [lucky, unlucky] = [dial(inside.platform(), one, 80), dial(inside.platform(), one, 80)];
    world.runUntil(SECOND);
    expect([lucky.events, unlucky.events]).toEqual([['connected'], ['unreachable']]);
  });

  it('counts ports for each host, and sessions in the whole table', () => {
    const { send, inside, beside } = aNat({ portsPerHostMax: 2 });
    expect([send(inside, 1), send(inside, 2), send(inside, 3), send(beside, 1)].map((at) => at !== undefined)).toEqual([
      true,
      true,
      false,
      true,
    ]);
    const table = aNat({ sessionsMax: 2 });
    const seen = [table.send(table.inside, 1, 0), table.send(table.inside, 1, 1), table.send(table.beside, 1)];
    expect(seen.map((at) => at !== undefined)).toEqual([true, true, false]);
    table.world.runUntil(200 * SECOND);
    expect(table.send(table.beside, 1)).toBeDefined();
  });

  it('rations new mappings, and cuts off who knocks too often', () => {
    const { world, send, inside, drops } = aNat({ newMappingsMax: { count: 2, micros: 10 * SECOND } });
    expect([1, 2, 3].map((port) => send(inside, port) !== undefined)).toEqual([true, true, false]);
    expect(drops()).toEqual(['natRateLimited']);
    world.runUntil(20 * SECOND);
    expect(send(inside, 3)).toBeDefined();
    const punishing = aNat({ filtering: 'addressDependent', blockRemote: { packets: 2, micros: 30 * SECOND } });
    const at = punishing.send(punishing.inside, 1)!;
    const box = punishing.boxOf(punishing.inside, 1);
    expect([1, 2].map(() => punishing.answer(at, box, 1))).toEqual([false, false]);
    // It is asked now, but still cut off.
    punishing.send(punishing.inside, 1, 1);
    expect(punishing.answer(at, box, 1)).toBe(false);
    expect(punishing.drops()).toEqual(['natFiltered', 'natFiltered', 'natBlocked']);
    punishing.world.runUntil(40 * SECOND);
    expect(punishing.answer(at, box, 1)).toBe(true);
  });
});

describe('external addresses', () => {
  it('are at least one', () => {
    expect(() => aNat({}, { externalAddresses: 0 })).toThrow('externalAddresses is 0');
  });

  it('pairs inner hosts with them, or takes any', () => {
    const { send, inside, beside, answer, boxOf } = aNat({}, { externalAddresses: 2 });
    const ends = [1, 2, 3].map((port) => send(inside, port)!);
    const other = send(beside, 1)!;
    expect(new Set(ends.map(({ address }) => address)).size).toBe(1);
    expect(other.address).not.toBe(ends[0]!.address);
    expect([answer(ends[0]!, boxOf(inside, 1)), answer(other, boxOf(beside, 1))]).toEqual([true, true]);
    const any = aNat({ pooling: 'arbitrary' }, { externalAddresses: 2 });
    expect(new Set([1, 2, 3, 4, 5, 6].map((port) => any.send(any.inside, port)!.address)).size).toBe(2);
  });

  it.each([
    ['keep', true],
    ['flush', false],
  ] as const)('renumbered: %s', (onRenumber, isKept) => {
    const { send, inside, lan, internet } = aNat({ onRenumber });
    const before = send(inside, 1)!;
    internet.renumber(lan.nat);
    const after = send(inside, 1)!;
    expect([after.address === before.address, after.port === before.port]).toEqual([false, isKept]);
  });
});

describe('what may pass', () => {
  it('an inner host is reached by its external endpoint, from the inner one of the sender', () => {
    const { send, boxOf, inside, beside, world } = aNat({
      hairpin: 'internalSource',
      filtering: 'addressAndPortDependent',
    });
    const at = send(inside, 5_000)!;
    boxOf(beside, 6_000).socket.send(bytesOf('near'), at);
    world.runUntil(world.nowMicros + SECOND);
    expect(boxOf(inside, 5_000).heard).toEqual([{ from: { address: addressOf(beside), port: 6_000 }, text: 'near' }]);
  });

  it('TCP to web ports alone', () => {
    const world = new World({ seed: 1, traceRecords: 1_000 });
    const internet = new Internet(world);
    const server = internet.host('server');
    for (const port of [443, 4_000]) listen(server.platform(), port);
    const inside = new Lan(internet, 'office', { nat: 'webOnly' }).host('inside');
    const [web, other] = [dial(inside.platform(), server, 443), dial(inside.platform(), server, 4_000)];
    world.runUntil(SECOND);
    expect([web.events, other.events, dropsOf(world)]).toEqual([['connected'], [], ['tcpPortBlocked']]);
  });

  it.each([
    ['translate', ['ECONNREFUSED'], true, []],
    ['ignore', [], true, ['natIcmp']],
    ['killMapping', ['ECONNREFUSED'], false, []],
  ] as const)('ICMP errors: %s', (icmpErrors, errors, lives, dropped) => {
    const world = new World({ seed: 1, traceRecords: 1_000 });
    const internet = new Internet(world);
    const server = internet.host('server');
    const lan = new Lan(internet, 'nat', { nat: natBehaviour('fullCone', { icmpErrors }) });
    const box = new Mailbox(lan.host('inside', { udpReportsIcmp: true }), 1);
    world.runUntil(1);
    box.socket.send(bytesOf('?'), { address: addressOf(server), port: 9 });
    world.runUntil(SECOND);
    expect([box.errors, lan.nat.mappings().length === 1]).toEqual([errors, lives]);
    expect(dropsOf(world)).toEqual(['noSocket', ...dropped]);
  });
});

describe('chains', () => {
  it('two homes share a carrier NAT: each other by its hairpin only, one block each', () => {
    const meet = (hairpin: NatBehaviour['hairpin']): readonly [boolean, number[]] => {
      const world = new World({ seed: 1 });
      const internet = new Internet(world);
      const server = new Mailbox(internet.host('server'), 1);
      const carrier = new Lan(internet, 'carrier', {
        nat: natBehaviour('fullCone', { ...NAT_DEVICES.carrierGrade.behaviour, hairpin }),
        prefix: '100.64.0.0/24',
      });
      const boxes = ['left', 'right'].map(
        (name) => new Mailbox(new Lan(carrier, name, { nat: 'fullCone' }).host(`${name}-host`), 5_000),
      );
      world.runUntil(1);
      for (const { socket } of boxes) socket.send(bytesOf('?'), { address: '198.18.0.2', port: 1 });
      world.runUntil(SECOND);
      const [left, right] = server.heard.map(({ from }) => from);
      boxes[0]!.socket.send(bytesOf('neighbour'), right!);
      world.runUntil(2 * SECOND);
      return [boxes[1]!.heard.at(-1)?.text === 'neighbour', [left!.port, right!.port]];
    };
    expect(meet('externalSource')).toEqual([true, [1_024, 2_048]]);
    expect(meet('off')[0]).toBe(false);
  });
});

describe('device classes', () => {
  it('are in the table as they are', () => {
    expect(readFileSync(new URL('../../sim/nat/devices.md', import.meta.url), 'utf8')).toBe(natDevicesText());
  });

  it('are sound, and three of them break nothing', () => {
    const names = Object.entries(NAT_DEVICES).map(([name, { behaviour }]) => {
      expect(natBehaviour(name as NatDeviceName)).toEqual(behaviour);
      return brokenRequirements(behaviour).length === 0 ? name : '';
    });
    expect(names.filter((name) => name !== '')).toEqual(['recommended', 'carrierGrade', 'carrierGradePcp']);
  });

  it.each([
    [{ portStep: 0 }, 'portStep is 0'],
    [{ udpUnrepliedMicros: 0 }, 'udpUnrepliedMicros is 0'],
    [{ sessionsMax: 0.5 }, 'sessionsMax is 0.5'],
    [{ allocation: 'block', portsPerBlock: 70_000 }, 'portsPerBlock is 70000'],
    [{ portScope: 'remoteEndpoint' }, 'needs addressAndPortDependent'],
    [{ blockRemote: { packets: 0, micros: 1 } }, 'blockRemote.packets is 0'],
    [{ newMappingsMax: { count: 1, micros: 0 } }, 'newMappingsMax.micros is 0'],
  ] as const)('options that make no sense: %j', (changes, message) => {
    expect(() => natBehaviour('fullCone', changes)).toThrow(message);
  });
});
