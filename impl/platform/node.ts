/**
 * The Platform over real sockets: `node:net`, `node:dgram`, `node:fs`, the machine's clocks.
 *
 * Not deterministic, and no protocol knowledge. TCP keep-alive takes the idle time only: Node cannot set the interval.
 * Drive it: `const platform = createNodePlatform()`; hand it to an engine; `openResources()` says what is still open.
 */
import { networkInterfaces } from 'node:os';
import { randomBytes } from 'node:crypto';
import type { LogLevel, Platform } from '../../spec/platform.ts';
import { createClock } from './node-clock.ts';
import { createNodeFiles } from './node-files.ts';
import { createFileStore } from './node-store.ts';
import { createTcp } from './node-tcp.ts';
import { createUdp } from './node-udp.ts';

export type NodePlatformOptions = {
  /** Virtual seconds per real second, above 0, default 1: timers fire that much sooner and the clocks run as fast. */
  readonly timeScale?: number;
  /** Address to listen on when a caller names none; default all IPv4 addresses. */
  readonly bindAddress?: string;
  /** Address outgoing connections start from when a caller names none. */
  readonly connectFromAddress?: string;
  /** Directory of the file store; without one the store lives in memory. */
  readonly storeDirectory?: string;
  /** The folder that the user's files are kept to; without one paths are those of the machine. */
  readonly filesDirectory?: string;
  /** Where log lines go; default nowhere. */
  readonly log?: (level: LogLevel, message: string) => void;
  /** Source of 32-bit randomness; default the operating system's. */
  readonly randomUint32?: () => number;
};

/** What a platform holds open: a leak check wants zeros after `close`. */
export type OpenResources = {
  readonly connections: number;
  readonly listeners: number;
  readonly udpSockets: number;
  readonly timers: number;
  readonly files: number;
};

export type NodePlatform = Platform & { openResources(): OpenResources };

/**
 * Gives a Platform over this process's sockets and clocks.
 *
 * @param options - See {@link NodePlatformOptions}; all optional.
 * @throws RangeError - `timeScale` is not a positive finite number.
 */
export function createNodePlatform(options: NodePlatformOptions = {}): NodePlatform {
  const timeScale = options.timeScale ?? 1;
  if (!(timeScale > 0 && Number.isFinite(timeScale))) {
    throw new RangeError(`timeScale ${timeScale} is not a positive finite number; 1 is real time, 10 ten times faster`);
  }
  const clock = createClock(timeScale);
  const tcp = createTcp({ clock, timeScale, ...pick(options) });
  const udp = createUdp(options.bindAddress);
  const files = createNodeFiles(options.filesDirectory);
  const log = options.log ?? ((): void => undefined);
  return {
    monotonicMicros: clock.monotonicMicros,
    wallMillis: clock.wallMillis,
    setTimer: (delayMicros, callback) => clock.setTimer(delayMicros, () => tcp.gathered(callback)),
    randomUint32: options.randomUint32 ?? ((): number => randomBytes(4).readUInt32LE(0)),
    listenTcp: tcp.listenTcp,
    connectTcp: tcp.connectTcp,
    bindUdp: udp.bindUdp,
    localAddresses: () => (options.bindAddress === undefined ? localAddresses() : [options.bindAddress]),
    store: createFileStore(options.storeDirectory),
    files,
    log,
    noteAsyncEdge: () => undefined,
    openResources: () => ({ ...tcp.open(), udpSockets: udp.open(), timers: clock.open(), files: files.open() }),
  };
}

function pick(options: NodePlatformOptions): { bindAddress?: string; connectFromAddress?: string } {
  return {
    ...(options.bindAddress === undefined ? {} : { bindAddress: options.bindAddress }),
    ...(options.connectFromAddress === undefined ? {} : { connectFromAddress: options.connectFromAddress }),
  };
}

/** IPv4 addresses of this machine; loopback comes last. */
function localAddresses(): readonly string[] {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((each) => each.family === 'IPv4');
  return [...found.filter((each) => !each.internal), ...found.filter((each) => each.internal)].map((a) => a.address);
}
