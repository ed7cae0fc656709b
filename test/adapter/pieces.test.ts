/** The small parts under the adapter: splitting commands, cutting lines, keeping tails, naming what is wrong. */
import { describe, expect, test } from 'vitest';
import { adapterEnvironment, splitCommand } from '../../scenarios/attach/exec-command.ts';
import { LineSplitter, TailKeeper, showBytes } from '../../scenarios/attach/exec-lines.ts';
import { startPatience } from '../../scenarios/attach/exec-patience.ts';
import { shippedAdapterSchema } from '../../scenarios/attach/exec-schema.ts';

describe('a command line is split like a shell does', () => {
  test.each([
    ['python3 client.py', ['python3', 'client.py']],
    ['  a   b\tc ', ['a', 'b', 'c']],
    [`sh -c 'echo "x y"'`, ['sh', '-c', 'echo "x y"']],
    [`"/opt/my app/run" --name "it\\"s"`, ['/opt/my app/run', '--name', 'it"s']],
    ['a\\ b c', ['a b', 'c']],
    [`a '' ""`, ['a', '', '']],
    ['a"b"\'c\'d', ['abcd']],
    ['run "C:\\new\\table"', ['run', 'C:\\new\\table']],
    ['echo $HOME | cat > x * &', ['echo', '$HOME', '|', 'cat', '>', 'x', '*', '&']],
  ])('%s', (text, words) => {
    expect(splitCommand(text)).toEqual(words);
  });

  test.each([
    ['', 'is empty'],
    ['   ', 'is empty'],
    [`a 'b`, "open ' quote"],
    [`a "b`, 'open " quote'],
  ])('%j is refused', (text, message) => {
    expect(() => splitCommand(text)).toThrow(message);
  });
});

test('the environment is reduced to what is needed and what was named', () => {
  const from = { PATH: '/bin', HOME: '/h', SECRET: 's', MINE: 'm', LANG: undefined };
  expect(adapterEnvironment(from)).toEqual({ PATH: '/bin', HOME: '/h' });
  expect(adapterEnvironment(from, ['MINE', 'ABSENT'])).toEqual({ PATH: '/bin', HOME: '/h', MINE: 'm' });
});

/** All lines of a text cut into chunks of `size` bytes. */
function linesOf(
  text: string,
  size: number,
  bytesMax?: number,
): { lines: string[]; overflow: string | undefined; rest: string } {
  const lines: string[] = [];
  let overflow: string | undefined;
  const splitter = new LineSplitter(
    { onLine: (line) => lines.push(line.toString()), onOverflow: (start) => (overflow = start.toString()) },
    bytesMax,
  );
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) splitter.push(Buffer.from(bytes.subarray(at, at + size)));
  return { lines, overflow, rest: splitter.rest().toString() };
}

describe('output is cut into lines', () => {
  test('the same in chunks of any size, with characters of several bytes and CRLF', () => {
    const text = '{"a":1}\n\r\nzwei ☃\r\n\nrest';
    for (let size = 1; size <= 30; size++) {
      expect(linesOf(text, size)).toEqual({ lines: ['{"a":1}', 'zwei ☃'], overflow: undefined, rest: 'rest' });
    }
  });

  test('a line of the limit is too long, one byte less is not', () => {
    expect(linesOf('123456789\n', 3, 10).lines).toEqual(['123456789']);
    expect(linesOf('1234567890\nx\n', 3, 10)).toEqual({ lines: [], overflow: '1234567890', rest: '' });
  });
});

test('a tail keeps the last lines, an unfinished one included', () => {
  const tail = new TailKeeper(3);
  tail.push(Buffer.from('one\ntwo\nth'));
  expect(tail.lines()).toEqual(['one', 'two', 'th']);
  tail.push(Buffer.from('ree\nfour\n'));
  expect(tail.lines()).toEqual(['two', 'three', 'four']);
  tail.clear();
  expect(tail.lines()).toEqual([]);
});

test('bytes are shown as text where they are text, else in hex, 200 of them', () => {
  expect(showBytes(Buffer.from('hällo'))).toBe('"hällo"');
  expect(showBytes(Buffer.from([0xff, 0x00]))).toBe('hex ff00');
  expect(showBytes(Buffer.alloc(300, 'x'))).toBe(`"${'x'.repeat(200)}" ... (300 bytes)`);
});

describe('the checker names the member that is wrong', () => {
  const problem = (name: string, value: unknown): string | undefined => shippedAdapterSchema().problem(name, value);
  test.each([
    ['ok.logon', { logonResult: 'Succeed' }, 'member "failureCause" is missing'],
    [
      'ok.logon',
      { logonResult: 'ok', failureCause: null },
      'member "logonResult" must be one of Succeed, Failed, HadLoggedOn, VersionMismatched, not "ok"',
    ],
    ['ok.query', { info: '0' }, 'member "info" must be lowercase hex, two digits a byte, not "0"'],
    ['ok.query', { info: 'AA' }, 'member "info" must be lowercase hex, two digits a byte, not "AA"'],
    ['ok.query', { info: 7 }, 'member "info" must be string or null, not 7'],
    ['ok.connected', { connected: 1 }, 'member "connected" must be boolean, not 1'],
    ['basicResult.areUsersOnline', { a: true, b: 'no' }, 'member "b" must be boolean, not "no"'],
    [
      'event.information',
      { ev: 'information', inst: 'a b', source: null, informationType: 1, info: null },
      'member "inst" must match ^[A-Za-z0-9-]{1,64}$, not "a b"',
    ],
    [
      'event.information',
      { ev: 'information', inst: 'a', source: null, informationType: 1.5, info: null },
      'member "informationType" must be integer, not 1.5',
    ],
    [
      'event.information',
      { ev: 'information', inst: 'a', source: null, informationType: 2 ** 31, info: null },
      'member "informationType" must be at most 2147483647, not 2147483648',
    ],
    [
      'ok.hello',
      { protocol: 1, implementation: { name: 'x', version: '', language: 'x' }, features: [], maxConcurrency: 1 },
      'member "implementation.version" must not be empty',
    ],
    [
      'ok.hello',
      {
        protocol: 1,
        implementation: { name: 'x', version: '1', language: 'x' },
        features: ['ack', 'ack'],
        maxConcurrency: 1,
      },
      'member "features" must not repeat an item',
    ],
  ])('%s', (name, value, message) => {
    expect(problem(name, value)).toBe(message);
  });

  test('and lets what is right pass, unknown members included', () => {
    expect(problem('ok.logon', { logonResult: 'Failed', failureCause: 'x', later: 1 })).toBe(undefined);
    expect(problem('basicResult.getUserIPE', null)).toBe(undefined);
    expect(problem('ok.query', { info: 'ab'.repeat(4_000_000) })).toBe(undefined);
  });
});

describe('patience counts the time awake', () => {
  /** Keeps this thread from doing anything else. */
  const standStill = (millis: number): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
  };

  test('a process that stood still gives what arrived meanwhile a chance', async () => {
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      startPatience(450, () => {
        order.push('out of patience');
        resolve();
      });
    });
    setTimeout(() => order.push('arrived'), 700);
    // By the clock the patience is long over by then; what arrives a little later must still be heard.
    standStill(600);
    await done;
    expect(order).toEqual(['arrived', 'out of patience']);
  });

  test('one that is cancelled keeps silent', async () => {
    let calls = 0;
    const timer = startPatience(20, () => (calls += 1));
    timer.cancel();
    await new Promise((resolve) => startPatience(60, () => resolve(undefined)));
    expect(calls).toBe(0);
  });
});
