/**
 * The UDP side of a connector: one socket for all peers, what its NAT looks like, and fresh sockets where that NAT maps by
 * destination (P2P-009, P2P-021).
 *
 * It measures after the logon, and again when an attempt begins and the last measurement is old.
 */
import { discoveryFreshSecs } from '../../../spec/timing.ts';
import type { Endpoint, Timer } from '../../../spec/platform.ts';
import { parseIpv4 } from '../../wire/index.ts';
import type { Candidate, DiscoveryOptions, DiscoveryResult, Side } from '../../core/punching/index.ts';
import { secsToMicros } from '../settings.ts';
import type { ConnectorWorld } from './connector-world.ts';
import { PunchSocket } from './punch-socket.ts';

/** Ours: seconds that links have to end after their session. */
const GOODBYE_SECS = 3;

/** A socket and what is known of it. */
export type MeasuredSocket = { readonly socket: PunchSocket; readonly result: DiscoveryResult | undefined };

/** The UDP sockets of one session. */
export class UdpDesk {
  readonly #world: ConnectorWorld;
  readonly #main: PunchSocket;
  readonly #fresh = new Set<PunchSocket>();
  #waiting: (() => void)[] | undefined = [];
  #result: DiscoveryResult | undefined;
  #measuredMicros = -Infinity;
  #isUsable = true;
  #rttMicros = 0;
  #closing: Timer | undefined;

  constructor(world: ConnectorWorld) {
    this.#world = world;
    this.#main = new PunchSocket(world.platform, {
      onReady: () => this.#measure(() => this.#settle()),
      onUnusable: () => {
        this.#isUsable = false;
        this.#settle();
      },
    });
  }

  /** What was last seen of the common socket. */
  get result(): DiscoveryResult | undefined {
    return this.#result;
  }

  get port(): number {
    return this.#main.port;
  }

  /** Of the last measurement; 0 before there is one. */
  get rttMicros(): number {
    return this.#rttMicros;
  }

  /** Whether datagrams can be sent at all. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  get isIdle(): boolean {
    return this.#main.isIdle && [...this.#fresh].every((socket) => socket.isIdle);
  }

  /** Calls back once the first measurement is over, however it ended. */
  whenKnown(callback: () => void): void {
    if (this.#waiting === undefined) callback();
    else this.#waiting.push(callback);
  }

  /** Whether attempts take a socket of their own: behind a NAT that maps by destination and can be predicted. */
  get needsFresh(): boolean {
    return this.#result?.mapping === 'sequential';
  }

  /** The common socket, and news when the measurement was old and has changed. */
  common(onNews: (measured: MeasuredSocket) => void): MeasuredSocket {
    const ageMicros = this.#world.platform.monotonicMicros() - this.#measuredMicros;
    if (ageMicros > secsToMicros(discoveryFreshSecs) && this.#isUsable) {
      const before = this.#result;
      this.#measure(() => {
        const now = this.#result;
        const isSame =
          now?.observed.port === before?.observed.port && now?.observed.address === before?.observed.address;
        if (!isSame) onNews({ socket: this.#main, result: now });
      });
    }
    return { socket: this.#main, result: this.#result };
  }

  /** A socket of its own, measured; the caller gives it back by `release`. */
  fresh(done: (measured: MeasuredSocket | undefined) => void): PunchSocket {
    const socket: PunchSocket = new PunchSocket(this.#world.platform, {
      onReady: () => socket.measure(this.#discovery(), (result) => done({ socket, result })),
      onUnusable: () => done(undefined),
    });
    this.#fresh.add(socket);
    return socket;
  }

  /** The socket is not needed any more; the common one stays. */
  release(socket: PunchSocket): void {
    if (this.#fresh.delete(socket)) socket.close();
    if (this.#closing !== undefined && this.isIdle) this.#close();
  }

  /** How this side looks from outside through a socket. */
  side({ socket, result }: MeasuredSocket): Side {
    return sideOf(this.#world.platform.localAddresses(), socket.port, result);
  }

  /** Ends measuring at once, and the sockets as soon as the links on them have said goodbye. */
  close(): void {
    this.#waiting = [];
    if (this.isIdle) this.#close();
    else this.#closing ??= this.#world.platform.setTimer(secsToMicros(GOODBYE_SECS), () => this.#close());
  }

  #close(): void {
    this.#closing?.cancel();
    this.#main.close();
    for (const socket of this.#fresh) socket.close();
    this.#fresh.clear();
  }

  #measure(done: () => void): void {
    const beganMicros = this.#world.platform.monotonicMicros();
    const questions = (this.#result?.secondPort ?? 0) === 0 ? 2 : 1;
    this.#main.measure(this.#discovery(), (result) => {
      this.#measuredMicros = this.#world.platform.monotonicMicros();
      // Two questions one after the other, or both at once.
      if (result !== undefined) this.#rttMicros = Math.floor((this.#measuredMicros - beganMicros) / questions);
      this.#result = result;
      done();
    });
  }

  #discovery(): DiscoveryOptions {
    const { clientType, limits, p2pServer, platform, userID } = this.#world;
    const secondPort = this.#result?.secondPort ?? 0;
    return { userID, clientType, limits, server: p2pServer, secondPort, firstId: platform.randomUint32() };
  }

  #settle(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const callback of waiting) callback();
  }
}

/**
 * A side from its own addresses, the port it uses, and what was seen of it.
 * @param fallbackAddress - The public address where `result` has none.
 */
export function sideOf(
  localAddresses: readonly string[],
  port: number,
  result: DiscoveryResult | undefined,
  fallbackAddress: string | null = null,
): Side {
  const observed: Endpoint | undefined = result?.observed;
  const publicAddress = observed?.address ?? fallbackAddress;
  // Seen at the loopback address, all are on one machine, and no other address is surely listened on.
  const isLocal = publicAddress?.startsWith('127.') === true;
  // Candidates are addresses of IPv4 (P2P-011), and a ProbeAck has room for no other; a client without any goes on through
  // the server.
  const hosts = (isLocal ? [publicAddress] : localAddresses.filter(isIpv4)).map((address): Candidate => ({
    kind: 'host',
    endpoint: { address, port },
  }));
  const isOwn = hosts.some(({ endpoint }) => endpoint.address === observed?.address && endpoint.port === observed.port);
  const reflexive: Candidate[] =
    observed === undefined || isOwn || !isIpv4(observed.address)
      ? []
      : [{ kind: 'serverReflexive', endpoint: observed }];
  return {
    candidates: [...hosts, ...reflexive],
    publicAddress,
    mapping: result?.mapping ?? 'unknown',
    predictedPort: result?.mapping === 'sequential' ? result.lastPort : 0,
    predictedStep: result?.mapping === 'sequential' ? result.step : 0,
  };
}

function isIpv4(address: string): boolean {
  return parseIpv4(address) !== undefined;
}
