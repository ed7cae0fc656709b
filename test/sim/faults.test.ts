import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, Faults, Internet, Lan, World } from '../../sim/index.ts';
import type { Fault, Host } from '../../sim/index.ts';
import type { UdpSocket } from '../../spec/platform.ts';
import { aConnectedPair, aPair, bytesOf } from './helpers.ts';

const SECOND = 1_000_000;

/** Hosts that each know who has reached them since the last question. */
function aCrowd(names: readonly string[]) {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const hosts = names.map((name) => internet.host(name));
  const heard = new Map<string, string[]>();
  const sockets = new Map<Host, UdpSocket>();
  for (const host of hosts) {
    heard.set(host.name, []);
    const socket = host.platform().bindUdp(
      { port: 1 },
      {
        onMessage: (bytes) => heard.get(host.name)!.push(String.fromCharCode(...bytes)),
      },
    );
    sockets.set(host, socket);
  }
  world.runUntil(1);
  /** Everybody speaks to everybody; gives who heard whom. */
  const round = (): Record<string, string> => {
    for (const list of heard.values()) list.length = 0;
    for (const from of hosts) {
      for (const to of hosts) {
        const address = to.platform().localAddresses()[0]!;
        if (from !== to) sockets.get(from)!.send(bytesOf(from.name), { address, port: 1 });
      }
    }
    world.runUntil(world.nowMicros + SECOND);
    return Object.fromEntries([...heard].map(([name, list]) => [name, list.join('')]));
  };
  return { world, faults: new Faults(world), round };
}

describe('faults', () => {
  it('partition groups both ways or one way, and heal', () => {
    const { faults, round } = aCrowd(['a', 'b', 'c']);
    expect(round()).toEqual({ a: 'bc', b: 'ac', c: 'ab' });
    faults.apply({ fault: 'partition', between: [['a'], ['b', 'c']] });
    expect(round()).toEqual({ a: '', b: 'c', c: 'b' });
    faults.apply({ fault: 'heal' });
    faults.apply({ fault: 'partitionOneWay', from: ['a'], to: ['b'] });
    expect(round()).toEqual({ a: 'bc', b: 'c', c: 'ab' });
    faults.apply({ fault: 'partitionOneWay', from: ['c'], to: ['b'] });
    expect(round()).toEqual({ a: 'bc', b: '', c: 'ab' });
    faults.healAll();
    expect(round()).toEqual({ a: 'bc', b: 'ac', c: 'ab' });
    expect([...faults.counts]).toEqual([
      ['partition', 1],
      ['heal', 2],
      ['partitionOneWay', 2],
    ]);
  });

  it('isolate one host from everybody', () => {
    const { faults, round } = aCrowd(['a', 'b', 'c']);
    faults.apply({ fault: 'isolate', host: 'b' });
    expect(round()).toEqual({ a: 'c', b: '', c: 'a' });
    faults.apply({ fault: 'heal' });
    expect(round()).toEqual({ a: 'bc', b: 'ac', c: 'ab' });
  });

  it('swizzle-clog links: held one after the other, released in the opposite order', () => {
    const { faults, round, world } = aCrowd(['a', 'b', 'c']);
    faults.apply({ fault: 'swizzleClog', links: ['a-internet', 'b-internet'], stepMicros: SECOND });
    world.runUntil(world.nowMicros + 1);
    expect(round()).toEqual({ a: '', b: 'c', c: 'b' });
    // Held too, until the last moment of the round: what waited for b is there at once, what b sent has a way to go.
    expect(round()).toEqual({ a: '', b: 'c', c: '' });
    // And so what three rounds have sent to a; what a sent meanwhile is heard in the next one.
    expect(round()).toEqual({ a: 'bccbbc', b: 'c', c: 'bb' });
    expect(round()).toEqual({ a: 'bc', b: 'aaaac', c: 'aaaab' });
    expect(round()).toEqual({ a: 'bc', b: 'ac', c: 'ab' });
  });

  it('partition hosts behind a NAT by who they are, not by address', () => {
    const world = new World({ seed: 1 });
    const internet = new Internet(world);
    const server = internet.host('server');
    const lan = new Lan(internet, 'lan', { nat: 'fullCone' });
    const [one, two] = [lan.host('one'), lan.host('two')];
    const heard: string[] = [];
    server.platform().bindUdp({ port: 1 }, { onMessage: (bytes) => heard.push(String.fromCharCode(...bytes)) });
    const faults = new Faults(world);
    faults.apply({ fault: 'partition', between: [['one'], ['server']] });
    for (const host of [one, two]) {
      const socket = host.platform().bindUdp({ port: 5 }, { onMessage: () => undefined });
      socket.send(bytesOf(host.name), { address: server.platform().localAddresses()[0]!, port: 1 });
    }
    world.runUntil(SECOND);
    expect(heard).toEqual(['two']);
  });

  it('a TCP connection outlives a partition that heals in time', () => {
    const { world, client, server } = aConnectedPair();
    const faults = new Faults(world);
    faults.at(2 * SECOND, { fault: 'partition', between: [['alice'], ['bob']] });
    faults.at(20 * SECOND, { fault: 'heal' });
    world.at(3 * SECOND, () => client.connection!.write(bytesOf('through')));
    world.runUntil(19 * SECOND);
    expect(server.text).toBe('');
    world.runUntil(60 * SECOND);
    expect([server.text, client.events, server.events]).toEqual(['through', ['connected'], []]);
  });

  it('hold, release, clog, break and mend links', () => {
    const { world, client, server } = aConnectedPair();
    const faults = new Faults(world);
    const arrivesAfter = (text: string, until: number): boolean => {
      client.connection!.write(bytesOf(text));
      world.runUntil(until);
      return server.text.endsWith(text);
    };
    faults.apply({ fault: 'hold', link: 'alice-internet' });
    expect(arrivesAfter('1', world.nowMicros + 100_000)).toBe(false);
    faults.apply({ fault: 'release', link: 'alice-internet' });
    world.runUntil(world.nowMicros + 20_000);
    expect(server.text).toBe('1');
    faults.apply({ fault: 'clog', link: 'bob-internet', micros: 150_000 });
    expect(arrivesAfter('2', world.nowMicros + 149_999)).toBe(false);
    world.runUntil(world.nowMicros + 1);
    expect(server.text).toBe('12');
    world.runUntil(world.nowMicros + SECOND);
    faults.apply({ fault: 'linkDown', link: 'bob-internet' });
    expect(arrivesAfter('3', world.nowMicros + SECOND)).toBe(false);
    faults.apply({ fault: 'linkUp', link: 'bob-internet' });
    world.runUntil(world.nowMicros + 5 * SECOND);
    expect(server.text).toBe('123');
  });

  it('crash and restart a host with its program, pause and resume it, move its clocks', () => {
    const { world, alice } = aPair();
    const faults = new Faults(world);
    const ticks: number[] = [];
    alice.runProgram((platform) => {
      const tick = (): void => {
        ticks.push(world.nowMicros / SECOND);
        platform.setTimer(SECOND, tick);
      };
      platform.setTimer(SECOND, tick);
    });
    faults.at(2 * SECOND + 1, { fault: 'crash', host: 'alice', store: 'lose' });
    faults.at(5 * SECOND, { fault: 'restart', host: 'alice' });
    faults.at(6 * SECOND + 1, { fault: 'pause', host: 'alice' });
    faults.at(9 * SECOND, { fault: 'resume', host: 'alice' });
    faults.at(10 * SECOND + 1, { fault: 'drift', host: 'alice', driftPpm: -500_000 });
    world.runUntil(12 * SECOND);
    // The tick due at 7 s comes at the resume; from 10 s on a second of the host takes two.
    expect(ticks).toEqual([1, 2, 6, 9, 10, 11.999999]);
    const before = alice.platform().wallMillis();
    faults.apply({ fault: 'clockStep', host: 'alice', deltaMicros: -SECOND });
    expect(alice.platform().wallMillis() - before).toBe(-1_000);
  });

  it('leave a trace, and name what they cannot find', () => {
    const { world, faults } = aCrowd(['a', 'b']);
    const digest = world.digest();
    faults.apply({ fault: 'pause', host: 'a' });
    expect(world.digest()).not.toBe(digest);
    const wrong: readonly (readonly [Fault, string])[] = [
      [{ fault: 'crash', host: 'x' }, "there is no host 'x'; there are a, b"],
      [{ fault: 'hold', link: 'x' }, "there is no link 'x'; there are a-internet, b-internet"],
      [{ fault: 'natReboot', nat: 'x' }, "there is no NAT 'x'"],
      [{ fault: 'partition', between: [['a'], []] }, 'empty'],
      [{ fault: 'restart', host: 'a' }, 'is up'],
    ];
    for (const [fault, message] of wrong) expect(() => faults.apply(fault)).toThrow(message);
  });

  it('are a closed vocabulary of forty-one words, each of which can be applied', () => {
    const world = new World({ seed: 1 });
    const internet = new Internet(world);
    internet.host('a');
    new Lan(internet, 'n', { nat: 'symmetric' }).host('b');
    const faults = new Faults(world);
    const one: Record<string, Fault> = {
      partition: { fault: 'partition', between: [['a'], ['b']] },
      partitionOneWay: { fault: 'partitionOneWay', from: ['a'], to: ['b'] },
      isolate: { fault: 'isolate', host: 'a' },
      heal: { fault: 'heal' },
      hold: { fault: 'hold', link: 'a-internet' },
      release: { fault: 'release', link: 'a-internet' },
      clog: { fault: 'clog', link: 'a-internet', micros: 5 },
      swizzleClog: { fault: 'swizzleClog', links: ['a-internet'], stepMicros: 5 },
      linkDown: { fault: 'linkDown', link: 'a-internet' },
      linkUp: { fault: 'linkUp', link: 'a-internet' },
      loss: { fault: 'loss', link: 'a-internet', perMille: 5 },
      delay: { fault: 'delay', link: 'a-internet', micros: 5 },
      duplication: { fault: 'duplication', link: 'a-internet', perMille: 5 },
      reordering: { fault: 'reordering', link: 'a-internet', perMille: 5, extraMicros: 5 },
      corruption: { fault: 'corruption', link: 'a-internet', perMille: 5 },
      truncation: { fault: 'truncation', link: 'a-internet', perMille: 5 },
      narrowing: { fault: 'narrowing', link: 'a-internet', bitsPerSecond: 5 },
      mend: { fault: 'mend', link: 'a-internet' },
      pieces: { fault: 'pieces', host: 'a', bytesMax: 5 },
      reset: { fault: 'reset', host: 'a' },
      crash: { fault: 'crash', host: 'a' },
      restart: { fault: 'restart', host: 'a' },
      pause: { fault: 'pause', host: 'a' },
      resume: { fault: 'resume', host: 'a' },
      suspend: { fault: 'suspend', host: 'a' },
      wake: { fault: 'wake', host: 'a' },
      slow: { fault: 'slow', host: 'a', delayMicros: 5, busyMicros: 5 },
      interfaceDown: { fault: 'interfaceDown', host: 'a' },
      interfaceUp: { fault: 'interfaceUp', host: 'a' },
      renumber: { fault: 'renumber', host: 'a' },
      roam: { fault: 'roam', host: 'a', to: 'lte', gapMicros: 5 },
      comeHome: { fault: 'comeHome', host: 'a' },
      clockStep: { fault: 'clockStep', host: 'a', deltaMicros: 5 },
      drift: { fault: 'drift', host: 'a', driftPpm: 5 },
      natReboot: { fault: 'natReboot', nat: 'n' },
      natRenumber: { fault: 'natRenumber', nat: 'n' },
      diskFull: { fault: 'diskFull', host: 'a' },
      diskFailing: { fault: 'diskFailing', host: 'a', perMille: 5 },
      diskSlow: { fault: 'diskSlow', host: 'a', micros: 5 },
      diskMend: { fault: 'diskMend', host: 'a' },
      recover: { fault: 'recover', host: 'a' },
    };
    for (const kind of FAULT_KINDS) faults.apply(one[kind]!);
    expect([...faults.counts.keys()]).toEqual(Object.keys(one));
  });
});
