/** Whole captures: link types, connections, guesses, gaps, cut-off files, and what the report says of them. */
import { describe, expect, it } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { renderText } from '../../scenarios/replay/render-text.ts';
import { FLAG } from './pcap-writer.ts';
import { aSession, frameOf, logonReply, Session, Timeline, type SessionShape } from './session.ts';

const T = MessageType;
const beat = { type: T.HeartBeat, id: 2 };
const info = (id: number, size = 3): { type: number; id: number; value: unknown } => ({
  type: T.InformationBySend,
  id,
  value: { Content: Buffer.alloc(size, 0x61), InformationType: 1 },
});

describe('link types and address families', () => {
  const shapes: readonly SessionShape[] = [0, 1, 12, 14, 101, 108, 113, 276].map((linkType) => ({ linkType }));
  const ipv6 = ['2001:db8::2', '::1'] as const;
  for (const shape of [...shapes, { linkType: 1, vlans: 1 }, { linkType: 1, vlans: 2 }, { addresses: ipv6 }]) {
    it(`are read: ${JSON.stringify(shape)}`, async () => {
      const report = await aSession(shape).logon().client(beat).close().report();
      expect(report.totals).toMatchObject({
        connections: 1,
        messages: 3,
        undecodedBytes: 0,
        violationCount: 0,
        skippedPackets: {},
      });
      expect(report.connections[0]).toMatchObject({ user: 'alice', ended: 'closed', began: 'syn' });
    });
  }

  it('IPv6 addresses are written short', async () => {
    const report = await aSession({ addresses: ipv6 }).logon().close().report();
    expect(report.connections[0]?.client.endpoint).toBe('[2001:db8::2]:50001');
    expect(report.connections[0]?.server.endpoint).toBe('[::1]:4530');
  });

  it('one that is not known is refused with the list of those that are', async () => {
    const report = await aSession().logon().timeline.report({}, { linkType: 105 });
    expect(report.readFault?.message).toMatch(/link type 105 cannot be read.*Ethernet \(1\)/);
  });
});

describe('connections', () => {
  it('on the same ports one after the other are two', async () => {
    const timeline = new Timeline();
    new Session(timeline).logon().close();
    new Session(timeline, { firstSequence: 90_000 }).logon().client(beat).close();
    const report = await timeline.report();
    expect(report.connections.map((each) => each.client.messages)).toEqual([1, 2]);
    expect(report.totals.violationCount).toBe(0);
  });

  it('are told apart from a repeated SYN', async () => {
    const session = aSession().open();
    session.segment('client', FLAG.syn, new Uint8Array(0), session.sequence.client - 1);
    session.logonRequest().server({ type: T.Logon, id: 1, value: logonReply(0) });
    expect((await session.close().report()).totals).toMatchObject({ connections: 1, messages: 2, violationCount: 0 });
  });

  it('that began before the capture are judged without their beginning', async () => {
    const session = aSession();
    session.clientBytes(Buffer.from('end of a message that was cut')).client(beat).client(info(3)).server(info(9));
    const report = await session.report();
    expect(report.totals).toMatchObject({ messages: 3, undecodedBytes: 29, violationCount: 0 });
    expect(report.connections[0]).toMatchObject({ began: 'midStream', user: 'alice' });
    expect(report.connections[0]?.notes.join(' ')).toContain('began after the connection did');
  });

  it('that began before the capture have their server found by what it says', async () => {
    const session = aSession({ serverPort: 60_000, clientPort: 7_000 });
    const report = await session.server(info(9)).client(beat).report();
    expect(report.connections[0]).toMatchObject({ user: 'alice', server: { endpoint: '10.0.0.1:60000' } });
  });

  it('of other protocols are left out, unless their port is asked for', async () => {
    const shape = { serverPort: 80 };
    const http = (): Session => aSession(shape).open().clientBytes(Buffer.from('GET / HTTP/1.1\r\n\r\n')).close();
    expect((await http().report()).totals).toMatchObject({ connections: 0, otherConnections: 1, violationCount: 0 });
    const report = await http().report({ port: 80 });
    expect(report.totals.violations.map((violation) => violation.rule)).toEqual(['start-token']);
    expect((await aSession().logon().close().report({ port: 80 })).totals).toMatchObject({ connections: 0 });
  });

  it('to a port that already spoke the protocol are judged whatever they say', async () => {
    const timeline = new Timeline();
    new Session(timeline, { serverPort: 80 }).logon().close();
    new Session(timeline, { serverPort: 80, clientPort: 50_002 }).open().clientBytes(Buffer.from('GET /')).close();
    expect((await timeline.report()).totals.violations.map((each) => each.rule)).toEqual(['start-token']);
  });
});

describe('N', () => {
  for (const n of [1, 2, 10, 11, 12, 30, 255]) {
    it(`= ${n} is found from the first message`, async () => {
      const report = await aSession({ userIdBytesMax: n, user: 'a' }).logon().close().report();
      expect(report.connections[0]?.userIdBytesMax).toBe(n);
      expect(report.totals).toMatchObject({ messages: 2, undecodedBytes: 0 });
      expect(report.totals.violationCount).toBe(0);
      expect(report.connections[0]?.notes.some((note) => note.includes('guessed'))).toBe(n !== 11);
    });
  }

  it('is what the user says it is', async () => {
    const report = await aSession({ userIdBytesMax: 20 }).logon().close().report({ userIdBytesMax: 11 });
    expect(report.connections[0]?.userIdBytesMax).toBe(11);
    expect(report.totals.violationCount).toBeGreaterThan(0);
  });

  it('is found when the first message comes one byte at a time', async () => {
    const session = aSession({ userIdBytesMax: 30 }).open();
    const value = { AuthorizedUser: 'FreeUser', Password: null, SystemToken: null, Version: 6 };
    for (const byte of frameOf({ type: T.Logon, id: 1, value }, false, 30)) session.clientBytes(Buffer.from([byte]));
    const report = await session
      .server({ type: T.Logon, id: 1, value: logonReply(0) })
      .close()
      .report();
    expect(report.connections[0]?.userIdBytesMax).toBe(30);
    expect(report.totals).toMatchObject({ messages: 2, violationCount: 0 });
  });
});

describe('damage', () => {
  it('a hole makes the rest of its direction unreadable and nothing else', async () => {
    const session = aSession().logon().client(beat);
    session.sequence.client += 100;
    const report = await session.client(info(3)).server(info(5)).report();
    const [connection] = report.connections;
    expect(connection?.notes.join(' ')).toMatch(/100 bytes of the client are missing .* packet 7/);
    expect(connection?.client).toMatchObject({ messages: 2, undecodedBytes: frameOf(info(3), false).length });
    expect(connection?.server).toMatchObject({ messages: 2, undecodedBytes: 0 });
    expect(report.totals.violationCount).toBe(0);
  });

  it('a cut-off capture is judged up to the cut', async () => {
    const session = aSession()
      .logon()
      .client({ ...beat, type: T.CallClient })
      .client(info(3, 500));
    const report = await session.timeline.report({}, {}, 100);
    expect(report.readFault).toMatchObject({ kind: 'cutOff' });
    expect(report.totals).toMatchObject({ packets: 6, messages: 3 });
    expect(report.totals.violations.map((each) => each.rule)).toEqual(['no-reserved-type']);
    expect(renderText(report, { isQuiet: false })).toMatch(
      /The capture is cut off: .* the 6 packets before that were judged/,
    );
  });

  it('a packet captured only in part is a hole', async () => {
    const session = aSession().logon().client(info(2, 500)).client(info(3));
    const packet = session.timeline.packets[5]!;
    session.timeline.packets[5] = {
      ...packet,
      bytes: packet.bytes.subarray(0, 200),
      originalBytes: packet.bytes.length,
    };
    const report = await session.report();
    expect(report.connections[0]?.client.messages).toBe(1);
    expect(report.connections[0]?.notes.join(' ')).toContain('are missing');
    expect(report.totals.violationCount).toBe(0);
  });

  it('packets without TCP are counted by reason', async () => {
    const timeline = aSession().logon().timeline;
    timeline.packets.push({ timeMicros: timeline.micros, bytes: Buffer.alloc(60) });
    timeline.packets.push({ timeMicros: timeline.micros, bytes: Buffer.alloc(5) });
    expect((await timeline.report()).totals.skippedPackets).toEqual({ 'not IP': 2 });
  });
});

describe('the report', () => {
  it('places a violation by packet, time, direction, offset and bytes', async () => {
    const session = aSession().logon().client(beat).wait(1).client({ type: T.Ack, id: 9, dest: 'bob' });
    const [violation] = (await session.report()).totals.violations;
    expect(violation).toMatchObject({
      clause: 'FRM-012',
      packet: 7,
      direction: 'client to server',
      offset: 106,
      connection: 1,
    });
    expect(violation?.time).toBe('2023-11-14T22:13:21.006000Z');
    expect(violation?.hexdump).toContain('destId = length 3 "bob"');
  });

  it('says in text what is in the object', async () => {
    const report = await aSession().logon().client(beat).client({ type: T.Ack, id: 9 }).report();
    const text = renderText(report, { isQuiet: false });
    expect(text).toContain('FRM-012 broken: Ack with message id 9 answers no request');
    expect(text).toContain('client: 3 messages, 142 bytes: HeartBeat, Logon, Ack');
    expect(text.split('\n').at(-1)).toBe('test.pcap: 1 connection, 4 messages, 193 bytes in 7 packets: 1 violation');
    expect(renderText(report, { isQuiet: true })).toBe(text.split('\n').at(-1));
  });

  it('keeps at most 1,000 violations and counts all', async () => {
    const session = aSession().logon();
    for (let id = 2; id < 1_202; id += 1) session.client({ type: T.CallClient, id });
    const { totals } = await session.report();
    expect(totals.violationCount).toBe(1_200);
    expect(totals.violations.length).toBe(1_000);
  });
});
