/**
 * Plain TCP hole punching: both ends dial a server from the port they listen on and so learn their reflexive endpoint, then
 * dial each other from that same port, three times if need be. A listener that is reached counts as well as a simultaneous
 * open. No port is guessed.
 */
import { Internet, World } from '../../sim/index.ts';
import type { Host } from '../../sim/index.ts';
import type { Endpoint, Platform, TcpConnection, TcpHandlers } from '../../spec/platform.ts';
import { placeHost } from './place.ts';
import type { Place } from './place.ts';

const SECOND = 1_000_000;
const PORT = 4_000;
const SERVER_PORT = 443;
/** Time for a SYN and its retransmissions after 1 and 3 s. */
const TRY_MICROS = 8 * SECOND;
const TRIES = 3;

/** Tries it; true when bytes passed both ways between the two. */
export function punchTcp(a: Place, b: Place, seed = 7): boolean {
  const world = new World({ seed });
  const internet = new Internet(world);
  const server = internet.host('server');
  const seen = new Map<string, Endpoint>();
  server.platform().listenTcp({ port: SERVER_PORT }, { onConnection: (caller) => greet(caller, seen), onError: fail });
  const to = { address: server.platform().localAddresses()[0]!, port: SERVER_PORT };
  const ends = [new TcpPuncher(placeHost(internet, 'a', a), 'a'), new TcpPuncher(placeHost(internet, 'b', b), 'b')];
  world.runUntil(1);
  for (const end of ends) end.meet(to);
  world.runUntil(SECOND);
  for (let tries = 0; tries < TRIES && !ends.every(({ hasHeard }) => hasHeard); tries += 1) {
    ends[0]!.dial(seen.get('b'));
    ends[1]!.dial(seen.get('a'));
    world.runUntil(world.nowMicros + TRY_MICROS);
    for (const end of ends) end.giveUp();
    world.runUntil(world.nowMicros + SECOND);
  }
  return ends.every(({ hasHeard }) => hasHeard);
}

/** The server notes by which endpoint the one who says its name came. */
function greet(caller: TcpConnection, seen: Map<string, Endpoint>): TcpHandlers {
  return { onData: (bytes) => seen.set(String.fromCharCode(...bytes), caller.remote), onClosed: () => undefined };
}

function fail(code: string, detail: string): never {
  throw new Error(`${code}: ${detail}`);
}

class TcpPuncher {
  /** Bytes of the other end came in, on a connection that took ours. */
  hasHeard = false;
  readonly #platform: Platform;
  readonly #name: string;
  #dialling: TcpConnection[] = [];

  constructor(host: Host, name: string) {
    this.#platform = host.platform();
    this.#name = name;
    this.#platform.listenTcp(
      { port: PORT },
      { onConnection: (connection) => this.#talk(() => connection), onError: fail },
    );
  }

  /** Dials the server, and stays connected: its mapping is the one the other end will dial. */
  meet(server: Endpoint): void {
    const connection = this.#platform.connectTcp(
      { remote: server, localPort: PORT },
      {
        onConnected: () => connection.write(encode(this.#name)),
        onData: () => undefined,
        onClosed: () => undefined,
      },
    );
  }

  dial(remote: Endpoint | undefined): void {
    if (remote === undefined) return;
    const handlers = this.#talk(() => connection);
    const connection: TcpConnection = this.#platform.connectTcp(
      { remote, localPort: PORT },
      { ...handlers, onConnected: () => connection.write(encode('hello')) },
    );
    this.#dialling.push(connection);
  }

  /** Ends what did not come to anything. */
  giveUp(): void {
    if (!this.hasHeard) for (const connection of this.#dialling) connection.abort();
    this.#dialling = [];
  }

  /** `hello` is answered by `yes`; to hear either means that the other end's bytes get through. */
  #talk(connection: () => TcpConnection): TcpHandlers {
    return {
      onData: (bytes) => {
        this.hasHeard = true;
        if (String.fromCharCode(...bytes).startsWith('hello')) connection().write(encode('yes'));
      },
      onClosed: () => undefined,
    };
  }
}

function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
