/**
 * `process`, `console` and `os` of one process: a machine that is the same everywhere, with the host's name, clock and
 * interfaces. What is written to the console goes to the host's log.
 *
 * `nextTick` is the real one. Memory, load and user are made up; versions are the real ones, because the built-in modules are.
 */
import { Console } from 'node:console';
import { EventEmitter } from 'node:events';
import * as realOs from 'node:os';
import { Writable } from 'node:stream';
import type { LogLevel } from '../../spec/platform.ts';
import { addressWord, formatAddress, parsePrefix } from '../address.ts';
import { familyName, hasIpv6 } from './families.ts';
import type { NodeClock } from './clock.ts';
import type { ProcessLife } from './process-life.ts';
import { refused, refusedFunction } from './refused.ts';
import { nodeError } from './system-errors.ts';

export type NodeProcessOptions = {
  /** `process.env`; default empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** `process.argv` after the first two; default none. */
  readonly argv?: readonly string[];
};

const PROCESS_ID = 1_000;
const MEMORY_BYTES = 1_073_741_824;
const NEXT_TICK = process.nextTick.bind(process);

/** `globalThis.process`. */
export function createProcess(life: ProcessLife, clock: NodeClock, options: NodeProcessOptions): object {
  const stdout = logStream(life, 'info');
  const stderr = logStream(life, 'warn');
  const memory = { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
  return Object.assign(new EventEmitter(), {
    arch: 'x64',
    platform: 'linux',
    argv: ['node', life.host.name, ...(options.argv ?? [])],
    argv0: 'node',
    config: {},
    env: { ...options.env },
    execArgv: [],
    execPath: '/usr/bin/node',
    exitCode: undefined as number | undefined,
    features: {},
    pid: PROCESS_ID,
    ppid: 1,
    release: { name: 'node' },
    title: 'node',
    version: process.version,
    versions: process.versions,
    stdout,
    stderr,
    stdin: undefined,
    hrtime: clock.hrtime,
    uptime: clock.uptime,
    nextTick: NEXT_TICK,
    cwd: (): string => '/',
    umask: (): number => 0o22,
    memoryUsage: Object.assign(() => memory, { rss: () => 0 }),
    cpuUsage: (): object => ({ user: 0, system: 0 }),
    emitWarning: (warning: string | Error): void => {
      life.platform.log('warn', typeof warning === 'string' ? warning : warning.message);
    },
    exit(code?: number): never {
      life.end();
      throw nodeError(Error, 'ERR_SIM_EXIT', `process.exit(${code ?? 0}) on host '${life.host.name}'`);
    },
    abort: refusedFunction('process.abort'),
    chdir: refusedFunction('process.chdir'),
    kill: refusedFunction('process.kill'),
    binding: refusedFunction('process.binding'),
  });
}

/** `globalThis.console`. */
export function createConsole(life: ProcessLife): Console {
  return new Console({ stdout: logStream(life, 'info'), stderr: logStream(life, 'warn'), colorMode: false });
}

/** The module `os`. */
export function createOs(life: ProcessLife, clock: NodeClock): Readonly<Record<string, unknown>> {
  return {
    ...refused('os', realOs),
    EOL: '\n',
    constants: realOs.constants,
    arch: (): string => 'x64',
    availableParallelism: (): number => 1,
    cpus: (): readonly unknown[] => [],
    endianness: (): string => 'LE',
    freemem: (): number => MEMORY_BYTES,
    homedir: (): string => '/root',
    hostname: (): string => life.host.name,
    loadavg: (): readonly number[] => [0, 0, 0],
    machine: (): string => 'x86_64',
    networkInterfaces: (): object => networkInterfaces(life),
    platform: (): string => 'linux',
    release: (): string => '6.0.0',
    tmpdir: (): string => '/tmp',
    totalmem: (): number => MEMORY_BYTES,
    type: (): string => 'Linux',
    uptime: clock.uptime,
    version: (): string => '#1',
  };
}

/** `lo`, then `eth0` and so on in the order the host got its interfaces. Hardware addresses follow from the addresses. */
function networkInterfaces(life: ProcessLife): Readonly<Record<string, readonly object[]>> {
  const found: Record<string, readonly object[]> = {
    lo: [
      interfaceInfo('127.0.0.1', 8, NO_HARDWARE, true),
      ...(hasIpv6(life.host) ? [interfaceInfo('::1', 128, NO_HARDWARE, true)] : []),
    ],
  };
  life.host.interfaces.forEach(({ address, addresses }, index) => {
    const hex = (addressWord(address) >>> 0).toString(16).padStart(8, '0');
    const mac = `02:00:${hex.replace(/(..)(?=.)/g, '$1:')}`;
    found[`eth${index}`] = addresses.map((each) =>
      interfaceInfo(formatAddress(each), typeof each === 'string' ? 64 : 24, mac, false),
    );
  });
  return found;
}

const NO_HARDWARE = '00:00:00:00:00:00';

function interfaceInfo(address: string, prefixLength: number, mac: string, internal: boolean): object {
  const family = familyName(address);
  const cidr = `${address}/${prefixLength}`;
  if (family === 'IPv6') {
    const mask = formatAddress(parsePrefix(`ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/${prefixLength}`).address);
    return { address, netmask: mask, family, mac, internal, cidr, scopeid: 0 };
  }
  const netmask = formatAddress(-1 << (32 - prefixLength));
  return { address, netmask, family, mac, internal, cidr };
}

function logStream(life: ProcessLife, level: LogLevel): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done): void {
      for (const line of String(chunk).replace(/\n$/, '').split('\n')) life.platform.log(level, line);
      done();
    },
  });
}
