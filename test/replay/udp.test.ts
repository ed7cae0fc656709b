/** Every rule about UDP fires on datagrams that break it, at the packet that does, and on nothing else. */
import { describe, expect, it } from 'vitest';
import { udpRules, type UdpRuleName } from '../../scenarios/replay/udp-rules.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import {
  discoverRequest,
  discoverResponse,
  handshake,
  hellos,
  IDENTITY,
  information,
  inStream,
  judged,
  probe,
  rudp,
  said,
  type Datagram,
} from './udp-script.ts';

const chunk = new Uint8Array([1]);
const open = (...more: Datagram[]): Datagram[] => [...handshake(), ...more];
const talking = (...more: Datagram[]): Datagram[] => [...handshake(), ...hellos(), ...more];
const withLastByte = ({ from, bytes }: Datagram, value: number): Datagram => {
  const changed = bytes.slice();
  changed[changed.length - 1] = value;
  return { from, bytes: changed };
};

/** The last datagram of each breaks the rule. */
const broken: Readonly<Record<UdpRuleName, readonly Datagram[]>> = {
  'discovery-same-id': [discoverRequest(7), discoverResponse(8)],
  'discovery-says-source': [discoverRequest(), discoverResponse(7, 5_003)],
  'discovery-is-a-message': [discoverRequest(), { from: 'b', bytes: new Uint8Array([2, 1, 1]) }],
  'discovery-padding': [withLastByte(discoverRequest(), 1)],
  'discovery-not-amplified': [discoverRequest(), discoverResponse(7, undefined, 200)],
  'rudp-known-datagrams': open({ from: 'b', bytes: new Uint8Array([0x48, 1]) }),
  'rudp-version': [probe, rudp('a', 'Syn', { version: 2 })],
  'rudp-token': [probe, rudp('a', 'Syn'), rudp('b', 'SynAck', { token: 5n })],
  'rudp-identity-not-zero': [probe, rudp('a', 'Syn', { identity: 0 })],
  'rudp-identity-stays': [probe, rudp('a', 'Syn'), rudp('b', 'SynAck'), rudp('a', 'Confirm', { identity: 77 })],
  'rudp-echo': [probe, rudp('a', 'Syn'), rudp('b', 'SynAck', { echo: 78 })],
  'rudp-tag': open(rudp('a', 'Data', { tag: 79, chunk })),
  'rudp-number-once': open(rudp('a', 'Ping', { number: 0 }), rudp('a', 'Data', { number: 0, chunk })),
  'rudp-chunk-not-empty': open(rudp('a', 'Data')),
  'rudp-chunk-cut-the-same': open(
    rudp('a', 'Data', { number: 0, chunk }),
    rudp('a', 'Data', { number: 1, chunk: new Uint8Array([1, 0]) }),
  ),
  'rudp-ack-of-sent': open(rudp('a', 'Ping', { number: 0 }), rudp('b', 'Ack', { largest: 1 })),
  'rudp-ack-ranges': open(rudp('a', 'Ping', { number: 0 }), rudp('b', 'Ack', { largest: 0, before: 1 })),
  'rudp-within-limit': open(rudp('a', 'Data', { chunk: inStream(new Uint8Array(1_100)).subarray(0, 1_050) })),
  'rudp-nothing-behind-fin': open(
    rudp('a', 'Fin', { number: 0, sequence: 0 }),
    rudp('a', 'Data', { number: 1, sequence: 0, chunk }),
  ),
  'rudp-open-before-data': [probe, rudp('a', 'Syn'), rudp('b', 'Data', { chunk })],
  'channel-whole-messages': open(
    rudp('a', 'Data', {
      chunk: inStream(Buffer.from(said('a', 0, MessageType.P2PChannelHello, { StreamID: 4 }).bytes.subarray(17, 40))),
    }),
  ),
  'channel-hello-first': talking(said('a', 2, MessageType.P2PChannelHello, { StreamID: 5 })),
  'channel-answers-hello': open(
    ...hellos().slice(0, 2),
    said('b', 1, MessageType.P2PChannelCount, { StreamID: 4, Count: 1n }),
  ),
  'channel-sender': talking(information('a', 2, { source: 'mallory' })),
  'channel-count': talking(information('a', 2), said('b', 2, MessageType.P2PChannelCount, { StreamID: 4, Count: 2n })),
  'channel-open-before-messages': open(...hellos().slice(0, 2), information('a', 1)),
};

describe('the rules about UDP', () => {
  for (const [name, datagrams] of Object.entries(broken)) {
    it(`${udpRules[name as UdpRuleName]} ${name} names the packet that breaks it`, async () => {
      const { violations } = (await judged(datagrams)).totals;
      expect(violations.map(({ rule, clause, packet }) => ({ rule, clause, packet }))).toContainEqual({
        rule: name,
        clause: udpRules[name as UdpRuleName],
        packet: datagrams.length,
      });
      expect(new Set(violations.map(({ rule }) => rule))).toEqual(new Set([name]));
    });
  }

  it('find nothing in discovery, handshake, messages, acknowledgements and the end of a connection', async () => {
    const acked = rudp('b', 'Ack', { largest: 3, before: 3 });
    const report = await judged([
      discoverRequest(),
      discoverResponse(),
      ...talking(information('a', 2), information('a', 3), acked),
      rudp('a', 'Fin', { number: 4, sequence: 4 }),
      rudp('b', 'Abort'),
    ]);
    expect(report.totals.violations).toEqual([]);
    expect(report.udp.totals).toMatchObject({ flows: 1, datagrams: 15, messages: 6, undecodedBytes: 0 });
  });
});

describe('streams of reliable UDP', () => {
  it('come together from chunks out of order, sent again under new numbers, and cut anywhere', async () => {
    const stream = Buffer.concat([
      said('a', 0, MessageType.P2PChannelHello, { StreamID: 4 }).bytes.subarray(13),
      said('a', 1, MessageType.P2PChannelProbe).bytes.subarray(13),
    ]);
    const cuts = [0, 2, 30, 50, stream.length];
    const chunks = cuts.slice(1).map((end, index) => stream.subarray(cuts[index], end));
    const order = [3, 1, 1, 0, 2, 0];
    const data = order.map((sequence, number) => rudp('a', 'Data', { number, sequence, chunk: chunks[sequence]! }));
    const { udp, totals } = await judged(open(...data, data[0]!));
    expect(totals.violations).toEqual([]);
    expect(udp.totals).toMatchObject({ messages: 2, retransmissions: 2, undecodedBytes: 0 });
  });

  it('say what is missing', async () => {
    const { udp } = await judged(open(rudp('a', 'Data', { number: 0, sequence: 1, chunk })));
    expect(udp.totals.undecodedBytes).toBe(1);
    expect(udp.flows[0]!.notes).toEqual(['The stream of 10.0.0.1:5001 is not complete: 1 bytes wait for others.']);
  });

  it('give up on a message that is announced too long, and count the rest', async () => {
    const long = new Uint8Array([0xff, 0xff, 0xff, 0x7f]);
    const { udp } = await judged(
      open(rudp('a', 'Data', { chunk: long }), rudp('a', 'Data', { number: 1, sequence: 1, chunk })),
    );
    expect(udp.totals.undecodedBytes).toBe(5);
    expect(udp.flows[0]!.notes[0]).toContain('2147483647');
  });
});

describe('flows', () => {
  it('of other protocols are counted and left alone', async () => {
    const { udp, totals } = await judged([{ from: 'a', bytes: new Uint8Array([0x44, 1, 2, 3]) }]);
    expect(udp.totals).toMatchObject({ flows: 0, otherDatagrams: 1 });
    expect(totals.violations).toEqual([]);
  });

  it('show datagrams that fit no line of the tables', async () => {
    const { udp } = await judged([probe, { from: 'b', bytes: new Uint8Array([0x10, 9]) }]);
    expect(udp.totals).toMatchObject({ undecodedDatagrams: 1, undecodedBytes: 2 });
    expect(udp.flows[0]!.notes[0]).toContain('Packet 2, 2 bytes beginning with 1009');
  });

  it('of a peer that begins anew with another identity are two connections', async () => {
    const anew = { identity: IDENTITY.a + 1 };
    const again = [rudp('a', 'Syn', anew), rudp('b', 'SynAck', { identity: 99, echo: IDENTITY.a + 1 })];
    expect((await judged(open(...again))).totals.violations).toEqual([]);
  });
});
