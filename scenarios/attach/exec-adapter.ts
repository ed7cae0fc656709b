/**
 * Speaks the adapter protocol (chapter 20) with one adapter process: requests out, replies and events in, every line checked.
 *
 * It reports trouble as an {@link AdapterFailure}, judges nothing, and does not restart anything (`exec-pool.ts` does).
 * Drive it: `await Adapter.start(options)`, `call(...)` or `ask(...)`, at last `bye()`. The first failure is final: the
 * process is killed, everything pending rejects with it, and so does every later call.
 */
import { AdapterProcess, describeEnd, type ProcessEnd, type ProcessOptions } from './exec-process.ts';
import { showBytes, utf8 } from './exec-lines.ts';
import { startPatience, type PatienceTimer } from './exec-patience.ts';
import { shippedAdapterSchema, type AdapterSchema } from './exec-schema.ts';
import type { Feature } from '../api.ts';
import type { Outcome } from '../../reports/model.ts';

/** The adapter protocol this harness speaks (chapter 20, section 3.1). */
const ADAPTER_PROTOCOL = 1;

/** Budgets in seconds, before `timeoutFactor` (chapter 20, section 7). */
export const BUDGET = { startSecs: 10, opSecs: 2, endlessSecs: 60, byeSecs: 3, killSecs: 3 } as const;

/** Trouble with the adapter, or its word that it cannot do a thing; `outcome` is the verdict it leads to. */
export class AdapterFailure extends Error {
  readonly outcome: Extract<Outcome, 'adapter-fault' | 'crash' | 'timeout' | 'declined'>;
  /** Last lines of the adapter's standard error, when that helps. */
  readonly stderr: readonly string[];

  constructor(outcome: AdapterFailure['outcome'], message: string, stderr: readonly string[] = []) {
    super(message);
    this.outcome = outcome;
    this.stderr = stderr;
  }
}

/** An error the implementation reported in a `failed` reply; carries the code of ERR-001. */
class ForeignError extends Error {
  readonly code: string;
  readonly clause: string | undefined;

  constructor(code: string, message: string, clause: string | undefined) {
    super(message);
    this.code = code;
    this.clause = clause;
  }
}

/** What `hello` told. */
export type Hello = {
  readonly protocol: number;
  readonly implementation: { readonly name: string; readonly version: string; readonly language: string };
  readonly features: readonly Feature[];
  readonly maxConcurrency: number;
};

/** How an adapter left. */
export type Leave = { readonly end: ProcessEnd; readonly byItself: boolean; readonly answered: boolean };

export type JsonObject = Readonly<Record<string, unknown>>;

/** A reply as it came, its shape checked. */
export type Reply =
  | { readonly kind: 'ok'; readonly value: JsonObject }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly clause?: string }
  | { readonly kind: 'unsupported'; readonly reason: string }
  | { readonly kind: 'fault'; readonly message: string; readonly trace?: string };

export type AdapterOptions = ProcessOptions & {
  /** Version of the suite, told in hello. */
  readonly suite: string;
  /** Multiplies every budget; default 1. */
  readonly timeoutFactor?: number;
  /** A `fault` that answers no request (`id` null); default: a failure. */
  readonly onStrayFault?: (message: string) => void;
  /** Lets any `ok` reply to hello through. */
  readonly anyHello?: boolean;
};

type Pending = {
  readonly verb: string;
  readonly inst: string | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (failure: AdapterFailure) => void;
  readonly timer: PatienceTimer;
};

type InstanceState = { open: boolean; readonly onEvent: (event: JsonObject) => void };

/** The members of which a reply has exactly one. */
export const REPLY_KINDS = ['ok', 'failed', 'unsupported', 'fault'] as const;

/** A running adapter that has said hello. */
export class Adapter {
  /** Called once with the first failure, also when nothing was pending. */
  onFailure: ((failure: AdapterFailure) => void) | undefined;
  readonly #options: AdapterOptions;
  readonly #process: AdapterProcess;
  readonly #schema: AdapterSchema = shippedAdapterSchema();
  readonly #pending = new Map<number, Pending>();
  readonly #instances = new Map<string, InstanceState>();
  #nextId = 1;
  #failure: AdapterFailure | undefined;
  #leaving = false;
  #hello: Hello | undefined;

  private constructor(options: AdapterOptions) {
    this.#options = options;
    this.#process = new AdapterProcess(options, {
      onLine: (bytes) => this.#handleLine(bytes),
      onOverflow: (start) => this.#fault(`a line of more than 16 MiB; it starts with ${showBytes(start)}`),
      onEnd: (end, rest) => this.#handleEnd(end, rest),
    });
  }

  /**
   * Starts the process and says hello.
   * @throws AdapterFailure when it cannot be started, does not answer in 10 s, or answers wrongly.
   */
  static async start(options: AdapterOptions): Promise<Adapter> {
    const adapter = new Adapter(options);
    const reply = await adapter.sayHello(BUDGET.startSecs);
    if (reply.kind !== 'ok')
      throw adapter.#fail('adapter-fault', `hello was answered with ${describeReply(reply)}; it needs ok`);
    const hello = reply.value as unknown as Hello;
    if (hello.protocol !== ADAPTER_PROTOCOL) {
      throw adapter.#fail(
        'adapter-fault',
        `the adapter speaks protocol ${hello.protocol}, this harness speaks ${ADAPTER_PROTOCOL}`,
      );
    }
    adapter.#hello = hello;
    return adapter;
  }

  /** Starts the process and says nothing yet. For adapter-check, which looks at the reply to hello itself. */
  static launch(options: AdapterOptions): Adapter {
    return new Adapter(options);
  }

  sayHello(budgetSecs: number): Promise<Reply> {
    return this.ask('hello', { protocol: ADAPTER_PROTOCOL, suite: this.#options.suite }, budgetSecs);
  }

  get hello(): Hello {
    return this.#hello!;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The failure that ended it, if one did. */
  get failure(): AdapterFailure | undefined {
    return this.#failure;
  }

  stderrTail(): readonly string[] {
    return this.#process.stderrTail();
  }

  /** Forgets standard error so far, at the start of a case. */
  clearStderr(): void {
    this.#process.clearStderr();
  }

  /** Registers an instance name; its events go to `onEvent` until {@link Adapter.forget}. */
  watch(inst: string, onEvent: (event: JsonObject) => void): void {
    this.#instances.set(inst, { open: true, onEvent });
  }

  /** After `reset`: all instances are closed. */
  forget(): void {
    for (const state of this.#instances.values()) state.open = false;
  }

  /**
   * Sends a request; resolves with the reply whatever it says.
   * @param budgetSecs - How long the reply may take, before `timeoutFactor`.
   */
  ask(verb: string, args: JsonObject, budgetSecs: number = BUDGET.opSecs): Promise<Reply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    const secs = budgetSecs * (this.#options.timeoutFactor ?? 1);
    const inst = typeof args.inst === 'string' ? args.inst : undefined;
    return new Promise((resolve, reject) => {
      const timer = startPatience(secs * 1000, () => this.#fail('timeout', lateMessage(verb, inst, secs)));
      this.#pending.set(id, { verb, inst, resolve, reject, timer });
      this.#process.write(`${JSON.stringify({ id, cmd: verb, ...args })}\n`);
    });
  }

  /**
   * Sends a request; resolves with what is under `ok`.
   * @throws ForeignError for `failed`; AdapterFailure `declined` for `unsupported`, `adapter-fault` for `fault`.
   */
  async call(verb: string, args: JsonObject, budgetSecs?: number): Promise<JsonObject> {
    return settle(verb, await this.ask(verb, args, budgetSecs), () => this.stderrTail());
  }

  /** Writes a line as it is, for adapter-check. */
  writeRaw(line: string): void {
    this.#process.write(`${line}\n`);
  }

  /**
   * Says bye and sees the process off: SIGTERM when it still lives after `graceSecs`, SIGKILL 3 s later.
   * @returns how it ended, whether by itself, and whether it answered.
   */
  async bye(graceSecs: number = BUDGET.byeSecs): Promise<Leave> {
    let answered = false;
    if (this.#failure === undefined) {
      this.#leaving = true;
      // The budget is watched below, where the process is ended step by step.
      const reply = this.ask('bye', {}, 3600);
      reply.then(({ kind }) => (answered = kind === 'ok')).catch(() => undefined);
    }
    const left = await this.#seeOff(graceSecs);
    return { ...left, answered };
  }

  /** Closes standard input, as a dying harness would, and tells how the process took it. */
  async hangUp(graceSecs: number = BUDGET.byeSecs): Promise<Leave> {
    this.#leaving = true;
    this.#process.endInput();
    return { ...(await this.#seeOff(graceSecs)), answered: false };
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.#leaving = true;
    this.#process.signal('SIGKILL');
    await this.#process.ended;
  }

  async #seeOff(graceSecs: number): Promise<{ readonly end: ProcessEnd; readonly byItself: boolean }> {
    let byItself = true;
    const factor = this.#options.timeoutFactor ?? 1;
    const timer = setTimeout(
      () => {
        byItself = false;
        void this.#process.terminate(BUDGET.killSecs * 1000);
      },
      graceSecs * 1000 * factor,
    );
    const end = await this.#process.ended;
    clearTimeout(timer);
    return { end, byItself };
  }

  #handleLine(bytes: Buffer): void {
    if (this.#failure !== undefined) return;
    const line = parseLine(bytes);
    if (line === undefined)
      this.#fault(`standard output is for the protocol only, but it had this line: ${showBytes(bytes)}`);
    else if (Object.hasOwn(line, 'ev')) this.#handleEvent(line);
    else if (Object.hasOwn(line, 'id')) this.#handleReply(line, bytes);
    else this.#fault(`a line has neither "id" nor "ev": ${showBytes(bytes)}`);
  }

  #handleReply(line: JsonObject, bytes: Buffer): void {
    const kinds = REPLY_KINDS.filter((kind) => Object.hasOwn(line, kind));
    const kind = kinds[0];
    if (kind === undefined || kinds.length > 1) {
      this.#fault(
        `a reply needs exactly one of ${REPLY_KINDS.join(', ')}, but this has ${kinds.join(' and ') || 'none'}: ${showBytes(bytes)}`,
      );
      return;
    }
    const { id } = line;
    if (id === null && kind === 'fault') {
      this.#handleStrayFault(line[kind]);
      return;
    }
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending === undefined) {
      const asked = typeof id === 'number' && Number.isInteger(id) && id >= 1 && id < this.#nextId;
      const why = asked ? 'was answered already' : 'was never asked';
      this.#fault(`a reply to id ${JSON.stringify(id)}, which ${why}: ${showBytes(bytes)}`);
      return;
    }
    const definition = definitionOf(kind, pending.verb);
    const checked = this.#schema.has(definition) && !(this.#options.anyHello === true && definition === 'ok.hello');
    const problem = checked ? this.#schema.problem(definition, line[kind]) : undefined;
    if (problem !== undefined) {
      this.#fault(`the ${kind} reply to ${pending.verb} is malformed: ${problem}; the line was ${showBytes(bytes)}`);
      return;
    }
    this.#pending.delete(id as number);
    pending.timer.cancel();
    if (pending.verb === 'close' && kind === 'ok' && pending.inst !== undefined) this.#close(pending.inst);
    if (pending.verb === 'reset' && kind === 'ok') this.forget();
    pending.resolve(toReply(kind, line[kind] as JsonObject));
  }

  #handleStrayFault(value: unknown): void {
    const problem = this.#schema.problem('fault', value);
    if (problem !== undefined) this.#fault(`a fault without id is malformed: ${problem}`);
    else if (this.#options.onStrayFault !== undefined)
      this.#options.onStrayFault((value as { message: string }).message);
    else this.#fault(`the adapter could not read a request: ${(value as { message: string }).message}`);
  }

  #handleEvent(event: JsonObject): void {
    const name = `event.${String(event.ev)}`;
    if (typeof event.ev !== 'string' || !this.#schema.has(name)) {
      this.#fault(`there is no event ${JSON.stringify(event.ev)}`);
      return;
    }
    const problem = this.#schema.problem(name, event);
    if (problem !== undefined) {
      this.#fault(`the event ${event.ev} is malformed: ${problem}`);
      return;
    }
    const state = this.#instances.get(event.inst as string);
    if (state === undefined)
      this.#fault(`the event ${event.ev} names the instance "${event.inst as string}", which was never opened`);
    else if (!state.open) this.#fault(`the event ${event.ev} came after instance "${event.inst as string}" was closed`);
    else state.onEvent(event);
  }

  #close(inst: string): void {
    const state = this.#instances.get(inst);
    if (state !== undefined) state.open = false;
  }

  #handleEnd(end: ProcessEnd, rest: Buffer): void {
    const waiting = [...this.#pending.values()].map(({ verb }) => verb);
    if (this.#leaving && waiting.every((verb) => verb === 'bye')) {
      for (const pending of this.#pending.values()) pending.timer.cancel();
      this.#pending.clear();
      this.#failure ??= new AdapterFailure('crash', 'the adapter has ended');
      return;
    }
    if (end.kind === 'not-started') {
      this.#fail('crash', `the adapter cannot be started: ${end.reason}`);
      return;
    }
    const during = waiting.length === 0 ? '' : ` while ${[...new Set(waiting)].join(', ')} waited for a reply`;
    const cut = rest.length === 0 ? '' : `; its last output was an unfinished line: ${showBytes(rest)}`;
    this.#fail('crash', `the adapter ended with ${describeEnd(end)}${during}${cut}`);
  }

  #fault(message: string): void {
    this.#fail('adapter-fault', message);
  }

  #fail(outcome: AdapterFailure['outcome'], message: string): AdapterFailure {
    if (this.#failure !== undefined) return this.#failure;
    const failure = new AdapterFailure(outcome, message, this.stderrTail());
    this.#failure = failure;
    this.#process.signal('SIGKILL');
    for (const pending of this.#pending.values()) {
      pending.timer.cancel();
      pending.reject(failure);
    }
    this.#pending.clear();
    this.onFailure?.(failure);
    return failure;
  }
}

/**
 * What is under `ok`.
 * @throws ForeignError for `failed`; AdapterFailure `declined` for `unsupported`, `adapter-fault` for `fault`.
 */
export function settle(verb: string, reply: Reply, stderrTail: () => readonly string[]): JsonObject {
  switch (reply.kind) {
    case 'ok':
      return reply.value;
    case 'failed':
      throw new ForeignError(reply.code, reply.message, reply.clause);
    case 'unsupported':
      throw new AdapterFailure('declined', `${verb}: ${reply.reason}`);
    case 'fault':
      throw new AdapterFailure('adapter-fault', `${verb} was answered with a fault: ${reply.message}`, [
        ...(reply.trace ?? '').split('\n').filter((line) => line !== ''),
        ...stderrTail(),
      ]);
  }
}

/** A line as an object; undefined when it is none. */
export function parseLine(bytes: Buffer): JsonObject | undefined {
  const text = utf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** The schema's name for what is under a reply's kind. */
export function definitionOf(kind: (typeof REPLY_KINDS)[number], verb: string): string {
  if (kind === 'ok') return `ok.${verb}`;
  return kind === 'failed' && (verb === 'encode' || verb === 'decode') ? 'failedCodec' : kind;
}

/** A reply whose shape has been checked. */
export function toReply(kind: (typeof REPLY_KINDS)[number], value: JsonObject): Reply {
  return kind === 'ok' ? { kind, value } : ({ kind, ...value } as unknown as Reply);
}

function lateMessage(verb: string, inst: string | undefined, secs: number): string {
  const whose = inst === undefined ? '' : ` of instance "${inst}"`;
  return `no reply to ${verb}${whose} within ${Math.round(secs * 1000) / 1000} s (raise it with --timeout-factor)`;
}

/** A reply in a few words, for messages. */
export function describeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'ok':
      return `ok ${JSON.stringify(reply.value).slice(0, 120)}`;
    case 'failed':
      return `failed ${reply.code} (${reply.message.slice(0, 120)})`;
    case 'unsupported':
      return `unsupported (${reply.reason.slice(0, 120)})`;
    case 'fault':
      return `fault (${reply.message.slice(0, 120)})`;
  }
}
