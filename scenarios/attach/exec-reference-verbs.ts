/**
 * The verbs of the reference adapter, whatever brings the requests and whatever network is under the engine.
 *
 * `answer` takes a request and writes its reply; lines leave through the function given. What one client does is in
 * `exec-reference-client.ts`, the codec in `exec-reference-codec.ts`.
 */
import type { Platform } from '../../spec/platform.ts';
import { ReferenceClient, type Line } from './exec-reference-client.ts';
import { decodeBody, encodeBody } from './exec-reference-codec.ts';

/** A request that cannot be served as it stands; answered with `fault`. */
class BadRequest extends Error {}

export type ReferenceVerbsOptions = {
  readonly write: (line: Line) => void;
  /** A network and a clock for a new client. */
  readonly platform: () => Platform;
  /** Members of the reply to hello besides those of every adapter. */
  readonly hello?: Line;
};

const HELLO: Line = {
  protocol: 1,
  implementation: { name: 'esf-conformance reference engine', version: '1', language: 'TypeScript' },
  features: [
    ...['logon', 'send', 'query', 'ack', 'blob', 'heartbeat', 'relogon', 'reconnect', 'basic', 'sendMessage'],
    ...['decode', 'encode'],
  ],
  maxConcurrency: 8,
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

/** The instances of one adapter. */
export class ReferenceVerbs {
  readonly #options: ReferenceVerbsOptions;
  readonly #clients = new Map<string, ReferenceClient>();

  constructor(options: ReferenceVerbsOptions) {
    this.#options = options;
  }

  /** Does what is asked, and writes the reply. */
  async answer(request: Line): Promise<void> {
    const { write } = this.#options;
    const { id } = request;
    try {
      write({ id, ...(await this.#serve(request)) });
    } catch (error) {
      write({ id, ...refusal(error) });
    }
  }

  /** Closes every instance, and forgets them. */
  async reset(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
  }

  async #serve(request: Line): Promise<Line> {
    const verb = String(request.cmd);
    switch (verb) {
      case 'hello':
        return { ok: { ...HELLO, ...this.#options.hello } };
      case 'open':
        return { ok: this.#open(request) };
      case 'reset':
        await this.reset();
        return { ok: {} };
      case 'encode':
        return { ok: encodeBody(request) };
      case 'decode':
        return { ok: decodeBody(request) };
    }
    if (!Object.hasOwn(CLIENT_VERBS, verb)) return { unsupported: { reason: `unknown verb ${verb}` } };
    const inst = text(request, 'inst');
    const client = this.#clients.get(inst);
    if (client === undefined) throw new BadRequest(`there is no instance ${inst}`);
    return { ok: await CLIENT_VERBS[verb]!(client, request) };
  }

  #open(request: Line): Line {
    const inst = text(request, 'inst');
    if (this.#clients.has(inst)) throw new BadRequest(`instance ${inst} is open already`);
    const { config } = request;
    if (typeof config !== 'object' || config === null) throw new BadRequest('member "config" is missing');
    const emit = (event: Line): void => this.#options.write({ ...event, inst });
    this.#clients.set(inst, new ReferenceClient(config as Line, this.#options.platform(), emit));
    return {};
  }
}

function text(request: Line, member: string): string {
  const value = request[member];
  if (typeof value !== 'string') throw new BadRequest(`member "${member}" must be a string`);
  return value;
}

/** Errors with a code of ERR-001 are the engine's word to its user; anything else is this adapter's own trouble. */
function refusal(error: unknown): Line {
  if (!(error instanceof Error)) return { fault: { message: String(error) } };
  const { code, clause } = error as { code?: unknown; clause?: unknown };
  if (typeof code !== 'string' || !code.startsWith('E_'))
    return { fault: { message: error.message, trace: error.stack ?? '' } };
  return { failed: { code, message: error.message, ...(typeof clause === 'string' ? { clause } : {}) } };
}
