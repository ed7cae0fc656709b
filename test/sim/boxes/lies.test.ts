import { describe, expect, it } from 'vitest';
import { Internet, Lan, World } from '../../../sim/index.ts';
import type { GatewayLies, GatewayOptions } from '../../../sim/index.ts';
import { GATEWAY, aHome } from './home.ts';
import { PcpClient } from './pcp-client.ts';

const SECOND = 1_000_000;

/** A gateway that lies, and a client that has asked for port 7000 for an hour. */
function aLiar(lies: GatewayLies, options: GatewayOptions = {}) {
  const home = aHome({ ...options, lies });
  const client = new PcpClient(home.inside.platform(), GATEWAY);
  home.wait();
  const ask = (secs = 3_600): void => client.ask({ innerPort: 4_000, externalPort: 7_000, secs });
  ask();
  home.wait(SECOND / 10);
  return { ...home, client, ask };
}

describe('lies of gateways', () => {
  it('externalAddress: another one is told, and the mapping is where it was not said to be', () => {
    const { client, knock, external } = aLiar({ externalAddress: '10.9.8.7' });
    expect(external).not.toBe('10.9.8.7');
    expect(client.answers[0]).toMatchObject({ result: 0, address: '10.9.8.7', externalPort: 7_000 });
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('no lie: a NAT behind a NAT tells its private external address, and nobody outside gets in', () => {
    const world = new World({ seed: 3 });
    const internet = new Internet(world);
    const outer = new Lan(internet, 'carrier', { nat: 'fullCone', prefix: '100.64.0.0/24' });
    const inner = new Lan(outer, 'home', { nat: 'fullCone', gateway: {} });
    const host = inner.host('inside');
    const client = new PcpClient(host.platform(), GATEWAY);
    world.runUntil(1);
    client.ask({ innerPort: 4_000, externalPort: 7_000, secs: 600 });
    world.runUntil(SECOND);
    expect(client.answers[0]).toMatchObject({ result: 0, address: '100.64.0.2', externalPort: 7_000 });
    expect(outer.nat.mappings()).toEqual([]);
  });

  it('acknowledgesOnly: granted, listed, and not there', () => {
    const { client, knock, lan } = aLiar({ acknowledgesOnly: true });
    expect(client.answers[0]).toMatchObject({ result: 0, secs: 3_600, externalPort: 7_000 });
    expect(lan.gateway!.leases()).toHaveLength(1);
    expect(knock(7_000)).toEqual([]);
    expect(lan.nat.mappings()).toEqual([]);
  });

  it('leaseEndsAfterMicros: gone after 60 s of an hour, back with a renewal', () => {
    const { client, knock, wait, ask } = aLiar({ leaseEndsAfterMicros: 60 * SECOND });
    expect(client.answers[0]!.secs).toBe(3_600);
    wait(58 * SECOND);
    expect(knock(7_000)).toEqual(['inside']);
    wait(2 * SECOND);
    expect(knock(7_000)).toEqual([]);
    ask();
    wait();
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('leaseNeverEnds: still open a day after its end', () => {
    const { knock, wait } = aLiar({ leaseNeverEnds: true });
    wait(20 * 3_600 * SECOND);
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('epochResetsEverySecs: a client must think all is lost, and nothing is', () => {
    const { client, knock, wait, ask } = aLiar({ epochResetsEverySecs: 100 });
    wait(150 * SECOND);
    ask();
    wait();
    expect(client.answers.map(({ epochSecs }) => epochSecs)).toEqual([1, 51]);
    expect(client.isEpochBroken).toBe(true);
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('epochSurvivesReboot: all is lost, and a client must think nothing is', () => {
    const { client, knock, wait, lan } = aLiar({ epochSurvivesReboot: true });
    wait(100 * SECOND);
    lan.nat.reboot();
    client.announce();
    wait();
    expect(client.isEpochBroken).toBe(false);
    expect(knock(7_000)).toEqual([]);
  });

  it('neverAnswers: silence, although it was done', () => {
    const { client, knock } = aLiar({ neverAnswers: true });
    expect(client.answers).toEqual([]);
    expect(knock(7_000)).toEqual(['inside']);
  });

  it('answerDelayMicros: the answer comes that much later', () => {
    const { client, wait } = aLiar({ answerDelayMicros: 2 * SECOND });
    wait(1_890_000);
    expect(client.answers).toHaveLength(0);
    wait(20_000);
    expect(client.answers).toHaveLength(1);
  });

  it('a crashed gateway answers nobody while the NAT goes on, and answers again after a restart', () => {
    const { client, lan, knock, wait, ask } = aLiar({});
    lan.gateway!.host.crash();
    ask();
    wait();
    expect(client.answers).toHaveLength(1);
    expect(knock(7_000)).toEqual(['inside']);
    lan.gateway!.host.restart();
    wait();
    ask();
    wait();
    expect(client.answers).toHaveLength(2);
  });

  it('options that make no sense are named', () => {
    expect(() => aHome({ lies: { leaseNeverEnds: true, leaseEndsAfterMicros: 1 } })).toThrow('contradict each other');
    expect(() => aHome({ leaseSecsMax: 0 })).toThrow('leaseSecsMax is 0');
    expect(() => aHome({ lies: { externalAddress: 'home' } })).toThrow("'home' is no IP address");
  });
});
