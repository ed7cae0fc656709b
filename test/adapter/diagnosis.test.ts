/** Every way an adapter can be broken gets its own diagnosis, and nothing hangs. Chapter 20, section 7. */
import { describe, expect, test } from 'vitest';
import { Adapter, AdapterFailure } from '../../scenarios/attach/exec-adapter.ts';
import { AdapterPool, RESTARTS_MAX, RestartsUsedUp } from '../../scenarios/attach/exec-pool.ts';
import { fakeOptions } from './fakes.ts';

/** Drives a short session that touches what the modes break; gives the failure it ends with. */
async function failureOf(mode: string): Promise<AdapterFailure> {
  // Only one of them is about waiting in vain.
  const options = { ...fakeOptions(mode), timeoutFactor: mode === 'never-answers' ? 0.25 : 2 };
  const pool = new AdapterPool(options);
  const noticed: AdapterFailure[] = [];
  try {
    await pool.open();
    const adapter = await pool.take();
    adapter.watch('a', () => undefined);
    await adapter.call('open', { inst: 'a', case: 'X', config: {} });
    await adapter.call('connected', { inst: 'a' });
    await adapter.call('encode', { contract: 'X', value: { hex: 'abcd' } });
    await adapter.call('close', { inst: 'a' });
    await adapter.call('decode', { contract: 'X', hex: '00' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await adapter.call('decode', { contract: 'X', hex: '00' });
  } catch (error) {
    if (error instanceof AdapterFailure) noticed.push(error);
    else throw error;
  } finally {
    await pool.close();
  }
  expect(noticed, 'the fault stayed unnoticed').toHaveLength(1);
  return noticed[0]!;
}

describe('a broken adapter is diagnosed', () => {
  const cases: readonly (readonly [mode: string, outcome: AdapterFailure['outcome'], message: RegExp])[] = [
    ['exits-at-once', 'crash', /ended with exit code 7 while hello waited/],
    ['prints-a-banner', 'adapter-fault', /standard output is for the protocol only.*"Acme adapter 1\.0 starting up"/],
    ['prints-binary', 'adapter-fault', /standard output.*hex fffe41/],
    ['never-answers', 'timeout', /no reply to hello within 2\.5 s/],
    ['answers-unknown-id', 'adapter-fault', /a reply to id 1002, which was never asked/],
    ['answers-twice', 'adapter-fault', /a reply to id 2, which was answered already/],
    [
      'two-kinds',
      'adapter-fault',
      /exactly one of ok, failed, unsupported, fault, but this has ok and unsupported and fault/,
    ],
    ['no-kind', 'adapter-fault', /exactly one of .* this has none/],
    ['ok-to-nonsense', 'adapter-fault', /answered ok to the verb x-probe-[0-9a-f]+, which does not exist/],
    ['protocol-as-text', 'adapter-fault', /ok reply to hello is malformed: member "protocol" must be integer, not "1"/],
    ['other-protocol', 'adapter-fault', /speaks protocol 2, this harness speaks 1/],
    ['misspelt-feature', 'adapter-fault', /member "features\[1\]" must be one of .*, not "heart-beat"/],
    ['no-concurrency', 'adapter-fault', /member "maxConcurrency" must be at least 1, not 0/],
    ['uppercase-hex', 'adapter-fault', /ok reply to encode is malformed: member "hex" must be lowercase hex/],
    ['malformed-event', 'adapter-fault', /event information is malformed: member "info" must be lowercase hex.*"0A"/],
    ['unheard-of-event', 'adapter-fault', /there is no event "connexionLost"/],
    ['event-of-nobody', 'adapter-fault', /beingPushedOut names the instance "nobody", which was never opened/],
    ['event-after-close', 'adapter-fault', /connectionInterrupted came after instance "a" was closed/],
    ['crashes-in-a-case', 'crash', /ended with signal SIGABRT while decode waited for a reply/],
    ['exits-in-a-case', 'crash', /ended with exit code 3 while decode waited/],
    ['unfinished-line', 'crash', /exit code 0 while decode waited.*unfinished line: "\{\\"id\\":"/],
    ['floods-stdout', 'adapter-fault', /a line of more than 16 MiB; it starts with "aaaa/],
  ];
  test.concurrent.each(cases)('%s', async (mode, outcome, message) => {
    const failure = await failureOf(mode);
    expect(failure.message).toMatch(message);
    expect(failure.outcome).toBe(outcome);
  });

  test('the last lines of standard error come with a crash', async () => {
    expect((await failureOf('crashes-in-a-case')).stderr).toContain('assertion failed: buffer != NULL');
    expect((await failureOf('exits-at-once')).stderr).toEqual(['first line of trouble', 'cannot find the library']);
  });

  test('a command that does not exist is one clear sentence', async () => {
    const start = Adapter.start({ ...fakeOptions('good'), command: ['no-such-program-here'] });
    await expect(start).rejects.toThrow(
      'the adapter cannot be started: there is no program "no-such-program-here" (nor on the PATH)',
    );
  });
});

describe.concurrent('a process that fails is replaced', () => {
  test(`at most ${RESTARTS_MAX} times in a run`, async () => {
    const pool = new AdapterPool(fakeOptions('exits-in-a-case'));
    await pool.open();
    const outcomes: string[] = [];
    for (let count = 0; count < RESTARTS_MAX + 2; count++) {
      try {
        const adapter = await pool.take();
        await adapter
          .call('decode', { contract: 'X', hex: '' })
          .catch((error: unknown) => outcomes.push((error as AdapterFailure).outcome));
        pool.giveBack(adapter);
      } catch (error) {
        outcomes.push(error instanceof RestartsUsedUp ? 'used up' : String(error));
      }
    }
    await pool.close();
    // The first process and ten replacements crash; the twelfth case finds none.
    expect(outcomes).toEqual([...Array.from({ length: RESTARTS_MAX + 1 }, () => 'crash'), 'used up']);
    expect(pool.restarts).toBe(RESTARTS_MAX);
  });

  test('a sound one is used again', async () => {
    const pool = new AdapterPool(fakeOptions('good'));
    await pool.open();
    const first = await pool.take();
    pool.giveBack(first);
    expect(await pool.take()).toBe(first);
    await pool.close();
    expect(pool.restarts).toBe(0);
  });
});

describe.concurrent('the end of a process', () => {
  test('bye ends a sound one by itself', async () => {
    const adapter = await Adapter.start(fakeOptions('good'));
    expect(await adapter.bye()).toEqual({ end: { kind: 'exit', code: 0 }, byItself: true, answered: true });
  });

  test('one that ignores bye and SIGTERM is killed', async () => {
    const adapter = await Adapter.start({ ...fakeOptions('hangs-at-bye'), timeoutFactor: 0.1 });
    expect(await adapter.bye()).toEqual({
      end: { kind: 'signal', signal: 'SIGKILL' },
      byItself: false,
      answered: false,
    });
  });

  test('one that ignores the end of its input is ended', async () => {
    const adapter = await Adapter.start(fakeOptions('ignores-end-of-input'));
    expect((await adapter.hangUp(0.3)).byItself).toBe(false);
  });
});
