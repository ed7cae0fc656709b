/**
 * The ways `net` and `dgram` may be called, read into one form.
 */
import { nodeError, notVirtual } from './system-errors.ts';

type Callback = (...parts: unknown[]) => void;

/** What `connect` and `listen` take when called with an object. */
export type NetOptions = {
  readonly host?: string;
  readonly port?: number | string;
  readonly path?: string;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly family?: number;
  readonly lookup?: unknown;
  readonly timeout?: number;
  readonly noDelay?: boolean;
  readonly keepAlive?: boolean;
  readonly keepAliveInitialDelay?: number;
  readonly allowHalfOpen?: boolean;
  readonly backlog?: number;
  readonly ipv6Only?: boolean;
  readonly signal?: AbortSignal;
};

/** `(options[, callback])`, `(port[, host][, backlog][, callback])` or `(path[, callback])`. */
export function readNetArguments(parts: readonly unknown[]): [options: NetOptions, callback: Callback | undefined] {
  const last = parts.at(-1);
  const callback = typeof last === 'function' ? (last as Callback) : undefined;
  const [first, second, third] = parts;
  if (typeof first === 'object' && first !== null) return [first, callback];
  if (typeof first === 'string' && !isPort(first)) return [{ path: first }, callback];
  const host = typeof second === 'string' ? { host: second } : {};
  const backlog = [second, third].find((part) => typeof part === 'number');
  const port = typeof first === 'function' || first === undefined ? {} : { port: first as number | string };
  return [{ ...port, ...host, ...(backlog === undefined ? {} : { backlog }) }, callback];
}

/** The port as a number; throws what Node throws. */
export function checkedPort(value: unknown, name: string, min = 0): number {
  const port = isPort(value) ? Number(value) : NaN;
  if (Number.isInteger(port) && port >= min && port <= 65_535) return port;
  throw nodeError(
    RangeError,
    'ERR_SOCKET_BAD_PORT',
    `${name} should be >= ${min} and < 65536. Received ${String(value)}.`,
  );
}

/** Throws for pipes and Unix sockets. */
export function refusePath(path: unknown): void {
  if (typeof path === 'string') throw notVirtual(`the path '${path}'`, 'there are no pipes; use a port');
}

function isPort(value: unknown): boolean {
  return (
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
  );
}
