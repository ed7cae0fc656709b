/** Everything a program can do wrong is told with its line, the member, the limit and the clause, and is the program's fault. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AdapterFailure } from '../../scenarios/attach/exec-adapter.ts';
import { AdapterCrashed, AdapterFault, TimeLimitReached } from '../../scenarios/attach/failures.ts';
import { fileOf, poolOf, runFake, runFakeProcess } from './outside.ts';

const MODES: readonly (readonly [mode: string, message: RegExp])[] = [
  ['no-json', /^line 1: a line that is no JSON object in UTF-8 \(HOST-02\); the line was "so far so good"$/],
  ['no-object', /^line 1: a line that is no JSON object .*"\[1\]"$/],
  ['no-utf8', /^line 1: a line that is no JSON object in UTF-8 \(HOST-02\); the line was hex 7bff$/],
  ['no-kind', /exactly one of "idle", "do", "id", "ev"; this has none of them \(HOST-03\)/],
  ['two-kinds', /this has idle and do \(HOST-03\)/],
  ['idle-false', /member "idle" must be true, not false \(HOST-04\)/],
  ['flood', /^line 10001: the event start was answered with more than 10000 lines and no "idle" \(HOST-05\)/],
  ['timer-for-now', /^time stands still at 0 us: 2000 events in a row, the last was the event timer 1 \(HOST-07\)$/],
  ['reply-unasked', /a reply to id 99, which nobody waits for \(HOST-10\)/],
  ['reply-of-two-kinds', /a reply needs exactly one of ok, failed, unsupported, fault \(HOST-10\)/],
  ['malformed-reply', /the ok reply to open: the value must be object, not 7 \(HOST-10\)/],
  ['reply-twice', /a reply to id 1, which nobody waits for \(HOST-10\)/],
  ['report-unknown', /there is no report "sunrise" \(HOST-11\)/],
  ['report-of-nobody', /the report beingPushedOut names the instance "bob" \(HOST-11\)/],
  ['report-malformed', /the report information: member "informationType" must be integer, not "x" \(HOST-11\)/],
  ['no-action', /there is no action "teleport"; actions are connect, send, .* \(HOST-20\)/],
  ['missing-member', /member "port" is missing \(HOST-21\)/],
  ['port-too-big', /member "port" must be at most 65535, not 70000 \(HOST-21\)/],
  ['number-too-big', /member "conn" must be at most 1073741823, not 1073741824 \(HOST-21\)/],
  ['conn-twice', /connection 1 was used before \(HOST-21\)/],
  ['too-many-connections', /^line 1001: there are 1000 connections, the limit/],
  ['conn-never-opened', /connection 7 was never opened \(HOST-22\)/],
  ['no-base64', /member "bytes" must be base64 with padding .*, not "5Q" \(HOST-22\)/],
  [
    'too-much-queued',
    /72000000 bytes of connection 1 would wait, the limit is 67108864; wait for "writable" \(HOST-22\)/,
  ],
  ['conn-after-closed', /connection 1 was told to be closed \(HOST-23\)/],
  ['socket-twice', /socket 1 is bound already \(HOST-27\)/],
  ['socket-never-bound', /socket 1 is not bound \(HOST-28\)/],
  ['datagram-too-long', /member "bytes" has 65508 bytes, a datagram has 65507 at most \(HOST-28\)/],
  ['too-many-timers', /there are 1000 timers, the limit \(HOST-29\)/],
  ['log-too-long', /member "text" has 4097 characters, the limit is 4096 \(HOST-30\)/],
  ['log-level', /member "level" must be one of debug, info, warn, error, not "loud" \(HOST-30\)/],
  ['listener-unknown', /listener 3 does not listen \(HOST-31\)/],
];

describe('a program that breaks the protocol', () => {
  test.each(MODES)('%s', async (mode, message) => {
    const { error } = await runFake(mode);
    expect(error).toBeInstanceOf(AdapterFault);
    expect((error as Error).message).toMatch(message);
  });

  test('that faults says so itself', async () => {
    const { error } = await runFake('faults');
    expect((error as Error).message).toBe('open was answered with a fault: TypeError');
  });
});

describe('a program that', () => {
  test.each([
    ['line-too-long', /a line of more than 16777216 bytes \(HOST-02\)/],
    ['flood-of-bytes', /^line 5: the event start was answered with more than 67108864 bytes and no "idle" \(HOST-05\)/],
  ])('has no measure: %s', async (mode, message) => {
    const { error } = await runFakeProcess(mode);
    expect(error).toBeInstanceOf(AdapterFault);
    expect((error as Error).message).toMatch(message);
  });

  test('dies at hello', async () => {
    const died = /^the program ended while it was to answer the request hello: exit code 3$/;
    await expect(runFakeProcess('hello-dies')).rejects.toThrow(died);
  });

  test('dies is a crash, with its exit code and its last words', async () => {
    const { error } = await runFakeProcess('dies');
    expect(error).toBeInstanceOf(AdapterCrashed);
    expect((error as Error).message).toBe('the program ended while it was to answer the event start: exit code 7');
    expect((error as AdapterCrashed).stderr).toEqual(['out of luck']);
  });

  test('dies in the middle of a line', async () => {
    const { error } = await runFakeProcess('dies-in-mid-line');
    expect((error as Error).message).toMatch(
      /its last output was an unfinished line: "\{\\"do\\":\\"cl": signal SIGKILL$/,
    );
  });

  test('never says idle is ended after its time', async () => {
    const { error } = await runFakeProcess('never-idle');
    expect(error).toBeInstanceOf(TimeLimitReached);
    expect((error as Error).message).toMatch(/^the event start was not answered with "idle" in time \(HOST-06\)/);
  });

  test('never answers a request runs out of virtual time', async () => {
    const { error } = await runFake('never-answers');
    expect(error).toBeInstanceOf(TimeLimitReached);
    expect((error as Error).message).toBe('no reply to open within 40 s of virtual time');
  });
});

describe('a program that cannot be used is told before anything is run', () => {
  test.each([
    ['hello-idle', /^hello was answered with idle, without a reply; it needs ok$/],
    ['hello-refuses', /^hello was answered with failed E_CLOSED \(no\); it needs ok$/],
    [
      'hello-real',
      /^the reply to hello has no member "simulated".*HOST-08.*leave out --simulated to use real sockets$/,
    ],
    ['hello-newer', /^the reply to hello says "simulated": 2/],
    ['acts-off-host', /the action "connect" off a host \(HOST-09\)/],
    ['says-yes', /^the adapter answered ok to the verb x-probe-[0-9a-f]+, which does not exist/],
  ])('%s', async (mode, message) => {
    const error = await runFake(mode).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AdapterFailure);
    expect((error as Error).message).toMatch(message);
  });

  test('a program that does not exist', async () => {
    const pool = poolOf(['/nowhere/no-such-program']);
    await expect(pool.open()).rejects.toThrow(/ENOENT/);
    await pool.close();
  });
});

test('every clause that a program can break has been seen broken', () => {
  const text = readFileSync(fileOf('spec/adapter/simulated-host.md'), 'utf8');
  const clauses = [...text.matchAll(/^- \*\*(HOST-\d\d)\*\*/gm)].map(([, clause]) => clause!);
  expect(clauses.length).toBeGreaterThan(25);
  const tested = readFileSync(fileOf('test/outside/errors.test.ts'), 'utf8');
  // These promise something of the harness, or say what an action means; nothing a program writes can break them.
  const notBroken = ['01', '12', '13', '14', '24', '25', '26', '32'].map((number) => `HOST-${number}`);
  const unseen = clauses.filter((clause) => !tested.includes(clause) && !notBroken.includes(clause));
  expect(unseen).toEqual([]);
});
