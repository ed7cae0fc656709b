/**
 * A sound little adapter without any client behind it, and many ways to break it: `node fake-adapter.js MODE`.
 *
 * Mode `good` keeps chapter 20. Every other mode breaks one rule of it, so that the harness's diagnosis can be asserted.
 * Plain JavaScript on purpose: it is also the proof that an adapter needs nothing but a JSON library.
 */
import { createInterface } from 'node:readline';
import { writeSync } from 'node:fs';

const mode = process.argv[2] ?? 'good';
const instances = new Map();

/** What each mode changes: `start` runs first, `reply` may change or replace a reply, `verbs` replaces verbs. */
const MODES = {
  good: {},
  'exits-at-once': {
    start() {
      writeSync(2, 'first line of trouble\ncannot find the library\n');
      process.exit(7);
    },
  },
  'prints-a-banner': { start: () => raw('Acme adapter 1.0 starting up') },
  'prints-binary': { start: () => process.stdout.write(Buffer.from([0xff, 0xfe, 0x41, 0x0a])) },
  'never-answers': { reply: () => undefined },
  'answers-unknown-id': {
    reply: (reply, request) => (request.cmd === 'hello' ? reply : { ...reply, id: reply.id + 1000 }),
  },
  'answers-twice': { reply: (reply, request) => (request.cmd === 'hello' ? reply : (write(reply), reply)) },
  'two-kinds': {
    reply: (reply, request) => (request.cmd === 'hello' ? reply : { ...reply, ok: {}, fault: { message: 'both' } }),
  },
  'no-kind': { reply: (reply, request) => (request.cmd === 'hello' ? reply : { id: reply.id, result: {} }) },
  'ok-to-nonsense': { unknown: () => ({ ok: {} }) },
  'protocol-as-text': { hello: { protocol: '1' } },
  'other-protocol': { hello: { protocol: 2 } },
  'misspelt-feature': { hello: { features: ['decode', 'heart-beat'] } },
  'no-concurrency': { hello: { maxConcurrency: 0 } },
  'uppercase-hex': { verbs: { encode: (request) => ({ hex: String(request.value.hex).toUpperCase() }) } },
  'crashes-in-a-case': {
    verbs: {
      decode() {
        writeSync(2, 'assertion failed: buffer != NULL\n');
        process.kill(process.pid, 'SIGABRT');
        return new Promise(() => undefined);
      },
    },
  },
  'exits-in-a-case': { verbs: { decode: () => process.exit(3) } },
  'floods-stdout': {
    verbs: {
      decode() {
        const block = Buffer.alloc(1 << 20, 'a');
        for (let count = 0; count < 17; count++) writeSyncAll(block);
        return new Promise(() => undefined);
      },
    },
  },
  'event-of-nobody': { verbs: { decode: () => (write({ ev: 'beingPushedOut', inst: 'nobody' }), { value: {} }) } },
  'event-after-close': {
    verbs: {
      close(request) {
        setTimeout(() => write({ ev: 'connectionInterrupted', inst: request.inst }), 20);
        return {};
      },
    },
  },
  'malformed-event': {
    verbs: {
      connected: (request) => (
        write({ ev: 'information', inst: request.inst, source: null, informationType: 1, info: '0A' }),
        { connected: false }
      ),
    },
  },
  'unheard-of-event': {
    verbs: { connected: (request) => (write({ ev: 'connexionLost', inst: request.inst }), { connected: false }) },
  },
  'dies-of-garbage': { garbage: () => process.exit(1) },
  'silent-on-garbage': { garbage: () => undefined },
  'short-lines-only': { lineMax: 65536 },
  'blocks-the-loop': {},
  'hangs-at-bye': {
    verbs: {
      bye: () => (
        process.on('SIGTERM', () => undefined),
        setInterval(() => undefined, 1000),
        new Promise(() => undefined)
      ),
    },
  },
  'exit-code-at-bye': { byeCode: 5 },
  'ignores-end-of-input': { end: () => setInterval(() => undefined, 1000) },
  'unknown-instance-ok': { verbs: { close: () => ({}) } },
  'unfinished-line': {
    verbs: { decode: () => (process.stdout.write('{"id":', () => process.exit(0)), new Promise(() => undefined)) },
  },
};
const plan = MODES[mode];
if (plan === undefined) throw new Error(`no mode ${mode}; known are ${Object.keys(MODES).join(', ')}`);

function writeSyncAll(bytes) {
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function raw(line) {
  process.stdout.write(`${line}\n`);
}

function write(object) {
  raw(JSON.stringify(object));
}

class Fault extends Error {}

const VERBS = {
  hello: () => ({
    protocol: 1,
    implementation: { name: 'fake', version: '0', language: 'JavaScript' },
    features: ['decode', 'encode'],
    maxConcurrency: 4,
    ...plan.hello,
  }),
  open(request) {
    if (typeof request.inst !== 'string' || typeof request.config !== 'object')
      throw new Fault('open needs inst and config');
    instances.set(request.inst, true);
    return {};
  },
  connected(request) {
    instanceOf(request);
    return { connected: false };
  },
  close(request) {
    instanceOf(request);
    return {};
  },
  reset: () => (instances.clear(), {}),
  decode: (request) => ({ value: { hex: request.hex } }),
  encode: (request) => ({ hex: request.value.hex }),
  bye: () => ({}),
  ...plan.verbs,
};

function instanceOf(request) {
  if (!instances.has(request.inst)) throw new Fault(`there is no instance ${request.inst}`);
}

async function answer(request) {
  const { id, cmd } = request;
  let reply;
  try {
    if (Object.hasOwn(VERBS, cmd)) reply = { id, ok: await VERBS[cmd](request) };
    else reply = { id, ...(plan.unknown?.() ?? { unsupported: { reason: `unknown verb ${cmd}` } }) };
  } catch (error) {
    reply = { id, fault: { message: error.message, trace: error.stack } };
  }
  reply = plan.reply === undefined ? reply : plan.reply(reply, request);
  if (reply !== undefined) write(reply);
  if (cmd === 'bye') process.stdout.write('', () => process.exit(plan.byeCode ?? 0));
}

plan.start?.();
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  if (line === '') return;
  if (line.length > (plan.lineMax ?? Infinity)) throw new Error('line too long for the reader');
  let request;
  try {
    request = JSON.parse(line);
  } catch {
    // Answered below.
  }
  if (typeof request?.id === 'number') void answer(request);
  else if (plan.garbage !== undefined) plan.garbage();
  else write({ id: null, fault: { message: 'not a request' } });
});
input.on('close', () => (plan.end === undefined ? process.exit(0) : plan.end()));
