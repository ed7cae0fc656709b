import { describe, expect, it } from 'vitest';
import { GATEWAY, aHome } from './home.ts';
import { NatPmpClient, readNatPmp } from './nat-pmp-client.ts';
import type { NatPmpAnswer } from './nat-pmp-client.ts';

const SECOND = 1_000_000;

/** A client on the first host, and a function that asks and gives the answer. */
function aClient(...parts: Parameters<typeof aHome>) {
  const home = aHome(...parts);
  const client = new NatPmpClient(home.inside.platform(), GATEWAY);
  home.wait();
  const answerTo = (ask: (client: NatPmpClient) => void): NatPmpAnswer | undefined => {
    const before = client.answers.length;
    ask(client);
    home.wait(SECOND / 10);
    return client.answers[before];
  };
  const map = (innerPort: number, externalPort: number, secs: number, protocol: 'udp' | 'tcp' = 'udp') =>
    answerTo((asked) => asked.askPort(protocol, innerPort, externalPort, secs));
  return { ...home, client, answerTo, map };
}

describe('NAT-PMP (RFC 6886)', () => {
  it('3.2 tells the external address, with seconds since the epoch', () => {
    const { answerTo, external, wait } = aClient();
    wait(10 * SECOND);
    const answer = answerTo((client) => client.askAddress());
    expect(answer).toEqual({ version: 0, opcode: 128, result: 0, epochSecs: 11, address: external });
  });

  it('3.3 a mapping lets strangers in until its lifetime is over, whatever passes', () => {
    const { map, knock, wait } = aClient();
    expect(knock(7_000)).toEqual([]);
    expect(map(4_000, 7_000, 60)).toMatchObject({ result: 0, innerPort: 4_000, externalPort: 7_000, secs: 60 });
    expect(knock(7_000)).toEqual(['inside']);
    wait(59 * SECOND);
    expect(knock(7_000)).toEqual(['inside']);
    wait(SECOND);
    expect(knock(7_000)).toEqual([]);
  });

  it('3.3 a renewal keeps the port and starts the lifetime anew', () => {
    const { map, knock, wait } = aClient();
    map(4_000, 7_000, 60);
    wait(50 * SECOND);
    expect(map(4_000, 8_000, 60)).toMatchObject({ externalPort: 7_000, secs: 60 });
    wait(50 * SECOND);
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('3.3 a port that another host has, for either protocol, is not given twice', () => {
    const { map, beside, wait, knock } = aClient();
    const other = new NatPmpClient(beside.platform(), GATEWAY);
    wait();
    map(4_000, 7_000, 600, 'tcp');
    other.askPort('udp', 4_000, 7_000, 600);
    wait();
    const { externalPort } = other.answers[0]!;
    expect(externalPort).not.toBe(7_000);
    expect(knock(externalPort!)).toEqual(['beside']);
  });

  it('3.4 deletes one mapping, or all of a protocol, and again without complaint', () => {
    const { map, knock } = aClient();
    map(4_000, 7_000, 600);
    expect(map(4_000, 0, 0)).toMatchObject({ result: 0, innerPort: 4_000, externalPort: 0, secs: 0 });
    expect(knock(7_000)).toEqual([]);
    expect(map(4_000, 0, 0)).toMatchObject({ result: 0 });
    map(4_000, 7_000, 600);
    map(0, 0, 0, 'tcp');
    expect(knock(7_000)).toEqual(['inside']);
    map(0, 0, 0);
    expect(knock(7_000)).toEqual([]);
  });

  it('3.5 result codes: version, opcode, no room', () => {
    const { answerTo, map } = aClient({ speaks: ['natPmp'], entriesMax: 1 });
    expect(answerTo((client) => client.raw(1, 0))).toMatchObject({ version: 0, opcode: 128, result: 1 });
    expect(answerTo((client) => client.raw(0, 7))).toMatchObject({ opcode: 135, result: 5 });
    expect(answerTo((client) => client.raw(0, 128))).toBeUndefined();
    map(4_000, 0, 600);
    expect(map(4_001, 0, 600)).toMatchObject({ result: 4, externalPort: 0, secs: 0 });
  });

  it('what leaves the inner endpoint leaves by the mapping, also through a symmetric NAT', () => {
    const { map, inside, internet, wait } = aClient(
      {},
      { mapping: 'addressAndPortDependent', allocation: 'random' },
      5_000,
    );
    const seen: number[] = [];
    const server = internet.host('server');
    server.platform().bindUdp({ port: 1 }, { onMessage: (_bytes, from) => seen.push(from.port) });
    const socket = inside.platform().bindUdp({ port: 4_000 }, { onMessage: () => undefined });
    map(4_000, 7_000, 600);
    socket.send(Uint8Array.of(1), { address: server.platform().localAddresses()[0]!, port: 1 });
    wait();
    expect(seen).toEqual([7_000]);
  });

  it('3.2.1 a reboot loses the mappings, begins a new epoch, and is announced ten times within 128 s', () => {
    const { map, knock, wait, lan, inside, external, answerTo } = aClient({ speaks: ['natPmp'] });
    const announced: NatPmpAnswer[] = [];
    inside.platform().bindUdp({ port: 5_350 }, { onMessage: (bytes) => announced.push(readNatPmp(bytes)) });
    wait(100 * SECOND);
    map(4_000, 7_000, 600);
    lan.nat.reboot();
    wait(127 * SECOND);
    expect(announced).toHaveLength(9);
    wait(SECOND);
    expect(announced).toHaveLength(10);
    expect(announced.map(({ epochSecs }) => epochSecs)).toEqual([0, 0, 0, 1, 3, 7, 15, 31, 63, 127]);
    expect(announced[0]).toMatchObject({ version: 0, opcode: 128, result: 0, address: external });
    expect(knock(7_000)).toEqual([]);
    expect(answerTo((client) => client.askAddress())!.epochSecs).toBe(128);
  });
});
