/**
 * The port between an engine and its world: clocks, timers, randomness, TCP, UDP, files, log.
 *
 * Types only; it does nothing. `sim/` gives one `Platform` per virtual host, `impl/platform/node.ts` one over real
 * sockets. Every call is synchronous and every result arrives as a callback, so one event runs to completion with no
 * microtask in between. Expected ends (refused, reset, timed out) are callbacks with a reason, never exceptions.
 */

/**
 * An address and a port, 0 to 65535: IPv4 in dotted form, or IPv6 as in RFC 5952 and without a zone. Where a socket of IPv6
 * speaks to IPv4, addresses have the form `::ffff:192.0.2.1`.
 */
export type Endpoint = { readonly address: string; readonly port: number };

/** A running timer; `cancel` after it has fired, or twice, is harmless. */
export type Timer = { cancel(): void };

/** Why a TCP connection ended, or never came to be. Named after what Node reports for the same thing. */
export type TcpCloseReason =
  /** Both sides sent FIN, or this side closed first and the peer followed. */
  | 'closed'
  /** `ECONNREFUSED`: RST in answer to our SYN. */
  | 'refused'
  /** `ECONNRESET`: RST on a running connection. */
  | 'reset'
  /** `ETIMEDOUT`: SYN, data or keep-alive probes were never answered. */
  | 'timedOut'
  /** `EHOSTUNREACH` or `ENETUNREACH`: no way to the address. */
  | 'unreachable'
  /** This side called `abort`. */
  | 'aborted'
  /** `EADDRNOTAVAIL` or any other local failure. */
  | 'localError';

/** What a connection tells its owner. No call comes after `onClosed`. */
export type TcpHandlers = {
  /** The handshake is done; not called for accepted connections, which are connected from the start. */
  onConnected?(): void;
  /** Bytes in order. They are only valid during the call: copy what is kept. */
  onData(bytes: Uint8Array): void;
  /** The peer sent FIN; nothing more will be read, writing still works until `end` or `abort`. */
  onEnd?(): void;
  /** All that `write` queued has been handed to the network (the send queue fell back to zero). */
  onDrain?(): void;
  /** The connection is over; the last call. `detail` is for people. */
  onClosed(reason: TcpCloseReason, detail?: string): void;
};

/** One TCP connection. Calls after it closed do nothing. */
export type TcpConnection = {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Queues bytes; they are copied or sent before the call returns, so the caller may reuse the buffer. */
  write(bytes: Uint8Array): void;
  /** The same for bytes that nobody will change any more: they need not be copied. Absent where that makes no difference. */
  writeUnchanging?(bytes: Uint8Array): void;
  /** Bytes queued by `write` and not yet accepted by the transport; 0 when the channel is idle. */
  readonly queuedBytes: number;
  /** Stops `onData` until `resume`; the peer's window fills up, as it must. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then FIN. */
  end(): void;
  /** Sends RST and forgets the connection; `onClosed('aborted')` follows before `abort` returns. */
  abort(): void;
  /** Probes a silent peer: first after `idleMicros`, then every `intervalMicros`. */
  setKeepAlive(options: KeepAliveOptions): void;
};

export type KeepAliveOptions = { readonly idleMicros: number; readonly intervalMicros: number };

/** A listening TCP port. */
export type TcpListener = {
  /** The bound address; `port` is the real one when 0 was asked for. Valid from `onListening` on. */
  readonly local: Endpoint;
  /** Stops accepting; accepted connections live on. Idempotent. */
  close(): void;
};

export type TcpListenerHandlers = {
  onListening?(local: Endpoint): void;
  /** A peer completed the handshake. The returned handlers belong to that connection. */
  onConnection(connection: TcpConnection): TcpHandlers;
  /** The port could not be bound (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`), or the listener broke. */
  onError(code: string, detail: string): void;
};

export type TcpListenOptions = {
  /** Local address to bind; all addresses when absent. `::` is all addresses of both families. */
  readonly address?: string;
  /** With `::`: IPv6 alone. Default no. */
  readonly ipv6Only?: boolean;
  /** 0 asks for any free port. */
  readonly port: number;
  /** Connections waiting to be accepted, at most. Default 511. */
  readonly backlog?: number;
};

export type TcpConnectOptions = {
  readonly remote: Endpoint;
  readonly localAddress?: string;
  readonly localPort?: number;
  /** Give up when no answer came for this long; the transport's own limit when absent. */
  readonly timeoutMicros?: number;
};

export type UdpHandlers = {
  /** One whole datagram; `bytes` is only valid during the call. */
  onMessage(bytes: Uint8Array, from: Endpoint): void;
  onError?(code: string, detail: string): void;
  onListening?(local: Endpoint): void;
};

export type UdpSocket = {
  readonly local: Endpoint;
  /** Fire and forget; a datagram larger than 65,507 bytes is refused with `onError('EMSGSIZE')`. */
  send(bytes: Uint8Array, to: Endpoint): void;
  close(): void;
};

export type UdpBindOptions = { readonly address?: string; readonly ipv6Only?: boolean; readonly port: number };

/** A small synchronous store, one per host; survives `restart` unless the crash took it. */
export type FileStore = {
  read(path: string): Uint8Array | undefined;
  write(path: string, bytes: Uint8Array): void;
  remove(path: string): void;
  list(prefix: string): readonly string[];
};

/** A file or folder; `modifiedMillis` counts from 1970-01-01 UTC, an integer; `sizeBytes` of a folder is 0. */
export type FileInfo = {
  readonly kind: 'file' | 'folder';
  readonly sizeBytes: number;
  readonly modifiedMillis: number;
};

/** Why a file operation failed: `badPath` is a path that no store takes, `failed` is all the rest. */
export type FileFailure = {
  readonly code: 'notFound' | 'badPath' | 'denied' | 'full' | 'failed';
  readonly detail: string;
};

/** One open file. Every handle must be closed; closing twice is harmless. */
export type FileHandle = {
  /**
   * Reads `lengthBytes` from `offsetBytes` on, fewer only at the end of the file. The bytes are the caller's to keep.
   * `onRead` is called exactly once, perhaps before `read` returns; not at all when the handle is closed first.
   */
  read(offsetBytes: number, lengthBytes: number, onRead: (result: Uint8Array | FileFailure) => void): void;
  /** Writes all bytes before it returns, so that nothing waits in memory for a slow disk. */
  write(offsetBytes: number, bytes: Uint8Array): FileFailure | undefined;
  close(): void;
};

/**
 * The user's files, of any size; paths as the user writes them, with `/` between names. No call throws.
 *
 * It trusts its caller: names that come from a peer are checked before they become part of a path (FIL-060).
 */
export type FileSystem = {
  /** The path in the one form that names the same file from anywhere on this host. */
  absolute(path: string): string;
  /** Undefined when there is nothing. */
  stat(path: string): FileInfo | undefined;
  /** Names in a folder, in code unit order; undefined when it is none. */
  listFolder(path: string): readonly string[] | undefined;
  /** Makes a folder and those above it; one that exists is left as it is. */
  makeFolder(path: string): FileFailure | undefined;
  /** Gives a file, or a whole folder, another name in one step; a file of that name is replaced, a folder is not. */
  rename(from: string, to: string): FileFailure | undefined;
  /** Removes a file, or a folder with all that is in it; nothing there is no failure. */
  remove(path: string): FileFailure | undefined;
  openToRead(path: string): FileHandle | FileFailure;
  /** Makes the file when it is missing, with the folders above it; `keepBytes` is how much of the old content stays. */
  openToWrite(path: string, keepBytes: number): FileHandle | FileFailure;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Everything an engine may ask of its world. */
export type Platform = {
  /** Microseconds since an arbitrary start, an integer, never going back. */
  monotonicMicros(): number;
  /** Milliseconds since 1970-01-01 UTC; may jump. */
  wallMillis(): number;
  /** Calls `callback` once, not before `delayMicros` (an integer, 0 or more) have passed on the monotonic clock. */
  setTimer(delayMicros: number, callback: () => void): Timer;
  /** A uniform integer from 0 to 2^32 - 1. */
  randomUint32(): number;
  listenTcp(options: TcpListenOptions, handlers: TcpListenerHandlers): TcpListener;
  connectTcp(options: TcpConnectOptions, handlers: TcpHandlers): TcpConnection;
  bindUdp(options: UdpBindOptions, handlers: UdpHandlers): UdpSocket;
  /** This host's addresses, the preferred one first. */
  localAddresses(): readonly string[];
  readonly store: FileStore;
  readonly files: FileSystem;
  log(level: LogLevel, message: string): void;
  /**
   * Says that a promise was created or settled, or user code was called, at the engine's edge. The simulator lets
   * microtasks and one macrotask run before the next event; real platforms need do nothing.
   */
  noteAsyncEdge(): void;
  /**
   * Whether to take a rare but legal way at a named point. Only a simulator that searches has it, and only while it does; a real
   * platform leaves it out.
   */
  readonly rareWay?: ((point: string) => boolean) | undefined;
};
