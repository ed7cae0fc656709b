/**
 * The built-in modules of one process: virtual, real or refused.
 *
 * Real are those that ask nobody (streams, events, buffers, paths, assertions). Reading files synchronously is real, too: code
 * and its data come from the machine's disk. What is in no list here can be imported and throws when it is used.
 */
import { builtinModules, createRequire } from 'node:module';
import { createNodeClock } from './clock.ts';
import type { NodeClock } from './clock.ts';
import { createCrypto } from './crypto.ts';
import { createDgram } from './dgram.ts';
import { createDns } from './dns.ts';
import { createGlobals } from './globals.ts';
import { createNet } from './net.ts';
import type { NetContext } from './net-socket.ts';
import { createConsole, createOs, createProcess } from './process.ts';
import type { NodeProcessOptions } from './process.ts';
import type { ProcessLife } from './process-life.ts';
import { refused } from './refused.ts';
import { Timers } from './timers.ts';

const requireReal = createRequire(import.meta.url);

const REAL = [
  'assert',
  'assert/strict',
  'async_hooks',
  'buffer',
  'constants',
  'diagnostics_channel',
  'events',
  'path',
  'path/posix',
  'path/win32',
  'punycode',
  'querystring',
  'stream',
  'stream/consumers',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'sys',
  'tty',
  'url',
  'util',
  'util/types',
] as const;

/** Functions of refused modules that are real: synchronous, and they answer from what is given or from a file. */
const REAL_PARTS: Readonly<Record<string, readonly string[]>> = {
  fs: ['accessSync', 'existsSync', 'lstatSync', 'readFileSync', 'readdirSync', 'realpathSync', 'statSync'],
  zlib: [
    ...['deflateSync', 'inflateSync', 'deflateRawSync', 'inflateRawSync', 'gzipSync', 'gunzipSync', 'unzipSync'],
    ...['brotliCompressSync', 'brotliDecompressSync', 'crc32'],
  ],
};

/** What a program can reach without importing a file. */
export type Builtins = {
  readonly globals: Readonly<Record<string, unknown>>;
  /** The built-in module of that name, with or without `node:`; undefined when there is none. */
  find(name: string): unknown;
};

/** Built-in modules and globals of a process; modules are made when first asked for. */
export function createBuiltins(life: ProcessLife, options: NodeProcessOptions): Builtins {
  const clock = createNodeClock(life.platform);
  const timers = new Timers(life);
  const dns = createDns(life);
  const crypto = createCrypto(life);
  const process = createProcess(life, clock, options);
  const console = createConsole(life);
  const globals = createGlobals(life, { clock, timers, process, console, webcrypto: crypto.webcrypto });
  const makers = virtualModules({ life, timers, lookup: dns.lookup }, clock, { crypto, process, console });
  makers.set('dns', () => dns.module);
  makers.set('dns/promises', () => dns.module.promises);
  const made = new Map<string, unknown>();
  return {
    globals,
    find(name): unknown {
      const plain = name.replace(/^node:/, '');
      if (!builtinModules.includes(plain)) return undefined;
      if (!made.has(plain)) made.set(plain, makers.get(plain)?.() ?? machineModule(plain));
      return made.get(plain);
    },
  };
}

function virtualModules(
  context: NetContext,
  clock: NodeClock,
  ready: Readonly<Record<string, unknown>>,
): Map<string, () => unknown> {
  const { life, timers } = context;
  const makers = new Map<string, () => unknown>(Object.entries(ready).map(([name, value]) => [name, () => value]));
  makers.set('net', () => createNet(context));
  makers.set('dgram', () => createDgram(context));
  makers.set('timers', () => timers.module());
  makers.set('timers/promises', () => timers.module().promises);
  makers.set('os', () => createOs(life, clock));
  makers.set('perf_hooks', () => ({
    ...refused('perf_hooks', requireReal('perf_hooks') as object),
    performance: clock.performance,
  }));
  makers.set('worker_threads', () => ({
    ...refused('worker_threads', requireReal('worker_threads') as object),
    isMainThread: true,
    parentPort: null,
    threadId: 0,
    workerData: null,
  }));
  return makers;
}

function machineModule(name: string): unknown {
  const real = requireReal(`node:${name}`) as Record<string, unknown>;
  if ((REAL as readonly string[]).includes(name)) return real;
  const module = refused(name, real);
  if (typeof real.promises === 'object' && real.promises !== null) {
    module.promises = refused(`${name}.promises`, real.promises);
  }
  for (const part of REAL_PARTS[name] ?? []) module[part] = real[part];
  return module;
}
