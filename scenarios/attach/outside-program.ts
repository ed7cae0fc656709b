/**
 * A program on a simulated host: events out, actions, replies and reports in, until it says that it is idle.
 *
 * The harness's side of the simulated host protocol (spec/adapter/simulated-host.md), with the verbs of the adapter protocol
 * on top (chapter 20). Everything is synchronous: when a call here returns, the program has nothing more to do at this
 * moment of virtual time. The first failure is final; the program is ended, and everything pending rejects with it.
 */
import type { Platform, Timer } from '../../spec/platform.ts';
import { AdapterFailure, BUDGET, REPLY_KINDS } from './exec-adapter.ts';
import { definitionOf, describeReply, parseLine, settle, toReply } from './exec-adapter.ts';
import type { Adapter, Hello, JsonObject, Reply } from './exec-adapter.ts';
import { describeEnd } from './exec-process.ts';
import { showBytes } from './exec-lines.ts';
import { shippedAdapterSchema, simulatedHostSchema } from './exec-schema.ts';
import { ACTION_CLAUSES, BadAction, OutsideBridge } from './outside-bridge.ts';
import {
  ANSWER_BYTES_MAX,
  ANSWER_LINES_MAX,
  EVENTS_AT_ONCE_MAX,
  LINE_BYTES_MAX,
  SCENARIO_SECS_PER_BUDGET_SEC,
} from './outside-limits.ts';
import type { LinePipe } from './outside-pipe.ts';

/** The simulated host protocol this harness speaks. */
const SIMULATED_PROTOCOL = 1;

/** What `hello` told, in this protocol. */
export type OutsideHello = Hello & { readonly simulated?: number; readonly reusable?: boolean };

export type OutsideOptions = {
  /** The running process. */
  readonly pipe: LinePipe;
  /** Version of the suite, told in hello. */
  readonly suite: string;
};

/** A host to live on. */
export type OutsideHost = {
  readonly name: string;
  readonly platform: Platform;
  /** A timer of the harness in scenario time, for replies that never come. */
  readonly setTimer: (delayMicros: number, callback: () => void) => Timer;
};

type Pending = {
  readonly verb: string;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (failure: AdapterFailure) => void;
  readonly timer: Timer | undefined;
};

/** One process. */
export class OutsideProgram implements Pick<Adapter, 'call' | 'watch' | 'stderrTail' | 'failure'> {
  /** Called once with the first failure. */
  onFailure: ((failure: AdapterFailure) => void) | undefined;
  readonly #pipe: LinePipe;
  readonly #suite: string;
  readonly #pending = new Map<number, Pending>();
  readonly #events: JsonObject[] = [];
  readonly #watched = new Map<string, (event: JsonObject) => void>();
  #host: OutsideHost | undefined;
  #bridge: OutsideBridge | undefined;
  #failure: AdapterFailure | undefined;
  #nextId = 1;
  #lineCount = 0;
  #isBusy = false;
  #wasKilled = false;
  #atMicros = -1;
  #eventsAtOnce = 0;
  #hello: OutsideHello | undefined;

  /** Says hello; `failure` tells when the program cannot be used. */
  constructor({ pipe, suite }: OutsideOptions) {
    this.#pipe = pipe;
    this.#suite = suite;
    this.#sayHello();
  }

  get hello(): OutsideHello {
    return this.#hello!;
  }

  get failure(): AdapterFailure | undefined {
    return this.#failure;
  }

  get pid(): number | undefined {
    return this.#pipe.pid;
  }

  /** Whether it went with its host's power, which is no fault of it. */
  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  stderrTail(): readonly string[] {
    return this.#pipe.stderrTail();
  }

  /** Puts the program on a host; its own seed comes from the host's. @throws AdapterFailure */
  boot(host: OutsideHost): void {
    this.#pipe.clearStderr();
    this.#host = host;
    this.#atMicros = -1;
    // A life begins like every other, or no two runs would be one.
    this.#nextId = 1;
    this.#lineCount = 0;
    const { platform, name } = host;
    this.#bridge = new OutsideBridge(
      platform,
      (event) => this.#tell(event),
      (answer) => void this.#pipe.send(JSON.stringify(answer)),
    );
    this.#tell({ net: 'start', host: name, seed: platform.randomUint32(), addresses: platform.localAddresses() });
    this.#throwFailure();
  }

  /** Takes the program off its host: everything it had there is gone. It can be booted again. */
  halt(): void {
    this.#bridge?.end();
    this.#bridge = undefined;
    this.#drop();
    if (this.#failure === undefined && this.#host !== undefined) this.#tell({ net: 'stop' });
    this.#host = undefined;
  }

  /** Its host lost power: it is gone at once, and nobody is told anything any more. */
  kill(): void {
    this.#bridge?.end();
    this.#bridge = undefined;
    this.#drop();
    this.#wasKilled = this.#failure === undefined;
    this.#failure ??= new AdapterFailure('crash', 'the program has lost its host');
    this.#pipe.kill();
  }

  watch(inst: string, onEvent: (event: JsonObject) => void): void {
    this.#watched.set(inst, onEvent);
  }

  /** Sends a request; resolves with what is under `ok`. As {@link Adapter.call}; budgets are scenario time here. */
  async call(verb: string, args: JsonObject, budgetSecs: number = BUDGET.opSecs): Promise<JsonObject> {
    return settle(verb, await this.ask(verb, args, budgetSecs), () => this.stderrTail());
  }

  /** Sends a request; resolves with the reply whatever it says. */
  ask(verb: string, args: JsonObject, budgetSecs: number = BUDGET.opSecs): Promise<Reply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const secs = budgetSecs * SCENARIO_SECS_PER_BUDGET_SEC;
      const timer = this.#host?.setTimer(Math.round(secs * 1e6), () => {
        this.#fail('timeout', `no reply to ${verb} within ${secs} s of virtual time`);
      });
      this.#pending.set(id, { verb, resolve, reject, timer });
      this.#tell({ id, cmd: verb, ...args });
      const isLeft = this.#host === undefined && this.#pending.has(id);
      if (isLeft)
        this.#fail('timeout', `${verb} was not answered before "idle", and off a host no time passes (HOST-06)`);
    });
  }

  /** Ends the process; with what is known then of a failure. */
  async close(): Promise<AdapterFailure | undefined> {
    const failure = this.#failure;
    const wasLate = this.#pipe.wasLate;
    const stderr = this.#pipe.stderrTail();
    // A program that is going by itself needs a moment to be gone.
    const end = await this.#pipe.close();
    if (failure?.outcome !== 'crash' || wasLate) return failure;
    return new AdapterFailure('crash', `${failure.message}: ${describeEnd(end)}`, stderr);
  }

  #sayHello(): void {
    const args = { protocol: 1, suite: this.#suite, simulated: SIMULATED_PROTOCOL };
    let reply: Reply | undefined;
    this.#pending.set(this.#nextId, {
      verb: 'hello',
      resolve: (value) => (reply = value),
      reject: () => undefined,
      timer: undefined,
    });
    this.#tell({ id: this.#nextId++, cmd: 'hello', ...args });
    if (this.#failure !== undefined) return;
    if (reply?.kind !== 'ok') {
      const told = reply === undefined ? 'idle, without a reply' : describeReply(reply);
      this.#fail('adapter-fault', `hello was answered with ${told}; it needs ok`);
      return;
    }
    this.#hello = reply.value as unknown as OutsideHello;
    const { protocol } = this.#hello;
    if (protocol !== 1) this.#fail('adapter-fault', `the adapter speaks protocol ${protocol}, this harness speaks 1`);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Events go out one by one, each after the answer to the one before. */
  #tell(event: JsonObject): void {
    this.#events.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#events.shift(); next !== undefined && this.#failure === undefined;) {
        this.#exchange(next);
        next = this.#events.shift();
      }
    } catch (error) {
      // Whoever told may be an event of the simulator, which is no place for this failure.
      if (!(error instanceof AdapterFailure)) throw error;
    } finally {
      this.#isBusy = false;
      this.#host?.platform.noteAsyncEdge();
    }
  }

  #exchange(event: JsonObject): void {
    const platform = this.#host?.platform;
    const now = platform?.monotonicMicros() ?? 0;
    const wall = platform?.wallMillis() ?? 0;
    this.#countAt(now, event);
    if (!this.#pipe.send(JSON.stringify({ ...event, now, wall }))) throw this.#ended(event, Buffer.alloc(0));
    // From here on the program knows.
    if (event.net === 'closed') this.#bridge?.forget(event.conn as number);
    let bytesLeft = ANSWER_BYTES_MAX;
    for (let lines = 0; ; lines++) {
      const received = this.#pipe.receive();
      if (received.kind === 'overflow') {
        throw this.#broken('HOST-02', `a line of more than ${LINE_BYTES_MAX} bytes`, received.start);
      }
      if (received.kind === 'end') throw this.#ended(event, received.rest);
      const { bytes } = received;
      this.#lineCount += 1;
      bytesLeft -= bytes.length;
      if (lines >= ANSWER_LINES_MAX || bytesLeft < 0) {
        const limit = lines >= ANSWER_LINES_MAX ? `${ANSWER_LINES_MAX} lines` : `${ANSWER_BYTES_MAX} bytes`;
        throw this.#broken('HOST-05', `${named(event)} was answered with more than ${limit} and no "idle"`, bytes);
      }
      if (this.#takeLine(bytes, event)) return;
    }
  }

  /** A program that wants to be called again and again at once would stop the world. */
  #countAt(now: number, event: JsonObject): void {
    this.#eventsAtOnce = now === this.#atMicros ? this.#eventsAtOnce + 1 : 1;
    this.#atMicros = now;
    if (this.#eventsAtOnce <= EVENTS_AT_ONCE_MAX || this.#host === undefined) return;
    throw this.#fail(
      'adapter-fault',
      `time stands still at ${now} us: ${EVENTS_AT_ONCE_MAX} events in a row, the last was ${named(event)} (HOST-07)`,
    );
  }

  /** True for the line that ends an answer. */
  #takeLine(bytes: Buffer, event: JsonObject): boolean {
    const line = parseLine(bytes);
    if (line === undefined) throw this.#broken('HOST-02', 'a line that is no JSON object in UTF-8', bytes);
    const what = ['idle', 'do', 'id', 'ev'].filter((member) => Object.hasOwn(line, member));
    if (what.length !== 1) {
      const has = what.length === 0 ? 'none of them' : what.join(' and ');
      throw this.#broken('HOST-03', `a line needs exactly one of "idle", "do", "id", "ev"; this has ${has}`, bytes);
    }
    const [kind] = what;
    if (kind === 'idle') {
      this.#check('idle', line, 'HOST-04', bytes);
      return true;
    }
    if (kind === 'do') this.#act(line, bytes);
    else if (kind === 'id') this.#reply(line, bytes);
    else this.#report(line, bytes);
    if (event.cmd !== 'hello' || kind !== 'id') return false;
    // An adapter for real sockets would never say "idle", and its user should hear why.
    const { simulated } = (line.ok ?? {}) as { simulated?: unknown };
    if (simulated === SIMULATED_PROTOCOL || line.ok === undefined) return false;
    const said =
      simulated === undefined ? 'has no member "simulated"' : `says "simulated": ${JSON.stringify(simulated)}`;
    throw this.#fail(
      'adapter-fault',
      `the reply to hello ${said}, so the adapter does not speak the simulated host protocol ${SIMULATED_PROTOCOL} ` +
        '(HOST-08); see spec/adapter/simulated-host.md, or leave out --simulated to use real sockets',
    );
  }

  #act(line: JsonObject, bytes: Buffer): void {
    const name = String(line.do);
    const clause = Object.hasOwn(ACTION_CLAUSES, name) ? ACTION_CLAUSES[name]! : undefined;
    if (clause === undefined) {
      const known = Object.keys(ACTION_CLAUSES).join(', ');
      throw this.#broken('HOST-20', `there is no action ${JSON.stringify(line.do)}; actions are ${known}`, bytes);
    }
    this.#check(`do.${name}`, line, clause, bytes);
    if (this.#host === undefined) throw this.#broken('HOST-09', `the action "${name}" off a host`, bytes);
    this.#note(line, bytes);
    try {
      // Of a host that is being left nothing is done any more.
      this.#bridge?.act(line);
    } catch (error) {
      if (error instanceof BadAction) throw this.#broken(error.clause, error.message, bytes);
      // The simulator refuses what no host could do, such as an address that is none.
      throw this.#broken(clause, error instanceof Error ? error.message : String(error), bytes);
    }
  }

  #reply(line: JsonObject, bytes: Buffer): void {
    const { id } = line;
    const kinds = REPLY_KINDS.filter((each) => Object.hasOwn(line, each));
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      throw this.#broken('HOST-10', `a reply needs exactly one of ${REPLY_KINDS.join(', ')}`, bytes);
    }
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending === undefined) {
      // What its host had asked of it may still be answered while it leaves.
      if (this.#bridge === undefined && this.#host !== undefined) return;
      throw this.#broken('HOST-10', `a reply to id ${JSON.stringify(id)}, which nobody waits for`, bytes);
    }
    const definition = definitionOf(kind, pending.verb);
    const problem = shippedAdapterSchema().has(definition)
      ? shippedAdapterSchema().problem(definition, line[kind])
      : undefined;
    if (problem !== undefined) throw this.#broken('HOST-10', `the ${kind} reply to ${pending.verb}: ${problem}`, bytes);
    this.#note(line, bytes);
    this.#pending.delete(id as number);
    pending.timer?.cancel();
    pending.resolve(toReply(kind, line[kind] as JsonObject));
  }

  #report(line: JsonObject, bytes: Buffer): void {
    const name = `event.${String(line.ev)}`;
    if (typeof line.ev !== 'string' || !shippedAdapterSchema().has(name)) {
      throw this.#broken('HOST-11', `there is no report ${JSON.stringify(line.ev)}`, bytes);
    }
    const problem = shippedAdapterSchema().problem(name, line);
    if (problem !== undefined) throw this.#broken('HOST-11', `the report ${line.ev}: ${problem}`, bytes);
    const onEvent = this.#watched.get(line.inst as string);
    if (onEvent !== undefined) {
      this.#note(line, bytes);
      onEvent(line);
    } else if (this.#host === undefined || this.#bridge !== undefined) {
      throw this.#broken('HOST-11', `the report ${line.ev} names the instance "${line.inst as string}"`, bytes);
    }
  }

  /** What a program says belongs to the run: two runs are one only if it says the same. */
  #note(line: JsonObject, bytes: Buffer): void {
    const what = (line.do ?? line.ev ?? `reply ${String(line.id)}`) as string;
    this.#host?.platform.log('debug', `line ${what} ${hashOf(bytes)}`);
  }

  #check(definition: string, line: JsonObject, clause: string, bytes: Buffer): void {
    const problem = simulatedHostSchema().problem(definition, line);
    if (problem !== undefined) throw this.#broken(clause, problem, bytes);
  }

  #broken(clause: string, message: string, bytes: Buffer): AdapterFailure {
    return this.#fail(
      'adapter-fault',
      `line ${this.#lineCount}: ${message} (${clause}); the line was ${showBytes(bytes)}`,
    );
  }

  #ended(event: JsonObject, rest: Buffer): AdapterFailure {
    if (this.#pipe.wasLate) {
      return this.#fail(
        'timeout',
        `${named(event)} was not answered with "idle" in time (HOST-06); raise --timeout-factor if it should have been`,
      );
    }
    const cut = rest.length === 0 ? '' : `; its last output was an unfinished line: ${showBytes(rest)}`;
    return this.#fail('crash', `the program ended while it was to answer ${named(event)}${cut}`);
  }

  /** Nobody waits for what was asked any more. */
  #drop(): void {
    for (const pending of this.#pending.values()) pending.timer?.cancel();
    this.#pending.clear();
    this.#watched.clear();
    this.#events.length = 0;
  }

  #fail(outcome: AdapterFailure['outcome'], message: string): AdapterFailure {
    if (this.#failure !== undefined) return this.#failure;
    const failure = new AdapterFailure(outcome, message, this.stderrTail());
    this.#failure = failure;
    this.#bridge?.end();
    this.#pipe.kill();
    for (const pending of this.#pending.values()) {
      pending.timer?.cancel();
      pending.reject(failure);
    }
    this.#drop();
    this.onFailure?.(failure);
    return failure;
  }
}

/** An event in a few words, for messages. */
function named(event: JsonObject): string {
  if (event.net === undefined) return `the request ${String(event.cmd)}`;
  const of = event.conn ?? event.socket ?? event.timer;
  return `the event ${event.net as string}${of === undefined ? '' : ` ${of as number}`}`;
}

/** FNV-1a of 32 bits, in hexadecimal. */
function hashOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}
