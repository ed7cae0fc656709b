import { describe, expect, it } from 'vitest';
import { Internet, Lan, World, namesOf, serveHttpProxy, serveSocks5 } from '../../../sim/index.ts';
import type { HttpProxyOptions, Socks5Options } from '../../../sim/index.ts';
import type { Endpoint } from '../../../spec/platform.ts';
import { Recorder, bytesOf, dial, listen } from '../helpers.ts';

const SECOND = 1_000_000;
const PROXY = '198.18.0.2';
const SERVER = '198.18.0.3';
const SOCKS_PORT = 1_080;
const WEB_PROXY_PORT = 3_128;

/** A client behind a NAT without UDP, a proxy and a server outside, and another host. */
function aProxy(socks: Socks5Options = {}, web: HttpProxyOptions = {}) {
  const world = new World({ seed: 8 });
  const internet = new Internet(world);
  const [proxy, server, other] = ['proxy', 'server', 'other'].map((name) => internet.host(name));
  const client = new Lan(internet, 'office', { nat: 'udpBlocked' }).host('client');
  namesOf(world).set('server.example', [SERVER]);
  proxy!.runProgram(() => {
    serveSocks5(proxy!, socks);
    serveHttpProxy(proxy!, web);
  });
  const accepted: Recorder[] = [];
  listen(server!.platform(), 80, accepted);
  world.runUntil(1);
  const wait = (micros = SECOND): void => world.runUntil(world.nowMicros + micros);
  return { world, internet, proxy: proxy!, server: server!, other: other!, client, accepted, wait };
}

/** A raw connection to the proxy; `say` sends bytes and gives what came back. */
function aTalk(parts: ReturnType<typeof aProxy>, port: number) {
  const recorder = dial(parts.client.platform(), PROXY, port);
  parts.wait();
  const say = (...bytes: readonly number[]): number[] => {
    const before = recorder.bytes.length;
    recorder.connection!.write(Uint8Array.from(bytes));
    parts.wait();
    return [...recorder.bytes.subarray(before)];
  };
  return { recorder, say };
}

const CONNECT = 1;
const BIND = 2;
const ASSOCIATE = 3;

function request(command: number, { address, port }: Endpoint): number[] {
  const dotted = /^[\d.]+$/.test(address) ? [1, ...address.split('.').map(Number)] : undefined;
  const where = dotted ?? [3, address.length, ...bytesOf(address)];
  return [5, command, 0, ...where, port >> 8, port & 255];
}

/** What a reply says: its code, address and port. */
function readReply(bytes: readonly number[]): { code: number; address: string; port: number } {
  expect(bytes[0]).toBe(5);
  return { code: bytes[1]!, address: bytes.slice(4, 8).join('.'), port: (bytes[8]! << 8) | bytes[9]! };
}

/** Past the greeting, without a password. */
function aGreeted(parts: ReturnType<typeof aProxy>) {
  const talk = aTalk(parts, SOCKS_PORT);
  expect(talk.say(5, 1, 0)).toEqual([5, 0]);
  return talk;
}

describe('SOCKS5 (RFC 1928)', () => {
  it('CONNECT by address and by name: the server sees the proxy, and bytes and ends pass both ways', () => {
    for (const address of [SERVER, 'server.example']) {
      const parts = aProxy();
      const { recorder, say } = aGreeted(parts);
      const reply = readReply(say(...request(CONNECT, { address, port: 80 })));
      const [server] = parts.accepted;
      expect(reply).toEqual({ code: 0, ...server!.connection!.remote });
      expect(reply.address).toBe(PROXY);
      say(...bytesOf('to the server'));
      expect(server!.text).toBe('to the server');
      server!.connection!.write(bytesOf('and back'));
      server!.connection!.end();
      parts.wait();
      expect(recorder.text.slice(-8)).toBe('and back');
      expect(recorder.events).toContain('end');
      recorder.connection!.end();
      parts.wait();
      expect(server!.events.at(-1)).toBe('closed');
      expect(parts.proxy.openResources().connections).toBe(0);
    }
  });

  it('bytes that come with the request are passed on, and a large transfer arrives whole', () => {
    const parts = aProxy();
    const { recorder, say } = aGreeted(parts);
    say(...request(CONNECT, { address: SERVER, port: 80 }), ...bytesOf('early'));
    const [server] = parts.accepted;
    expect(server!.text).toBe('early');
    const before = recorder.bytes.length;
    const large = new Uint8Array(2_000_000).map((_unused, index) => index % 251);
    server!.connection!.write(large);
    parts.wait(60 * SECOND);
    expect(Buffer.compare(recorder.bytes.subarray(before), large)).toBe(0);
  });

  it('section 6: refused, no such name, not allowed, unknown command and address type', () => {
    const replyTo = (bytes: readonly number[], options: Socks5Options = {}): number => {
      const parts = aProxy(options);
      const { recorder, say } = aGreeted(parts);
      const { code } = readReply(say(...bytes));
      expect(recorder.events).toContain('end');
      return code;
    };
    expect(replyTo(request(CONNECT, { address: SERVER, port: 81 }))).toBe(5);
    expect(replyTo(request(CONNECT, { address: 'nobody.example', port: 80 }))).toBe(4);
    expect(replyTo(request(CONNECT, { address: '192.0.2.1', port: 80 }))).toBe(4);
    const allows = ({ port }: Endpoint): boolean => port === 443;
    expect(replyTo(request(CONNECT, { address: 'server.example', port: 80 }), { allows })).toBe(2);
    expect(replyTo(request(9, { address: SERVER, port: 80 }))).toBe(7);
    expect(replyTo(request(BIND, { address: SERVER, port: 80 }), { commands: ['connect'] })).toBe(7);
    expect(replyTo([5, 1, 0, 9, 0, 0, 0, 0, 0, 0])).toBe(8);
  });

  it('RFC 1929: the right password, a wrong one, and none at all', () => {
    const users = { ann: 'secret' };
    const password = (text: string): number[] => [1, 3, ...bytesOf('ann'), text.length, ...bytesOf(text)];
    const parts = aProxy({ users });
    const right = aTalk(parts, SOCKS_PORT);
    expect(right.say(5, 2, 0, 2)).toEqual([5, 2]);
    expect(right.say(...password('secret'))).toEqual([1, 0]);
    expect(readReply(right.say(...request(CONNECT, { address: SERVER, port: 80 }))).code).toBe(0);
    const wrong = aTalk(parts, SOCKS_PORT);
    wrong.say(5, 1, 2);
    expect(wrong.say(...password('guess'))).toEqual([1, 1]);
    expect(wrong.recorder.events).toContain('end');
    const none = aTalk(parts, SOCKS_PORT);
    expect(none.say(5, 1, 0)).toEqual([5, 255]);
    expect(none.recorder.events).toContain('end');
  });

  it('BIND: tells its port, then who came; others are cut off, and after its time nobody may', () => {
    const parts = aProxy({ bindMicros: 20 * SECOND });
    const { recorder, say } = aGreeted(parts);
    const bound = readReply(say(...request(BIND, { address: SERVER, port: 80 })));
    expect(bound).toMatchObject({ code: 0, address: PROXY });
    const stranger = dial(parts.other.platform(), PROXY, bound.port);
    parts.wait();
    expect(stranger.events).toContain('reset');
    const before = recorder.bytes.length;
    const peer = dial(parts.server.platform(), PROXY, bound.port, 2_000);
    parts.wait();
    expect(readReply([...recorder.bytes.subarray(before)])).toEqual({ code: 0, address: SERVER, port: 2_000 });
    peer.connection!.write(bytesOf('hello'));
    parts.wait();
    expect(recorder.text.slice(-5)).toBe('hello');
    const late = aGreeted(parts);
    const second = readReply(late.say(...request(BIND, { address: '0.0.0.0', port: 0 })));
    const told = late.recorder.bytes.length;
    parts.wait(20 * SECOND);
    expect(readReply([...late.recorder.bytes.subarray(told)]).code).toBe(6);
    const missed = dial(parts.server.platform(), PROXY, second.port);
    parts.wait();
    expect(missed.events).toEqual(['refused']);
  });

  it('UDP ASSOCIATE: datagrams of one client only, wrapped both ways, as long as its connection lives', () => {
    const parts = aProxy();
    // A client that may send UDP, but not to the server itself.
    const talker = new Lan(parts.internet, 'home', { nat: 'portRestricted' }).host('talker');
    const inside: string[] = [];
    const udp = talker.platform().bindUdp({ port: 5_000 }, { onMessage: (bytes) => inside.push(String(bytes)) });
    const outside: { readonly text: string; readonly from: Endpoint }[] = [];
    const served = parts.server
      .platform()
      .bindUdp(
        { port: 7 },
        { onMessage: (bytes, from) => outside.push({ text: String.fromCharCode(...bytes), from }) },
      );
    const strange = parts.other.platform().bindUdp({ port: 7 }, { onMessage: () => undefined });
    const control = dial(talker.platform(), PROXY, SOCKS_PORT);
    parts.wait();
    control.connection!.write(Uint8Array.from([5, 1, 0]));
    parts.wait();
    control.connection!.write(Uint8Array.from(request(ASSOCIATE, { address: '0.0.0.0', port: 0 })));
    parts.wait();
    const relay = readReply([...control.bytes.subarray(2)]);
    expect(relay).toMatchObject({ code: 0, address: PROXY });
    const header = [0, 0, 0, ...request(0, { address: 'server.example', port: 7 }).slice(3)];
    strange.send(Uint8Array.of(...header, 63), relay);
    parts.wait();
    udp.send(Uint8Array.of(...header, ...bytesOf('one')), relay);
    udp.send(Uint8Array.of(0, 0, 1, ...header.slice(3), ...bytesOf('a fragment')), relay);
    parts.wait();
    expect(outside).toEqual([{ text: 'one', from: { address: PROXY, port: relay.port } }]);
    served.send(bytesOf('two'), outside[0]!.from);
    parts.wait();
    expect(inside).toEqual([String(Uint8Array.of(0, 0, 0, 1, 198, 18, 0, 3, 0, 7, ...bytesOf('two')))]);
    control.connection!.end();
    parts.wait();
    expect(parts.proxy.openResources().udpSockets).toBe(0);
  });

  it('is there again after a restart', () => {
    const parts = aProxy();
    parts.proxy.crash();
    parts.proxy.restart();
    parts.wait();
    const { say } = aGreeted(parts);
    expect(readReply(say(...request(CONNECT, { address: SERVER, port: 80 }))).code).toBe(0);
  });
});

describe('HTTP CONNECT (RFC 9110 section 9.3.6)', () => {
  const ask = (target: string, more = ''): string => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${more}\r\n`;
  const statusOf = (parts: ReturnType<typeof aProxy>, text: string): number => {
    const { recorder, say } = aTalk(parts, WEB_PROXY_PORT);
    say(...bytesOf(text));
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(recorder.text)?.[1]);
  };

  it('opens a tunnel by name, passes on what came early, and carries bytes both ways', () => {
    const parts = aProxy();
    const { recorder, say } = aTalk(parts, WEB_PROXY_PORT);
    say(...bytesOf(`${ask('server.example:80')}early`));
    const [server] = parts.accepted;
    expect(server!.text).toBe('early');
    expect(server!.connection!.remote.address).toBe(PROXY);
    server!.connection!.write(bytesOf('back'));
    parts.wait();
    expect(recorder.text).toBe('HTTP/1.1 200 Connection established\r\n\r\nback');
    recorder.connection!.abort();
    parts.wait();
    expect(server!.events.at(-1)).toBe('reset');
  });

  it('says no: 400, 403, 405, 407, 502', () => {
    const parts = aProxy({}, { ports: [80], users: { ann: 'secret' } });
    const ann = 'Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n';
    expect(statusOf(parts, ask('server.example:80'))).toBe(407);
    expect(statusOf(parts, ask('server.example:80', ann.replace('Y', 'Z')))).toBe(407);
    expect(statusOf(parts, ask('server.example:80', ann))).toBe(200);
    expect(statusOf(parts, ask('server.example:81', ann))).toBe(403);
    expect(statusOf(parts, ask('nobody.example:80', ann))).toBe(502);
    expect(statusOf(parts, ask('server.example', ann))).toBe(400);
    expect(statusOf(parts, `GET http://server.example/ HTTP/1.1\r\n${ann}\r\n`)).toBe(405);
    const open = aProxy();
    expect(statusOf(open, ask(`${SERVER}:81`))).toBe(502);
  });
});
