/** Small fixtures for tests of the simulator: a pair of hosts, recording handlers. */
import { Internet, World } from '../../sim/index.ts';
import type { Host, NetworkHostOptions, WorldOptions, InternetOptions } from '../../sim/index.ts';
import type { Platform, TcpConnection, TcpHandlers, TcpListener } from '../../spec/platform.ts';

export type Pair = {
  readonly world: World;
  readonly internet: Internet;
  readonly alice: Host;
  readonly bob: Host;
};

/** Two hosts on one internet, 10 ms from the middle each. */
export function aPair(
  options: Partial<WorldOptions> & {
    internet?: InternetOptions;
    alice?: NetworkHostOptions;
    bob?: NetworkHostOptions;
  } = {},
): Pair {
  const { internet: internetOptions, alice, bob, ...worldOptions } = options;
  const world = new World({ seed: 1, ...worldOptions });
  const internet = new Internet(world, internetOptions);
  return { world, internet, alice: internet.host('alice', alice), bob: internet.host('bob', bob) };
}

/** Handlers that write down what they are told. */
export class Recorder implements TcpHandlers {
  readonly events: string[] = [];
  readonly chunks: Uint8Array[] = [];
  connection: TcpConnection | undefined = undefined;

  onConnected(): void {
    this.events.push('connected');
  }

  onData(bytes: Uint8Array): void {
    this.chunks.push(bytes.slice());
  }

  onEnd(): void {
    this.events.push('end');
  }

  onDrain(): void {
    this.events.push('drain');
  }

  onClosed(reason: string): void {
    this.events.push(reason);
  }

  get bytes(): Uint8Array {
    const total = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const all = new Uint8Array(total);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  get text(): string {
    return String.fromCharCode(...this.bytes);
  }
}

/** Listens on a port; every accepted connection gets a recorder. */
export function listen(platform: Platform, port: number, accepted: Recorder[] = [], address?: string): TcpListener {
  return platform.listenTcp(address === undefined ? { port } : { port, address }, {
    onConnection: (connection) => {
      const recorder = new Recorder();
      recorder.connection = connection;
      accepted.push(recorder);
      return recorder;
    },
    onError: (code, detail) => {
      throw new Error(`listen: ${code} ${detail}`);
    },
  });
}

/** Dials; gives the recorder of the dialling side. */
export function dial(platform: Platform, to: Host | string, port: number, localPort?: number): Recorder {
  const address = typeof to === 'string' ? to : to.platform().localAddresses()[0]!;
  const recorder = new Recorder();
  const remote = { address, port };
  recorder.connection = platform.connectTcp(localPort === undefined ? { remote } : { remote, localPort }, recorder);
  return recorder;
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** An established connection between alice and bob's port 80, at 1 s. */
export function aConnectedPair(pair: Pair = aPair()): Pair & { readonly client: Recorder; readonly server: Recorder } {
  const accepted: Recorder[] = [];
  listen(pair.bob.platform(), 80, accepted);
  const client = dial(pair.alice.platform(), pair.bob, 80);
  pair.world.runUntil(1_000_000);
  const server = accepted[0];
  if (server === undefined) throw new Error('no connection within a second');
  return { ...pair, client, server };
}
