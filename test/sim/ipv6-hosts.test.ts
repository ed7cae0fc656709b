/** Hosts with addresses of both families: which one they send from, what sockets take, and how large packets travel. */
import { describe, expect, it } from 'vitest';
import { Internet, Lan, World, formatAddress } from '../../sim/index.ts';
import type { Host, InternetOptions } from '../../sim/index.ts';
import type { Endpoint, Platform, UdpBindOptions } from '../../spec/platform.ts';
import { Recorder, bytesOf, dial, listen } from './helpers.ts';

const PREFIX6 = '2001:db8::/32';

function aDualPair(options: InternetOptions = {}): { world: World; internet: Internet; alice: Host; bob: Host } {
  const world = new World({ seed: 1 });
  const internet = new Internet(world, { prefix6: PREFIX6, ...options });
  return { world, internet, alice: internet.host('alice'), bob: internet.host('bob') };
}

/** What a socket was told. */
class Mailbox {
  readonly got: string[] = [];
  readonly errors: string[] = [];
  readonly socket;

  constructor(platform: Platform, options: UdpBindOptions) {
    this.socket = platform.bindUdp(options, {
      onMessage: (bytes, from) => this.got.push(`${String.fromCharCode(...bytes)} from ${from.address}`),
      onError: (code) => this.errors.push(code),
    });
  }
}

const TO = (address: string, port = 9): Endpoint => ({ address, port });

describe('a dual-stack host', () => {
  it('has an address of each family, in order', () => {
    const { alice, bob } = aDualPair();
    expect(alice.platform().localAddresses()).toEqual(['198.18.0.2', '2001:db8::2']);
    expect(bob.platform().localAddresses()).toEqual(['198.18.0.3', '2001:db8::3']);
  });

  it('may have one family alone', () => {
    const { world, internet, bob } = aDualPair();
    const four = internet.host('four', { families: 'ipv4' });
    const six = internet.host('six', { families: 'ipv6', address6: '2001:db8::66' });
    expect([four, six].map((host) => host.platform().localAddresses())).toEqual([['198.18.0.4'], ['2001:db8::66']]);
    listen(bob.platform(), 80);
    const ends = [
      dial(four.platform(), '2001:db8::3', 80),
      dial(six.platform(), '198.18.0.3', 80),
      dial(four.platform(), '198.18.0.3', 80),
      dial(six.platform(), '2001:db8::3', 80),
    ];
    world.runUntil(1_000_000);
    expect(ends.map(({ events }) => events[0])).toEqual(['unreachable', 'unreachable', 'connected', 'connected']);
  });

  it('talks TCP over both, each end under the address of the family', () => {
    const { world, alice, bob } = aDualPair();
    const accepted: Recorder[] = [];
    listen(bob.platform(), 80, accepted);
    const clients = ['198.18.0.3', '2001:db8::3'].map((address) => dial(alice.platform(), address, 80));
    world.runUntil(1_000_000);
    for (const client of clients) client.connection!.write(bytesOf('hello'));
    world.runUntil(2_000_000);
    expect(accepted.map((each) => `${each.connection!.remote.address} ${each.text}`)).toEqual([
      '198.18.0.2 hello',
      '2001:db8::2 hello',
    ]);
  });

  it('reaches itself at ::1', () => {
    const { world, alice } = aDualPair();
    listen(alice.platform(), 80, [], '::1');
    const [own, other] = [dial(alice.platform(), '::1', 80), dial(alice.platform(), '127.0.0.1', 80)];
    world.runUntil(1_000_000);
    expect([own.events, other.events]).toEqual([['connected'], ['refused']]);
  });

  it('RFC 8200 section 8.3: its segments carry 20 bytes less', () => {
    const { world, alice, bob } = aDualPair();
    listen(bob.platform(), 80);
    const sizes = new Map<string, number>();
    bob.interfaces[0]!.addTap((packet) => {
      if (packet.segmentSizeMax > 0) sizes.set(formatAddress(packet.source), packet.segmentSizeMax);
    });
    for (const address of ['198.18.0.3', '2001:db8::3']) dial(alice.platform(), address, 80);
    world.runUntil(1_000_000);
    expect(Object.fromEntries(sizes)).toEqual({
      '198.18.0.2': 1_460,
      '198.18.0.3': 1_460,
      '2001:db8::2': 1_440,
      '2001:db8::3': 1_440,
    });
  });

  it('is told that nobody listens, by RST and by ICMPv6 (RFC 4443 section 3.1)', () => {
    const { world, alice, bob } = aDualPair({ link: { delayMicros: 1 } });
    const kinds: string[] = [];
    bob.interfaces[0]!.addTap(({ protocol, icmpType, icmpCode }) => {
      if (protocol === 58) kinds.push(`${icmpType}/${icmpCode}`);
    });
    const mailbox = new Mailbox(alice.platform(), { port: 7 });
    world.runUntil(1);
    mailbox.socket.send(bytesOf('?'), TO('2001:db8::3'));
    const refused = dial(alice.platform(), '2001:db8::3', 80);
    const nowhere = dial(alice.platform(), '2001:db8::4444', 80);
    world.runUntil(1_000_000);
    expect(kinds).toEqual(['1/4']);
    expect([refused.events, nowhere.events]).toEqual([['refused'], ['unreachable']]);
  });
});

describe('what a bound socket takes', () => {
  it.each([
    ['no address', {}, 'both', ['a from 198.18.0.2', 'b from 2001:db8::2']],
    ['::', { address: '::' }, 'mapped', ['a from ::ffff:198.18.0.2', 'b from 2001:db8::2']],
    [':: for IPv6 only', { address: '::', ipv6Only: true }, 'six', ['b from 2001:db8::2']],
    ['0.0.0.0', { address: '0.0.0.0' }, 'four', ['a from 198.18.0.2']],
    ['one address', { address: '2001:db8::3' }, 'one', ['b from 2001:db8::2']],
  ])('%s: RFC 3493 sections 3.7 and 5.3', (_name, options, _kind, expected) => {
    const { world, alice, bob } = aDualPair();
    const box = new Mailbox(bob.platform(), { port: 9, ...options });
    const sender = new Mailbox(alice.platform(), { port: 8 });
    world.runUntil(1);
    sender.socket.send(bytesOf('a'), TO('198.18.0.3'));
    sender.socket.send(bytesOf('b'), TO('2001:db8::3'));
    world.runUntil(1_000_000);
    expect(box.got).toEqual(expected);
  });

  it('a socket at :: answers who it sees in the mapped form', () => {
    const { world, alice, bob } = aDualPair();
    const server = new Mailbox(bob.platform(), { address: '::', port: 9 });
    const client = new Mailbox(alice.platform(), { port: 8 });
    world.runUntil(1);
    server.socket.send(bytesOf('m'), TO('::ffff:198.18.0.2', 8));
    world.runUntil(1_000_000);
    expect(client.got).toEqual(['m from 198.18.0.3']);
    expect(server.socket.local).toEqual({ address: '::', port: 9 });
  });

  it('a listener at :: shows peers of IPv4 in the mapped form', () => {
    const { world, alice, bob } = aDualPair();
    const accepted: Recorder[] = [];
    listen(bob.platform(), 80, accepted, '::');
    const mapped = dial(alice.platform(), '::ffff:198.18.0.3', 80);
    world.runUntil(1_000_000);
    expect(accepted[0]!.connection!.remote.address).toBe('::ffff:198.18.0.2');
    expect(mapped.connection!.remote.address).toBe('::ffff:198.18.0.3');
  });

  it.each([
    ['0.0.0.0', '::', ['EADDRINUSE']],
    ['::', '2001:db8::3', ['EADDRINUSE']],
    ['::', '198.18.0.3', ['EADDRINUSE']],
    ['::1', '127.0.0.1', []],
    ['2001:db8::3', '0.0.0.0', []],
    ['2001:db8::3', '2001:db8::3', ['EADDRINUSE']],
    ['::', '2001:db8::99', ['EADDRNOTAVAIL']],
  ])('one port at %s and at %s: %j', (first, second, errors) => {
    const { world, bob } = aDualPair();
    new Mailbox(bob.platform(), { address: first, port: 9 });
    const box = new Mailbox(bob.platform(), { address: second, port: 9 });
    world.runUntil(1);
    expect(box.errors).toEqual(errors);
  });

  it('0.0.0.0 and :: for IPv6 only share a port', () => {
    const { world, bob } = aDualPair();
    new Mailbox(bob.platform(), { address: '0.0.0.0', port: 9 });
    const box = new Mailbox(bob.platform(), { address: '::', ipv6Only: true, port: 9 });
    world.runUntil(1);
    expect(box.errors).toEqual([]);
  });

  it('a socket of one family cannot send to the other', () => {
    const { world, alice } = aDualPair();
    const four = new Mailbox(alice.platform(), { address: '0.0.0.0', port: 1 });
    const six = new Mailbox(alice.platform(), { address: '2001:db8::2', port: 2 });
    world.runUntil(1);
    four.socket.send(bytesOf('x'), TO('2001:db8::3'));
    six.socket.send(bytesOf('x'), TO('198.18.0.3'));
    world.runUntil(2);
    expect([four.errors, six.errors]).toEqual([['EAFNOSUPPORT'], ['ENETUNREACH']]);
  });
});

describe('large packets', () => {
  it('RFC 8200 section 5: IPv6 goes over no link below 1,280 bytes', () => {
    expect(() => aDualPair({ link: { mtuBytes: 1_279 } })).toThrow('the MTU of its link is 1279, and IPv6 needs 1280');
  });

  it('RFC 8201: a datagram is cut by its sender, who learns the MTU of the path from the router that drops it', () => {
    const { world, internet, alice } = aDualPair();
    const far = internet.host('far', { link: { mtuBytes: 1_280 } });
    const box = new Mailbox(far.platform(), { port: 9 });
    const sender = new Mailbox(alice.platform(), { port: 8 });
    const big = new Uint8Array(3_000).fill(120);
    world.runUntil(1);
    const seen: string[] = [];
    alice.interfaces[0]!.addTap((packet) => seen.push(`${packet.protocol} ${packet.nextHopMtu}`));
    for (let round = 0; round < 2; round += 1) {
      sender.socket.send(big, TO('2001:db8::4'));
      world.runUntil((round + 1) * 1_000_000);
    }
    // Cut for 1,500, dropped; "packet too big" with 1,280; cut for 1,280, delivered.
    expect(seen).toEqual(['17 1500', '58 1280', '17 1280']);
    expect(box.got.length).toBe(1);
    // IPv4: the router cuts, and nothing is lost.
    sender.socket.send(big, TO('198.18.0.4'));
    world.runUntil(3_000_000);
    expect(box.got.length).toBe(2);
  });

  it('RFC 8201: a connection makes its segments smaller', () => {
    const { world, internet, alice } = aDualPair();
    const far = internet.host('far', { link: { backward: { mtuBytes: 1_280 } } });
    const accepted: Recorder[] = [];
    listen(far.platform(), 80, accepted);
    const client = dial(alice.platform(), '2001:db8::4', 80);
    world.runUntil(1_000_000);
    client.connection!.write(new Uint8Array(100_000));
    world.runUntil(5_000_000);
    expect(accepted[0]!.bytes.length).toBe(100_000);
  });
});

describe('a LAN with IPv6', () => {
  it('gets a prefix from the network outside, and its hosts an address each', () => {
    const { world, internet, bob } = aDualPair();
    const homes = ['one', 'two'].map((name) => new Lan(internet, name, { nat: 'linux', ipv6: {} }));
    const [first, second] = homes.map((home, index) => home.host(`host${index}`));
    expect(first!.platform().localAddresses()).toEqual(['192.168.1.2', '2001:db8:1::2']);
    expect(second!.platform().localAddresses()).toEqual(['192.168.1.2', '2001:db8:2::2']);
    const accepted: Recorder[] = [];
    listen(bob.platform(), 80, accepted);
    for (const address of bob.platform().localAddresses()) dial(first!.platform(), address, 80);
    world.runUntil(1_000_000);
    // IPv4 is translated, IPv6 is not.
    expect(accepted.map(({ connection }) => connection!.remote.address)).toEqual(['198.18.0.4', '2001:db8:1::2']);
  });
});
