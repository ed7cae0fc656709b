/** The end of a run: leaks, escaped exceptions and unfinished business of real engines are seen, on both targets. */
import { describe, expect, test } from 'vitest';
import { CheckFailed, ImplementationCrashed } from '../../scenarios/attach/failures.ts';
import { trackPlatform } from '../../scenarios/attach/tracked-platform.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { endedBy } from '../../scenarios/runner/outcome.ts';
import { runOn } from './on-targets.ts';

describe.each(['sim', 'loopback'] as const)('on %s', (target) => {
  test('a server that is told to close and does not is found by its open sockets', async () => {
    const { error } = await runOn(target, async (stage) => {
      const server = await stage.server();
      await stage.loggedOn(server, 'alice');
      Object.defineProperty(server.engine, 'close', { value: () => undefined });
    });
    expect(error).toBeInstanceOf(CheckFailed);
    expect((error as CheckFailed).details.clause).toBe('ENG-005');
  });

  test('the same is no matter for a case that asks for no invariants', async () => {
    const { error } = await runOn(
      target,
      async (stage) => {
        const server = await stage.server();
        Object.defineProperty(server.engine, 'close', { value: () => undefined });
      },
      false,
    );
    expect(error).toBeUndefined();
  });

  test('an information that is delivered twice breaks the run', async () => {
    const { error } = await runOn(target, async (stage) => {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const info = stage.payload();
      const { customizeController } = server.engine;
      customizeController.send('alice', 9, info);
      // The same once more behind the back of the record: what an engine that repeats itself would do.
      const unrecorded = Object.getPrototypeOf(customizeController) as typeof customizeController;
      unrecorded.send.call(customizeController, 'alice', 9, info);
      await stage.until(() => alice.events.length === 2, 5, 'two informations');
    });
    expect(error).toBeInstanceOf(CheckFailed);
    expect((error as CheckFailed).details.clause).toBe('CUS-002');
  });

  test('a failing body gives its own failure, whatever else is open', async () => {
    const { error, steps } = await runOn(target, async (stage) => {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      void alice.query(null, 4, stage.payload());
      stage.equal(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 9, 3), 'CUS-002', 'planted');
    });
    const { outcome, failure } = endedBy(error);
    expect(outcome).toBe('fail');
    expect(failure).toMatchObject({
      message: 'planted',
      clause: 'CUS-002',
      expected: 'hex 010903',
      actual: 'hex 010203',
    });
    expect(failure?.hexdump).toContain('[02]');
    expect(steps.some((step) => step.label.includes('logon: Succeed'))).toBe(true);
    expect(steps.filter((step) => step.mark === 'bad').map((step) => step.label)).toEqual(['planted']);
    expect(steps.at(-1)?.mark).toBe('bad');
  });

  test('a wait that is not fulfilled names clause, expectation and what was seen', async () => {
    const { error } = await runOn(target, async (stage) => {
      const server = await stage.server();
      await stage.loggedOn(server, 'alice');
      await server.waitFor('someOneDisconnected', { withinSecs: 1, clause: 'HBT-008' });
    });
    expect(endedBy(error)).toMatchObject({
      outcome: 'fail',
      failure: { clause: 'HBT-008', actual: expect.stringContaining('someOneConnected') as string },
    });
  });

  test('a call that fails unexpectedly is a failure of the implementation', async () => {
    const { error } = await runOn(target, async (stage) => {
      const alice = await stage.client('alice');
      await alice.send(null, 1, null);
    });
    expect(endedBy(error)).toMatchObject({
      outcome: 'fail',
      failure: { message: expect.stringContaining('unexpectedly') as string },
    });
  });

  test('a mistake of the scenario is a fault of the harness', async () => {
    const { error } = await runOn(target, async (stage) => {
      await stage.sleep(-1);
    });
    expect(endedBy(error).outcome).toBe('harness-fault');
  });
});

test('a body that waits for nothing on the simulator is a timeout, not a hang', async () => {
  const { error } = await runOn('sim', () => new Promise(() => undefined));
  expect(endedBy(error).outcome).toBe('timeout');
});

test('an exception that escapes an engine is caught at the edge and kept', async () => {
  let escaped: unknown;
  const tracked = trackPlatform(createNodePlatform(), { onEscaped: (error) => (escaped = error) });
  tracked.platform.setTimer(0, () => {
    throw new Error('planted');
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(escaped).toMatchObject({ message: 'planted' });
  expect(endedBy(new ImplementationCrashed('x')).outcome).toBe('crash');
});
