/**
 * A client behind an adapter as a ClientSubject: verbs out, events into the recorder, replies into promises.
 *
 * It judges nothing. What the implementation refuses rejects with its code; trouble with the adapter rejects with the
 * errors of `failures.ts`, whatever the scenario expected.
 */
import { AdapterFailure, BUDGET } from './exec-adapter.ts';
import type { Adapter, JsonObject } from './exec-adapter.ts';
import { adapterConfig } from './exec-config.ts';
import type { AdapterConfig } from './exec-config.ts';
import { ClientRecorder } from './client-recorder.ts';
import type { NewClientEvent, SubjectContext } from './client-recorder.ts';
import type { BasicRequest, ClientOptions, ClientSubject, LogonOutcome, SendOptions } from './client-subject.ts';
import { shippedAdapterSchema } from './exec-schema.ts';
import { handled } from './engine-client.ts';
import { AdapterCrashed, AdapterFault, Declined, TimeLimitReached } from './failures.ts';

const BYTES_PER_MIB = 1_048_576;

/** What an exec client needs besides what every subject needs. */
export type ExecClientOptions = {
  readonly adapter: Pick<Adapter, 'call' | 'watch' | 'failure' | 'stderrTail'>;
  /** Never used twice in the life of the process. */
  readonly inst: string;
  readonly caseId: string;
  /** Real seconds in one scenario second. */
  readonly timeFactor: number;
  /** Hears of every trouble, also when the scenario catches the error. */
  readonly onTrouble: (error: Error) => void;
};

/** Opens an instance in the adapter; it does not connect yet. */
export async function createExecClient(
  context: SubjectContext,
  userID: string,
  options: ClientOptions,
  exec: ExecClientOptions,
): Promise<ClientSubject> {
  const client = new ExecClient(context, userID, options, exec);
  await client.open();
  return client;
}

class ExecClient implements ClientSubject {
  readonly userID: string;
  readonly host: string;
  readonly events: ClientSubject['events'];
  readonly engine = null;
  readonly waitFor: ClientSubject['waitFor'];
  readonly #context: SubjectContext;
  readonly #options: ClientOptions;
  readonly #config: AdapterConfig;
  readonly #exec: ExecClientOptions;
  readonly #recorder: ClientRecorder;
  /** Seconds a verb that waits for the peer may take. */
  readonly #waitBudgetSecs: number;
  #closed = false;

  constructor(context: SubjectContext, userID: string, options: ClientOptions, exec: ExecClientOptions) {
    this.#context = context;
    this.#options = options;
    this.#exec = exec;
    this.#recorder = new ClientRecorder(context, userID);
    this.#config = adapterConfig(options, exec.timeFactor);
    const waitSecs = this.#config.waitResponseTimeoutInSecs;
    this.#waitBudgetSecs = BUDGET.opSecs + (waitSecs > 0 ? waitSecs : BUDGET.endlessSecs);
    this.userID = userID;
    this.host = context.host.name;
    this.events = this.#recorder.events;
    this.waitFor = this.#recorder.waitFor;
  }

  async open(): Promise<void> {
    const { adapter, inst, caseId } = this.#exec;
    adapter.watch(inst, (event) => this.#recorder.record(toClientEvent(event)));
    await this.#call('open', { case: caseId, config: this.#config });
  }

  logon(
    server: { readonly address: string; readonly port: number },
    options: { readonly password?: string } = {},
  ): Promise<LogonOutcome> {
    return handled(this.#logon(server, options.password ?? this.#options.password ?? null));
  }

  async #logon(
    server: { readonly address: string; readonly port: number },
    password: string | null,
  ): Promise<LogonOutcome> {
    const way = await this.#context.world.route(this.host, server);
    this.#recorder.note('logs on');
    const args = { address: way.address, port: way.port, userID: this.userID, password };
    const outcome = (await this.#call('logon', args, this.#waitBudgetSecs)) as LogonOutcome;
    this.#recorder.note(`logon: ${outcome.logonResult}`);
    return { logonResult: outcome.logonResult, failureCause: outcome.failureCause };
  }

  send(
    target: string | null,
    informationType: number,
    info: Uint8Array | null,
    options: SendOptions = {},
  ): Promise<boolean> {
    this.#recorder.sent('information', target, informationType, info);
    const { post = false, actionOnChannelIsBusy = 'Continue', byServer = false } = options;
    const args = { target, informationType, info: toHex(info), post, actionOnChannelIsBusy, byServer };
    return handled(this.#call('send', args).then((ok) => ok.sent as boolean));
  }

  query(target: string | null, informationType: number, info: Uint8Array | null): Promise<Uint8Array | null> {
    const ask = this.#recorder.asked('query', `${this.userID} asks ${target ?? 'the server'}`, false);
    this.#recorder.note(`asks ${target ?? 'the server'} ${informationType}`);
    const reply = this.#call('query', { target, informationType, info: toHex(info) }, this.#waitBudgetSecs);
    return this.#recorder.settles(
      reply.then((ok) => fromHex(ok.info as string | null)),
      ask,
    );
  }

  sendCertainly(target: string | null, informationType: number, info: Uint8Array | null): Promise<void> {
    const sent = this.#recorder.sent('information', target, informationType, info);
    const ask = this.#recorder.asked('ack', `${this.userID} sends certainly to ${target ?? 'the server'}`, false);
    const reply = this.#call('sendCertainly', { target, informationType, info: toHex(info) }, this.#waitBudgetSecs);
    return this.#recorder.settles(reply.then(nothing), ask, () => (sent.acknowledged = true));
  }

  sendBlob(
    target: string | null,
    informationType: number,
    blob: Uint8Array | null,
    fragmentSize: number,
  ): Promise<void> {
    this.#recorder.sent('blob', target, informationType, blob);
    const args = { target, informationType, blob: toHex(blob), fragmentSize };
    return handled(this.#call('sendBlob', args, this.#bulkBudgetSecs(blob)).then(nothing));
  }

  sendMessage(
    target: string | null,
    informationType: number,
    message: Uint8Array | null,
    tag: string | null,
    fragmentSize?: number,
  ): Promise<void> {
    this.#recorder.sent('message', target, informationType, message, tag);
    const args = { target, informationType, message: toHex(message), tag, fragmentSize: fragmentSize ?? null };
    return handled(this.#call('sendMessage', args, this.#bulkBudgetSecs(message)).then(nothing));
  }

  basic(request: BasicRequest): Promise<unknown> {
    this.#recorder.note(request.verb);
    return handled(this.#basic(request));
  }

  async #basic(request: BasicRequest): Promise<unknown> {
    const { result } = await this.#call('basic', { request }, this.#waitBudgetSecs);
    const problem = shippedAdapterSchema().problem(`basicResult.${request.verb}`, result);
    if (problem !== undefined) {
      const fault = new AdapterFault(
        `the result of ${request.verb} is malformed: ${problem}`,
        this.#exec.adapter.stderrTail(),
      );
      this.#exec.onTrouble(fault);
      throw fault;
    }
    return toBasicResult(request.verb, result, this.#exec.timeFactor);
  }

  async connected(): Promise<boolean> {
    return (await this.#call('connected', {})).connected as boolean;
  }

  closeConnection(reconnectNow: boolean): Promise<void> {
    this.#recorder.note(`closeConnection(${reconnectNow})`);
    return handled(this.#call('closeConnection', { reconnectNow }).then(nothing));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // A process that failed is gone already, and its failure has been told.
    if (this.#exec.adapter.failure === undefined) await this.#call('close', {});
  }

  /** A bulk transfer gets a second more for each MiB; a busy line may also make it wait for its peer. */
  #bulkBudgetSecs(bytes: Uint8Array | null): number {
    return this.#waitBudgetSecs + (bytes?.length ?? 0) / BYTES_PER_MIB;
  }

  async #call(verb: string, args: JsonObject, budgetSecs?: number): Promise<JsonObject> {
    const { adapter, inst } = this.#exec;
    try {
      return await adapter.call(verb, { inst, ...args }, budgetSecs);
    } catch (error) {
      const told = toRunError(error);
      this.#exec.onTrouble(told);
      throw told;
    } finally {
      this.#context.journal.changed();
    }
  }
}

/** The error that gives a case the outcome an adapter failure leads to; other errors as they are. */
export function toRunError(error: unknown): Error {
  if (!(error instanceof AdapterFailure)) return error instanceof Error ? error : new Error(String(error));
  switch (error.outcome) {
    case 'adapter-fault':
      return new AdapterFault(error.message, error.stderr);
    case 'crash':
      return new AdapterCrashed(error.message, error.stderr);
    case 'timeout':
      return new TimeLimitReached(error.message);
    case 'declined':
      return new Declined(error.message);
  }
}

function toClientEvent(event: JsonObject): NewClientEvent {
  const { ev, info } = event;
  const rest = Object.fromEntries(Object.entries(event).filter(([name]) => !['ev', 'inst', 'info'].includes(name)));
  // The schema has checked that the members fit the kind.
  const bytes = info === undefined ? {} : { info: fromHex(info as string | null) };
  return { kind: ev, ...rest, ...bytes } as unknown as NewClientEvent;
}

/** In the form the reference engine gives it, which is what scenarios compare with. */
function toBasicResult(verb: BasicRequest['verb'], result: unknown, timeFactor: number): unknown {
  switch (verb) {
    case 'ping':
    case 'pingByServer':
      return scenarioMillis(result as number, timeFactor);
    case 'areUsersOnline':
      return new Map(Object.entries(result as Record<string, boolean>));
    case 'kickOut':
    case 'sendHeartBeatMessage':
      return undefined;
    case 'isUserOnline':
    case 'getAllOnlineUsers':
    case 'getMyIPE':
    case 'getUserIPE':
      return result;
  }
}

/** Real milliseconds as those of the scenario; a whole number may have been rounded down, so the one begun counts. */
function scenarioMillis(realMillis: number, timeFactor: number): number {
  return (Number.isInteger(realMillis) ? realMillis + 1 : realMillis) / timeFactor;
}

function nothing(): void {
  // Verbs whose result is empty resolve with nothing.
}

function toHex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function fromHex(text: string | null): Uint8Array | null {
  return text === null ? null : new Uint8Array(Buffer.from(text, 'hex'));
}
