/**
 * An HTTP proxy on a host, for tunnels alone: CONNECT (RFC 9110 section 9.3.6), without password or with one (Basic,
 * RFC 7617). Whoever asks for a page gets 405. Use: `proxy.runProgram(() => serveHttpProxy(proxy, { ports: [443] }))`.
 */
import type { Endpoint, TcpCloseReason, TcpConnection, TcpHandlers } from '../../spec/platform.ts';
import { checkInteger } from '../errors.ts';
import type { Host } from '../host.ts';
import { bytesOfText } from './bytes.ts';
import { BAD_REQUEST, HttpReader, httpText } from './http.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { relayTo } from './relay.ts';
import { resolveName } from './resolve.ts';

export type HttpProxyOptions = {
  /** Default 3128. */
  readonly port?: number;
  /** Who may use it, with passwords; everybody, without one, when absent. */
  readonly users?: Readonly<Record<string, string>>;
  /** Ports that tunnels may lead to; all by default. Most proxies allow 443 alone. */
  readonly ports?: readonly number[];
};

const PORT_DEFAULT = 3_128;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const NOT_ALLOWED: HttpAnswer = { status: 403, reason: 'Forbidden' };
const NOT_A_TUNNEL: HttpAnswer = { status: 405, reason: 'Method Not Allowed', headers: { Allow: 'CONNECT' } };
const WHO_ARE_YOU: HttpAnswer = {
  status: 407,
  reason: 'Proxy Authentication Required',
  headers: { 'Proxy-Authenticate': 'Basic realm="proxy"' },
};
const BAD_GATEWAY: HttpAnswer = { status: 502, reason: 'Bad Gateway' };
const TOO_LATE: HttpAnswer = { status: 504, reason: 'Gateway Timeout' };
const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** Serves on a host until it crashes. */
export function serveHttpProxy(host: Host, options: HttpProxyOptions = {}): void {
  const { port = PORT_DEFAULT } = options;
  checkInteger('port', port, 1, 65_535);
  const platform = host.platform();
  platform.listenTcp(
    { port },
    {
      onConnection: (client) => tunnelFor(host, client, options),
      onError: (code) => platform.log('error', `proxy port ${port}: ${code}`),
    },
  );
}

/** One client: handlers that read its request, and then pass everything on. */
function tunnelFor(host: Host, client: TcpConnection, options: HttpProxyOptions): TcpHandlers {
  const reader = new HttpReader();
  let isAsked = false;
  let isGone = false;
  let relay: TcpHandlers | undefined = undefined;
  let server: TcpConnection | undefined = undefined;
  /** What came after the request, before the tunnel was there. */
  const early: Uint8Array[] = [];
  const answer = (given: HttpAnswer): void => {
    client.write(bytesOfText(httpText(given)));
    client.end();
  };
  const open = (remote: Endpoint): void => {
    const tunnel = { client, remote, answer, joined: (made: TcpHandlers): void => void (relay = made), early };
    server = connectTunnel(host, tunnel);
  };
  return {
    onData(bytes) {
      if (relay !== undefined) relay.onData(bytes);
      else if (isAsked) early.push(bytes.slice());
      else {
        const request = reader.push(bytes);
        if (request === 'more') return;
        isAsked = true;
        early.push(bytesOfText(reader.rest));
        const refusal = request === 'bad' ? BAD_REQUEST : refusalOf(request, options);
        if (refusal !== undefined || request === 'bad') {
          answer(refusal ?? BAD_REQUEST);
          return;
        }
        const [name, port] = targetOf(request.target)!;
        resolveName(host, name, (address) => {
          if (isGone) return;
          if (address === undefined) answer(BAD_GATEWAY);
          else open({ address, port });
        });
      }
    },
    onDrain: () => relay?.onDrain?.(),
    onEnd: () => (relay === undefined ? client.end() : relay.onEnd?.()),
    onClosed(reason) {
      isGone = true;
      if (relay === undefined) server?.abort();
      else relay.onClosed(reason);
    },
  };
}

type Tunnel = {
  readonly client: TcpConnection;
  readonly remote: Endpoint;
  readonly answer: (given: HttpAnswer) => void;
  readonly joined: (client: TcpHandlers) => void;
  readonly early: readonly Uint8Array[];
};

function connectTunnel(host: Host, { client, remote, answer, joined, early }: Tunnel): TcpConnection {
  let back: TcpHandlers | undefined = undefined;
  const server: TcpConnection = host.platform().connectTcp(
    { remote },
    {
      onConnected() {
        client.write(bytesOfText(ESTABLISHED));
        back = relayTo(server, client);
        const relay = relayTo(client, server);
        for (const bytes of early) relay.onData(bytes);
        joined(relay);
      },
      onData: (bytes) => back?.onData(bytes),
      onDrain: () => back?.onDrain?.(),
      onEnd: () => back?.onEnd?.(),
      onClosed(reason: TcpCloseReason) {
        if (back === undefined) answer(reason === 'timedOut' ? TOO_LATE : BAD_GATEWAY);
        else back.onClosed(reason);
      },
    },
  );
  return server;
}

function refusalOf(
  { method, target, headers }: HttpRequest,
  { users, ports }: HttpProxyOptions,
): HttpAnswer | undefined {
  if (method !== 'CONNECT') return NOT_A_TUNNEL;
  const remote = targetOf(target);
  if (remote === undefined) return BAD_REQUEST;
  const given = headers.get('proxy-authorization');
  const isKnown =
    users === undefined || Object.entries(users).some(([user, password]) => given === basic(user, password));
  if (!isKnown) return WHO_ARE_YOU;
  return ports === undefined || ports.includes(remote[1]) ? undefined : NOT_ALLOWED;
}

function targetOf(target: string): readonly [name: string, port: number] | undefined {
  const found = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/]+):(\d{1,5})$/.exec(target);
  const port = Number(found?.[2]);
  return found === null || port < 1 || port > 65_535 ? undefined : [found[1]!.replace(/^\[|\]$/g, ''), port];
}

function basic(user: string, password: string): string {
  return `Basic ${base64(bytesOfText(`${user}:${password}`))}`;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const bits = (a! << 16) | (b << 8) | c;
    for (let sextet = 0; sextet < 4; sextet += 1) {
      text += at + sextet > bytes.length ? '=' : BASE64[(bits >> (18 - 6 * sextet)) & 63]!;
    }
  }
  return text;
}
