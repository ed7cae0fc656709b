/** The debugger stops where it says, comes back to the same places, and says when a run is another one. */
import { expect, test } from 'vitest';
import type { Stage } from '../../scenarios/api.ts';
import { runSim } from '../../scenarios/attach/sim-stage.ts';
import { CommandError, carryOut } from '../../scenarios/debug/commands.ts';
import { Debugger, DivergedError } from '../../scenarios/debug/debugger.ts';
import type { RunMaker } from '../../scenarios/debug/live-run.ts';
import { parsePredicate } from '../../scenarios/debug/predicate.ts';
import { RandomStream, firstDivergentStretch } from '../../sim/index.ts';

const OPTIONS = { seed: 3, timeLimitSecs: 60, invariants: true };

async function talk(stage: Stage): Promise<void> {
  const server = await stage.server();
  const alice = await stage.loggedOn(server, 'alice', { network: { nat: 'portRestricted' } });
  const bob = await stage.loggedOn(server, 'bob');
  await alice.query(null, 1, stage.payload());
  await alice.sendCertainly('bob', 2, stage.payload(3_000));
  stage.note('said');
  await bob.query('alice', 1, stage.payload());
}

const maker: RunMaker = { options: OPTIONS, body: talk };

/** The digest after each number of events that a run passes between two steps, from a run that nobody stops. */
async function digestsOfPlainRun(): Promise<{ readonly at: ReadonlyMap<number, string>; readonly digest: string }> {
  const at = new Map<number, string>();
  const result = await runSim(
    {
      ...OPTIONS,
      onWorld: ({ trace }) => {
        const note = (): void => {
          at.set(trace.count, trace.digest());
          trace.callAt(trace.count + 1, note);
        };
        trace.callAt(1, note);
      },
    },
    talk,
  );
  return { at, digest: result.digest! };
}

test('every stop has the digest that a run nobody stops has there, and the end is the same', async () => {
  const plain = await digestsOfPlainRun();
  const debug = await Debugger.start(maker);
  let stops = 0;
  for (; debug.stop().ended === undefined; stops += 1) {
    await debug.next(1);
    const { eventCount, digest } = debug.stop();
    expect([eventCount, digest]).toEqual([eventCount, plain.at.get(eventCount)]);
  }
  expect(debug.stop()).toMatchObject({ ended: 'passed', digest: plain.digest });
  expect(stops).toBeGreaterThan(200);
  expect(debug.runCount).toBe(1);
});

test('any walk forwards and back meets each place with the same digest', async () => {
  const plain = await digestsOfPlainRun();
  const draws = new RandomStream(5, 'walk');
  const debug = await Debugger.start(maker);
  for (let move = 0; move < 40; move += 1) {
    const before = debug.stop();
    const count = 1 + draws.below(60);
    const way = draws.below(3);
    if (way === 0) await debug.next(count);
    else if (way === 1) await debug.back(count);
    else await debug.goTo(draws.below(plain.at.size));
    const after = debug.stop();
    if (after.eventCount > 0) expect(after.digest).toBe(plain.at.get(after.eventCount));
    if (way === 0 && after.ended === undefined)
      expect(after.eventCount).toBeGreaterThanOrEqual(before.eventCount + count);
    if (way === 1) expect(after.eventCount).toBeLessThanOrEqual(Math.max(0, before.eventCount - count));
  }
  await debug.close();
});

test('until stops with the step in which the condition holds for the n-th time, and the way back leads away from there', async () => {
  const debug = await Debugger.start(maker);
  const hit = await debug.until(parsePredicate('kind = tcp-state and state = ESTABLISHED and node = server nth 2'));
  expect(hit).toMatchObject({ kind: 'tcp-state', node: 'server', state: 'ESTABLISHED' });
  const { eventCount, stepFrom } = debug.stop();
  expect(hit!.index).toBeGreaterThanOrEqual(stepFrom);
  expect(hit!.index).toBeLessThan(eventCount);
  const server = debug.state().hosts.find(({ name }) => name === 'server');
  expect(server!.tcp.filter(({ state }) => state === 'ESTABLISHED')).toHaveLength(2);
  await debug.back(1);
  expect(debug.stop().eventCount).toBeLessThanOrEqual(hit!.index);
  expect(await debug.until(parsePredicate('text ~ "no such words"'))).toBeUndefined();
  expect(debug.stop().ended).toBe('passed');
  await debug.close();
});

test('the state names sockets, mappings with their lives, packets under way and what is planned', async () => {
  const debug = await Debugger.start(maker);
  await debug.until(parsePredicate('mapping = created and nat = lan-alice'));
  const { hosts, nats, links, planned } = debug.state();
  expect(hosts.map(({ name }) => name)).toContain('alice');
  expect(nats[0]).toMatchObject({ name: 'lan-alice', mappings: [{ protocol: 'tcp', sessions: [{}] }] });
  expect(nats[0]!.mappings[0]!.leftMicros).toBeGreaterThan(0);
  expect(links.flatMap(({ underWay }) => underWay).map(({ packet }) => packet)).toEqual([
    expect.stringMatching(/^tcp S /),
  ]);
  expect(planned.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^TCP timer of alice/));
  await debug.close();
});

test('a run that depends on what was run before is said to be another one, with the stretch of events', async () => {
  let runs = 0;
  const body = async (stage: Stage): Promise<void> => {
    runs += 1;
    const server = await stage.server();
    const alice = await stage.loggedOn(server, 'alice');
    for (let count = 0; count < 20; count += 1) await alice.query(null, 1, stage.payload(count === 10 ? 8 + runs : 8));
  };
  const first = await runSim(OPTIONS, body);
  const debug = await Debugger.start(
    { options: OPTIONS, body },
    { what: 'the first', checkpoints: first.checkpoints! },
  );
  await debug.goTo(100_000);
  expect(() => debug.stop()).toThrow(DivergedError);
  const second = await runSim(OPTIONS, body);
  const stretch = firstDivergentStretch(first.checkpoints!, second.checkpoints!)!;
  expect(() => debug.stop()).toThrow(`between events ${stretch.fromIndex} and ${stretch.toIndex - 1}`);
  expect(stretch.fromIndex).toBeGreaterThan(0);
  await debug.close();
});

test('commands answer in lines, and what cannot be done is said', async () => {
  const debug = await Debugger.start(maker);
  const text = async (line: string): Promise<string> => [await carryOut(debug, line)].flat().join('\n');
  expect(await text('until flags = SA')).toMatch(/^after event/m);
  expect(await text('view 3')).toMatch(/T-+>/);
  expect(await text('packets')).toMatch(/tcp SA /);
  expect(await text('packet')).toMatch(/^0000 {2}45 00/m);
  expect(await text('state')).toMatch(/SYN-RECEIVED: next 1, 1 unacknowledged/);
  const place = await text('where');
  await text('next 5');
  await text('back 5');
  expect(await text('where')).toBe(place);
  for (const [line, why] of [
    ['jump', 'there is no command "jump"'],
    ['next 0', 'whole number from 1'],
    ['packet 999', 'there is no packet 999; there are'],
    ['until kind = dropp', 'there is no kind "dropp"; there are event'],
  ] as const) {
    await expect(carryOut(debug, line)).rejects.toThrow(CommandError);
    await expect(carryOut(debug, line)).rejects.toThrow(why);
  }
  expect(await carryOut(debug, 'quit')).toBe('quit');
  await debug.close();
});
