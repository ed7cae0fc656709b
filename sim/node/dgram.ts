/**
 * `dgram` of one process over simulated UDP: both families, unicast, connected or not.
 *
 * `udp6` fails with EAFNOSUPPORT on a host without IPv6. Not here: broadcast, multicast (joining a group throws ENODEV; datagrams to a
 * group are sent and reach nobody). TTL, buffer sizes and the like are accepted and have no effect.
 */
import { EventEmitter } from 'node:events';
import { isIP } from 'node:net';
import type { Endpoint, UdpSocket } from '../../spec/platform.ts';
import { parseAddress, unmapped } from '../address.ts';
import type { Host } from '../host.ts';
import { familyName, hasIpv6 } from './families.ts';
import { checkedPort } from './net-arguments.ts';
import type { NetContext } from './net-socket.ts';
import { nodeError, systemError } from './system-errors.ts';

type Callback = (...parts: unknown[]) => void;
type Sent = (error: Error | null, sizeBytes?: number) => void;
type Payload = string | ArrayBufferView | readonly (string | ArrayBufferView)[];
type SocketOptions = {
  readonly type?: string;
  readonly ipv6Only?: boolean;
  readonly lookup?: unknown;
  readonly signal?: AbortSignal;
};

const PAYLOAD_BYTES_MAX = 65_507;
const BUFFER_BYTES = 212_992;

/** `dgram.Socket`. */
class NodeDatagramSocket extends EventEmitter {
  readonly type: string;
  readonly #family: 4 | 6;
  readonly #ipv6Only: boolean;
  readonly #context: NetContext;
  readonly #lookup: NetContext['lookup'];
  #socket: UdpSocket | undefined = undefined;
  #local: Endpoint | undefined = undefined;
  #remote: Endpoint | undefined = undefined;
  #state: 'new' | 'binding' | 'bound' | 'closed' = 'new';
  /** Failed calls that the caller knows of already. */
  #reportedCount = 0;
  #waiting: (() => void)[] = [];

  constructor(context: NetContext, options: string | SocketOptions, onMessage?: Callback) {
    super();
    const settings = typeof options === 'string' ? { type: options } : options;
    if (settings.type !== 'udp4' && settings.type !== 'udp6') {
      const message = 'Bad socket type specified. Valid types are: udp4, udp6';
      throw nodeError(TypeError, 'ERR_SOCKET_BAD_TYPE', message);
    }
    this.#context = context;
    this.type = settings.type;
    this.#family = settings.type === 'udp6' ? 6 : 4;
    this.#ipv6Only = this.#family === 6 && settings.ipv6Only === true;
    this.#lookup = (settings.lookup ?? context.lookup) as NetContext['lookup'];
    if (onMessage !== undefined) this.on('message', onMessage);
    const { signal } = settings;
    signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  bind(...parts: unknown[]): this {
    this.#assertOpen();
    if (this.#state !== 'new') throw nodeError(Error, 'ERR_SOCKET_ALREADY_BOUND', 'Socket is already bound');
    this.#state = 'binding';
    const callback = parts.find((part) => typeof part === 'function');
    if (callback !== undefined) this.once('listening', callback as Callback);
    const options = typeof parts[0] === 'object' && parts[0] !== null ? (parts[0] as Partial<Endpoint>) : undefined;
    const port = options === undefined ? parts[0] : options.port;
    const address = options === undefined ? parts[1] : options.address;
    this.#resolve(typeof address === 'string' ? address : undefined, (error, resolved) => {
      if (error !== null) this.#failBind(error);
      else this.#bind(typeof port === 'function' ? 0 : checkedPort(port ?? 0, 'options.port'), resolved);
    });
    return this;
  }

  /** Every form of Node's: `(message[, offset, length][, port[, address]][, callback])`. */
  send(message: Payload, ...parts: unknown[]): void {
    this.#assertOpen();
    const isConnected = this.#remote !== undefined;
    const [offset, length, port, address] = parts;
    const isSliced = isConnected ? typeof length === 'number' : isGiven(address) || isGiven(port);
    const whole = Buffer.concat((isList(message) ? message : [message]).map(bytesOf));
    const bytes = isSliced ? sliceOf(whole, Number(offset), Number(length)) : whole;
    const target = isSliced ? [port, address] : isConnected ? [] : [offset, length];
    const callback = parts.find((part) => typeof part === 'function') as Sent | undefined;
    const remote = this.#target(target);
    this.#resolve(remote.address, (error, resolved) => {
      this.#whenBound(() => {
        if (error !== null) this.#report(error, callback);
        else this.#transmit(bytes, { address: resolved ?? this.#loopback, port: remote.port }, callback);
      });
    });
  }

  connect(port: number, ...parts: unknown[]): void {
    this.#assertOpen();
    if (this.#remote !== undefined) throw nodeError(Error, 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    const checked = checkedPort(port, 'Port', 1);
    const name = typeof parts[0] === 'string' ? parts[0] : undefined;
    const callback = parts.find((part) => typeof part === 'function') as Callback | undefined;
    if (callback !== undefined) this.once('connect', callback);
    this.#resolve(name, (error, address) => {
      this.#whenBound(() => {
        if (error !== null) {
          this.emit('error', error);
          return;
        }
        this.#remote = { address: address ?? this.#loopback, port: checked };
        process.nextTick(() => this.emit('connect'));
      });
    });
  }

  disconnect(): void {
    if (this.#remote === undefined) throw notConnected();
    this.#remote = undefined;
  }

  remoteAddress(): object {
    if (this.#remote === undefined) throw notConnected();
    return { ...this.#remote, family: familyName(this.#remote.address) };
  }

  address(): object {
    this.#assertOpen();
    if (this.#local === undefined) throw systemError('getsockname', 'EBADF');
    return { ...this.#local, family: familyName(this.#local.address) };
  }

  close(callback?: Callback): this {
    this.#assertOpen();
    if (callback !== undefined) this.on('close', callback);
    this.#state = 'closed';
    this.#waiting = [];
    this.#socket?.close();
    this.#context.life.soon(() => {
      this.emit('close');
    });
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  addMembership(): never {
    throw systemError('addMembership', 'ENODEV');
  }

  addSourceSpecificMembership(): never {
    throw systemError('addSourceSpecificMembership', 'ENODEV');
  }

  dropMembership(): never {
    throw systemError('dropMembership', 'EADDRNOTAVAIL');
  }

  getRecvBufferSize(): number {
    return BUFFER_BYTES;
  }

  getSendBufferSize(): number {
    return BUFFER_BYTES;
  }

  getSendQueueSize(): number {
    return 0;
  }

  getSendQueueCount(): number {
    return 0;
  }

  setBroadcast(): void {
    this.#assertOpen();
  }

  setTTL(ttl: number): number {
    return ttl;
  }

  setMulticastTTL(ttl: number): number {
    return ttl;
  }

  setMulticastLoopback(isWanted: boolean): boolean {
    return isWanted;
  }

  setMulticastInterface(): void {
    this.#assertOpen();
  }

  setRecvBufferSize(): void {
    this.#assertOpen();
  }

  setSendBufferSize(): void {
    this.#assertOpen();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === 'closed') resolve();
      else this.close(() => resolve());
    });
  }

  #bind(port: number, address: string | undefined): void {
    const { life } = this.#context;
    const wanted = address ?? (this.#family === 6 ? '::' : '0.0.0.0');
    if (this.#family === 6 && !hasIpv6(life.host)) {
      this.#failBind(systemError('bind', 'EAFNOSUPPORT', { address: wanted, port }));
      return;
    }
    if (isIP(wanted) !== this.#family) {
      this.#failBind(systemError('bind', 'EINVAL', { address: wanted, port }));
      return;
    }
    this.#socket = life.platform.bindUdp(
      { port, address: wanted, ipv6Only: this.#ipv6Only },
      {
        onListening: (local) => {
          life.enter(() => {
            if (this.#state !== 'binding') return;
            this.#state = 'bound';
            this.#local = local;
            this.emit('listening');
            const waiting = this.#waiting;
            this.#waiting = [];
            for (const action of waiting) action();
          });
        },
        onMessage: (bytes, from) => {
          const kept = Buffer.from(bytes);
          life.enter(() => {
            this.#received(kept, from);
          });
        },
        onError: (code) => {
          life.enter(() => {
            if (this.#state === 'closed') return;
            if (this.#reportedCount > 0 && code !== 'ECONNREFUSED') {
              this.#reportedCount -= 1;
              return;
            }
            if (this.#state === 'binding') {
              this.#failBind(systemError('bind', code, { address: wanted, port }));
            } else {
              this.emit('error', systemError(code === 'ECONNREFUSED' ? 'recvmsg' : 'send', code));
            }
          });
        },
      },
    );
  }

  #failBind(error: Error): void {
    if (this.#state === 'closed') return;
    this.#state = 'new';
    this.#socket = undefined;
    this.emit('error', error);
  }

  #received(bytes: Buffer, from: Endpoint): void {
    if (this.#state !== 'bound') return;
    const remote = this.#remote;
    if (remote !== undefined && (remote.address !== from.address || remote.port !== from.port)) return;
    this.emit('message', bytes, { ...from, family: familyName(from.address), size: bytes.length });
  }

  #transmit(bytes: Buffer, to: Endpoint, callback: Sent | undefined): void {
    if (this.#state === 'closed') return;
    const code =
      bytes.length > PAYLOAD_BYTES_MAX
        ? 'EMSGSIZE'
        : isIP(to.address) !== this.#family
          ? 'EINVAL'
          : hasWayTo(this.#context.life.host, to.address)
            ? undefined
            : 'ENETUNREACH';
    if (code !== undefined) {
      this.#report(systemError('send', code, to), callback);
      return;
    }
    this.#socket!.send(bytes, to);
    // The port tells it by a later event; here the call itself fails, as a system call does.
    const problem = this.#context.life.host.udp.lastSendProblem;
    if (problem !== undefined) {
      this.#reportedCount += 1;
      this.#report(systemError('send', problem, to), callback);
    } else if (callback !== undefined) {
      process.nextTick(callback, null, bytes.length);
    }
  }

  #report(error: Error, callback: Sent | undefined): void {
    if (callback === undefined) process.nextTick(() => this.emit('error', error));
    else process.nextTick(callback, error);
  }

  #target(parts: readonly unknown[]): { readonly port: number; readonly address: string | undefined } {
    const remote = this.#remote;
    if (remote !== undefined) {
      if (!parts.some(isGiven)) return remote;
      throw nodeError(Error, 'ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    }
    const [port, address] = parts;
    return { port: checkedPort(port, 'Port', 1), address: typeof address === 'string' ? address : undefined };
  }

  #whenBound(action: () => void): void {
    if (this.#state === 'bound') {
      action();
      return;
    }
    if (this.#state === 'closed') return;
    this.#waiting.push(action);
    if (this.#state === 'new') this.bind(0);
  }

  /** An address is passed on at once, as it is; a name is looked up. */
  #resolve(name: string | undefined, done: (error: Error | null, address: string | undefined) => void): void {
    if (name === undefined || isIP(name) !== 0) {
      done(null, name);
      return;
    }
    this.#lookup(name, { family: this.#family }, (error, address) => {
      done(error, typeof address === 'string' ? address : address?.[0]?.address);
    });
  }

  /** Where a datagram goes that was given no address. */
  get #loopback(): string {
    return this.#family === 6 ? '::1' : '127.0.0.1';
  }

  #assertOpen(): void {
    if (this.#state === 'closed') throw nodeError(Error, 'ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
  }
}

function hasWayTo(host: Host, address: string): boolean {
  return host.sourceAddressFor(unmapped(parseAddress(address))) !== undefined;
}

/** The module of a process. */
export function createDgram(context: NetContext): Readonly<Record<string, unknown>> {
  class Socket extends NodeDatagramSocket {
    constructor(options: string | SocketOptions, onMessage?: Callback) {
      super(context, options, onMessage);
    }
  }
  return {
    Socket,
    createSocket: (options: string | SocketOptions, onMessage?: Callback): Socket => new Socket(options, onMessage),
  };
}

function bytesOf(part: string | ArrayBufferView): Buffer {
  return typeof part === 'string' ? Buffer.from(part) : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
}

function isList(message: Payload): message is readonly (string | ArrayBufferView)[] {
  return Array.isArray(message);
}

/** A port or an address rather than nothing or the callback. */
function isGiven(part: unknown): boolean {
  return part !== undefined && part !== null && typeof part !== 'function';
}

function sliceOf(bytes: Buffer, offset: number, length: number): Buffer {
  const isOffset = offset > bytes.length;
  if (isOffset || offset + length > bytes.length) {
    const message = `"${isOffset ? 'offset' : 'length'}" is outside of buffer bounds`;
    throw nodeError(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', message);
  }
  return bytes.subarray(offset, offset + length);
}

function notConnected(): Error {
  return nodeError(Error, 'ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
}
