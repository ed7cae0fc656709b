/**
 * Errors as Node gives them to a program: `code`, `errno`, `syscall`, and the words of the message.
 *
 * The numbers are those of Linux on every machine, so that a run does not depend on where it takes place.
 */

/** Linux numbers, negated as libuv does; names of getaddrinfo have libuv's own. */
const ERRNO: Readonly<Record<string, number>> = {
  EACCES: -13,
  EADDRINUSE: -98,
  EADDRNOTAVAIL: -99,
  EAFNOSUPPORT: -97,
  EAI_AGAIN: -3001,
  EBADF: -9,
  ECONNABORTED: -103,
  ECONNREFUSED: -111,
  ECONNRESET: -104,
  EHOSTUNREACH: -113,
  EINVAL: -22,
  EMSGSIZE: -90,
  ENETUNREACH: -101,
  ENODEV: -19,
  ENOENT: -2,
  ENOTFOUND: -3008,
  EPERM: -1,
  EPIPE: -32,
  ETIMEDOUT: -110,
};

/** What may be added to an error of a system call. */
export type SystemErrorDetails = {
  readonly address?: string;
  readonly port?: number;
  readonly localAddress?: string;
  readonly hostname?: string;
};

/** `connect ECONNREFUSED 192.0.2.1:80` with its properties, as `net`, `dgram` and `dns` make them. */
export function systemError(syscall: string, code: string, details: SystemErrorDetails = {}): NodeJS.ErrnoException {
  const { address, port, hostname } = details;
  const where = address === undefined ? hostname : port === undefined ? address : `${address}:${port}`;
  const error = new Error(`${syscall} ${code}${where === undefined ? '' : ` ${where}`}`);
  return Object.assign(error, { errno: ERRNO[code], code, syscall, ...details });
}

/** An error of Node itself: wrong arguments, or a call at the wrong time. */
export function nodeError(Base: ErrorConstructor, code: string, message: string): NodeJS.ErrnoException {
  const error = new Base(message) as NodeJS.ErrnoException;
  error.code = code;
  return error;
}

/** For what a virtual host does not have. The message names it and says what there is instead. */
export function notVirtual(what: string, instead = 'it would ask the real machine'): NodeJS.ErrnoException {
  return nodeError(Error, 'ERR_SIM_NOT_VIRTUAL', `${what} is not available on a virtual host: ${instead}`);
}
