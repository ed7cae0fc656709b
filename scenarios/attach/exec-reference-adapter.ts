/**
 * The reference engine behind the adapter protocol: the example of a complete adapter, and what tests the harness's side.
 *
 * Run it as a program; it reads requests on standard input and writes replies and events on standard output (chapter 20).
 * It knows nothing of scenarios. What one client does is in `exec-reference-client.ts`, the codec in `exec-reference-codec.ts`.
 */
import { createInterface } from 'node:readline';
import { ReferenceClient, type Line } from './exec-reference-client.ts';
import { decodeBody, encodeBody } from './exec-reference-codec.ts';

/** A request that cannot be served as it stands; answered with `fault`. */
class BadRequest extends Error {}

const HELLO: Line = {
  protocol: 1,
  implementation: { name: 'esf-conformance reference engine', version: '1', language: 'TypeScript' },
  features: [
    ...['logon', 'send', 'query', 'ack', 'blob', 'heartbeat', 'relogon', 'reconnect', 'basic', 'sendMessage'],
    ...['decode', 'encode'],
  ],
  maxConcurrency: 8,
};

const clients = new Map<string, ReferenceClient>();

function write(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Verbs that concern the whole adapter. */
const GLOBAL_VERBS: Readonly<Record<string, (request: Line) => Line | Promise<Line>>> = {
  hello: () => HELLO,
  open(request) {
    const inst = text(request, 'inst');
    if (clients.has(inst)) throw new BadRequest(`instance ${inst} is open already`);
    const config = request.config;
    if (typeof config !== 'object' || config === null) throw new BadRequest('member "config" is missing');
    clients.set(inst, new ReferenceClient(config as Line, (event) => write({ ...event, inst })));
    return {};
  },
  async reset() {
    await Promise.all([...clients.values()].map((client) => client.close()));
    clients.clear();
    return {};
  },
  encode: (request) => encodeBody(request),
  decode: (request) => decodeBody(request),
};

/** Verbs of one client: called at once, so that requests of one instance take effect in their order. */
const CLIENT_VERBS: Readonly<Record<string, (client: ReferenceClient, request: Line) => Promise<Line>>> = {
  logon: (client, request) => client.logon(request),
  send: (client, request) => client.send(request),
  query: (client, request) => client.query(request),
  sendCertainly: (client, request) => client.sendCertainly(request),
  sendBlob: (client, request) => client.sendBlob(request),
  sendMessage: (client, request) => client.sendMessage(request),
  basic: (client, request) => client.basic(request),
  connected: (client) => client.connected(),
  closeConnection: (client, request) => client.closeConnection(request),
  close: (client) => client.close(),
};

async function serve(request: Line): Promise<Line> {
  const verb = String(request.cmd);
  if (Object.hasOwn(GLOBAL_VERBS, verb)) return { ok: await GLOBAL_VERBS[verb]!(request) };
  if (!Object.hasOwn(CLIENT_VERBS, verb)) return { unsupported: { reason: `unknown verb ${verb}` } };
  const inst = text(request, 'inst');
  const client = clients.get(inst);
  if (client === undefined) throw new BadRequest(`there is no instance ${inst}`);
  return { ok: await CLIENT_VERBS[verb]!(client, request) };
}

function text(request: Line, member: string): string {
  const value = request[member];
  if (typeof value !== 'string') throw new BadRequest(`member "${member}" must be a string`);
  return value;
}

async function answer(request: Line): Promise<void> {
  const id = request.id;
  try {
    write({ id, ...(await serve(request)) });
  } catch (error) {
    write({ id, ...refusal(error) });
  }
}

/** Errors with a code of ERR-001 are the engine's word to its user; anything else is this adapter's own trouble. */
function refusal(error: unknown): Line {
  if (!(error instanceof Error)) return { fault: { message: String(error) } };
  const { code, clause } = error as { code?: unknown; clause?: unknown };
  if (typeof code !== 'string' || !code.startsWith('E_'))
    return { fault: { message: error.message, trace: error.stack ?? '' } };
  return { failed: { code, message: error.message, ...(typeof clause === 'string' ? { clause } : {}) } };
}

async function bye(id: unknown): Promise<void> {
  await GLOBAL_VERBS.reset!({});
  process.stdout.write(id === undefined ? '' : `${JSON.stringify({ id, ok: {} })}\n`, () => process.exit(0));
}

function handleLine(line: string): void {
  if (line === '') return;
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    // Answered below, like any other line that is no request.
  }
  const id = typeof request === 'object' && request !== null ? (request as Line).id : undefined;
  if (typeof id !== 'number') write({ id: null, fault: { message: `not a request: ${line.slice(0, 80)}` } });
  else if ((request as Line).cmd === 'bye') void bye(id);
  else void answer(request as Line);
}

const input = createInterface({ input: process.stdin, crlfDelay: Infinity });
input.on('line', handleLine);
input.on('close', () => void bye(undefined));
