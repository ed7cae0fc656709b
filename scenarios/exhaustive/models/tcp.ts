/**
 * Two TCPs of the simulator that do the same at the same time: open, talk, close. Whatever order their segments arrive in, and
 * whichever few are lost, doubled or late, RFC 9293 leaves one outcome.
 */
import type { Host, World } from '../../../sim/index.ts';
import type { TcpConnection } from '../../../spec/platform.ts';
import { worldModel } from '../world-model.ts';
import type { WorldStage } from '../world-model.ts';

const SECOND = 1_000_000;
const PORT = 5_000;
/** Longer than any retransmission with few losses, and than TIME-WAIT. */
const PATIENCE_MICROS = 400 * SECOND;

/** One end: what it was told, in order. */
class End {
  readonly name: string;
  readonly told: string[] = [];
  received = '';
  tcp: TcpConnection | undefined;
  readonly #host: Host;

  constructor(host: Host) {
    this.name = host.name;
    this.#host = host;
  }

  get address(): string {
    return this.#host.platform().localAddresses()[0]!;
  }

  connect(to: End, onConnected: (tcp: TcpConnection) => void): void {
    const remote = { address: to.address, port: PORT };
    this.tcp = this.#host.platform().connectTcp({ remote, localPort: PORT }, this.handlers(onConnected));
  }

  listen(): void {
    this.#host.platform().listenTcp(
      { port: PORT },
      {
        onConnection: (tcp) => {
          this.tcp = tcp;
          this.told.push('connected');
          return this.handlers(() => undefined);
        },
        onError: (code) => this.told.push(code),
      },
    );
  }

  handlers(onConnected: (tcp: TcpConnection) => void): Parameters<ReturnType<Host['platform']>['connectTcp']>[1] {
    return {
      onConnected: () => {
        this.told.push('connected');
        onConnected(this.tcp!);
      },
      onData: (bytes) => (this.received += String.fromCharCode(...bytes)),
      onEnd: () => this.told.push('end'),
      onClosed: (reason) => this.told.push(reason),
    };
  }

  /** Connections its kernel still has. */
  get left(): number {
    return this.#host.tcp.socketCount;
  }
}

function pair(internet: { host(name: string): Host }): readonly [End, End] {
  return [new End(internet.host('left')), new End(internet.host('right'))];
}

/** An end must have been told exactly this and received exactly that. */
function expectOf(end: End, told: string, received: string): void {
  const seen = end.told.join(', ');
  if (seen !== told) throw new Error(`${end.name} was told "${seen}", and it must be "${told}"`);
  if (end.received === received) return;
  throw new Error(`${end.name} received "${end.received}", and it must be "${received}"`);
}

function expectBoth([left, right]: readonly [End, End], told: string, received: readonly [string, string]): void {
  expectOf(left, told, received[0]);
  expectOf(right, told, received[1]);
}

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function wait(world: World, micros: number): void {
  world.runUntil(world.nowMicros + micros);
}

/** Two ends with a connection, which the left one dialled: a SYN, a SYN-ACK and an ACK have passed. */
function connected({ world, internet, arena }: WorldStage): readonly [End, End] {
  const ends = pair(internet);
  arena.controlAllFrom('internet');
  const [left, right] = ends;
  right.listen();
  wait(world, 1);
  left.connect(right, () => undefined);
  wait(world, SECOND);
  return ends;
}

export const tcpOpen = worldModel({
  name: 'tcp-open',
  title:
    'two ends that dial each other at once come to one connection, and each gets what the other says (RFC 9293 3.5)',
  limits: { packetsMax: 8, faultsMax: 1 },
  play({ world, internet, arena }) {
    const ends = pair(internet);
    arena.controlAllFrom('internet');
    const [left, right] = ends;
    left.connect(right, (tcp) => tcp.write(bytes('abc')));
    right.connect(left, (tcp) => tcp.write(bytes('xyz')));
    wait(world, PATIENCE_MICROS);
    expectBoth(ends, 'connected', ['xyz', 'abc']);
    return 'one connection';
  },
});

export const tcpClose = worldModel({
  name: 'tcp-close',
  title:
    'two ends that close at once get all data, one end and one close each, and forget the connection (RFC 9293 3.6)',
  // SYN, SYN-ACK, ACK pass as they come.
  limits: { skipPackets: 3, packetsMax: 8, faultsMax: 1 },
  play({ world, internet, arena }) {
    const ends = connected({ world, internet, arena });
    const [left, right] = ends;
    for (const [end, text] of [
      [left, 'abc'],
      [right, 'xyz'],
    ] as const) {
      end.tcp!.write(bytes(text));
      end.tcp!.end();
    }
    wait(world, PATIENCE_MICROS);
    expectBoth(ends, 'connected, end, closed', ['xyz', 'abc']);
    for (const { name, left: count } of ends) {
      if (count !== 0) throw new Error(`${name} still has ${count} connections after ${PATIENCE_MICROS / SECOND} s`);
    }
    return 'closed on both sides';
  },
});

export const tcpData = worldModel({
  name: 'tcp-data',
  title: 'three segments each way arrive once and in order (RFC 9293 3.10.7.4)',
  limits: { skipPackets: 3, packetsMax: 7, faultsMax: 1 },
  play({ world, internet, arena }) {
    const ends = connected({ world, internet, arena });
    const [left, right] = ends;
    for (const part of ['1', '2', '3']) {
      left.tcp!.write(bytes(`a${part}`));
      right.tcp!.write(bytes(`x${part}`));
    }
    wait(world, PATIENCE_MICROS);
    expectBoth(ends, 'connected', ['x1x2x3', 'a1a2a3']);
    return 'all in order';
  },
});

export const tcpReopen = worldModel({
  name: 'tcp-reopen',
  title: 'a new connection between the ports of one that has just ended takes nothing of the old one (RFC 9293 3.6.1)',
  // SYN, SYN-ACK, ACK pass as they come.
  limits: { skipPackets: 3, packetsMax: 8, faultsMax: 1 },
  play({ world, internet, arena }) {
    const [left, right] = connected({ world, internet, arena });
    // The side that closes first keeps TIME-WAIT; the other one may dial again as soon as it is told.
    right.tcp!.write(bytes('old'));
    right.tcp!.end();
    for (let step = 0; !left.told.includes('end') && step < 100; step += 1) wait(world, SECOND / 10);
    left.tcp!.end();
    for (let step = 0; !left.told.includes('closed') && step < 1_000; step += 1) wait(world, SECOND / 100);
    left.connect(right, (tcp) => tcp.write(bytes('new')));
    wait(world, PATIENCE_MICROS);
    expectOf(left, 'connected, end, closed, connected', 'old');
    expectOf(right, 'connected, end, closed, connected', 'new');
    return 'two connections';
  },
});
