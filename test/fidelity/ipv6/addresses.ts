/** Laws of addresses: text, source and destination selection, names. */
import { isIPv6 } from 'node:net';
import {
  Internet,
  Lan,
  RandomStream,
  World,
  formatAddress,
  namesOf,
  parseAddress,
  tryParseAddress,
} from '../../../sim/index.ts';
import { chooseSource, orderDestinations } from '../../../sim/ipv6/source-address.ts';
import { exactly } from './scene.ts';
import type { Row } from './scene.ts';

/** `count`: texts drawn. */
export function addressLaws(count: number): Row[] {
  return [...textLaws(count), ...sourceLaws(), ...orderLaws(), ...nameLaws()];
}

function textLaws(count: number): Row[] {
  const draw = new RandomStream(1, 'texts');
  let [valid, asNode, asUrl, back] = [0, 0, 0, 0];
  for (let index = 0; index < count; index += 1) {
    const text = Array.from({ length: 6 + draw.below(4) }, () => (draw.below(3) === 0 ? '' : hex(draw))).join(':');
    const address = tryParseAddress(text);
    if ((address !== undefined) === isIPv6(text)) asNode += 1;
    if (address === undefined) continue;
    valid += 1;
    const written = formatAddress(address);
    if (new URL(`http://[${text}]/`).hostname === `[${written}]`) asUrl += 1;
    if (parseAddress(written) === address) back += 1;
  }
  return [
    exactly(`RFC 4291 section 2.2: of ${count} texts those are addresses that Node takes for such`, count, asNode),
    exactly('RFC 5952 section 4: each is written as the URL standard writes it', valid, asUrl),
    exactly('RFC 5952 section 4: what is written is read as the same address', valid, back),
  ];
}

function hex(draw: RandomStream): string {
  return draw.below(0x1_0000).toString(16);
}

/** RFC 6724 section 10.1: destination, candidates, the one to choose. */
const SOURCES: readonly (readonly [
  rule: string,
  destination: string,
  candidates: readonly string[],
  chosen: string,
])[] = [
  ['scope', '2001:db8:1::1', ['2001:db8:3::1', 'fe80::1'], '2001:db8:3::1'],
  ['scope of a group', 'ff05::1', ['2001:db8:3::1', 'fe80::1'], '2001:db8:3::1'],
  ['same address', '2001:db8:1::1', ['2001:db8:2::1', '2001:db8:1::1'], '2001:db8:1::1'],
  ['smaller scope', 'fe80::1', ['2001:db8:1::1', 'fe80::2'], 'fe80::2'],
  ['longest prefix', '2001:db8:1::1', ['2001:db8:3::2', '2001:db8:1::2'], '2001:db8:1::2'],
  [
    'label',
    '2002:c633:6401::1',
    ['2001:db8:1::2', '2002:c633:6401::d5e3:7953:13eb:22e8'],
    '2002:c633:6401::d5e3:7953:13eb:22e8',
  ],
];

function sourceLaws(): Row[] {
  return SOURCES.map(([rule, destination, candidates, chosen]) => {
    const found = chooseSource(candidates.map(parseAddress), parseAddress(destination));
    return exactly(
      `RFC 6724 section 10.1, ${rule}: to ${destination} from ${candidates.join(' or ')}`,
      parseAddress(chosen),
      found,
    );
  });
}

/** RFC 6724 section 10.2: destinations in the wrong order, what the host has, and the right order. */
const ORDERS: readonly (readonly [rule: string, destinations: readonly string[], own: readonly string[]])[] = [
  ['matching scope', ['198.51.100.121', '2001:db8:1::1'], ['2001:db8:1::2', 'fe80::1', '169.254.13.78']],
  ['matching scope', ['2001:db8:1::1', '198.51.100.121'], ['fe80::1', '198.51.100.117']],
  ['higher precedence', ['10.1.2.3', '2001:db8:1::1'], ['2001:db8:1::2', 'fe80::1', '10.1.2.4']],
  ['smaller scope', ['2001:db8:1::1', 'fe80::1'], ['2001:db8:1::2', 'fe80::2']],
  ['longest prefix', ['2001:db8:3ffe::1', '2001:db8:1::1'], ['2001:db8:1::2', '2001:db8:3f44::2', 'fe80::2']],
  ['matching label', ['2001:db8:1::1', '2002:c633:6401::1'], ['2002:c633:6401::2', 'fe80::2']],
  ['higher precedence', ['2002:c633:6401::1', '2001:db8:1::1'], ['2002:c633:6401::2', '2001:db8:1::2', 'fe80::2']],
  ['avoid what cannot be used', ['2001:db8:1::1', '198.51.100.121'], ['198.51.100.117']],
];

function orderLaws(): Row[] {
  return ORDERS.map(([rule, destinations, own]) => {
    const candidates = destinations.map(parseAddress).map((destination) => ({
      destination,
      source: chooseSource(own.map(parseAddress), destination),
    }));
    const found = orderDestinations(candidates).map(({ destination }) => formatAddress(destination));
    return exactly(`RFC 6724 section 10.2, ${rule}: a host with ${own.join(', ')}`, [...destinations].reverse(), found);
  });
}

function nameLaws(): Row[] {
  const world = new World({ seed: 1 });
  const internet = new Internet(world, { prefix6: '2001:db8::/32' });
  const [both, four] = [internet.host('both'), internet.host('four', { families: 'ipv4' })];
  const home = new Lan(internet, 'home', { nat: 'linux', ipv6: { nat64: 'fullCone' } });
  const six = home.host('six', { families: 'ipv6' });
  const names = namesOf(world);
  names.set('old.example', ['192.0.2.33']);
  names.set('new.example', ['192.0.2.34', '2001:db8::34']);
  names.set('odd.example', ['192.0.2.35', '::ffff:192.0.2.35']);
  const ask = (name: string, host: typeof both): readonly string[] => {
    const answer = names.lookup(name, host);
    return 'addresses' in answer ? answer.addresses : [answer.failure];
  };
  return [
    exactly(
      'RFC 6724 section 2: a dual-stack host tries AAAA first',
      ['2001:db8::34', '192.0.2.34'],
      ask('new.example', both),
    ),
    exactly(
      'RFC 6724 section 6 rule 1: a host of IPv4 tries A first',
      ['192.0.2.34', '2001:db8::34'],
      ask('new.example', four),
    ),
    exactly(
      'RFC 6147 section 5.1.6, RFC 6052 section 2.2: an AAAA is made up behind a NAT64',
      ['64:ff9b::c000:221', '192.0.2.33'],
      ask('old.example', six),
    ),
    exactly(
      'RFC 6147 section 5.1.1: none for a name that has one',
      ['2001:db8::34', '192.0.2.34'],
      ask('new.example', six),
    ),
    exactly(
      'RFC 6147 section 5.1.4: one that has IPv4 inside does not count',
      true,
      ask('odd.example', six).includes('64:ff9b::c000:223'),
    ),
    exactly('RFC 6147: and none where there is no NAT64', ['192.0.2.33'], ask('old.example', both)),
  ];
}
