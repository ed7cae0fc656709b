import { describe, expect, it } from 'vitest';
import { Internet, Lan, World, moveHost } from '../../sim/index.ts';
import type { Host, HostOptions } from '../../sim/index.ts';
import { Recorder, bytesOf, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;

/** A phone in the Wi-Fi at home, a carrier's network it can move to, and a server outside. */
function aPhone(options: HostOptions = {}): {
  readonly world: World;
  readonly phone: Host;
  readonly server: Host;
  readonly home: Lan;
  readonly carrier: Lan;
  readonly accepted: Recorder[];
} {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const home = new Lan(internet, 'home', { nat: 'portRestricted' });
  const carrier = new Lan(internet, 'carrier', { nat: 'symmetric', prefix: '100.64.0.0/10' });
  const [phone, server] = [home.host('phone', options), internet.host('server')];
  const accepted: Recorder[] = [];
  listen(server.platform(), 80, accepted);
  return { world, phone, server, home, carrier, accepted };
}

describe('a host that changes networks', () => {
  it('has no network in a gap, then another address', () => {
    const { world, phone, server, home, carrier } = aPhone();
    const before = dial(phone.platform(), server, 80);
    world.runUntil(SECOND);
    moveHost(phone, home, carrier, { gapMicros: 2 * SECOND });
    expect(phone.platform().localAddresses()).toEqual([]);
    const inTheGap = dial(phone.platform(), server, 80);
    world.runUntil(4 * SECOND);
    expect(phone.platform().localAddresses()).toEqual(['100.64.0.2']);
    const after = dial(phone.platform(), server, 80);
    before.connection!.write(bytesOf('late'));
    world.runUntil(200 * SECOND);
    expect([before.events, inTheGap.events, after.events]).toEqual([
      ['connected', 'timedOut'],
      ['unreachable'],
      ['connected'],
    ]);
    // Both NATs know nothing of it: the old one keeps its mapping.
    expect([home.nat.mappings().length, carrier.nat.mappings().length]).toEqual([1, 1]);
  });

  it('with an overlap, keeps old connections until it ends and makes new ones by the new network', () => {
    const { world, phone, server, home, carrier, accepted } = aPhone();
    const before = dial(phone.platform(), server, 80);
    world.runUntil(SECOND);
    moveHost(phone, home, carrier, { overlapMicros: 5 * SECOND });
    expect(phone.platform().localAddresses()).toEqual(['100.64.0.2', '192.168.1.2']);
    const after = dial(phone.platform(), server, 80);
    world.runUntil(2 * SECOND);
    accepted[0]!.connection!.write(bytesOf('still here'));
    world.runUntil(3 * SECOND);
    // Linux sends by the destination only, so what the old connection sends takes the new way and the wrong NAT.
    expect([before.text, after.connection!.local.address]).toEqual(['still here', '100.64.0.2']);
    world.runUntil(10 * SECOND);
    expect(phone.platform().localAddresses()).toEqual(['100.64.0.2']);
  });

  it('comes back to its old address, or to a new one', () => {
    const { world, phone, home, carrier } = aPhone();
    moveHost(phone, home, carrier);
    expect(phone.platform().localAddresses()).toEqual(['100.64.0.2']);
    moveHost(phone, carrier, home);
    expect(phone.platform().localAddresses()).toEqual(['192.168.1.2']);
    moveHost(phone, home, carrier, { address: '100.64.0.99' });
    expect(phone.platform().localAddresses()).toEqual(['100.64.0.99']);
    expect(phone.interfaces.length).toBe(2);
    world.runUntil(SECOND);
  });

  it('refuses what makes no sense', () => {
    const { phone, home, carrier } = aPhone();
    expect(() => moveHost(phone, carrier, home)).toThrow("'phone' is not in network 'carrier'");
    expect(() => moveHost(phone, home, home)).toThrow('use renumber()');
    expect(() => moveHost(phone, home, carrier, { gapMicros: 1, overlapMicros: 2 })).toThrow('gapMicros is 1');
    expect(() => moveHost(phone, home, carrier, { gapMicros: -1 })).toThrow('gapMicros is -1');
  });
});
