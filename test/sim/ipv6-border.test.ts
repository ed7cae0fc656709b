/** What stands at the IPv6 border of a home: firewall, NPTv6, masquerade, NAT64. */
import { describe, expect, it } from 'vitest';
import {
  DROP_REASON,
  Internet,
  Lan,
  World,
  formatAddress,
  natBehaviour,
  observe,
  parseAddress,
} from '../../sim/index.ts';
import { BLIND_OBSERVER, encodePacket, parsePrefix } from '../../sim/index.ts';
import type { DropReason, Host, LanOptions, Packet } from '../../sim/index.ts';
import type { UdpSocket } from '../../spec/platform.ts';
import { firewallBehaviour } from '../../sim/ipv6/firewall.ts';
import { PrefixTranslation } from '../../sim/ipv6/prefix-translation.ts';
import { nat64Behaviour } from '../../sim/ipv6/translator.ts';
import { addressOf } from '../fidelity/ipv6/scene.ts';
import { Recorder, bytesOf, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;

/** A home with a host, and two servers outside. */
class Border {
  readonly world = new World({ seed: 1 });
  readonly internet = new Internet(this.world, { prefix6: '2001:db8::/32' });
  readonly home: Lan;
  readonly inner: Host;
  readonly server: Host;
  readonly other: Host;
  readonly drops: DropReason[] = [];

  constructor(ipv6: LanOptions['ipv6']) {
    this.server = this.internet.host('server');
    this.other = this.internet.host('other');
    this.home = new Lan(this.internet, 'home', { nat: 'linux', ...(ipv6 === undefined ? {} : { ipv6 }) });
    this.inner = this.home.host('inner');
    const names = Object.keys(DROP_REASON) as DropReason[];
    observe(this.world, {
      ...BLIND_OBSERVER,
      onDrop: (subject, _packet, code) => {
        if (this.world.trace.subjectName(subject) === 'home') this.drops.push(names[code]!);
      },
    });
  }

  /** A socket that writes down what it is told. */
  socket(host: Host, port: number): { readonly socket: UdpSocket; readonly got: string[] } {
    const got: string[] = [];
    const socket = host
      .platform()
      .bindUdp(
        { port },
        { onMessage: (bytes, from) => got.push(`${String.fromCharCode(...bytes)} ${from.address} ${from.port}`) },
      );
    return { socket, got };
  }

  wait(micros = SECOND): void {
    this.world.runUntil(this.world.nowMicros + micros);
  }
}

describe('firewall', () => {
  it.each([
    ['simple', 'endpointIndependent', ['server', 'same host', 'stranger']],
    ['strict', 'addressDependent', ['server', 'same host']],
    ['linux', 'addressAndPortDependent', ['server']],
  ] as const)('RFC 6092 REC-17: %s lets in by %s filters', (name, filtering, expected) => {
    expect(firewallBehaviour(name).filtering).toBe(filtering);
    const border = new Border({ firewall: name });
    const { socket, got } = border.socket(border.inner, 5_000);
    const [server, same, stranger] = [
      border.socket(border.server, 80),
      border.socket(border.server, 81),
      border.socket(border.other, 80),
    ];
    border.wait();
    const inner = { address: addressOf(border.inner, 6), port: 5_000 };
    server.socket.send(bytesOf('early'), inner);
    border.wait();
    expect(border.drops).toEqual(['firewallNoState']);
    socket.send(bytesOf('out'), { address: addressOf(border.server, 6), port: 80 });
    border.wait();
    expect(server.got).toEqual([`out ${inner.address} 5000`]);
    server.socket.send(bytesOf('server'), inner);
    same.socket.send(bytesOf('same host'), inner);
    stranger.socket.send(bytesOf('stranger'), inner);
    border.wait();
    expect(got.map((each) => each.replace(/ 2001.*/, ''))).toEqual(expected);
    expect(border.drops.slice(1)).toEqual(new Array(3 - expected.length).fill('firewallFiltered'));
  });

  it.each([
    ['simple', 300],
    ['linux', 30],
  ] as const)('%s forgets an unanswered datagram after %i s', (name, seconds) => {
    const border = new Border({ firewall: name });
    const { socket, got } = border.socket(border.inner, 5_000);
    const server = border.socket(border.server, 80);
    border.wait();
    socket.send(bytesOf('out'), { address: addressOf(border.server, 6), port: 80 });
    border.wait(seconds * SECOND - 100_000);
    server.socket.send(bytesOf('in time'), { address: addressOf(border.inner, 6), port: 5_000 });
    border.wait(500_000);
    expect(got.length).toBe(1);
    border.wait(400 * SECOND);
    server.socket.send(bytesOf('late'), { address: addressOf(border.inner, 6), port: 5_000 });
    border.wait();
    expect(got.length).toBe(1);
    expect(border.drops).toEqual(['firewallNoState']);
  });

  it('RFC 6092 REC-34: an unsolicited SYN is answered after 6 s, unless one of ours goes out meanwhile', () => {
    const border = new Border({ firewall: 'simple' });
    const [inner, server] = [addressOf(border.inner, 6), addressOf(border.server, 6)];
    const errors: string[] = [];
    border.server.interfaces[0]!.addTap((packet) => {
      const about = packet.quoted?.destinationPort ?? 0;
      if (packet.protocol === 58) errors.push(`${about} at ${Math.round(border.world.nowMicros / SECOND)}`);
      if (packet.protocol === 58) expect([packet.icmpType, packet.icmpCode]).toEqual([1, 1]);
    });
    const refused = dial(border.server.platform(), inner, 80);
    border.wait(6_100_000);
    expect(errors).toEqual(['80 at 6']);
    expect(refused.events).toEqual(['unreachable']);
    // Both ends dial: the connection opens by crossing SYNs (REC-31).
    const [left, right] = [
      dial(border.server.platform(), inner, 4_000, 4_001),
      dial(border.inner.platform(), server, 4_001, 4_000),
    ];
    border.wait(20 * SECOND);
    expect([left.events, right.events]).toEqual([['connected'], ['connected']]);
    // Those about the SYN sent again after 1 and 3 s; none about the other connection.
    expect(errors).toEqual(['80 at 6', '80 at 7', '80 at 9']);
  });

  it('RFC 6092 REC-10, REC-18: errors about a session get in, others do not', () => {
    const border = new Border({ firewall: 'linux' });
    const { socket } = border.socket(border.inner, 5_000);
    const errors: string[] = [];
    border.inner.interfaces[0]!.addTap(({ protocol, icmpType, icmpCode }) => {
      if (protocol === 58) errors.push(`${icmpType}/${icmpCode}`);
    });
    border.wait();
    socket.send(bytesOf('nobody there'), { address: addressOf(border.server, 6), port: 99 });
    border.wait();
    expect(errors).toEqual(['1/4']);
    // The answer to a datagram that was never sent.
    const forged = { address: addressOf(border.inner, 6), port: 5_001 };
    border.server.sendPacket(icmpAbout(border, forged.address));
    border.wait();
    expect([errors.length, border.drops]).toEqual([1, ['firewallIcmp']]);
  });

  it('RFC 6092 REC-5, REC-7: what has no place outside stays inside', () => {
    const border = new Border({ firewall: 'linux' });
    const { socket } = border.socket(border.inner, 5_000);
    border.wait();
    socket.send(bytesOf('x'), { address: 'fd12::1', port: 9 });
    border.inner.interfaces[0]!.addAddress('2001:db8:ffff::1');
    const foreign = border.inner
      .platform()
      .bindUdp({ address: '2001:db8:ffff::1', port: 5 }, { onMessage: () => undefined });
    border.wait();
    foreign.send(bytesOf('x'), { address: addressOf(border.server, 6), port: 9 });
    border.wait();
    expect(border.drops).toEqual(['outOfScope', 'badSource']);
  });

  it('a reboot of the router forgets all sessions', () => {
    const border = new Border({ firewall: 'linux' });
    const accepted: Recorder[] = [];
    listen(border.server.platform(), 80, accepted);
    dial(border.inner.platform(), addressOf(border.server, 6), 80);
    border.wait();
    border.home.nat.reboot();
    accepted[0]!.connection!.write(bytesOf('still there?'));
    border.wait();
    expect(border.drops[0]).toBe('firewallNoState');
  });

  it.each([
    [() => firewallBehaviour('none' as never), "there is no firewall 'none'; there are simple, strict, linux"],
    [() => firewallBehaviour('linux', { hairpin: 'off' }), 'so hairpin cannot be changed'],
    [() => firewallBehaviour('linux', { udpMappingMicros: 0 }), 'udpMappingMicros'],
    [() => nat64Behaviour('symmetric'), "mapping is 'addressAndPortDependent', but that of NAT64"],
    [() => new Border({ nat64: 'fullCone', nat64Prefix: '64:ff9b::/64' }), "'64:ff9b::/64' is no prefix for NAT64"],
    [() => new Border({ translation: 'prefix', prefix: 'fd00::/64' }), 'NPTv6 needs two IPv6 prefixes of one length'],
    [() => new Border({ prefix: '10.0.0.0/8' }), "ipv6.prefix '10.0.0.0/8' is a network of IPv4"],
  ])('bad options are refused: %#', (make, text) => {
    expect(make).toThrow(text);
  });
});

function icmpAbout(border: Border, source: string): Packet {
  const own = parseAddress(addressOf(border.server, 6));
  const quoted = {
    ...anyPacket(),
    source: parseAddress(source),
    sourcePort: 5_001,
    destination: own,
    destinationPort: 9,
  };
  return { ...anyPacket(), protocol: 58, source: own, destination: quoted.source, icmpType: 1, icmpCode: 4, quoted };
}

function anyPacket(): Packet {
  const bytes = new Uint8Array(0);
  return {
    ...{
      protocol: 17,
      source: '::',
      destination: '::',
      sourcePort: 0,
      destinationPort: 0,
      payload: bytes,
      sizeBytes: 48,
    },
    ...{ timeToLive: 64, identification: 0, ecn: 0, flags: 0, sequence: 0, acknowledgment: 0, window: 0 },
    ...{ segmentSizeMax: 0, windowShift: -1, sackPermitted: false, sackEdges: undefined, icmpType: 0, icmpCode: 0 },
    ...{ nextHopMtu: 0, quoted: undefined, origin: -1, damaged: false, payloadHash: 0 },
  };
}

describe('NPTv6', () => {
  const example = new PrefixTranslation(parsePrefix('fd01:203:405::/48'), parsePrefix('2001:db8:1::/48'));

  it('RFC 6296 section 3.6: the worked example', () => {
    expect(example.outward('fd01:203:405:1::1234')).toBe('2001:db8:1:d550::1234');
    expect(example.inward('2001:db8:1:d550::1234')).toBe('fd01:203:405:1::1234');
  });

  it('RFC 6296 section 3.4: a subnet of all ones cannot be translated', () => {
    expect(example.outward('fd01:203:405:ffff::1')).toBeUndefined();
    expect(example.outward('fd01:203:406::1')).toBeUndefined();
  });

  it('RFC 6296 section 3.5: prefixes longer than /48 change the first word of the host that is not all ones', () => {
    const longer = new PrefixTranslation(parsePrefix('fd01:203:405:1::/64'), parsePrefix('2001:db8:1:2::/64'));
    for (const address of ['fd01:203:405:1::1', 'fd01:203:405:1:ffff::1', 'fd01:203:405:1:ffff:ffff:ffff:1']) {
      expect(longer.inward(longer.outward(address)!)).toBe(address);
    }
    expect(longer.outward('fd01:203:405:1:ffff::1')).toMatch(/^2001:db8:1:2:ffff:/);
    expect(longer.outward('fd01:203:405:1:ffff:ffff:ffff:ffff')).toBeUndefined();
  });

  it('RFC 6296 section 2.6: a packet keeps its checksum', () => {
    const border = new Border({ translation: 'prefix' });
    const sums: number[] = [];
    const checksum = (packet: Readonly<Packet>): void => {
      const bytes = encodePacket(packet)[0]!;
      if (packet.protocol === 17) sums.push((bytes[46]! << 8) | bytes[47]!);
    };
    const server = border.socket(border.server, 80);
    border.inner.interfaces[0]!.addTap(checksum);
    border.server.interfaces[0]!.addTap(checksum);
    const { socket, got } = border.socket(border.inner, 5_000);
    border.wait();
    socket.send(bytesOf('out'), { address: addressOf(border.server, 6), port: 80 });
    border.wait();
    const [seen] = server.got;
    expect(addressOf(border.inner, 6)).toBe('fd00::2');
    // fd00 and 2001:db8:1 sum up to 0xcf47 less than each other, so subnet 0 becomes that one.
    expect(seen).toMatch(/^out 2001:db8:1:[0-9a-f]+::2 5000$/);
    server.socket.send(bytesOf('back'), { address: seen!.split(' ')[1]!, port: 5_000 });
    border.wait();
    expect(got).toEqual([`back ${addressOf(border.server, 6)} 80`]);
    expect([sums[0] === sums[1], sums[2] === sums[3], sums.length]).toEqual([true, true, 4]);
  });
});

describe('masquerade (NAT66)', () => {
  it('all inner hosts have the address of the router, and ports of its own', () => {
    const border = new Border({ translation: 'portRestricted' });
    const second = border.home.host('second');
    const server = border.socket(border.server, 80);
    const sockets = [border.inner, second].map((host) => border.socket(host, 5_000));
    border.wait();
    for (const { socket } of sockets) socket.send(bytesOf('out'), { address: addressOf(border.server, 6), port: 80 });
    border.wait();
    const external = formatAddress(border.home.gateway6!.parts.masquerade!.external);
    const seen = server.got.map((each) => each.split(' '));
    expect(seen.map(([, address]) => address)).toEqual([external, external]);
    expect(new Set(seen.map(([, , port]) => port)).size).toBe(2);
    expect(border.home.nat.mappings().map(({ inner }) => inner)).toEqual(['[fd00::2]:5000', '[fd00::3]:5000']);
    server.socket.send(bytesOf('back'), { address: external, port: Number(seen[0]![2]) });
    border.socket(border.other, 80);
    border.wait();
    expect(sockets.map(({ got }) => got.length)).toEqual([1, 0]);
  });

  it('drops what has no mapping, and what the filter keeps out', () => {
    const border = new Border({ translation: natBehaviour('portRestricted', { hairpin: 'externalSource' }) });
    const external = formatAddress(border.home.gateway6!.parts.masquerade!.external);
    const [inner, stranger] = [border.socket(border.inner, 5_000), border.socket(border.other, 80)];
    border.wait();
    stranger.socket.send(bytesOf('x'), { address: external, port: 4_444 });
    inner.socket.send(bytesOf('x'), { address: addressOf(border.server, 6), port: 80 });
    border.wait();
    const port = border.home.nat.mappings()[0]!.externalPort;
    stranger.socket.send(bytesOf('x'), { address: external, port });
    border.wait();
    expect(border.drops).toEqual(['natNoMapping', 'natFiltered']);
  });

  it('translates errors back', () => {
    const border = new Border({ translation: 'portRestricted' });
    const closed = dial(border.inner.platform(), addressOf(border.server, 6), 80);
    const nowhere = dial(border.inner.platform(), '2001:db8:0:0:9::9', 80);
    border.wait();
    expect([closed.events, nowhere.events]).toEqual([['refused'], ['unreachable']]);
  });
});

describe('NAT64', () => {
  const mapped = (host: Host): string => formatAddress(parseAddress(`64:ff9b::${addressOf(host, 4)}`));

  it('RFC 6146: a host of IPv6 alone talks TCP and UDP to one of IPv4 alone', () => {
    const border = new Border({ nat64: 'portRestricted' });
    const client = border.home.host('client', { families: 'ipv6' });
    const old = border.internet.host('old', { families: 'ipv4' });
    const accepted: Recorder[] = [];
    listen(old.platform(), 80, accepted);
    const box = border.socket(old, 53);
    const asking = border.socket(client, 5_000);
    const external = formatAddress(border.home.gateway6!.parts.nat64!.external);
    border.wait();
    const dialled = dial(client.platform(), mapped(old), 80);
    asking.socket.send(bytesOf('?'), { address: mapped(old), port: 53 });
    border.wait();
    expect(box.got[0]).toMatch(new RegExp(`^\\? ${external} \\d+$`));
    box.socket.send(bytesOf('!'), { address: external, port: Number(box.got[0]!.split(' ')[2]) });
    dialled.connection!.write(new Uint8Array(200_000));
    border.wait(5 * SECOND);
    expect(asking.got).toEqual([`! ${mapped(old)} 53`]);
    expect([accepted[0]!.bytes.length, accepted[0]!.connection!.remote.address]).toEqual([200_000, external]);
    // The mapping does not depend on the endpoint (section 3.5).
    asking.socket.send(bytesOf('?'), { address: mapped(border.server), port: 53 });
    border.wait();
    const udp = border.home.nat.mappings().filter(({ protocol }) => protocol === 'udp');
    expect(udp.length).toBe(1);
  });

  it('RFC 7915 sections 4.2 and 5.2: errors cross in both directions', () => {
    const border = new Border({ nat64: 'fullCone' });
    const client = border.home.host('client', { families: 'ipv6' });
    const closed = dial(client.platform(), mapped(border.server), 80);
    const nowhere = dial(client.platform(), '64:ff9b::198.18.99.99', 80);
    border.wait();
    expect([closed.events, nowhere.events]).toEqual([['refused'], ['unreachable']]);
    const kinds: string[] = [];
    border.server.interfaces[0]!.addTap(({ protocol, icmpType, icmpCode }) => {
      if (protocol === 1) kinds.push(`${icmpType}/${icmpCode}`);
    });
    const { socket } = border.socket(client, 5_000);
    const server = border.socket(border.server, 80);
    border.wait();
    socket.send(bytesOf('x'), { address: mapped(border.server), port: 80 });
    border.wait();
    socket.close();
    const [, address, port] = server.got[0]!.split(' ');
    server.socket.send(bytesOf('too late'), { address: address!, port: Number(port) });
    border.wait();
    expect(kinds).toEqual(['3/3']);
  });

  it('RFC 7915 section 4: segments that fit IPv4 and not IPv6 are refused in time, datagrams are cut', () => {
    const border = new Border({ nat64: 'fullCone' });
    const client = border.home.host('client', { families: 'ipv6' });
    const received: Recorder[] = [];
    listen(client.platform(), 80, received);
    const box = border.socket(client, 5_000);
    const server = border.socket(border.server, 53);
    border.wait();
    box.socket.send(bytesOf('?'), { address: mapped(border.server), port: 53 });
    border.wait();
    const [, address, port] = server.got[0]!.split(' ');
    // 1,500 bytes of IPv4, 1,520 of IPv6.
    server.socket.send(new Uint8Array(1_472), { address: address!, port: Number(port) });
    border.wait();
    expect(box.got.length).toBe(1);
  });

  it('RFC 6146 section 3.8: two inner hosts reach each other by their outer addresses', () => {
    const border = new Border({ nat64: nat64Behaviour('fullCone') });
    const [one, two] = [border.home.host('one'), border.home.host('two')].map((host) => border.socket(host, 5_000));
    const server = border.socket(border.server, 53);
    border.wait();
    one!.socket.send(bytesOf('?'), { address: mapped(border.server), port: 53 });
    border.wait();
    const [, address, port] = server.got[0]!.split(' ');
    two!.socket.send(bytesOf('hairpin'), { address: `64:ff9b::${address}`, port: Number(port) });
    border.wait();
    expect(one!.got[0]).toMatch(new RegExp(`^hairpin ${formatAddress(parseAddress(`64:ff9b::${address}`))} \\d+$`));
  });

  it('drops what it has no mapping for, and keeps out of the way of the IPv4 NAT beside it', () => {
    const border = new Border({ nat64: 'fullCone' });
    const accepted: Recorder[] = [];
    listen(border.server.platform(), 80, accepted);
    dial(border.inner.platform(), addressOf(border.server, 4), 80);
    const stranger = border.socket(border.other, 80);
    border.wait();
    expect(accepted.length).toBe(1);
    const external = formatAddress(border.home.gateway6!.parts.nat64!.external);
    stranger.socket.send(bytesOf('x'), { address: external, port: 4_444 });
    border.wait();
    expect(border.drops).toEqual(['natNoMapping']);
  });
});
