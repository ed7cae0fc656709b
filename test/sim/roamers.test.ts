/** Hosts away from home: what a move changes, that any order of moves and other faults makes sense, and that they come back. */
import { describe, expect, it } from 'vitest';
import { AWAY_NETWORK_NAMES } from '../../sim/away-networks.ts';
import { Faults, Host, Internet, Lan, World, registryOf } from '../../sim/index.ts';
import type { Fault } from '../../sim/index.ts';
import { bytesOf } from './helpers.ts';

const SECOND = 1_000_000;

/** A phone at home, and a server that notes who sends to it, and when. */
function aPhone(): {
  readonly world: World;
  readonly faults: Faults;
  readonly phone: Host;
  readonly heard: { readonly from: string; readonly atMicros: number }[];
  /** Sends a datagram and lets a second pass; gives the address that it came from and how long it took. */
  readonly say: () => { readonly from: string; readonly tookMicros: number } | undefined;
} {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const phone = new Lan(internet, 'home', { nat: 'portRestricted' }).host('phone');
  const server = internet.host('server');
  const heard: { from: string; atMicros: number }[] = [];
  const to = { address: server.platform().localAddresses()[0]!, port: 1 };
  server
    .platform()
    .bindUdp(
      { port: 1 },
      { onMessage: (_bytes, from) => heard.push({ from: from.address, atMicros: world.nowMicros }) },
    );
  const socket = phone.platform().bindUdp({ port: 5 }, { onMessage: () => undefined });
  const say = (): { from: string; tookMicros: number } | undefined => {
    const [before, sentMicros] = [heard.length, world.nowMicros];
    socket.send(bytesOf('x'), to);
    world.runUntil(world.nowMicros + SECOND);
    const came = heard[before];
    return came && { from: came.from, tookMicros: came.atMicros - sentMicros };
  };
  return { world, faults: new Faults(world), phone, heard, say };
}

const addressOf = (host: Host): string | undefined => host.platform().localAddresses()[0];

describe('a host that roams', () => {
  it('has another address, another NAT and another delay, and at home again the ones it had', () => {
    const { faults, phone, say } = aPhone();
    const home = say()!;
    expect(addressOf(phone)).toBe('192.168.1.2');
    faults.apply({ fault: 'roam', host: 'phone', to: 'lte' });
    expect(addressOf(phone)).toBe('100.64.0.2');
    const away = say()!;
    expect(away.from).not.toBe(home.from);
    // 35 ms up the link of the network away, 10 ms from its NAT and 10 ms to the server; at home 0.5 ms instead of 35.
    expect([home.tookMicros, Math.floor(away.tookMicros / 1000)]).toEqual([20_500, 55]);
    faults.apply({ fault: 'comeHome', host: 'phone' });
    expect([addressOf(phone), say()]).toEqual(['192.168.1.2', home]);
  });

  it('is in no network in a gap, and in both in an overlap', () => {
    const { world, faults, phone, say } = aPhone();
    faults.apply({ fault: 'roam', host: 'phone', to: 'cafe', gapMicros: 3 * SECOND });
    expect([phone.platform().localAddresses(), say()]).toEqual([[], undefined]);
    world.runUntil(4 * SECOND);
    expect(phone.platform().localAddresses()).toEqual(['10.0.0.2']);
    faults.apply({ fault: 'roam', host: 'phone', to: 'office', overlapMicros: 3 * SECOND });
    expect(phone.platform().localAddresses()).toEqual(['10.16.0.2', '10.0.0.2']);
    world.runUntil(8 * SECOND);
    expect(phone.platform().localAddresses()).toEqual(['10.16.0.2']);
  });

  it.each<readonly [string, Fault]>([
    ['at once, also out of a gap', { fault: 'roam', host: 'phone', to: 'mobile3g', gapMicros: 9 * SECOND }],
    ['at once, also out of an overlap', { fault: 'roam', host: 'phone', to: 'mobile3g', overlapMicros: 9 * SECOND }],
    ['from anywhere', { fault: 'roam', host: 'phone', to: 'guestWifi' }],
  ])('is back home %s, when it recovers', (_how, fault) => {
    const { world, faults, phone, say } = aPhone();
    const home = say();
    faults.apply({ fault: 'roam', host: 'phone', to: 'lte', gapMicros: SECOND });
    faults.apply(fault);
    faults.apply({ fault: 'recover', host: 'phone' });
    expect([addressOf(phone), say()]).toEqual(['192.168.1.2', home]);
    // What was left of the move does not come later.
    world.runUntil(world.nowMicros + 20 * SECOND);
    expect([phone.platform().localAddresses(), say()]).toEqual([['192.168.1.2'], home]);
  });

  it('may roam with its interface down or without power, and is struck where it is', () => {
    const { world, faults, phone, say } = aPhone();
    const home = say()!;
    faults.apply({ fault: 'interfaceDown', host: 'phone' });
    faults.apply({ fault: 'roam', host: 'phone', to: 'lte' });
    expect(say()?.from).not.toBe(undefined);
    faults.apply({ fault: 'interfaceUp', host: 'phone' });
    // The interface that is in use now goes down, not the one at home; and it is this NAT that gets another address.
    faults.apply({ fault: 'interfaceDown', host: 'phone' });
    expect(say()).toBeUndefined();
    faults.apply({ fault: 'interfaceUp', host: 'phone' });
    const away = say()!;
    const nat = registryOf(world).places.get('phone')!.network.router.name;
    faults.apply({ fault: 'natRenumber', nat });
    expect(new Set([home.from, away.from, say()!.from]).size).toBe(3);
    faults.apply({ fault: 'renumber', host: 'phone' });
    expect(addressOf(phone)).toBe('100.64.0.3');
    faults.apply({ fault: 'crash', host: 'phone' });
    faults.apply({ fault: 'comeHome', host: 'phone', gapMicros: SECOND });
    world.runUntil(world.nowMicros + 2 * SECOND);
    faults.apply({ fault: 'restart', host: 'phone' });
    expect(phone.platform().localAddresses()).toEqual(['192.168.1.2']);
    faults.apply({ fault: 'renumber', host: 'phone' });
    expect(phone.platform().localAddresses()).toEqual(['192.168.1.3']);
  });

  it('meets others in the same network, behind one NAT', () => {
    const { world, faults, phone } = aPhone();
    const other = new Lan(registryOf(world).places.get('home')!.network, 'second', { nat: 'linux' }).host('other');
    for (const host of ['phone', 'other']) faults.apply({ fault: 'roam', host, to: 'lte' });
    expect([addressOf(phone), addressOf(other)]).toEqual(['100.64.0.2', '100.64.0.3']);
    expect([...registryOf(world).nats.keys()]).toEqual(['home', 'second', 'internet-lte']);
  });

  it('can go to every network of the table, none of which looks like a home', () => {
    const { faults, phone } = aPhone();
    const addresses = AWAY_NETWORK_NAMES.map((to) => {
      faults.apply({ fault: 'roam', host: 'phone', to });
      return addressOf(phone);
    });
    expect(new Set([...addresses, '192.168.1.2']).size).toBe(AWAY_NETWORK_NAMES.length + 1);
  });

  it('needs a network that it can leave, and not both a gap and an overlap', () => {
    const { world, faults } = aPhone();
    new Host(world, 'loose');
    const roam = { fault: 'roam', to: 'lte' } as const;
    expect(() => faults.apply({ ...roam, host: 'loose' })).toThrow("'loose' was connected by hand");
    expect(() => faults.apply({ ...roam, host: 'phone', gapMicros: 1, overlapMicros: 2 })).toThrow('gapMicros is 1');
  });
});
