import { describe, expect, it } from 'vitest';
import { BLIND_OBSERVER, DROP_REASON, Internet, Lan, TRACKING_MICROS, World, observe } from '../../sim/index.ts';
import type { FirewallOptions, Host } from '../../sim/index.ts';
import { Recorder, aPair, bytesOf, dial, listen } from './helpers.ts';
import type { Pair } from './helpers.ts';

const SECOND = 1_000_000;

/** Bob has a firewall, a web server on port 80 and an echo on UDP port 7; alice does not. */
function aGuardedPair(
  options: FirewallOptions = {},
): Pair & { readonly accepted: Recorder[]; readonly drops: string[] } {
  const pair = aPair();
  const accepted: Recorder[] = [];
  listen(pair.bob.platform(), 80, accepted);
  const socket = pair.bob.platform().bindUdp(
    { port: 7 },
    {
      onMessage: (bytes, from) => {
        socket.send(bytes.slice(), from);
      },
    },
  );
  pair.world.runUntil(1);
  pair.bob.setFirewall(options);
  const drops: string[] = [];
  const names = Object.keys(DROP_REASON);
  observe(pair.world, { ...BLIND_OBSERVER, onDrop: (_subject, _packet, code) => drops.push(names[code]!) });
  return { ...pair, accepted, drops };
}

type Talk = { readonly events: string[]; say(to: Host, port: number): void };

function talk(host: Host, port = 0): Talk {
  const events: string[] = [];
  const socket = host
    .platform()
    .bindUdp({ port }, { onMessage: () => events.push('answer'), onError: (code) => events.push(code) });
  return {
    events,
    say: (to, remotePort) => {
      socket.send(bytesOf('hello'), { address: to.platform().localAddresses()[0]!, port: remotePort });
    },
  };
}

describe('what comes in', () => {
  // What Node sees of a real nftables firewall, see `npm run lab`.
  const CASES: readonly [string, FirewallOptions, readonly [string, string]][] = [
    ['dropped', {}, ['timedOut', 'timedOut']],
    ['reset', { inbound: 'reject' }, ['refused', 'refused']],
    ['port unreachable', { inbound: 'reject', rejectWith: 'portUnreachable' }, ['refused', 'refused']],
    ['prohibited', { inbound: 'reject', rejectWith: 'prohibited' }, ['unreachable', 'unreachable']],
    ['accepted', { inbound: 'accept' }, ['connected', 'refused']],
  ];
  it.each(CASES)('%s: an open and a closed port look so', (_name, options, [open, closed]) => {
    const { world, alice, bob, drops } = aGuardedPair(options);
    const dialled = [80, 81].map((port) => dial(alice.platform(), bob, port));
    world.runUntil(200 * SECOND);
    expect(dialled.map(({ events }) => events[0])).toEqual([open, closed]);
    const expected =
      options.inbound === 'accept' ? [] : options.inbound === 'reject' ? ['hostFirewallReject'] : ['hostFirewall'];
    expect([...new Set(drops)]).toEqual(expected);
  });

  it('is let in by rules, the first that fits', () => {
    const { world, alice, bob } = aGuardedPair({
      rules: [
        { direction: 'in', protocol: 'tcp', port: 443, action: 'accept' },
        { direction: 'in', remote: '203.0.113.0/24', action: 'accept' },
        { direction: 'in', protocol: 'tcp', port: [80, 89], action: 'reject' },
        { direction: 'in', protocol: 'tcp', port: 80, action: 'accept' },
        { direction: 'in', protocol: 'udp', port: 7, action: 'accept' },
      ],
    });
    const tcp = [80, 443, 90].map((port) => dial(alice.platform(), bob, port));
    const udp = talk(alice);
    udp.say(bob, 7);
    udp.say(bob, 8);
    world.runUntil(200 * SECOND);
    // 443 is let through to where nobody listens.
    expect([tcp.map(({ events }) => events[0]), udp.events]).toEqual([['refused', 'refused', 'timedOut'], ['answer']]);
    const other = aGuardedPair({ rules: [{ direction: 'in', remote: '198.18.0.0/15', port: 80, action: 'accept' }] });
    const dialled = dial(other.alice.platform(), other.bob, 80);
    other.world.runUntil(SECOND);
    expect(dialled.events).toEqual(['connected']);
  });

  it('is let in when it belongs to what went out, ICMP errors too', () => {
    const { world, alice, bob, drops } = aGuardedPair();
    listen(alice.platform(), 80);
    const out = dial(bob.platform(), alice, 80);
    const refused = dial(bob.platform(), alice, 81);
    const mine = talk(bob);
    talk(alice, 9);
    mine.say(alice, 9);
    mine.say(alice, 10);
    world.runUntil(SECOND);
    expect([out.events, refused.events, drops]).toEqual([['connected'], ['refused'], ['noSocket']]);
    // The flow is known by both endpoints: another port of the same peer is a stranger.
    talk(alice, 11).say(bob, 7);
    world.runUntil(2 * SECOND);
    expect(drops).toEqual(['noSocket', 'hostFirewall']);
  });

  it('does not belong to it any more when it comes too late', () => {
    const { world, alice, bob } = aGuardedPair({ rules: [] });
    const [mine, theirs] = [talk(bob, 5_000), talk(alice, 9)];
    const sayAt = (seconds: number, say: () => void): void => {
      world.runUntil(seconds * SECOND);
      say();
    };
    mine.say(alice, 9);
    // Unanswered it counts 30 s; an answer after 29 s, and it counts 120 s from then on.
    sayAt(29, () => theirs.say(bob, 5_000));
    sayAt(148, () => theirs.say(bob, 5_000));
    world.runUntil(149 * SECOND);
    expect(mine.events).toEqual(['answer', 'answer']);
    sayAt(270, () => theirs.say(bob, 5_000));
    world.runUntil(300 * SECOND);
    expect(mine.events.length).toBe(2);
    mine.say(alice, 9);
    sayAt(331, () => theirs.say(bob, 5_000));
    world.runUntil(400 * SECOND);
    expect(mine.events.length).toBe(2);
    expect([TRACKING_MICROS.udp, TRACKING_MICROS.udpStream]).toEqual([30 * SECOND, 120 * SECOND]);
  });

  it('is what both sides sent at once: holes can be punched through two firewalls', () => {
    const { world, alice, bob } = aGuardedPair();
    alice.setFirewall({});
    const udp = [talk(alice, 100), talk(bob, 200)] as const;
    udp[0].say(bob, 200);
    udp[1].say(alice, 100);
    world.runUntil(SECOND);
    expect(udp.map(({ events }) => events)).toEqual([['answer'], ['answer']]);
    const tcp = [dial(alice.platform(), bob, 300, 301), dial(bob.platform(), alice, 301, 300)];
    world.runUntil(2 * SECOND);
    expect(tcp.map(({ events }) => events)).toEqual([['connected'], ['connected']]);
  });

  it('lets the answer to a ping in, and no ping', () => {
    const { world, alice, bob } = aGuardedPair();
    const answers: string[] = [];
    const ping = (from: Host, to: Host): void => {
      from.echo.ping(to.platform().localAddresses()[0]!, {
        identifier: 5,
        onAnswer: ({ kind }) => answers.push(`${from.name} ${kind}`),
      });
    };
    ping(bob, alice);
    ping(alice, bob);
    world.runUntil(SECOND);
    expect(answers).toEqual(['bob reply']);
    bob.setFirewall({ inbound: 'reject', rules: [{ direction: 'in', protocol: 'icmp', action: 'accept' }] });
    ping(alice, bob);
    world.runUntil(2 * SECOND);
    bob.setFirewall({ inbound: 'reject' });
    ping(alice, bob);
    world.runUntil(3 * SECOND);
    expect(answers).toEqual(['bob reply', 'alice reply', 'alice error']);
  });

  it('takes up connections that were there before, once the host has sent on them', () => {
    const pair = aPair();
    const accepted: Recorder[] = [];
    listen(pair.bob.platform(), 80, accepted);
    const client = dial(pair.alice.platform(), pair.bob, 80);
    pair.world.runUntil(SECOND);
    pair.bob.setFirewall({});
    client.connection!.write(bytesOf('hello'));
    pair.world.runUntil(SECOND + 100_000);
    expect(accepted[0]!.text).toBe('');
    accepted[0]!.connection!.write(bytesOf('x'));
    pair.world.runUntil(5 * SECOND);
    expect([accepted[0]!.text, client.text]).toEqual(['hello', 'x']);
  });
});

describe('what is for a group', () => {
  it.each([
    ['no firewall', undefined, ['hello']],
    ['one that lets nothing in', {}, []],
    ['one that lets it in', { rules: [{ direction: 'in', protocol: 'udp', port: 9, action: 'accept' }] }, ['hello']],
  ] as const)('reaches a host in the strong model with %s', (_name, options, expected) => {
    const world = new World({ seed: 1 });
    const lan = new Lan(new Internet(world), 'lan', { nat: 'fullCone' });
    const [speaker, hearer] = [lan.host('speaker'), lan.host('hearer', { hostModel: 'strong' })];
    if (options !== undefined) hearer.setFirewall(options);
    const heard: string[] = [];
    hearer.platform().bindUdp({ port: 9 }, { onMessage: (bytes) => heard.push(String.fromCharCode(...bytes)) });
    const socket = speaker.platform().bindUdp({ port: 0 }, { onMessage: () => undefined });
    socket.send(bytesOf('hello'), { address: '224.0.0.1', port: 9 });
    world.runUntil(SECOND);
    expect(heard).toEqual(expected);
  });
});

describe('what goes out', () => {
  const CASES: readonly [string, FirewallOptions, readonly string[]][] = [
    ['dropped', { outbound: 'drop' }, ['timedOut']],
    ['rejected', { outbound: 'reject' }, ['refused']],
    ['prohibited', { outbound: 'reject', rejectWith: 'prohibited' }, ['unreachable']],
  ];
  it.each(CASES)('%s: datagrams fail with EPERM, connections so', (_name, options, events) => {
    const { world, alice, bob } = aGuardedPair(options);
    listen(alice.platform(), 80);
    const udp = talk(bob);
    udp.say(alice, 9);
    const dialled = dial(bob.platform(), alice, 80);
    const itself = dial(bob.platform(), '127.0.0.1', 80);
    world.runUntil(200 * SECOND);
    expect([udp.events, dialled.events, itself.events]).toEqual([['EPERM'], events, ['connected']]);
  });

  it('may answer what was let in', () => {
    const { world, alice, bob, accepted } = aGuardedPair({
      outbound: 'drop',
      rules: [{ direction: 'in', protocol: 'tcp', port: 80, action: 'accept' }],
    });
    const dialled = dial(alice.platform(), bob, 80);
    world.runUntil(SECOND);
    accepted[0]!.connection!.write(bytesOf('welcome'));
    world.runUntil(2 * SECOND);
    expect([dialled.events, dialled.text]).toEqual([['connected'], 'welcome']);
  });
});

describe('the state of a firewall', () => {
  it('is lost in a crash and with a new one; rules stay over a crash', () => {
    const { world, alice, bob } = aGuardedPair();
    talk(bob, 5_000).say(alice, 9);
    expect(bob.firewall!.flowCount(world.nowMicros)).toBe(1);
    bob.crash();
    bob.restart();
    expect(bob.firewall!.flowCount(world.nowMicros)).toBe(0);
    const dialled = dial(alice.platform(), bob, 80);
    world.runUntil(200 * SECOND);
    expect(dialled.events).toEqual(['timedOut']);
    bob.setFirewall();
    expect(bob.firewall).toBeUndefined();
    const again = dial(alice.platform(), bob, 80);
    world.runUntil(201 * SECOND);
    expect(again.events).toEqual(['refused']);
  });

  it('does not grow with flows that are over', () => {
    const { world, alice, bob } = aGuardedPair({ inbound: 'accept' });
    for (let round = 0; round < 4; round += 1) {
      for (let port = 1; port <= 1_000; port += 1) talk(alice).say(bob, 10_000 + port);
      world.runUntil(world.nowMicros + 31 * SECOND);
    }
    expect(bob.firewall!.flowCount(world.nowMicros)).toBe(0);
  });

  it.each([
    [{ inbound: 'allow' }, "inbound is 'allow'; give one of accept, drop, reject"],
    [{ rules: [{ direction: 'up', action: 'drop' }] }, "rules[0].direction is 'up'"],
    [{ rules: [{ direction: 'in', protocol: 'icmp', port: 3, action: 'drop' }] }, 'rules[0] names a port'],
    [{ rules: [{ direction: 'in', port: [9, 8], action: 'drop' }] }, 'rules[0].port is 8'],
    [{ rules: [{ direction: 'in', remote: '10/8', action: 'drop' }] }, '10'],
  ])('refuses %j', (options, message) => {
    expect(() => aPair().bob.setFirewall(options as unknown as FirewallOptions)).toThrow(message);
  });
});
