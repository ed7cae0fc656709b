import { describe, expect, it } from 'vitest';
import { Internet, Lan, PROTOCOL, TCP_FLAG, World, natBehaviour, ratio } from '../../sim/index.ts';
import type { NatBehaviour, Packet } from '../../sim/index.ts';
import { createPacket } from '../../sim/packet.ts';
import { Recorder, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;

/** A connection through a NAT, and a forger outside who knows its addresses and ports, and how far the server's numbers are. */
function aConnection(changes: Partial<NatBehaviour>, options: { loss?: boolean } = {}) {
  const world = new World({ seed: 11, traceRecords: 100_000 });
  const internet = new Internet(
    world,
    options.loss === true ? { link: { delayMicros: 20_000, loss: ratio(3, 100) } } : {},
  );
  const server = internet.host('server');
  const nat = natBehaviour('portRestricted', { tcpSequenceCheck: 'inWindow', ...changes });
  const lan = new Lan(internet, 'home', { nat });
  const inside = lan.host('inside');
  let last: Packet | undefined = undefined;
  server.interfaces[0]!.addTap((packet) => {
    const isOwn = packet.source === server.address && packet.protocol === PROTOCOL.tcp;
    if (isOwn && packet.origin === server.subject) last = { ...packet };
  });
  const accepted: Recorder[] = [];
  listen(server.platform(), 80, accepted);
  const client = dial(inside.platform(), server, 80);
  const wait = (micros = SECOND): void => world.runUntil(world.nowMicros + micros);
  wait();
  /** Sends a segment in the name of the server, `offset` away from the right number. */
  const forge = (flags: number, offset: number): void => {
    const { source, destination, sourcePort, destinationPort, sequence, acknowledgment } = last!;
    const forged = createPacket(PROTOCOL.tcp, source, sourcePort, destination, destinationPort, new Uint8Array(0));
    forged.sizeBytes += 20;
    const next = (sequence + last!.payload.length + ((last!.flags & TCP_FLAG.syn) === 0 ? 0 : 1)) | 0;
    Object.assign(forged, { flags, sequence: (next + offset) | 0, acknowledgment, window: 1_000 });
    server.interfaces[0]!.send(forged);
    wait();
  };
  const drops = (): string[] => {
    const all = world.trace.records().filter(({ kind }) => kind === 'drop');
    return all.map(({ text }) => text.split(' ').at(-1)!);
  };
  return { world, lan, client, accepted, wait, forge, drops };
}

const RESET = TCP_FLAG.rst | TCP_FLAG.ack;

describe('TCP windows in a NAT', () => {
  it('a RST from far outside of the window is dropped; without the check it takes the mapping', () => {
    const checked = aConnection({ tcpReset: 'removes' });
    checked.forge(RESET, 5_000_000);
    checked.forge(RESET, -5_000_000);
    expect(checked.drops()).toEqual(['natTcpWindow', 'natTcpWindow']);
    expect(checked.lan.nat.mappings()).toHaveLength(1);
    const unchecked = aConnection({ tcpReset: 'removes', tcpSequenceCheck: 'off' });
    unchecked.forge(RESET, 5_000_000);
    expect(unchecked.lan.nat.mappings()).toHaveLength(0);
    // The host itself was not deceived: the number is wrong for it as well.
    expect(unchecked.client.events).toEqual(['connected']);
  });

  it('a RST from before what was acknowledged is dropped, the right one passes', () => {
    const { accepted, forge, drops, client, wait } = aConnection({});
    accepted[0]!.connection!.write(new Uint8Array(1_000));
    wait();
    forge(RESET, -500);
    expect(drops()).toEqual(['natTcpWindow']);
    expect(client.events).toEqual(['connected']);
    forge(RESET, 0);
    expect(client.events.at(-1)).toBe('reset');
  });

  it('data and SYN outside of the window are dropped', () => {
    const { forge, drops } = aConnection({});
    forge(TCP_FLAG.ack, 5_000_000);
    forge(TCP_FLAG.syn, 5_000_000);
    expect(drops()).toEqual(['natTcpWindow', 'natTcpWindow']);
  });

  it('an honest connection never notices: megabytes both ways over a lossy link, ends, and the same ports again', () => {
    const { accepted, client, wait, drops } = aConnection({}, { loss: true });
    wait(5 * SECOND);
    const large = new Uint8Array(600_000).map((_unused, index) => index % 253);
    accepted[0]!.connection!.write(large);
    client.connection!.write(large.slice(0, 200_000));
    wait(300 * SECOND);
    expect(Buffer.compare(client.bytes, large)).toBe(0);
    expect(accepted[0]!.bytes.length).toBe(200_000);
    client.connection!.end();
    accepted[0]!.connection!.end();
    wait(60 * SECOND);
    expect(client.events.at(-1)).toBe('closed');
    expect(new Set(drops())).toEqual(new Set(['loss']));
  });

  it('simultaneous open fits, and so does a connection that the NAT forgot and sees in the middle', () => {
    const { lan, client, accepted, wait, drops } = aConnection({ allocation: 'preserving' });
    lan.nat.reboot();
    client.connection!.write(new Uint8Array(100_000));
    wait(10 * SECOND);
    expect(accepted[0]!.bytes.length).toBe(100_000);
    expect(drops()).toEqual([]);
  });
});

describe('what a RST does to the mapping (RFC 5382, RFC 7857 section 2.1)', () => {
  it('removes: gone at once; closing: kept for four minutes', () => {
    const removed = aConnection({ tcpReset: 'removes' });
    removed.client.connection!.abort();
    removed.wait();
    expect(removed.lan.nat.mappings()).toHaveLength(0);
    const kept = aConnection({});
    kept.client.connection!.abort();
    kept.wait(239 * SECOND);
    expect(kept.lan.nat.mappings()).toHaveLength(1);
    kept.wait(2 * SECOND);
    expect(kept.lan.nat.mappings()).toHaveLength(0);
  });
});
