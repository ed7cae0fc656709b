import { describe, expect, it } from 'vitest';
import { GATEWAY, aHome } from './home.ts';
import { PREFER_FAILURE, PcpClient, THIRD_PARTY, filterOption, mapped, readPcp } from './pcp-client.ts';
import type { PcpAnswer, PcpWish } from './pcp-client.ts';

const SECOND = 1_000_000;

/** A client on the first host, one on the second, and functions that ask and give the answer. */
function someClients(...parts: Parameters<typeof aHome>) {
  const home = aHome(...parts);
  const [client, other] = [home.inside, home.beside].map((host) => new PcpClient(host.platform(), GATEWAY));
  home.wait();
  const answerTo = (who: PcpClient, ask: () => void): PcpAnswer | undefined => {
    const before = who.answers.length;
    ask();
    home.wait(SECOND / 10);
    return who.answers[before];
  };
  const ask = (wish: PcpWish): PcpAnswer | undefined => answerTo(client!, () => client!.ask(wish));
  const askOther = (wish: PcpWish): PcpAnswer | undefined => answerTo(other!, () => other!.ask(wish));
  const raw = (...parts: Parameters<PcpClient['raw']>): PcpAnswer | undefined =>
    answerTo(client!, () => client!.raw(...parts));
  return { ...home, client: client!, ask, askOther, raw };
}

describe('PCP MAP (RFC 6887 section 11)', () => {
  it('maps, tells address and port, keeps the nonce, and lets strangers in until the lifetime is over', () => {
    const { ask, external, knock, wait } = someClients();
    const answer = ask({ innerPort: 4_000, externalPort: 7_000, secs: 600, nonce: 77 });
    expect(answer).toMatchObject({ version: 2, opcode: 129, result: 0, secs: 600, nonce: 77, innerPort: 4_000 });
    expect(answer).toMatchObject({ externalPort: 7_000, address: external });
    expect(knock(7_000)).toEqual(['inside']);
    wait(599 * SECOND);
    expect(knock(7_000)).toEqual(['inside']);
    wait(SECOND);
    expect(knock(7_000)).toEqual([]);
  });

  it('15 grants no lifetime below the least and none above the most', () => {
    const { ask } = someClients({ leaseSecsMin: 120, leaseSecsMax: 3_600 });
    expect(ask({ innerPort: 4_000, secs: 1 })!.secs).toBe(120);
    expect(ask({ innerPort: 4_000, secs: 7_200 })!.secs).toBe(3_600);
  });

  it('11.3 only who knows the nonce may renew or delete', () => {
    const { ask, knock } = someClients();
    ask({ innerPort: 4_000, externalPort: 7_000, secs: 600, nonce: 1 });
    expect(ask({ innerPort: 4_000, secs: 600, nonce: 2 })).toMatchObject({ result: 2, secs: 1_800 });
    expect(ask({ innerPort: 4_000, secs: 0, nonce: 2 })).toMatchObject({ result: 2 });
    expect(knock(7_000)).toEqual(['inside']);
    expect(ask({ innerPort: 4_000, secs: 0, nonce: 1 })).toMatchObject({ result: 0, secs: 0 });
    expect(knock(7_000)).toEqual([]);
  });

  it('15 port 0 and protocol 0 delete all that is the client’s own', () => {
    const { ask, knock } = someClients();
    ask({ innerPort: 4_000, externalPort: 7_000, secs: 600 });
    ask({ innerPort: 4_000, externalPort: 7_001, secs: 600, protocol: 6 });
    expect(ask({ innerPort: 0, secs: 0, protocol: 6 })).toMatchObject({ result: 0 });
    expect(knock(7_000)).toEqual(['inside']);
    expect(ask({ innerPort: 0, secs: 0, protocol: 0 })).toMatchObject({ result: 0 });
    expect(knock(7_000)).toEqual([]);
  });

  it('13.2 PREFER_FAILURE: the port asked for or none', () => {
    const { ask, askOther } = someClients();
    ask({ innerPort: 4_000, externalPort: 7_000, secs: 600 });
    expect(askOther({ innerPort: 4_000, externalPort: 7_000, secs: 600 })!.externalPort).not.toBe(7_000);
    const strict = { externalPort: 7_000, secs: 600, options: [PREFER_FAILURE] };
    expect(askOther({ ...strict, innerPort: 4_001 })).toMatchObject({ result: 11, secs: 30 });
    expect(askOther({ ...strict, innerPort: 4_001, externalPort: 7_002 })).toMatchObject({
      result: 0,
      externalPort: 7_002,
    });
  });

  it('13.3 FILTER lets in whom it names, and a filter of length 0 lets everybody in again', () => {
    const { ask, knock } = someClients();
    const wish = { innerPort: 4_000, externalPort: 7_000, secs: 600 };
    expect(ask({ ...wish, options: [filterOption('198.18.0.99', 32)] })!.result).toBe(0);
    expect(knock(7_000)).toEqual([]);
    ask({ ...wish, options: [filterOption('198.18.0.99', 32), filterOption('198.18.0.0', 24, 9)] });
    expect(knock(7_000)).toEqual(['inside']);
    ask({ ...wish, options: [filterOption('198.18.0.0', 24, 10)] });
    expect(knock(7_000)).toEqual([]);
    ask({ ...wish, options: [filterOption('198.18.0.0', 24, 10), filterOption('0.0.0.0', -96)] });
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('11.3 an endpoint that is mapped already keeps the port it is seen at', () => {
    const { ask, inside, internet, wait } = someClients({}, { allocation: 'random' }, 5_000);
    const seen: number[] = [];
    const server = internet.host('server');
    server.platform().bindUdp({ port: 1 }, { onMessage: (_bytes, from) => seen.push(from.port) });
    const socket = inside.platform().bindUdp({ port: 4_000 }, { onMessage: () => undefined });
    wait();
    socket.send(Uint8Array.of(1), { address: server.platform().localAddresses()[0]!, port: 1 });
    wait();
    expect(ask({ innerPort: 4_000, secs: 600 })!.externalPort).toBe(seen[0]);
  });

  it('room: in all and for one host', () => {
    const all = someClients({ entriesMax: 1 });
    all.ask({ innerPort: 4_000, secs: 600 });
    expect(all.askOther({ innerPort: 4_000, secs: 600 })).toMatchObject({ result: 8, secs: 30 });
    const one = someClients({ entriesPerHostMax: 1 });
    one.ask({ innerPort: 4_000, secs: 600 });
    expect(one.ask({ innerPort: 4_001, secs: 600 })).toMatchObject({ result: 10 });
    expect(one.askOther({ innerPort: 4_001, secs: 600 })).toMatchObject({ result: 0 });
  });
});

describe('PCP PEER (RFC 6887 section 12)', () => {
  it('keeps a mapping towards one endpoint for as long as it says, past its ordinary life', () => {
    const home = someClients({}, { udpMappingMicros: 30 * SECOND });
    const { ask, knock, wait } = home;
    const remote = { address: '198.18.0.2', port: 9 };
    const answer = ask({ opcode: 2, innerPort: 4_000, secs: 600, remote });
    expect(answer).toMatchObject({ opcode: 130, result: 0, secs: 600, innerPort: 4_000, externalPort: 4_000 });
    wait(599 * SECOND);
    expect(knock(4_000)).toEqual(['inside']);
    wait(SECOND);
    expect(knock(4_000)).toEqual([]);
  });

  it('and for nobody else: the stranger stays outside', () => {
    const { ask, knock } = someClients();
    ask({ opcode: 2, innerPort: 4_000, secs: 600, remote: { address: '198.18.0.2', port: 10 } });
    expect(knock(4_000)).toEqual([]);
  });
});

describe('what PCP refuses (RFC 6887 sections 7.4 and 8)', () => {
  it('8.2 version, address, opcode, length, protocol; says nothing to an answer', () => {
    const { ask, raw, inside } = someClients();
    const own = inside.platform().localAddresses()[0]!;
    expect(raw([1, 1, 0, 0], 0, own, [])).toMatchObject({ version: 2, opcode: 129, result: 1, secs: 1_800 });
    expect(ask({ innerPort: 4_000, secs: 600, client: '192.168.1.3' })!.result).toBe(12);
    expect(raw([2, 9, 0, 0], 0, own, [])).toMatchObject({ opcode: 137, result: 4 });
    expect(raw([2, 1, 0, 0], 0, own, [1])!.result).toBe(3);
    expect(raw([2, 1, 0, 0], 0, own, [1, 2, 3, 4])!.result).toBe(3);
    expect(ask({ innerPort: 4_000, secs: 600, protocol: 132 })!.result).toBe(9);
    expect(ask({ innerPort: 4_000, secs: 600, protocol: 0 })!.result).toBe(3);
    expect(raw([2, 129, 0, 0], 0, own, [])).toBeUndefined();
  });

  it('7.3 options: THIRD_PARTY and unknown ones that matter; passes over those that do not; torsos', () => {
    const { ask } = someClients();
    const wish = { innerPort: 4_000, secs: 600 };
    expect(ask({ ...wish, options: [THIRD_PARTY] })!.result).toBe(5);
    expect(ask({ ...wish, options: [[100, 0, 0, 0]] })!.result).toBe(5);
    expect(ask({ ...wish, options: [[200, 0, 0, 4, 1, 2, 3, 4]] })!.result).toBe(0);
    expect(ask({ ...wish, options: [[200, 0, 0, 8, 1, 2, 3, 4]] })!.result).toBe(6);
    expect(ask({ ...wish, options: [PREFER_FAILURE, PREFER_FAILURE] })!.result).toBe(6);
    expect(ask({ ...wish, options: [[3, 0, 0, 4, 0, 97, 0, 0]] })!.result).toBe(6);
    expect(ask({ ...wish, options: [[3, 0, 0, 20, 0, 95, 0, 0, ...mapped('0.0.0.0')]] })!.result).toBe(6);
  });

  it('an error repeats the request', () => {
    const { ask } = someClients();
    const { bytes } = ask({ innerPort: 4_000, secs: 600, nonce: 5, options: [THIRD_PARTY] })!;
    expect(bytes).toHaveLength(24 + 36 + 20);
    expect([...bytes.subarray(60)]).toEqual(THIRD_PARTY);
  });

  it('appendix A: who speaks one of the two protocols answers the other in its own words', () => {
    const pmpOnly = someClients({ speaks: ['natPmp'] });
    expect(pmpOnly.ask({ innerPort: 4_000, secs: 600 })).toMatchObject({ version: 0, opcode: 129, result: 1 });
    const pcpOnly = someClients({ speaks: ['pcp'] });
    expect(pcpOnly.raw([0, 0, 0, 0], 0, '192.168.1.2', [])).toMatchObject({ version: 2, opcode: 128, result: 1 });
  });
});

describe('the epoch (RFC 6887 sections 8.5 and 14)', () => {
  it('is announced after a reboot, and a client sees that its mappings are gone', () => {
    const { ask, client, lan, inside, wait, knock } = someClients();
    const heard: PcpAnswer[] = [];
    inside.platform().bindUdp({ port: 5_350 }, { onMessage: (bytes) => heard.push(readPcp(bytes)) });
    wait(100 * SECOND);
    ask({ innerPort: 4_000, externalPort: 7_000, secs: 3_600 });
    wait(100 * SECOND);
    ask({ innerPort: 4_000, secs: 3_600 });
    expect(client.isEpochBroken).toBe(false);
    lan.nat.reboot();
    wait(10 * SECOND);
    expect(heard.find(({ version }) => version === 2)).toMatchObject({ opcode: 128, result: 0, epochSecs: 0 });
    expect(knock(7_000)).toEqual([]);
    client.announce();
    wait();
    expect(client.isEpochBroken).toBe(true);
    expect(client.answers.at(-1)).toMatchObject({ opcode: 128, result: 0, epochSecs: 10 });
    ask({ innerPort: 4_000, externalPort: 7_000, secs: 3_600 });
    expect(knock(7_000)).toEqual(['inside']);
  });
});
