/**
 * Programs on a simulated host that break the protocol, each in one way; a mode is named after what is wrong.
 *
 * Every mode answers `hello` as it should unless it is about hello, and answers every event with `idle` but for what the
 * mode adds to `start`, `open`, or the event it names.
 */

/** A line of the protocol. */
export type Line = Readonly<Record<string, unknown>>;

/** Where the program's output goes. */
export type Output = { raw(text: string | Uint8Array): void; write(line: Line): void };

const connect: Line = { do: 'connect', conn: 1, address: '198.18.0.77', port: 9 };
const HELLO: Line = {
  protocol: 1,
  implementation: { name: 'fake', version: '1', language: 'JavaScript' },
  features: ['logon'],
  maxConcurrency: 1,
  simulated: 1,
  reusable: true,
};

/** More than half of what may wait. */
function sendMuch(out: Output): void {
  const bytes = Buffer.alloc(9_000_000).toString('base64');
  for (let count = 0; count < 4; count++) out.write({ do: 'send', conn: 1, bytes });
}

/** What is written at `start`, before `idle`. */
const AT_START: Readonly<Record<string, (out: Output) => void>> = {
  'no-json': (out) => out.raw('so far so good\n'),
  'no-object': (out) => out.raw('[1]\n'),
  'no-utf8': (out) => out.raw(Buffer.from([0x7b, 0xff, 0x0a])),
  'no-kind': (out) => out.write({ hello: 'world' }),
  'two-kinds': (out) => out.write({ do: 'clear', timer: 1, idle: true }),
  'idle-false': (out) => out.write({ idle: false }),
  'no-action': (out) => out.write({ do: 'teleport', conn: 1 }),
  'missing-member': (out) => out.write({ do: 'connect', conn: 1, address: '198.18.0.1' }),
  'port-too-big': (out) => out.write({ ...connect, port: 70000 }),
  'number-too-big': (out) => out.write({ ...connect, conn: 2 ** 30 }),
  'no-base64': (out) => {
    out.write(connect);
    out.write({ do: 'send', conn: 1, bytes: '5Q' });
  },
  'conn-twice': (out) => {
    out.write(connect);
    out.write(connect);
  },
  'conn-never-opened': (out) => out.write({ do: 'send', conn: 7, bytes: '' }),
  'too-many-connections': (out) => {
    for (let conn = 1; conn <= 1001; conn++) out.write({ ...connect, conn });
  },
  'too-much-queued': (out) => {
    out.write(connect);
    sendMuch(out);
  },
  'socket-twice': (out) => {
    out.write({ do: 'bind', socket: 1, port: 0 });
    out.write({ do: 'bind', socket: 1, port: 0 });
  },
  'socket-never-bound': (out) => out.write({ do: 'datagram', socket: 1, address: '198.18.0.1', port: 9, bytes: '' }),
  'datagram-too-long': (out) => {
    out.write({ do: 'bind', socket: 1, port: 0 });
    const bytes = Buffer.alloc(65508).toString('base64');
    out.write({ do: 'datagram', socket: 1, address: '198.18.0.1', port: 9, bytes });
  },
  'listener-unknown': (out) => out.write({ do: 'unlisten', listener: 3 }),
  'too-many-timers': (out) => {
    for (let timer = 1; timer <= 1_001; timer++) out.write({ do: 'timer', timer, atMicros: 1e9 });
  },
  'log-too-long': (out) => out.write({ do: 'log', level: 'info', text: 'x'.repeat(4097) }),
  'log-level': (out) => out.write({ do: 'log', level: 'loud', text: 'x' }),
  'reply-unasked': (out) => out.write({ id: 99, ok: {} }),
  'reply-of-two-kinds': (out) => out.write({ id: 1, ok: {}, fault: { message: '' } }),
  'report-unknown': (out) => out.write({ ev: 'sunrise', inst: 'alice' }),
  'report-of-nobody': (out) => out.write({ ev: 'beingPushedOut', inst: 'bob' }),
  'line-too-long': (out) => out.raw(`${' '.repeat(17 * 1024 * 1024)}\n`),
  flood: (out) => {
    for (let count = 0; count <= 10_000; count++) out.write({ do: 'clear', timer: 1 });
  },
  'flood-of-bytes': (out) => {
    const text = ' '.repeat(15_000_000);
    for (let count = 0; count < 5; count++) out.raw(`{"do":"clear","timer":1}${text}\n`);
  },
  'timer-for-now': (out) => out.write({ do: 'timer', timer: 1, atMicros: 0 }),
};

/** What is written at a request of a case, before `idle`. */
const AT_OPEN: Readonly<Record<string, (out: Output, request: Line) => void>> = {
  'malformed-reply': (out, request) => out.write({ id: request.id, ok: 7 }),
  'reply-twice': (out, request) => {
    out.write({ id: request.id, ok: {} });
    out.write({ id: request.id, ok: {} });
  },
  'report-malformed': (out, request) => {
    out.write({ id: request.id, ok: {} });
    out.write({ ev: 'information', inst: request.inst, source: null, informationType: 'x', info: null });
  },
  'too-much-queued': sendMuch,
  'never-answers': () => undefined,
  faults: (out, request) => out.write({ id: request.id, fault: { message: 'TypeError' } }),
};

function atHello(mode: string, out: Output, { id }: Line): void {
  if (mode === 'hello-idle') return;
  if (mode === 'hello-real') out.write({ id, ok: { ...HELLO, simulated: undefined } });
  else if (mode === 'hello-newer') out.write({ id, ok: { ...HELLO, simulated: 2 } });
  else if (mode === 'hello-refuses') out.write({ id, failed: { code: 'E_CLOSED', message: 'no' } });
  else if (mode === 'acts-off-host') out.write(connect);
  else out.write({ id, ok: HELLO });
}

/** What a program in that mode answers to a line. */
export function answer(mode: string, line: Line, out: Output): void {
  if (line.cmd === 'hello') atHello(mode, out, line);
  else if (line.cmd === 'open') {
    if (Object.hasOwn(AT_OPEN, mode)) AT_OPEN[mode]!(out, line);
    else out.write({ id: line.id, ok: {} });
  } else if (line.cmd !== undefined) {
    out.write(mode === 'says-yes' ? { id: line.id, ok: {} } : { id: line.id, unsupported: { reason: 'fake' } });
  } else if (line.net === 'start' && Object.hasOwn(AT_START, mode)) AT_START[mode]!(out);
  else if (line.net === 'timer' && mode === 'timer-for-now') AT_START[mode]!(out);
  else if (line.net === 'closed' && mode === 'conn-after-closed') out.write({ do: 'end', conn: 1 });
  else if (line.net === 'start' && mode === 'conn-after-closed') out.write(connect);
  out.write({ idle: true });
}
