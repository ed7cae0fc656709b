/**
 * The Stage over any StageWorld: servers, clients and raw peers on hosts of their own, checks, waits, and the end of a run.
 *
 * It knows no target. `runOnStage` is the whole life of one run: the body, the closing of everything, the invariants.
 */
import type { Endpoint } from '../../spec/platform.ts';
import type { RareWayCount, Checkpoints, Trace } from '../../sim/index.ts';
import { rapidEngineFactory } from '../../impl/index.ts';
import type { P2PServerSubject, Stage } from '../api.ts';
import type { Figure } from '../../reports/figures.ts';
import type { Step } from '../../reports/model.ts';
import type { AdversarySubject } from './adversary-subject.ts';
import { checkAllAnswered, checkInvariants } from '../runner/invariants.ts';
import type { ClientOptions, ClientSubject } from './client-subject.ts';
import { SERVER_LABEL } from './client-recorder.ts';
import type { SubjectContext } from './client-recorder.ts';
import { deepEqual, differenceDump, show } from './describe.ts';
import { createControl, startAcms } from './cluster-subjects.ts';
import type { AcmsOptions, AcmsSubject, ControlSubject } from './cluster-subjects.ts';
import { DirectPeer } from './direct-peer.ts';
import type { DirectPeerOptions } from './direct-peer.ts';
import { createEngineClient } from './engine-client.ts';
import { startEngineServer } from './engine-server.ts';
import { CheckFailed, HarnessFault } from './failures.ts';
import { UdpPeer } from './udp-peer.ts';
import type { NetworkOptions } from './network-options.ts';
import { Journal } from './journal.ts';
import { Marks } from './marks.ts';
import type { Mark } from './marks.ts';
import { connectRawClient } from './raw-client.ts';
import type { RawClient, RawServer } from './raw-peer.ts';
import { startRawServer } from './raw-server.ts';
import { RudpPeer } from './rudp-peer.ts';
import type { ServerOptions, ServerSubject } from './server-subject.ts';
import { MICROS_PER_SEC, Waiting, crashOf } from './waiting.ts';
import { watchedNet } from './watched-net.ts';
import type { OpenResources, StageHost, StageWorld } from './world.ts';

/** Makes a client under test on its host; the reference engine unless a target brings its own. */
export type ClientFactory = (
  context: SubjectContext,
  userID: string,
  options: ClientOptions | undefined,
) => ClientSubject | Promise<ClientSubject>;

export type StageRunOptions = {
  readonly invariants: boolean;
  readonly createClient?: ClientFactory;
};

/** How a run ended. */
export type BodyResult = {
  /** What went wrong; absent when nothing did. */
  readonly error?: unknown;
  /** The sequence diagram. */
  readonly steps: readonly Step[];
  /** What the body recorded. */
  readonly figures?: readonly Figure[];
  readonly marks?: readonly Mark[];
  /** Classes of what was seen until the body was over. */
  readonly observed?: readonly string[];
  /** Of the simulated trace. */
  readonly digest?: string;
  /** The way there. */
  readonly checkpoints?: Checkpoints;
  /** The trace itself, when a window of it was asked for. */
  readonly trace?: Trace;
  /** What a reader of the verdict should know besides, in one sentence. */
  readonly note?: string;
};

/** Runs one body on a fresh stage to its very end; throws what went wrong. */
export async function runOnStage(
  world: StageWorld,
  body: (stage: Stage) => Promise<void>,
  options: StageRunOptions,
  onSession: (session: StageSession) => void = () => undefined,
): Promise<void> {
  const session = new StageSession(world, options.createClient ?? createEngineClient);
  onSession(session);
  try {
    await body(session.stage);
    session.journal.observed.end();
    const escaped = world.escaped();
    if (escaped !== undefined) throw crashOf(escaped);
    if (options.invariants) await session.settle();
  } catch (error) {
    session.abandon();
    throw error;
  }
  await session.close(options.invariants);
  const escaped = world.escaped();
  if (escaped !== undefined) throw crashOf(escaped);
  if (!options.invariants) return;
  const broken = [...checkInvariants(session.journal), ...checkAllAnswered(session.journal)][0];
  if (broken !== undefined) throw new CheckFailed(broken.message, broken);
}

/** Seconds in which a closed engine must have given back its timers, and its sockets. */
const TIMERS_GONE_SECS = 10;
/** A dead peer is given up with the first repeat after 100 s (RFC 9293 section 3.8.3), and repeats are 120 s apart at most. */
const SOCKETS_GONE_SECS = 230;
/** Seconds that what was acknowledged may take to reach the handler. */
const SETTLE_SECS = 5;
const LAST_ANSWERS_SECS = 0.01;
const PAYLOAD_BYTES_DEFAULT = 8;

type Closable = { close(): Promise<void> };

/** One run's stage and everything it made. */
export class StageSession {
  readonly stage: Stage;
  readonly journal: Journal;
  readonly #figures = new Map<string, Figure>();
  readonly #marks = new Marks();
  readonly #world: StageWorld;
  readonly #waiting: Waiting;
  readonly #createClient: ClientFactory;
  readonly #hosts = new Map<string, StageHost>();
  /** Hosts whose engines must leave nothing behind. */
  readonly #engineHosts = new Map<string, StageHost>();
  readonly #clients: Closable[] = [];
  readonly #servers: Closable[] = [];
  readonly #rawPeers: { abort(): void }[] = [];
  #payloads = 0;
  #adversaries = 0;
  #rareWays: (() => readonly Readonly<RareWayCount>[]) | undefined = undefined;

  constructor(world: StageWorld, createClient: ClientFactory) {
    this.#world = world;
    this.#createClient = createClient;
    this.journal = new Journal(() => world.nowMicros());
    this.#waiting = new Waiting(world, this.journal);
    this.stage = this.#makeStage();
  }

  /** What the body recorded, if anything: ready to be spread into a result. */
  figures(): Pick<BodyResult, 'figures' | 'marks' | 'observed'> {
    const observed = this.journal.observed.all;
    for (const { way, isArmed, fired } of this.#rareWays?.() ?? []) {
      this.#marks.classOf('rareWay', way, fired > 0 ? 'fired' : isArmed ? 'on' : 'off');
    }
    return {
      ...(observed.length === 0 ? {} : { observed }),
      ...(this.#figures.size === 0 ? {} : { figures: [...this.#figures.values()] }),
      ...(this.#marks.all.length === 0 ? {} : { marks: this.#marks.all }),
    };
  }

  /** The sequence diagram so far, ending with what decided the run when that failed. */
  stepsUpTo(error?: unknown): readonly Step[] {
    const steps = this.journal.finishedSteps();
    if (error === undefined) return steps;
    const label = error instanceof Error ? error.message : show(error);
    return [...steps, { atMicros: this.journal.nowMicros, from: 'scenario', label, mark: 'bad' }];
  }

  /** Gives acknowledged information the time to reach its handler; what does not is the invariants' business. */
  async settle(): Promise<void> {
    this.#world.healAll();
    const isQuiet = (): boolean => !checkInvariants(this.journal).some((broken) => broken.settles);
    await this.#waiting
      .until(isQuiet, SETTLE_SECS, () => new CheckFailed('not quiet'))
      .catch((error: unknown) => {
        if (!(error instanceof CheckFailed)) throw error;
      });
  }

  /** Closes clients, then servers, then raw peers; with `checked` waits for timers and sockets and notes what is left. */
  async close(checked: boolean): Promise<void> {
    this.#world.healAll();
    for (const client of this.#clients) await client.close();
    for (const server of this.#servers) await server.close();
    for (const peer of this.#rawPeers) peer.abort();
    this.#waiting.endAll();
    if (!checked) return;
    this.#waiting.reopen();
    // What closing settled must have reached the callbacks before anybody counts them.
    await this.#waiting.sleep(LAST_ANSWERS_SECS);
    await this.#released((open) => open.timers, TIMERS_GONE_SECS, 'timer');
    await this.#released((open) => open.files, TIMERS_GONE_SECS, 'file handle');
    await this.#released((open) => open.connections + open.listeners + open.udpSockets, SOCKETS_GONE_SECS, 'socket');
    this.#waiting.endAll();
  }

  /** Closes everything without waiting or judging, after a failure. */
  abandon(): void {
    this.#waiting.endAll();
    for (const each of [...this.#clients, ...this.#servers]) each.close().catch(() => undefined);
    for (const peer of this.#rawPeers) peer.abort();
  }

  async #released(count: (open: OpenResources) => number, withinSecs: number, resource: string): Promise<void> {
    const gone = new Set(this.journal.subjects.filter((subject) => subject.gone).map((subject) => subject.host));
    const hosts = [...this.#engineHosts.values()].filter((host) => !gone.has(host.name));
    const isReleased = (): boolean => hosts.every((host) => count(host.openResources()) === 0);
    await this.#waiting.until(isReleased, withinSecs, () => new CheckFailed('not released')).catch(() => undefined);
    for (const host of hosts) {
      const left = count(host.openResources());
      if (left > 0) this.journal.leftOvers.push({ subject: host.name, resource, count: left });
    }
  }

  #makeStage(): Stage {
    const checks = stageChecks(this.#waiting, this.#world.measureSlackMicros / MICROS_PER_SEC);
    return {
      target: this.#world.target,
      net: watchedNet({
        target: this.#world.target,
        net: this.#world.net,
        journal: this.journal,
        check: (host) => void this.#hostNamed(host),
      }),
      server: (options) => this.#server(options),
      client: (userID, options) => this.#client(userID, options),
      loggedOn: (server, userID, options) => this.#loggedOn(server, userID, options),
      acms: (options) => this.#acms(options),
      control: (acms, options) => this.#control(acms, options),
      rawClient: (server, options) => this.#rawClient(server, options),
      rawServer: (options) => this.#rawServer(options),
      directPeer: (server, userID, options) => this.#directPeer(server, userID, options),
      udpPeer: (network, port) => this.#udpPeer(network, port),
      adversary: () => this.#addAdversary(),
      p2pServer: (options) => this.#p2pServer(options),
      rudpPair: () => this.#rudpPair(),
      files: (host) => this.#hostNamed(host).files,
      nowSecs: () => this.#waiting.nowSecs(),
      sleep: (secs) => this.#waiting.sleep(secs),
      payload: (sizeBytes = PAYLOAD_BYTES_DEFAULT) => this.#payload(sizeBytes),
      figure: (figure) => void this.#figures.set(figure.title, figure),
      sometimes: (mark, happened) => this.#marks.sometimes(mark, happened),
      reachable: (mark) => this.#marks.reachable(mark),
      unreachable: (mark, clause) => this.#marks.unreachable(mark, clause),
      faultClass: (name, state) => this.#marks.classOf('fault', name, state),
      takeRareWays: () => void (this.#rareWays = this.#world.rareWays?.()),
      attackClass: (name, state) => this.#marks.classOf('attack', name, state),
      connects: (host, to, withinSecs) => this.#connects(this.#hostNamed(host), to, withinSecs),
      note: (text) => {
        this.journal.step({ from: 'scenario', label: text });
        this.journal.changed();
      },
      ...checks,
    };
  }

  async #server(options: ServerOptions = {}): Promise<ServerSubject> {
    const host = options.host === undefined ? this.#addHost(SERVER_LABEL, 'server') : this.#hostNamed(options.host);
    const server = await startEngineServer(this.#context(host), options);
    this.#engineHosts.set(host.name, host);
    this.#servers.push(server);
    return server;
  }

  async #acms(options: AcmsOptions = {}): Promise<AcmsSubject> {
    const host = options.after === undefined ? this.#addHost('acms', 'server') : this.#hostNamed(options.after.host);
    const acms = await startAcms(this.#context(host), options);
    this.#engineHosts.set(host.name, host);
    this.#servers.push(acms);
    return acms;
  }

  async #control(acms: AcmsSubject, options?: Parameters<typeof createControl>[2]): Promise<ControlSubject> {
    const host = this.#addHost('outside', 'client');
    const control = await createControl(this.#context(host), acms, options);
    this.#engineHosts.set(host.name, host);
    this.#clients.push(control);
    return control;
  }

  async #client(userID: string, options?: ClientOptions): Promise<ClientSubject> {
    const host = this.#addHost(userID, 'client', options?.network);
    const client = await this.#createClient(this.#context(host), userID, options);
    this.#engineHosts.set(host.name, host);
    this.#clients.push(client);
    return client;
  }

  async #loggedOn(server: ServerSubject, userID: string, options?: ClientOptions): Promise<ClientSubject> {
    const client = await this.#client(userID, options);
    const outcome = await client.logon(server);
    if (outcome.logonResult === 'Succeed') return client;
    throw new CheckFailed(`${userID} could not log on`, {
      clause: 'LOG-003',
      expected: 'Succeed',
      actual: `${outcome.logonResult}, ${show(outcome.failureCause)}`,
    });
  }

  async #rawClient(
    server: Pick<ServerSubject, 'address' | 'port'>,
    options: { readonly userID?: string; readonly userIdBytesMax?: number } = {},
  ): Promise<RawClient> {
    const context = this.#context(this.#addHost(options.userID ?? 'raw', 'client'));
    const peer = await connectRawClient(context, server, options);
    this.#rawPeers.push(peer);
    return peer;
  }

  async #rawServer(options: { readonly userIdBytesMax?: number } = {}): Promise<RawServer> {
    const server = await startRawServer(this.#context(this.#addHost('rawserver', 'server')), options);
    this.#rawPeers.push({ abort: () => server.stop() });
    return server;
  }

  async #rudpPair(): Promise<readonly [RudpPeer, RudpPeer]> {
    const make = async (name: string): Promise<RudpPeer> => {
      const host = this.#addHost(name, 'server');
      const peer = new RudpPeer(this.#context(host));
      await peer.bind();
      this.#engineHosts.set(host.name, host);
      this.#rawPeers.push({ abort: () => peer.dispose() });
      return peer;
    };
    const pair = [await make('left'), await make('right')] as const;
    pair[0].meet(pair[1].local);
    pair[1].meet(pair[0].local);
    return pair;
  }

  async #directPeer(server: Endpoint, userID: string, options: DirectPeerOptions = {}): Promise<DirectPeer> {
    const host = this.#addHost(userID, 'client', options.network);
    this.#engineHosts.set(host.name, host);
    if (options.conditions !== undefined) this.#world.net.conditions(host.name, options.conditions);
    const peer = await DirectPeer.logOn(this.#context(host), server, userID, options);
    this.#clients.push(closable(() => peer.close()));
    return peer;
  }

  async #udpPeer(network?: NetworkOptions, port = 0): Promise<UdpPeer> {
    const peer = new UdpPeer(this.#context(this.#addHost('udp', 'client', network)));
    await peer.open(port);
    this.#rawPeers.push({ abort: () => peer.close() });
    return peer;
  }

  async #p2pServer(
    options: { readonly port?: number; readonly maxLengthOfUserID?: number } = {},
  ): Promise<P2PServerSubject> {
    const host = this.#addHost('p2pserver', 'server');
    this.#engineHosts.set(host.name, host);
    const engine = rapidEngineFactory.createP2PServer(host.platform);
    engine.maxLengthOfUserID = options.maxLengthOfUserID ?? engine.maxLengthOfUserID;
    await engine.initialize(options.port ?? 0);
    this.#servers.push(closable(() => engine.close()));
    return { host: host.name, address: host.address, port: engine.port, engine };
  }

  /** A connection of its own, beside whatever engine runs on the host; it says nothing and is closed at once. */
  #connects({ platform }: StageHost, to: Endpoint, withinSecs: number): Promise<boolean> {
    const remote = { address: to.address, port: to.port };
    return new Promise((resolve) => {
      const settle = (isConnected: boolean): void => {
        this.#world.noteAsyncEdge();
        resolve(isConnected);
      };
      const connection = platform.connectTcp(
        { remote, timeoutMicros: Math.round(withinSecs * MICROS_PER_SEC) + this.#world.slackMicros },
        {
          onConnected: () => {
            settle(true);
            connection.abort();
          },
          onData: () => undefined,
          onClosed: () => settle(false),
        },
      );
    });
  }

  #context(host: StageHost): SubjectContext {
    return { world: this.#world, journal: this.journal, waiting: this.#waiting, host };
  }

  /** Host names are short and plain, whatever the UserID is made of; the second `alice` is `alice-2`. */
  #addHost(wanted: string, kind: 'server' | 'client', network?: NetworkOptions): StageHost {
    const base = wanted.replace(/[^A-Za-z0-9]/g, '').slice(0, 16) || 'host';
    let name = base;
    for (let count = 2; this.#hosts.has(name); count++) name = `${base}-${count}`;
    const host = this.#world.addHost(name, kind, network);
    this.#hosts.set(name, host);
    return host;
  }

  #addAdversary(): AdversarySubject {
    this.#adversaries += 1;
    return this.#world.addAdversary(this.#adversaries === 1 ? 'mallory' : `mallory-${this.#adversaries}`);
  }

  #hostNamed(name: string): StageHost {
    const host = this.#hosts.get(name);
    if (host === undefined) {
      throw new HarnessFault(`there is no host "${name}"; hosts are ${[...this.#hosts.keys()].join(', ')}`);
    }
    return host;
  }

  /** Bytes that no other call of this run gave: the running number, then the same number over and over. */
  #payload(sizeBytes: number): Uint8Array {
    this.#payloads += 1;
    if (!Number.isInteger(sizeBytes) || sizeBytes < 4) {
      throw new HarnessFault(`a unique payload needs 4 bytes or more, not ${sizeBytes}`);
    }
    const bytes = new Uint8Array(sizeBytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#payloads, true);
    for (let at = 4; at < sizeBytes; at++) bytes[at] = (at * 31 + this.#payloads * 7) & 0xff;
    return bytes;
  }
}

function closable(close: () => void): Closable {
  return {
    close: () => {
      close();
      return Promise.resolve();
    },
  };
}

type Checks = Pick<Stage, 'until' | 'check' | 'equal' | 'rejects' | 'took'>;

function stageChecks(waiting: Waiting, slackSecs: number): Checks {
  return {
    until: (condition, withinSecs, what, clause) =>
      waiting.until(
        condition,
        withinSecs,
        () => new CheckFailed(`${what}: not within ${withinSecs} s`, clause === undefined ? {} : { clause }),
      ),
    check: (condition, clause, what) => {
      if (!condition) throw new CheckFailed(what, { clause });
    },
    equal: (actual, expected, clause, what) => {
      if (deepEqual(actual, expected)) return;
      const dump =
        actual instanceof Uint8Array && expected instanceof Uint8Array ? differenceDump(actual, expected) : undefined;
      const details = { clause, expected: show(expected), actual: show(actual) };
      throw new CheckFailed(what, dump === undefined ? details : { ...details, hexdump: dump });
    },
    rejects: (promise, code, clause, what) => rejects(promise, { code, clause, what }),
    took: (givenSecs, limits, clause, what) => {
      const { atLeast = 0, atMost = Infinity } = limits;
      // The difference of two times in seconds is off by some 1e-15; clocks count microseconds.
      const elapsedSecs = Math.round(givenSecs * 1e6) / 1e6;
      // A busy machine sees the end late, or the beginning.
      if (elapsedSecs >= atLeast - slackSecs && elapsedSecs <= atMost + slackSecs) return;
      throw new CheckFailed(what, { clause, expected: `${atLeast} to ${atMost} s`, actual: `${elapsedSecs} s` });
    },
  };
}

async function rejects(
  promise: Promise<unknown>,
  wanted: { readonly code: string; readonly clause: string; readonly what: string },
): Promise<Error & { code: string }> {
  const { code, clause, what } = wanted;
  const expected = `a rejection with ${code}`;
  const settled = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in settled) throw new CheckFailed(what, { clause, expected, actual: `the value ${show(settled.value)}` });
  const { error } = settled;
  // A failure of the harness, or of a wait inside the promise, is not an answer of the implementation.
  if (error instanceof CheckFailed || error instanceof HarnessFault) throw error;
  if (error instanceof Error && 'code' in error && error.code === code) return error as Error & { code: string };
  throw new CheckFailed(what, { clause, expected, actual: show(error) });
}
