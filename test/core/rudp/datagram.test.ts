/** The datagrams of reliable UDP against the table of the specification, in both directions. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONTROL_BYTES_MAX,
  ackRanges,
  decodeDatagram,
  encodeAbort,
  encodeAck,
  encodeChunkHeader,
  encodeHandshake,
  encodePing,
  expandNumber,
} from '../../../impl/core/rudp/datagram.ts';
import { readRudp, writeRudp } from '../../../scenarios/attach/rudp-datagrams.ts';
import { rudpDatagrams } from '../../../spec/grammar/rudp-datagrams.ts';

const uint32 = fc.integer({ min: 1, max: 0xffff_ffff });
const TOKEN = 0xfedc_ba98_7654_3210n;

function encoded(write: (view: DataView) => number): Uint8Array {
  const buffer = new Uint8Array(CONTROL_BYTES_MAX);
  return buffer.slice(0, write(new DataView(buffer.buffer)));
}

describe('datagrams of reliable UDP', () => {
  test('handshakes are written as the table says', () => {
    const limitBytes = 0x0123_4567_89ab;
    for (const [kind, name] of [
      ['synAck', 'SynAck'],
      ['confirm', 'Confirm'],
    ] as const) {
      const bytes = encoded((view) => encodeHandshake(view, { kind, token: TOKEN, identity: 7, echo: 9, limitBytes }));
      expect(readRudp(bytes)).toMatchObject({
        name,
        token: TOKEN,
        numbers: { version: 1, identity: 7, echo: 9, limit: limitBytes },
      });
    }
  });

  test('Data, Fin, Ping and Abort are written as the table says', () => {
    const header = { tag: 0x0102_0304, number: 2 ** 32 + 5, sequence: 2 ** 33 + 6 };
    const fin = encoded((view) => encodeChunkHeader(view, { kind: 'fin', ...header }));
    expect(fin).toEqual(writeRudp('Fin', { tag: 0x0102_0304, number: 5, sequence: 6 }));
    const ping = encoded((view) => encodePing(view, 3, 4));
    expect(ping).toEqual(writeRudp('Ping', { tag: 3, number: 4 }));
    expect(encoded((view) => encodeAbort(view, TOKEN, 3))).toEqual(writeRudp('Abort', { token: TOKEN, tag: 3 }));
  });

  test('every line of the table is read', () => {
    for (const { name } of rudpDatagrams) {
      const echo = name === 'Syn' ? 0 : 2;
      const values = { version: 1, token: TOKEN, identity: 1, echo, limit: 5, tag: 3, number: 4, sequence: 6 };
      const bytes = writeRudp(name, { ...values, chunk: Uint8Array.of(1) }, []);
      expect(decodeDatagram(bytes)?.kind.toLowerCase(), name).toBe(name.toLowerCase());
      expect(decodeDatagram(bytes.slice(0, -1))?.kind ?? 'none', `${name} cut`).toBe('none');
    }
  });

  test('ranges of an Ack come back as they were', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 60_000 })), {
      maxLength: 16,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), gaps, (first, pairs) => {
        const ranges: { first: number; last: number }[] = [];
        let at = 4_000_000;
        for (const [gap, length] of [[0, first + 1] as const, ...pairs]) {
          const last = at - gap;
          ranges.push({ first: last - length + 1, last });
          at = last - length;
        }
        const bytes = encoded((view) => encodeAck(view, { tag: 1, delayMicros: 2, limitBytes: 3, ranges }));
        const read = decodeDatagram(bytes);
        expect(read?.kind).toBe('ack');
        if (read?.kind !== 'ack') return;
        expect(ackRanges(read.view, 4_000_000)).toEqual(ranges);
      }),
    );
  });

  test('any bytes are read without a throw, and what is read can be written again', () => {
    const bytes = fc.tuple(fc.integer({ min: 0x3e, max: 0x49 }), fc.uint8Array({ maxLength: 80 }));
    fc.assert(
      fc.property(bytes, ([kind, rest]) => {
        const datagram = decodeDatagram(Uint8Array.of(kind, ...rest));
        if (datagram === undefined) return;
        expect(readRudp(Uint8Array.of(kind, ...rest))).toBeDefined();
        if (datagram.kind === 'ack') ackRanges(datagram.view, datagram.largest);
      }),
      { numRuns: 2000 },
    );
  });

  test('a number is found again from its low bits and a near one', () => {
    const near = fc.integer({ min: 0, max: 2 ** 45 });
    fc.assert(
      fc.property(near, fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), (base, distance) => {
        const number = base + distance;
        if (number >= 0) expect(expandNumber(number % 2 ** 32, base)).toBe(number);
      }),
    );
    fc.assert(
      fc.property(uint32, (low) => {
        expect(expandNumber(low, 0)).toBe(low);
      }),
    );
  });
});
