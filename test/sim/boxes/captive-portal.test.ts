import { describe, expect, it } from 'vitest';
import { CaptivePortal, Internet, Lan, World } from '../../../sim/index.ts';
import type { Recorder } from '../helpers.ts';
import { bytesOf, dial, listen } from '../helpers.ts';

const SECOND = 1_000_000;

/** A hotel with two guests, and a web server outside that also hears UDP. */
function aHotel(options: ConstructorParameters<typeof CaptivePortal>[1] = {}) {
  const world = new World({ seed: 9, traceRecords: 10_000 });
  const internet = new Internet(world);
  const server = internet.host('server');
  const accepted: Recorder[] = [];
  listen(server.platform(), 80, accepted);
  listen(server.platform(), 443, accepted);
  const heard: number[] = [];
  server.platform().bindUdp({ port: 7 }, { onMessage: (bytes) => heard.push(bytes[0]!) });
  const lan = new Lan(internet, 'hotel', { nat: 'portRestricted' });
  const portal = new CaptivePortal(lan, options);
  const [guest, other] = [lan.host('guest'), lan.host('other')];
  const wait = (micros = SECOND): void => world.runUntil(world.nowMicros + micros);
  wait();
  const get = (host: typeof guest, url: string, address = '198.18.0.2'): Recorder => {
    const recorder = dial(host.platform(), address, 80);
    recorder.connection!.write(bytesOf(`GET ${url} HTTP/1.1\r\nHost: server\r\n\r\n`));
    wait();
    return recorder;
  };
  const drops = (): string[] => {
    const all = world.trace.records().filter(({ kind }) => kind === 'drop');
    return all.map(({ text }) => text.split(' ').at(-1)!);
  };
  return { world, portal, guest, other, server, accepted, heard, get, wait, drops };
}

describe('captive portal', () => {
  it('answers anybody’s port 80 with a redirect, in the name of who was asked', () => {
    const { guest, get, accepted, portal } = aHotel();
    const page = get(guest, '/news');
    expect(page.text).toContain('HTTP/1.1 302 Found\r\nLocation: http://192.168.1.2/login\r\n');
    expect(page.events).toContain('end');
    expect(accepted).toEqual([]);
    expect(portal.isLoggedOn(guest.address)).toBe(false);
  });

  it('drops everything else, and says why', () => {
    const { guest, heard, wait, drops } = aHotel();
    const secure = dial(guest.platform(), '198.18.0.2', 443);
    const socket = guest.platform().bindUdp({ port: 1 }, { onMessage: () => undefined });
    wait();
    socket.send(Uint8Array.of(1), { address: '198.18.0.2', port: 7 });
    wait();
    expect(secure.events).toEqual([]);
    expect(heard).toEqual([]);
    expect(new Set(drops())).toEqual(new Set(['natCaptive']));
  });

  it('lets a guest out who has opened the page, and nobody else', () => {
    const { guest, other, get, accepted, heard, wait } = aHotel();
    expect(get(guest, '/login', '192.168.1.2').text).toContain('HTTP/1.1 200 OK');
    get(guest, '/news');
    expect(accepted).toHaveLength(1);
    expect(accepted[0]!.text).toContain('GET /news');
    const socket = guest.platform().bindUdp({ port: 1 }, { onMessage: () => undefined });
    wait();
    socket.send(Uint8Array.of(1), { address: '198.18.0.2', port: 7 });
    wait();
    expect(heard).toEqual([1]);
    expect(get(other, '/news').text).toContain('302 Found');
    expect(accepted).toHaveLength(1);
  });

  it('a session ends, and a running connection with it', () => {
    const { guest, portal, get, accepted, wait } = aHotel({ sessionMicros: 60 * SECOND });
    portal.logOn(guest.address);
    const page = get(guest, '/news');
    expect(accepted).toHaveLength(1);
    wait(60 * SECOND);
    page.connection!.write(bytesOf('more'));
    wait();
    expect(accepted[0]!.text).not.toContain('more');
    expect(get(guest, '/news').text).toContain('302 Found');
    expect(() => aHotel({ sessionMicros: 0 })).toThrow('sessionMicros is 0');
  });
});
