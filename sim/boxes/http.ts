/**
 * As much HTTP/1.1 (RFC 9112) as middleboxes speak: one request per connection, read whole, and one answer that closes it.
 * No chunks, no keep-alive, no pipelining; bytes are taken as characters of that number.
 */
import type { Endpoint, Platform, TcpConnection, TcpHandlers, TcpListener } from '../../spec/platform.ts';
import { bytesOfText, textOf } from './bytes.ts';

export type HttpRequest = {
  readonly method: string;
  readonly target: string;
  /** Names in lower case; the last one of a name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

export type HttpAnswer = {
  readonly status: number;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

const HEAD_CHARACTERS_MAX = 16_384;
const BODY_CHARACTERS_MAX = 65_536;
export const BAD_REQUEST: HttpAnswer = { status: 400, reason: 'Bad Request' };

/** Collects one request. */
export class HttpReader {
  #text = '';
  #end = 0;

  /** What came after the request, once it is whole. */
  get rest(): string {
    return this.#text.slice(this.#end);
  }

  /** The request once it is whole; `'bad'` when it will never be one. */
  push(bytes: Uint8Array): HttpRequest | 'more' | 'bad' {
    this.#text += textOf(bytes);
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return this.#text.length > HEAD_CHARACTERS_MAX ? 'bad' : 'more';
    const [first = '', ...lines] = this.#text.slice(0, end).split('\r\n');
    const start = /^([A-Z-]+) (\S+) HTTP\/1\.[01]$/.exec(first);
    const headers = headersOf(lines);
    const length = Number(headers.get('content-length') ?? '0');
    if (start === null || !(length >= 0 && length <= BODY_CHARACTERS_MAX)) return 'bad';
    const body = this.#text.slice(end + 4);
    if (body.length < length) return 'more';
    this.#end = end + 4 + length;
    return { method: start[1]!, target: start[2]!, headers, body: body.slice(0, length) };
  }
}

/** The fields of a message, by their names in lower case. */
export function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/** An answer as text, with its length and the end of the connection. */
export function httpText({ status, reason, headers = {}, body = '' }: HttpAnswer): string {
  const lines = Object.entries({ ...headers, 'Content-Length': body.length, Connection: 'close' });
  return [`HTTP/1.1 ${status} ${reason}`, ...lines.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');
}

/** Gives the answer to a request, now or later; never calling `answer` leaves the client waiting. */
export type HttpHandler = (request: HttpRequest, from: Endpoint, answer: (answer: HttpAnswer) => void) => void;

/** Serves a port until the process of the platform ends. */
export function serveHttp(platform: Platform, port: number, handler: HttpHandler): TcpListener {
  const onConnection = (connection: TcpConnection): TcpHandlers => {
    const reader = new HttpReader();
    let isAsked = false;
    const answer = (given: HttpAnswer): void => {
      connection.write(bytesOfText(httpText(given)));
      connection.end();
    };
    return {
      onData(bytes) {
        if (isAsked) return;
        const request = reader.push(bytes);
        if (request === 'more') return;
        isAsked = true;
        if (request === 'bad') answer(BAD_REQUEST);
        else handler(request, connection.remote, answer);
      },
      onEnd() {
        if (!isAsked) connection.end();
      },
      onClosed: () => undefined,
    };
  };
  return platform.listenTcp(
    { port },
    { onConnection, onError: (code) => platform.log('error', `port ${port}: ${code}`) },
  );
}
