/** Laws of translators: NAT64 (RFC 6146, RFC 7915), NPTv6 (RFC 6296) and a masquerade. */
import { RandomStream, nat64Behaviour, parsePrefix } from '../../../sim/index.ts';
import type { EchoAnswer } from '../../../sim/index.ts';
import { ICMP_CODE, ICMP_TYPE, icmp4For, icmp6For } from '../../../sim/icmp.ts';
import type { IcmpKind } from '../../../sim/icmp.ts';
import { PrefixTranslation } from '../../../sim/ipv6/prefix-translation.ts';
import { textOf, wordsOf } from '../../../sim/ipv6/text.ts';
import { SECOND, Scene, addressOf, exactly, mapped } from './scene.ts';
import type { Box, Row } from './scene.ts';

/** `count`: addresses drawn. */
export function translatorLaws(count: number): Row[] {
  return [...mappingLaws(), ...errorLaws(), ...sizeLaws(), ...synLaws(), ...prefixLaws(count), masqueradeLaw()];
}

/** Opens a mapping from port 5,000 of the inner host; gives where it is seen. */
function opened(scene: Scene, inner: Box, server: Box): { readonly address: string; readonly port: number } {
  scene.send(inner, mapped(scene.server), 53);
  const [address = '', port = ''] = server.got.at(-1)!.from.split(' ');
  return { address, port: Number(port) };
}

function mappingLaws(): Row[] {
  const scene = new Scene({ nat64: 'restrictedCone' });
  const [inner, server] = [scene.box(scene.inner, 5_000), scene.box(scene.server, 53)];
  const seen = opened(scene, inner, server);
  for (let port = 1_000; port < 1_050; port += 1) scene.send(inner, mapped(scene.other), port);
  const mappings = scene.home.nat.mappings();
  const life = [299, 300, 301].findLast((seconds) => {
    const each = new Scene({ nat64: 'restrictedCone' });
    const [from, to] = [each.box(each.inner, 5_000), each.box(each.server, 53)];
    const { address, port } = opened(each, from, to);
    each.wait(seconds * SECOND - 250_000);
    each.send(to, address, port);
    return from.got.length === 1;
  });
  scene.send(server, seen.address, seen.port);
  const { tcpEstablishedMicros, tcpTransitoryMicros } = nat64Behaviour();
  const answers: string[] = [];
  const onAnswer = ({ kind, from }: EchoAnswer): unknown => answers.push(`${kind} ${from}`);
  scene.inner.echo.ping(mapped(scene.server), { identifier: 7, onAnswer });
  scene.wait();
  return [
    exactly(
      'RFC 6146 section 3.5.3: a ping from inside is answered under the prefix',
      `reply ${mapped(scene.server)}`,
      answers,
    ),
    exactly('RFC 6146 section 3.5: one mapping, whatever the destination (51 of them)', 1, mappings.length),
    exactly(
      'RFC 6146 section 3.5.1: who answers is seen under the prefix',
      `${mapped(scene.server)} 53`,
      inner.got[0]!.from,
    ),
    exactly('RFC 6146 section 4: UDP lives for so many seconds', 300, life),
    exactly(
      'RFC 6146 section 4: TCP_EST and TCP_TRANS in seconds',
      [7_440, 240],
      [tcpEstablishedMicros / SECOND, tcpTransitoryMicros / SECOND],
    ),
  ];
}

function errorLaws(): Row[] {
  const out = [
    [2, 0],
    [1, 0],
    [1, 1],
    [1, 3],
    [1, 4],
    [3, 0],
    [4, 0],
  ].map(([type, code]) => `${type}/${code}:${kind(icmp4For(type!, code!))}`);
  const { unreachable, timeExceeded } = ICMP_TYPE;
  const back = [ICMP_CODE.netUnreachable, ICMP_CODE.hostUnreachable, ICMP_CODE.portUnreachable, 4, 13]
    .map((code) => `3/${code}:${kind(icmp6For(unreachable, code))}`)
    .concat(`11/0:${kind(icmp6For(timeExceeded, 0))}`);
  const scene = new Scene({ nat64: 'fullCone' });
  const inner = scene.box(scene.inner, 5_000);
  const errors = scene.errorsAt(scene.inner);
  scene.send(inner, mapped(scene.server), 99);
  scene.send(inner, '64:ff9b::198.18.77.77', 99);
  return [
    exactly(
      'RFC 7915 section 5.2: ICMPv6 errors in IPv4',
      '2/0:3/4, 1/0:3/1, 1/1:3/13, 1/3:3/1, 1/4:3/3, 3/0:11/0, 4/0:none',
      out.join(', '),
    ),
    exactly(
      'RFC 7915 section 4.2: ICMP errors in IPv6',
      '3/0:1/0, 3/1:1/0, 3/3:1/4, 3/4:2/0, 3/13:1/1, 11/0:3/0',
      back.join(', '),
    ),
    exactly(
      'RFC 7915 section 4.2: what an inner host is told of a closed port and of no route',
      ['1/4', '1/0'],
      errors,
    ),
  ];
}

function kind(found: IcmpKind | undefined): string {
  return found === undefined ? 'none' : `${found.type}/${found.code}`;
}

function sizeLaws(): Row[] {
  const scene = new Scene({ nat64: 'fullCone' });
  const [inner, server] = [scene.box(scene.inner, 5_000), scene.box(scene.server, 53)];
  const sizes: string[] = [];
  scene.inner.interfaces[0]!.addTap(({ sizeBytes, timeToLive }) => sizes.push(`${sizeBytes} ttl ${timeToLive}`));
  scene.server.interfaces[0]!.addTap(({ sizeBytes, timeToLive }) => sizes.push(`${sizeBytes} ttl ${timeToLive}`));
  const { address, port } = opened(scene, inner, server);
  sizes.splice(0);
  scene.send(inner, mapped(scene.server), 53, 100);
  const out = sizes.splice(0);
  // 1,500 bytes of IPv4 are 1,520 of IPv6: the translator cuts them.
  scene.send(server, address, port, 1_472);
  const length = inner.got[0]!.text.length;
  const errors = scene.errorsAt(scene.server);
  segment(scene, port);
  scene.wait();
  return [
    exactly(
      'RFC 7915 section 5.1: a packet loses 20 bytes, and a hop at each router',
      ['148 ttl 64', '128 ttl 62'],
      out,
    ),
    exactly('RFC 7915 section 4: a datagram too long for IPv6 is cut', 1_472, length),
    exactly('RFC 7915 section 4: a segment too long for IPv6 is refused with 20 bytes less', '3/4 mtu 1480', errors[0]),
  ];
}

/** A full segment of IPv4 to a mapping of TCP. */
function segment(scene: Scene, udpPort: number): void {
  const accepted: { write(bytes: Uint8Array): void }[] = [];
  const options = { port: udpPort };
  const quiet = { onData: () => undefined, onClosed: () => undefined };
  scene.server.platform().listenTcp(options, {
    onConnection: (connection) => {
      accepted.push(connection);
      return quiet;
    },
    onError: () => undefined,
  });
  scene.inner.platform().connectTcp({ remote: { address: mapped(scene.server), port: udpPort } }, quiet);
  scene.wait();
  const { localPort, remote } = { localPort: udpPort, remote: scene.home.nat.mappings().at(-1)!.externalPort };
  const { source, destination } = {
    source: scene.server.address,
    destination: scene.home.gateway6!.parts.nat64!.external,
  };
  scene.server.sendPacket({
    ...{
      protocol: 6,
      source,
      destination,
      sourcePort: localPort,
      destinationPort: remote,
      payload: new Uint8Array(1_460),
    },
    ...{
      sizeBytes: 1_500,
      timeToLive: 64,
      identification: 0,
      ecn: 0,
      flags: 16,
      sequence: 0,
      acknowledgment: 0,
      window: 0,
    },
    ...{ segmentSizeMax: 0, windowShift: -1, sackPermitted: false, sackEdges: undefined, icmpType: 0, icmpCode: 0 },
    ...{ nextHopMtu: 0, quoted: undefined, origin: -1, damaged: false, payloadHash: 0 },
  });
}

function synLaws(): Row[] {
  const scene = new Scene({ nat64: nat64Behaviour('restrictedCone') });
  const errors = scene.errorsAt(scene.server);
  const address = scene.home.gateway6!.parts.nat64!.external;
  const text = [24, 16, 8, 0].map((shift) => (Number(address) >>> shift) & 255).join('.');
  const quiet = { onData: () => undefined, onClosed: () => undefined };
  scene.server.platform().connectTcp({ remote: { address: text, port: 4_000 } }, quiet);
  scene.wait(5_900_000);
  const early = errors.length;
  scene.wait(SECOND);
  const law = 'RFC 6146 section 3.5.2.2: a SYN from IPv4 that nobody asked for is answered after 6 s';
  return [exactly(law, [0, '3/13'], [early, errors[0]])];
}

function prefixLaws(count: number): Row[] {
  const example = new PrefixTranslation(parsePrefix('fd01:203:405::/48'), parsePrefix('2001:db8:1::/48'));
  const draw = new RandomStream(1, 'hosts');
  const pairs = [
    example,
    new PrefixTranslation(parsePrefix('fd01:203:405:600::/56'), parsePrefix('2001:db8:1:ff00::/56')),
    new PrefixTranslation(parsePrefix('fd12:3456:789a:1::/64'), parsePrefix('2001:db8:aa:bb::/64')),
  ];
  let [neutral, back] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    const pair = pairs[index % pairs.length]!;
    const words = wordsOf(String(pair.inner.address));
    const host = textOf([
      words[0],
      pair === example ? words[1] | draw.below(0xffff) : words[1],
      draw.uint32() | 0,
      draw.uint32() | 0,
    ]);
    const outer = pair.outward(host);
    if (outer !== undefined && onesOf(outer) === onesOf(host)) neutral += 1;
    if (outer !== undefined && pair.inward(outer) === host) back += 1;
  }
  return [
    exactly(
      'RFC 6296 section 3.6: the worked example',
      '2001:db8:1:d550::1234',
      example.outward('fd01:203:405:1::1234'),
    ),
    exactly(`RFC 6296 section 2.6: of ${count} addresses so many sum up to the same outside`, count, neutral),
    exactly('RFC 6296 section 3.2: and so many come back to what they were', count, back),
    exactly(
      'RFC 6296 section 3.4: a subnet that would become all ones becomes zero, and comes back',
      ['2001:db8:1::1', 'fd01:203:405:2ab0::1'],
      [example.outward('fd01:203:405:2ab0::1'), example.inward('2001:db8:1::1')],
    ),
    exactly(
      'RFC 6296 section 3.4: a subnet of all ones is not translated',
      undefined,
      example.outward('fd01:203:405:ffff::1'),
    ),
  ];
}

/** The ones' complement sum of an address; 0 and all ones are the same number. */
function onesOf(address: string): number {
  const sum = wordsOf(address).reduce((total, word) => total + (word >>> 16) + (word & 0xffff), 0);
  return sum % 0xffff;
}

function masqueradeLaw(): Row {
  const scene = new Scene({ translation: 'portRestricted' });
  const server = scene.box(scene.server, 80);
  const hosts = [scene.inner, scene.home.host('second', { families: 'ipv6' })];
  for (const host of hosts) scene.send(scene.box(host, 5_000), addressOf(scene.server, 6), 80);
  const addresses = new Set(server.got.map(({ from }) => from.split(' ')[0]));
  const ports = new Set(server.got.map(({ from }) => from.split(' ')[1]));
  return exactly(
    'RFC 4787 REQ-1 for a masquerade of IPv6: two hosts, addresses and ports outside',
    [1, 2],
    [addresses.size, ports.size],
  );
}
