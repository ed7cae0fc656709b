/**
 * A program on a simulated host that breaks the protocol in one way: `fake-program.js MODE`.
 *
 * Every mode answers `hello` as it should unless it is about hello, and answers every event with `idle` but for what the
 * mode adds to `start`, `open`, or the event it names. Modes are named after what is wrong.
 */
import { readSync, writeSync } from 'node:fs';

const MODE = process.argv[2];
const chunk = Buffer.alloc(65536);
let held = '';

function readLine() {
  for (;;) {
    const end = held.indexOf('\n');
    if (end >= 0) {
      const line = JSON.parse(held.slice(0, end));
      held = held.slice(end + 1);
      return line;
    }
    const length = readSync(0, chunk);
    if (length === 0) process.exit(0);
    held += chunk.toString('utf8', 0, length);
  }
}

function raw(text) {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
}

const write = (line) => raw(`${JSON.stringify(line)}\n`);
const forever = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
const connect = { do: 'connect', conn: 1, address: '198.18.0.77', port: 9 };
const HELLO = {
  protocol: 1,
  implementation: { name: 'fake', version: '1', language: 'JavaScript' },
  features: ['logon'],
  maxConcurrency: 1,
  simulated: 1,
  reusable: true,
};

/** What is written at `start`, before `idle`. */
const AT_START = {
  'no-json': () => raw('so far so good\n'),
  'no-object': () => raw('[1]\n'),
  'no-utf8': () => writeSync(1, Buffer.from([0x7b, 0xff, 0x0a])),
  'no-kind': () => write({ hello: 'world' }),
  'two-kinds': () => write({ do: 'clear', timer: 1, idle: true }),
  'idle-false': () => write({ idle: false }),
  'no-action': () => write({ do: 'teleport', conn: 1 }),
  'missing-member': () => write({ do: 'connect', conn: 1, address: '198.18.0.1' }),
  'port-too-big': () => write({ ...connect, port: 70000 }),
  'number-too-big': () => write({ ...connect, conn: 2 ** 30 }),
  'no-base64': () => [write(connect), write({ do: 'send', conn: 1, bytes: '5Q' })],
  'conn-twice': () => [write(connect), write(connect)],
  'conn-never-opened': () => write({ do: 'send', conn: 7, bytes: '' }),
  'too-many-connections': () => {
    for (let conn = 1; conn <= 1001; conn++) write({ ...connect, conn });
  },
  'too-much-queued': () => {
    write(connect);
    const bytes = Buffer.alloc(11_000_000).toString('base64');
    for (let count = 0; count < 4; count++) write({ do: 'send', conn: 1, bytes });
  },
  'socket-twice': () => [write({ do: 'bind', socket: 1, port: 0 }), write({ do: 'bind', socket: 1, port: 0 })],
  'socket-never-bound': () => write({ do: 'datagram', socket: 1, address: '198.18.0.1', port: 9, bytes: '' }),
  'datagram-too-long': () => {
    write({ do: 'bind', socket: 1, port: 0 });
    const bytes = Buffer.alloc(65508).toString('base64');
    write({ do: 'datagram', socket: 1, address: '198.18.0.1', port: 9, bytes });
  },
  'listener-unknown': () => write({ do: 'unlisten', listener: 3 }),
  'too-many-timers': () => {
    for (let timer = 1; timer <= 1_001; timer++) write({ do: 'timer', timer, atMicros: 1e9 });
  },
  'log-too-long': () => write({ do: 'log', level: 'info', text: 'x'.repeat(4097) }),
  'log-level': () => write({ do: 'log', level: 'loud', text: 'x' }),
  'reply-unasked': () => write({ id: 99, ok: {} }),
  'reply-of-two-kinds': () => write({ id: 1, ok: {}, fault: { message: '' } }),
  'report-unknown': () => write({ ev: 'sunrise', inst: 'alice' }),
  'report-of-nobody': () => write({ ev: 'beingPushedOut', inst: 'bob' }),
  'line-too-long': () => raw(`${' '.repeat(17 * 1024 * 1024)}\n`),
  flood: () => {
    for (let count = 0; count <= 10_000; count++) write({ do: 'clear', timer: 1 });
  },
  'flood-of-bytes': () => {
    const text = ' '.repeat(15_000_000);
    for (let count = 0; count < 5; count++) raw(`{"do":"clear","timer":1}${text}\n`);
  },
  'never-idle': forever,
  dies: () => {
    writeSync(2, 'out of luck\n');
    process.exit(7);
  },
  'dies-in-mid-line': () => {
    raw('{"do":"cl');
    process.kill(process.pid, 'SIGKILL');
    forever();
  },
  'timer-for-now': () => write({ do: 'timer', timer: 1, atMicros: 0 }),
};

/** What is written at a request of a case, before `idle`. */
const AT_OPEN = {
  'malformed-reply': (request) => write({ id: request.id, ok: 7 }),
  'reply-twice': (request) => [write({ id: request.id, ok: {} }), write({ id: request.id, ok: {} })],
  'report-malformed': (request) => [
    write({ id: request.id, ok: {} }),
    write({ ev: 'information', inst: request.inst, source: null, informationType: 'x', info: null }),
  ],
  'never-answers': () => undefined,
  faults: (request) => write({ id: request.id, fault: { message: 'TypeError' } }),
};

function atHello(request) {
  if (MODE === 'hello-dies') process.exit(3);
  if (MODE === 'hello-idle') return;
  if (MODE === 'hello-real') write({ id: request.id, ok: { ...HELLO, simulated: undefined } });
  else if (MODE === 'hello-newer') write({ id: request.id, ok: { ...HELLO, simulated: 2 } });
  else if (MODE === 'hello-refuses') write({ id: request.id, failed: { code: 'E_CLOSED', message: 'no' } });
  else if (MODE === 'acts-off-host') write(connect);
  else if (MODE !== 'hello-idle') write({ id: request.id, ok: HELLO });
}

for (;;) {
  const line = readLine();
  if (line.cmd === 'hello') atHello(line);
  else if (line.cmd === 'open') {
    if (Object.hasOwn(AT_OPEN, MODE)) AT_OPEN[MODE](line);
    else write({ id: line.id, ok: {} });
  } else if (line.cmd !== undefined) {
    if (MODE !== 'says-yes') write({ id: line.id, unsupported: { reason: 'fake' } });
    else write({ id: line.id, ok: {} });
  } else if (line.net === 'start' && Object.hasOwn(AT_START, MODE)) AT_START[MODE]();
  else if (line.net === 'timer' && MODE === 'timer-for-now') AT_START[MODE]();
  else if (line.net === 'closed' && MODE === 'conn-after-closed') write({ do: 'end', conn: 1 });
  else if (line.net === 'start' && MODE === 'conn-after-closed') write(connect);
  write({ idle: true });
}
