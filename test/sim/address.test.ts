/** Addresses of both families as text, as networks and as keys. Node's own parser is the judge of what is an address. */
import { isIPv6 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { RandomStream, formatAddress, parseAddress, parsePrefix, tryParseAddress } from '../../sim/index.ts';
import { commonLength, formatEndpoint, prefixHolds, unmapped } from '../../sim/address.ts';
import { textOf } from '../../sim/ipv6/text.ts';

describe('IPv6 addresses', () => {
  it.each([
    // RFC 4291 section 2.2.
    ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcd:ef01:2345:6789:abcd:ef01:2345:6789'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['FF01:0:0:0:0:0:0:101', 'ff01::101'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:FFFF:129.144.52.38', '::ffff:129.144.52.38'],
    ['::13.1.68.3', '::d01:4403'],
    // RFC 5952 sections 4.1, 4.2.2, 4.2.3 and 5.
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('RFC 4291, RFC 5952: %s is written %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text))).toBe(canonical);
  });

  it.each([
    '1:2:3:4:5:6:7:8::',
    '::1::',
    ':1',
    '1:2:3:4:5:6:7',
    '12345::',
    '::1.2.3',
    '::1.2.3.256',
    '1.2.3.4::',
    ':::',
  ])('%s is none', (text) => {
    expect(isIPv6(text)).toBe(false);
    expect(tryParseAddress(text)).toBeUndefined();
    expect(() => parseAddress(text)).toThrow('is no IP address');
  });

  it('RFC 4007: a zone id is refused by name', () => {
    expect(() => parseAddress('fe80::1%eth0')).toThrow("'fe80::1%eth0' has a zone id");
  });

  it('every text drawn is read as Node reads it, and written in one way only', () => {
    const draw = new RandomStream(1, 'texts');
    let valid = 0;
    for (let round = 0; round < 4_000; round += 1) {
      const groups = Array.from({ length: 6 + draw.below(4) }, () =>
        draw.below(3) === 0 ? '' : draw.below(0x1_0000).toString(16),
      );
      const text = groups.join(':');
      expect(tryParseAddress(text) !== undefined, text).toBe(isIPv6(text));
      const address = tryParseAddress(text);
      if (address === undefined) continue;
      valid += 1;
      expect(parseAddress(formatAddress(address))).toBe(address);
      // The URL parser writes hosts by the same rule (its section on IPv6 serializing).
      if (!text.startsWith('::ffff')) expect(new URL(`http://[${text}]/`).hostname).toBe(`[${formatAddress(address)}]`);
    }
    expect(valid).toBeGreaterThan(200);
  });

  it('equal addresses are equal keys, whatever was written', () => {
    const keys = new Map([[parseAddress('2001:DB8::A'), 1]]);
    expect(keys.get(parseAddress('2001:db8:0::0:a'))).toBe(1);
    expect(textOf([0x2001_0db8, 0, 0, 10])).toBe('2001:db8::a');
  });

  it('RFC 4291 section 2.5.5.2: an IPv4-mapped address is that of IPv4', () => {
    expect(unmapped(parseAddress('::ffff:192.0.2.1'))).toBe(parseAddress('192.0.2.1'));
    expect(unmapped(parseAddress('::ffff:c000:201'))).toBe(parseAddress('192.0.2.1'));
    expect(unmapped(parseAddress('2001:db8::1'))).toBe('2001:db8::1');
  });
});

describe('networks', () => {
  it.each([
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8:0:8000::/49', '2001:db8:0:ffff::', true],
    ['2001:db8:0:8000::/49', '2001:db8:0:7fff::', false],
    ['::/0', 'fe80::1', true],
    ['::1/128', '::1', true],
    ['::1/128', '::2', false],
    ['::/0', '192.0.2.1', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.0/25', '192.0.2.127', true],
    ['192.0.2.0/25', '192.0.2.128', false],
  ])('%s holds %s: %s', (prefix, address, holds) => {
    expect(prefixHolds(parsePrefix(prefix), parseAddress(address))).toBe(holds);
  });

  it('the bits behind a prefix are cleared', () => {
    expect(parsePrefix('2001:db8:1:2:3::/48')).toEqual({ address: '2001:db8:1::', length: 48 });
  });

  it.each(['2001:db8::/129', '2001:db8::', '192.0.2.0/33', '::/-1'])('%s is none', (text) => {
    expect(() => parsePrefix(text)).toThrow('is no network');
  });

  it('RFC 6724 section 2.2: the common prefix is counted in bits', () => {
    expect(commonLength('2001:db8::1', '2001:db8::2')).toBe(126);
    expect(commonLength('::', '8000::')).toBe(0);
    expect(commonLength('::1', '::1')).toBe(128);
  });

  it('an endpoint of IPv6 has brackets (RFC 3986 section 3.2.2)', () => {
    expect(formatEndpoint(parseAddress('2001:db8::1'), 80)).toBe('[2001:db8::1]:80');
    expect(formatEndpoint(parseAddress('192.0.2.1'), 80)).toBe('192.0.2.1:80');
  });
});
