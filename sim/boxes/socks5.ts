/**
 * A SOCKS5 proxy on a host: CONNECT, BIND and UDP ASSOCIATE (RFC 1928), without password or with one (RFC 1929), by address or
 * by name. Datagrams come unfragmented or not at all.
 *
 * ```ts
 * const proxy = internet.host('proxy');
 * proxy.runProgram(() => serveSocks5(proxy, { users: { ann: 'secret' } }));   // now, and again after every restart
 * ```
 */
import type { Endpoint, TcpCloseReason, TcpConnection, TcpHandlers, TcpListener } from '../../spec/platform.ts';
import { checkInteger } from '../errors.ts';
import type { Host } from '../host.ts';
import { relayTo } from './relay.ts';
import { resolveName } from './resolve.ts';
import { associate } from './socks5-associate.ts';
import {
  SOCKS_COMMAND,
  SOCKS_METHOD,
  SOCKS_REPLY,
  readGreeting,
  readPassword,
  readRequest,
  writeReply,
} from './socks5-message.ts';
import type { SocksReply, SocksRequest } from './socks5-message.ts';

export type Socks5Options = {
  /** Default 1080. */
  readonly port?: number;
  /** Who may use it, with passwords; everybody, without one, when absent. */
  readonly users?: Readonly<Record<string, string>>;
  /** Commands it obeys; default all three. */
  readonly commands?: readonly (keyof typeof SOCKS_COMMAND)[];
  /** Where clients may be taken to; everywhere by default. Names are looked up first. */
  readonly allows?: (remote: Endpoint) => boolean;
  /** How long BIND waits for its one connection. Default 60 s. */
  readonly bindMicros?: number;
};

const PORT_DEFAULT = 1_080;
const BIND_MICROS_DEFAULT = 60_000_000;
/** A client that has sent so much without a whole request is none. */
const WAITING_BYTES_MAX = 1_024;

/** What became of an attempt to connect, as RFC 1928 section 6 has it. */
const REPLY_OF: Readonly<Record<TcpCloseReason, SocksReply>> = {
  closed: SOCKS_REPLY.failure,
  refused: SOCKS_REPLY.refused,
  reset: SOCKS_REPLY.failure,
  timedOut: SOCKS_REPLY.hostUnreachable,
  unreachable: SOCKS_REPLY.hostUnreachable,
  aborted: SOCKS_REPLY.failure,
  localError: SOCKS_REPLY.failure,
};

/** Serves on a host until it crashes. */
export function serveSocks5(host: Host, options: Socks5Options = {}): void {
  const { port = PORT_DEFAULT, bindMicros = BIND_MICROS_DEFAULT } = options;
  checkInteger('port', port, 1, 65_535);
  checkInteger('bindMicros', bindMicros, 1, Number.MAX_SAFE_INTEGER);
  const platform = host.platform();
  platform.listenTcp(
    { port },
    {
      onConnection: (client) => new Session(host, client, options).handlers,
      onError: (code) => platform.log('error', `SOCKS port ${port}: ${code}`),
    },
  );
}

type Stage = 'greeting' | 'password' | 'request' | 'waiting' | 'relaying' | 'over';

/** One client. */
class Session {
  readonly #host: Host;
  readonly #client: TcpConnection;
  readonly #options: Socks5Options;
  #stage: Stage = 'greeting';
  #waiting = new Uint8Array(0);
  /** Where the client's bytes go once it is let through. */
  #relay: TcpHandlers | undefined = undefined;
  /** Ends what was opened for the client. */
  #cleanUp: () => void = () => undefined;

  constructor(host: Host, client: TcpConnection, options: Socks5Options) {
    this.#host = host;
    this.#client = client;
    this.#options = options;
  }

  get handlers(): TcpHandlers {
    return {
      onData: (bytes) => {
        if (this.#relay === undefined) this.#collect(bytes);
        else this.#relay.onData(bytes);
      },
      onDrain: () => this.#relay?.onDrain?.(),
      onEnd: () => {
        if (this.#relay === undefined) this.#client.end();
        else this.#relay.onEnd?.();
      },
      onClosed: (reason) => {
        this.#stage = 'over';
        this.#relay?.onClosed(reason);
        this.#cleanUp();
      },
    };
  }

  #collect(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#waiting.length + bytes.length);
    all.set(this.#waiting);
    all.set(bytes, this.#waiting.length);
    this.#waiting = all;
    while (this.#step());
    if (this.#waiting.length > WAITING_BYTES_MAX && this.#stage !== 'waiting') this.#client.abort();
  }

  /** Reads one message of the stage; true when there may be another. */
  #step(): boolean {
    if (this.#stage === 'greeting') return this.#take(readGreeting(this.#waiting), (offered) => this.#choose(offered));
    if (this.#stage === 'password') return this.#take(readPassword(this.#waiting), (given) => this.#check(given));
    if (this.#stage === 'request') return this.#take(readRequest(this.#waiting), (request) => this.#obey(request));
    return false;
  }

  #take<T>(read: { readonly value: T; readonly sizeBytes: number } | 'more' | 'bad', act: (value: T) => void): boolean {
    if (read === 'more') return false;
    if (read === 'bad') {
      this.#stage = 'over';
      this.#client.end();
      return false;
    }
    this.#waiting = this.#waiting.slice(read.sizeBytes);
    act(read.value);
    return true;
  }

  #choose(offered: readonly number[]): void {
    const { users } = this.#options;
    const wanted = users === undefined ? SOCKS_METHOD.none : SOCKS_METHOD.password;
    const isOffered = offered.includes(wanted);
    this.#client.write(Uint8Array.of(5, isOffered ? wanted : SOCKS_METHOD.noneAcceptable));
    if (!isOffered) this.#end();
    else this.#stage = users === undefined ? 'request' : 'password';
  }

  #check([user, password]: readonly [string, string]): void {
    const isRight = this.#options.users?.[user] === password;
    this.#client.write(Uint8Array.of(1, isRight ? 0 : 1));
    if (isRight) this.#stage = 'request';
    else this.#end();
  }

  #obey({ command, remote }: SocksRequest): void {
    this.#stage = 'waiting';
    const names = Object.keys(SOCKS_COMMAND) as (keyof typeof SOCKS_COMMAND)[];
    const name = names.find((each) => SOCKS_COMMAND[each] === command);
    if (remote === undefined) this.#refuse(SOCKS_REPLY.addressNotSupported);
    else if (name === undefined || !(this.#options.commands ?? names).includes(name)) {
      this.#refuse(SOCKS_REPLY.commandNotSupported);
    } else if (name === 'associate') this.#associate(remote);
    else {
      resolveName(this.#host, remote.address, (address) => {
        if (this.#stage !== 'waiting') return;
        const found = { address: address ?? '', port: remote.port };
        if (address === undefined) this.#refuse(SOCKS_REPLY.hostUnreachable);
        else if (this.#options.allows?.(found) === false) this.#refuse(SOCKS_REPLY.notAllowed);
        else if (name === 'connect') this.#connect(found);
        else this.#bind(found);
      });
    }
  }

  #connect(remote: Endpoint): void {
    let relay: TcpHandlers | undefined = undefined;
    const server: TcpConnection = this.#host.platform().connectTcp(
      { remote },
      {
        onConnected: () => {
          this.#client.write(writeReply(SOCKS_REPLY.succeeded, server.local));
          relay = this.#join(server);
        },
        onData: (bytes) => relay?.onData(bytes),
        onDrain: () => relay?.onDrain?.(),
        onEnd: () => relay?.onEnd?.(),
        onClosed: (reason) => {
          if (relay === undefined) this.#refuse(REPLY_OF[reason]);
          else relay.onClosed(reason);
        },
      },
    );
    this.#cleanUp = () => {
      if (relay === undefined) server.abort();
    };
  }

  /** Two replies: where it listens, and who came (RFC 1928 section 4, "BIND"). Anybody else but the one asked for is cut off. */
  #bind(expected: Endpoint): void {
    const platform = this.#host.platform();
    const timer = platform.setTimer(this.#options.bindMicros ?? BIND_MICROS_DEFAULT, () => {
      this.#refuse(SOCKS_REPLY.expired);
      this.#cleanUp();
    });
    let isJoined = false;
    const listener: TcpListener = platform.listenTcp(
      { port: 0 },
      {
        onListening: ({ port }) => this.#client.write(writeReply(SOCKS_REPLY.succeeded, this.#ownEndpoint(port))),
        onConnection: (peer) => {
          const isExpected = expected.address === '0.0.0.0' || expected.address === peer.remote.address;
          if (isJoined || !isExpected || this.#stage !== 'waiting') {
            peer.abort();
            return { onData: () => undefined, onClosed: () => undefined };
          }
          isJoined = true;
          this.#cleanUp();
          this.#client.write(writeReply(SOCKS_REPLY.succeeded, peer.remote));
          return this.#join(peer);
        },
        onError: () => this.#refuse(SOCKS_REPLY.failure),
      },
    );
    this.#cleanUp = () => {
      timer.cancel();
      listener.close();
    };
  }

  #associate(expected: Endpoint): void {
    this.#stage = 'relaying';
    const client = { address: this.#client.remote.address, port: expected.port };
    this.#cleanUp = associate(this.#host, client, this.#options.allows, (port) => {
      this.#client.write(writeReply(SOCKS_REPLY.succeeded, this.#ownEndpoint(port)));
    });
  }

  /** Joins client and server; gives the server's handlers. */
  #join(server: TcpConnection): TcpHandlers {
    this.#stage = 'relaying';
    this.#relay = relayTo(this.#client, server);
    if (this.#waiting.length > 0) this.#relay.onData(this.#waiting);
    return relayTo(server, this.#client);
  }

  /** The address the client knows the proxy by. */
  #ownEndpoint(port: number): Endpoint {
    return { address: this.#client.local.address, port };
  }

  #refuse(reply: SocksReply): void {
    if (this.#stage === 'over') return;
    this.#client.write(writeReply(reply));
    this.#end();
  }

  #end(): void {
    this.#stage = 'over';
    this.#client.end();
  }
}
