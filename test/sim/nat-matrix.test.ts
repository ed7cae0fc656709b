import { describe, expect, it } from 'vitest';
import { libwebrtcPart, ninePart, plainPart } from '../../scenarios/cli/nat-parts.ts';
import { equalCells, sideBySide } from '../../scenarios/cli/nat-text.ts';
import { decodeStun, encodeStun } from '../../scenarios/nat/stun.ts';

describe('the parts of esf nat that need no engine', () => {
  it.each([3, 99])('are as expected with seed %i', (seed) => {
    const parts = [
      plainPart('udp', seed),
      plainPart('tcp', seed),
      ninePart('strict', seed),
      ninePart('session', seed),
      libwebrtcPart(seed),
    ];
    expect(parts.map(({ equal, total }) => `${equal} of ${total}`)).toEqual([
      '49 of 49',
      '49 of 49',
      '81 of 81',
      '81 of 81',
      '100 of 100',
    ]);
    expect(parts.map(({ directPairs }) => directPairs)).toEqual([undefined, undefined, 25, 31, undefined]);
    expect(parts[4]!.summary).toContain('56 of the 56 published ones');
  });

  it('a cell that differs is counted and marked', () => {
    const compared = {
      title: 'two',
      names: ['a', 'b'],
      actual: [
        ['D', '-'],
        ['D', 'D'],
      ],
      expected: [
        ['D', 'D'],
        ['D', 'D'],
      ],
    };
    expect(equalCells(compared)).toEqual([3, 4]);
    const lines = sideBySide(compared);
    expect(lines.filter((line) => line.includes('-!')).length).toBe(1);
    expect(lines.join('').split('!').length).toBe(2);
  });
});

describe('STUN', () => {
  it('goes through its bytes unchanged', () => {
    const request = {
      kind: 'request',
      id: 0xdeadbeef,
      changeAddress: true,
      changePort: false,
      responsePort: 4_000,
    } as const;
    const response = {
      kind: 'response',
      id: 7,
      mapped: { address: '203.0.113.200', port: 65_535 },
      other: { address: '198.18.0.2', port: 3_479 },
    } as const;
    for (const message of [request, response]) expect(decodeStun(encodeStun(message))).toEqual(message);
  });

  it('masks the mapped address as RFC 5769 section 2.2 shows', () => {
    const mapped = { address: '192.0.2.1', port: 32_853 };
    const bytes = encodeStun({ kind: 'response', id: 0, mapped, other: mapped });
    const hex = [...bytes.subarray(20, 32)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    expect(hex).toBe('00 20 00 08 00 01 a1 47 e1 12 a6 43');
  });

  it('takes nothing else', () => {
    const request = encodeStun({ kind: 'request', id: 1, changeAddress: false, changePort: false, responsePort: 0 });
    expect(decodeStun(request.subarray(0, 19))).toBeUndefined();
    expect(decodeStun(new Uint8Array(20))).toBeUndefined();
    request[1] = 0x11;
    expect(decodeStun(request)).toBeUndefined();
  });
});
