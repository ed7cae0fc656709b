/** Plans of faults: what they draw, what becomes of one, and that a plan which cannot be done says so on every target. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stage } from '../../scenarios/api.ts';
import { applyFaults, faultPlans } from '../../scenarios/attach/fault-plan.ts';
import type { FaultPlan } from '../../scenarios/attach/fault-plan.ts';
import { QUERY_RULES } from '../../scenarios/attach/client-subject.ts';
import { healCore, stallIsNotAllowed } from '../../scenarios/attach/liveness.ts';
import { FAULT_CLASS_NAMES, FAULT_KINDS, FAULT_WORDS } from '../../sim/index.ts';
import type { Fault } from '../../sim/index.ts';
import { onBothTargets, runOn } from './on-targets.ts';

const ACTION = { atMillis: 1_000, forMillis: 2_000, host: 0, strength: 50, choice: 3 };

test('plans draw every class that somebody can be struck by, and no other', () => {
  const names = (options: Parameters<typeof faultPlans>[0]): readonly string[] =>
    Object.keys(fc.sample(faultPlans(options), { seed: 1, numRuns: 1 })[0]!);
  const struck = { hosts: 2, expendable: [1], mobile: [0], natted: [0], storing: [0], tearable: [1] };
  const all = { ...struck, withinMillis: 1_000, lastMillisMax: 1_000 };
  expect(names(all)).toEqual(FAULT_CLASS_NAMES);
  const some = names({ ...all, expendable: [], mobile: [], natted: [], storing: [], tearable: [] });
  expect(FAULT_CLASS_NAMES.filter((name) => !some.includes(name))).toEqual([
    'crash',
    'crashLosingStore',
    'reboot',
    'roaming',
    'addressChange',
    'natReboot',
    'natRenumber',
    'diskFull',
    'diskFailing',
    'diskSlow',
    'crashTearing',
  ]);
  expect(names({ ...all, classes: ['loss', 'reset'] })).toEqual(['loss', 'reset']);
});

describe('a plan', () => {
  const message = async (target: 'sim' | 'loopback', plan: unknown): Promise<unknown> => {
    const { error } = await runOn(target, async (stage) => {
      const alice = await stage.client('alice');
      await applyFaults(stage, plan as FaultPlan, [alice.host], 5_000).done;
    });
    return error;
  };

  test('with a class that the target cannot do is refused, not passed over', async () => {
    expect(await message('sim', { clog: [ACTION] })).toBeUndefined();
    expect(await message('loopback', { clog: null })).toBeUndefined();
    expect(await message('loopback', { clog: [ACTION] })).toMatchObject({
      name: 'HarnessFault',
      message:
        'the plan has "clog", which cannot be done on loopback; draw it with classes: loss, delay, narrowing, pieces, isolation, linkDown, reset, crash, crashLosingStore, reboot',
    });
    expect(await message('sim', { flood: [ACTION] })).toMatchObject({
      message: expect.stringContaining('there is no class of faults "flood"; classes are loss, delay') as string,
    });
    expect(await message('sim', { loss: [{ ...ACTION, host: 7 }] })).toMatchObject({
      message: 'the plan strikes host 7; there are 1',
    });
    // A host on the public network has no NAT.
    expect(await message('sim', { natReboot: [ACTION] })).toMatchObject({
      message: expect.stringContaining('"natReboot" needs a NAT') as string,
    });
  });

  test('ends what it began, unless it is frozen first', async () => {
    const reaches = async (stage: Stage, plan: FaultPlan, untilMillis: number): Promise<boolean> => {
      const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
      const alice = await stage.client('alice');
      await applyFaults(stage, plan, [alice.host, server.host], untilMillis).done;
      return stage.connects(alice.host, server, 2);
    };
    for (const name of ['isolation', 'linkDown', 'partition', 'partitionGroups', 'hold'] as const) {
      for (const [untilMillis, expected] of [
        [500, true],
        [2_000, false],
        [4_000, true],
      ] as const) {
        let got: boolean | undefined;
        const { error } = await runOn('sim', async (stage) => {
          got = await reaches(stage, { [name]: [ACTION] }, untilMillis);
        });
        expect([name, untilMillis, error, got]).toEqual([name, untilMillis, undefined, expected]);
      }
    }
  });
});

test('a process that stands still or has no power makes no calls', async () => {
  const seen: boolean[] = [];
  const { error } = await runOn('sim', async (stage) => {
    const { host } = await stage.client('alice');
    const at = (atMillis: number, forMillis: number) => [{ ...ACTION, atMillis, forMillis }];
    const plan: FaultPlan = { pause: at(1_500, 2_000), suspension: at(2_500, 2_000), reboot: at(5_500, 1_000) };
    const hardship = applyFaults(stage, plan, [host], 8_000);
    for (let second = 1; second <= 7; second += 1) {
      await stage.sleep(1);
      seen.push(hardship.canCall(host));
    }
    await hardship.done;
  });
  expect(error).toBeUndefined();
  expect(seen).toEqual([true, false, false, false, true, false, true]);
});

describe('words that real sockets can do', () => {
  onBothTargets('isolation and a broken link last until both are over', async (stage) => {
    const server = await stage.server({ heartbeatTimeoutInSecs: 0 });
    const alice = await stage.loggedOn(server, 'alice', { heartBeatSpanInSecs: 0, waitResponseTimeoutInSecs: 2 });
    const asks = (): Promise<unknown> => alice.query(null, QUERY_RULES.echo, stage.payload());
    await stage.net.fault({ fault: 'isolate', host: alice.host, cut: 'one' });
    await stage.net.fault({ fault: 'linkDown', link: alice.host });
    await stage.net.fault({ fault: 'heal', cut: 'other' });
    await stage.net.fault({ fault: 'heal', cut: 'one' });
    await stage.rejects(asks(), 'E_TIMEOUT', 'NET', 'a query got through');
    await stage.net.fault({ fault: 'linkUp', link: alice.host });
    await stage.sleep(5);
    await asks();
  });

  onBothTargets('a delay is paid until it is mended, and pieces change no bytes', async (stage) => {
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    const asks = async (): Promise<number> => {
      const before = stage.nowSecs();
      const asked = stage.payload(300);
      stage.equal(await alice.query(null, QUERY_RULES.echo, asked), asked, 'NET', 'the bytes changed');
      return stage.nowSecs() - before;
    };
    await stage.net.fault({ fault: 'delay', link: alice.host, micros: 2_000_000 });
    await stage.net.fault({ fault: 'pieces', host: server.host, bytesMax: 7 });
    stage.took(await asks(), { atLeast: 4 }, 'NET', 'the delay was not paid');
    await stage.net.fault({ fault: 'mend', link: alice.host, condition: 'delay' });
    await stage.net.fault({ fault: 'pieces', host: server.host, bytesMax: 0 });
    // What is under way is not overtaken.
    await stage.sleep(5);
    stage.took(await asks(), { atMost: 2 }, 'NET', 'the delay was not mended');
  });

  onBothTargets('a reset is seen by both ends, and a host that recovers is reached', async (stage) => {
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    await stage.net.fault({ fault: 'reset', host: alice.host });
    await alice.waitFor('connectionInterrupted', { withinSecs: 1 });
    await server.waitFor('someOneDisconnected', { withinSecs: 1 });
    await alice.waitFor('relogonCompleted');
    await stage.net.fault({ fault: 'isolate', host: alice.host });
    await stage.net.fault({ fault: 'loss', link: alice.host, perMille: 900 });
    await healCore(stage, { core: [alice.host], rest: [] });
    await stallIsNotAllowed(stage, [alice.host], server);
  });
});

test('the table says rightly which words real sockets can do', async () => {
  const refused: string[] = [];
  const { error } = await runOn('loopback', async (stage) => {
    const { host } = await stage.client('alice');
    for (const fault of FAULT_KINDS) {
      const words = { fault, host, link: host, nat: host, links: [host], between: [[host], [host]], from: [], to: [] };
      await stage.net.fault(words as unknown as Fault).catch(() => refused.push(fault));
    }
  });
  expect(error).toBeUndefined();
  expect(refused).toEqual(FAULT_KINDS.filter((fault) => FAULT_WORDS[fault].on === 'sim'));
});

test('whoever is not in the core is cut off for good when it is healed', async () => {
  const { error } = await runOn('sim', async (stage) => {
    const server = await stage.server();
    const [alice, bob] = [await stage.loggedOn(server, 'alice'), await stage.loggedOn(server, 'bob')];
    await healCore(stage, { core: [alice.host, server.host], rest: [bob.host] });
    expect([await stage.connects(alice.host, server, 5), await stage.connects(bob.host, server, 5)]).toEqual([
      true,
      false,
    ]);
  });
  expect(error).toBeUndefined();
});

test('a core that is not reached after all is a fault of the harness, not of the engine', async () => {
  const { error } = await runOn('sim', async (stage) => {
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    await stage.net.fault({ fault: 'linkDown', link: server.host });
    await healCore(stage, { core: [alice.host], rest: [] });
    await stallIsNotAllowed(stage, [alice.host], server);
  });
  expect(error).toMatchObject({
    name: 'HarnessFault',
    message: "alice was healed, but cannot reach the server: its stall would be the network's doing",
  });
});
