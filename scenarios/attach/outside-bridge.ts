/**
 * What a program does to its simulated host, and what the host tells it: actions into calls of a Platform, callbacks into
 * events (spec/adapter/simulated-host.md, sections 4 and 5).
 *
 * It moves no lines: `act` takes an action whose shape has been checked, `tell` gets every event. It judges only what the
 * protocol forbids, as a {@link BadAction} that names the clause.
 */
import type {
  Endpoint,
  LogLevel,
  Platform,
  TcpConnection,
  TcpHandlers,
  Timer,
  UdpSocket,
} from '../../spec/platform.ts';
import type { TcpListener } from '../../spec/platform.ts';
import type { JsonObject } from './exec-adapter.ts';
import {
  CONNECTIONS_MAX,
  DATAGRAM_BYTES_MAX,
  LOG_CHARS_MAX,
  QUEUED_BYTES_MAX,
  SOCKETS_MAX,
  TIMERS_MAX,
} from './outside-limits.ts';

/** An action the protocol does not allow; `message` is a sentence without the line. */
export class BadAction extends Error {
  readonly clause: string;
  constructor(clause: string, message: string) {
    super(message);
    this.clause = clause;
  }
}

type Connection = { tcp: TcpConnection | undefined; isOver: boolean };

/** Sees an event. An answer to a call goes before everything that waits. */
export type Tell = (event: JsonObject) => void;

/** Connections that were accepted are numbered from here, so that they never meet the program's own. */
const ACCEPTED_FROM = 2 ** 30;

/** The clause of each action; the schema has a definition `do.NAME` for each. */
export const ACTION_CLAUSES: Readonly<Record<string, string>> = {
  connect: 'HOST-21',
  send: 'HOST-22',
  end: 'HOST-23',
  reset: 'HOST-23',
  pause: 'HOST-24',
  resume: 'HOST-24',
  keepAlive: 'HOST-25',
  queued: 'HOST-26',
  bind: 'HOST-27',
  datagram: 'HOST-28',
  unbind: 'HOST-27',
  timer: 'HOST-29',
  clear: 'HOST-29',
  log: 'HOST-30',
  listen: 'HOST-31',
  unlisten: 'HOST-31',
};

/** One life of one host. */
export class OutsideBridge {
  readonly #platform: Platform;
  readonly #tell: Tell;
  readonly #answer: Tell;
  readonly #connections = new Map<number, Connection>();
  readonly #usedConnections = new Set<number>();
  readonly #listeners = new Map<number, TcpListener>();
  readonly #sockets = new Map<number, UdpSocket>();
  readonly #timers = new Map<number, Timer>();
  #acceptedCount = 0;
  #isOver = false;

  /**
   * @param tell - Takes an event for later.
   * @param answer - Takes what the program waits for in the middle of its answer.
   */
  constructor(platform: Platform, tell: Tell, answer: Tell) {
    this.#platform = platform;
    this.#tell = (event) => {
      if (!this.#isOver) tell(event);
    };
    this.#answer = answer;
  }

  /** From now on nothing is told any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Does what a checked line says. @throws BadAction */
  act(line: JsonObject): void {
    const name = line.do as string;
    const { conn, socket, timer, listener } = line as Record<'conn' | 'socket' | 'timer' | 'listener', number>;
    switch (name) {
      case 'connect':
        this.#connect(conn, line);
        break;
      case 'send':
        this.#send(conn, bytesOf(line));
        break;
      case 'queued':
        this.#answer({ net: 'queued', conn, bytes: this.#open(name, conn)?.queuedBytes ?? 0 });
        break;
      case 'bind':
        this.#bind(socket, line);
        break;
      case 'datagram':
        this.#datagram(socket, line);
        break;
      case 'unbind':
        this.#socket(name, socket).close();
        this.#sockets.delete(socket);
        break;
      case 'listen':
        this.#listen(listener, line);
        break;
      case 'unlisten':
        this.#unlisten(listener);
        break;
      case 'timer':
        this.#setTimer(timer, line.atMicros as number);
        break;
      case 'clear':
        this.#clear(timer);
        break;
      case 'log':
        this.#log(line);
        break;
      default:
        this.#onOpen(name, this.#open(name, conn), line);
    }
  }

  /** Actions on a connection that need nothing else. */
  #onOpen(name: string, tcp: TcpConnection | undefined, line: JsonObject): void {
    switch (name) {
      case 'end':
        tcp?.end();
        break;
      case 'reset':
        tcp?.abort();
        break;
      case 'pause':
        tcp?.pause();
        break;
      case 'resume':
        tcp?.resume();
        break;
      case 'keepAlive':
        tcp?.setKeepAlive({ idleMicros: line.idleMicros as number, intervalMicros: line.intervalMicros as number });
    }
  }

  #connect(conn: number, line: JsonObject): void {
    const clause = ACTION_CLAUSES.connect!;
    if (this.#usedConnections.has(conn)) throw new BadAction(clause, `connection ${conn} was used before`);
    if (this.#connections.size >= CONNECTIONS_MAX) {
      throw new BadAction(clause, `there are ${CONNECTIONS_MAX} connections, the limit; end some before the next one`);
    }
    const { address, port, localAddress, localPort, timeoutMicros } = line as Connect;
    const entry: Connection = { tcp: undefined, isOver: false };
    this.#usedConnections.add(conn);
    this.#connections.set(conn, entry);
    const tcp = this.#platform.connectTcp(
      {
        remote: { address, port },
        ...(localAddress === undefined ? {} : { localAddress }),
        ...(localPort === undefined ? {} : { localPort }),
        ...(timeoutMicros === undefined ? {} : { timeoutMicros }),
      },
      {
        onConnected: () => this.#tell({ net: 'connected', conn, local: plain(tcp.local), remote: plain(tcp.remote) }),
        ...this.#handlers(conn, entry),
      },
    );
    entry.tcp = tcp;
  }

  #handlers(conn: number, entry: Connection): TcpHandlers {
    return {
      onData: (bytes) => this.#tell({ net: 'data', conn, bytes: base64(bytes) }),
      onEnd: () => this.#tell({ net: 'ended', conn }),
      onDrain: () => this.#tell({ net: 'writable', conn }),
      onClosed: (reason, detail) => {
        entry.isOver = true;
        this.#tell({ net: 'closed', conn, reason, ...(detail === undefined ? {} : { detail }) });
      },
    };
  }

  #listen(listener: number, line: JsonObject): void {
    const clause = ACTION_CLAUSES.listen!;
    if (this.#listeners.has(listener)) throw new BadAction(clause, `listener ${listener} listens already`);
    if (this.#listeners.size >= SOCKETS_MAX)
      throw new BadAction(clause, `there are ${SOCKETS_MAX} listeners, the limit`);
    const { address, port, backlog } = line as { address?: string; port: number; backlog?: number };
    const where = {
      ...(address === undefined ? {} : { address }),
      ...(backlog === undefined ? {} : { backlog }),
      port,
    };
    const opened = this.#platform.listenTcp(where, {
      onListening: (local) => this.#tell({ net: 'listening', listener, local: plain(local) }),
      onConnection: (tcp) => {
        const conn = ACCEPTED_FROM + this.#acceptedCount++;
        const entry: Connection = { tcp, isOver: false };
        this.#usedConnections.add(conn);
        this.#connections.set(conn, entry);
        this.#tell({ net: 'accepted', listener, conn, local: plain(tcp.local), remote: plain(tcp.remote) });
        return this.#handlers(conn, entry);
      },
      onError: (code, detail) => this.#tell({ net: 'failed', listener, code, detail }),
    });
    this.#listeners.set(listener, opened);
  }

  #unlisten(listener: number): void {
    const opened = this.#listeners.get(listener);
    if (opened === undefined) throw new BadAction(ACTION_CLAUSES.unlisten!, `listener ${listener} does not listen`);
    this.#listeners.delete(listener);
    opened.close();
  }

  /** The program has read that a connection is over. */
  forget(conn: number): void {
    this.#connections.delete(conn);
  }

  #send(conn: number, bytes: Uint8Array): void {
    const tcp = this.#open('send', conn);
    if (tcp === undefined) return;
    const queued = tcp.queuedBytes + bytes.length;
    if (queued > QUEUED_BYTES_MAX) {
      const what = `${queued} bytes of connection ${conn} would wait, the limit is ${QUEUED_BYTES_MAX}`;
      throw new BadAction(ACTION_CLAUSES.send!, `${what}; wait for "writable"`);
    }
    tcp.write(bytes);
  }

  /** Undefined for one that has ended without the program knowing yet: what it does then goes nowhere. */
  #open(action: string, conn: number): TcpConnection | undefined {
    const entry = this.#connections.get(conn);
    if (entry !== undefined) return entry.isOver ? undefined : entry.tcp;
    const why = this.#usedConnections.has(conn) ? 'was told to be closed' : 'was never opened';
    throw new BadAction(ACTION_CLAUSES[action]!, `connection ${conn} ${why}`);
  }

  #bind(socket: number, line: JsonObject): void {
    const clause = ACTION_CLAUSES.bind!;
    if (this.#sockets.has(socket)) throw new BadAction(clause, `socket ${socket} is bound already`);
    if (this.#sockets.size >= SOCKETS_MAX) throw new BadAction(clause, `there are ${SOCKETS_MAX} sockets, the limit`);
    const { address, port } = line as { address?: string; port: number };
    const bound = this.#platform.bindUdp(
      { port, ...(address === undefined ? {} : { address }) },
      {
        onListening: (local) => this.#tell({ net: 'bound', socket, local: plain(local) }),
        onMessage: (bytes, from) => this.#tell({ net: 'datagram', socket, from: plain(from), bytes: base64(bytes) }),
        onError: (code, detail) => this.#tell({ net: 'failed', socket, code, detail }),
      },
    );
    this.#sockets.set(socket, bound);
  }

  #datagram(socket: number, line: JsonObject): void {
    const bytes = bytesOf(line);
    if (bytes.length > DATAGRAM_BYTES_MAX) {
      throw new BadAction(
        ACTION_CLAUSES.datagram!,
        `member "bytes" has ${bytes.length} bytes, a datagram has ${DATAGRAM_BYTES_MAX} at most`,
      );
    }
    const { address, port } = line as Endpoint & JsonObject;
    this.#socket('datagram', socket).send(bytes, { address, port });
  }

  #socket(action: string, socket: number): UdpSocket {
    const bound = this.#sockets.get(socket);
    if (bound === undefined) throw new BadAction(ACTION_CLAUSES[action]!, `socket ${socket} is not bound`);
    return bound;
  }

  #setTimer(timer: number, atMicros: number): void {
    const clause = ACTION_CLAUSES.timer!;
    this.#clear(timer);
    if (this.#timers.size >= TIMERS_MAX) throw new BadAction(clause, `there are ${TIMERS_MAX} timers, the limit`);
    // A time that is past is due at once.
    const delayMicros = Math.max(0, atMicros - this.#platform.monotonicMicros());
    const running = this.#platform.setTimer(delayMicros, () => {
      this.#timers.delete(timer);
      this.#tell({ net: 'timer', timer });
    });
    this.#timers.set(timer, running);
  }

  #clear(timer: number): void {
    this.#timers.get(timer)?.cancel();
    this.#timers.delete(timer);
  }

  #log(line: JsonObject): void {
    const { level, text } = line as { level: LogLevel; text: string };
    if (text.length > LOG_CHARS_MAX) {
      throw new BadAction(
        ACTION_CLAUSES.log!,
        `member "text" has ${text.length} characters, the limit is ${LOG_CHARS_MAX}`,
      );
    }
    this.#platform.log(level, text);
  }
}

type Connect = JsonObject & {
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly timeoutMicros?: number;
};

function plain({ address, port }: Endpoint): Endpoint {
  return { address, port };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function bytesOf(line: JsonObject): Uint8Array {
  return Buffer.from(line.bytes as string, 'base64');
}
