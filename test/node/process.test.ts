import { describe, expect, it } from 'vitest';
import { Internet, World, namesOf } from '../../sim/index.ts';
import { startNode } from '../../sim/node/index.ts';
import type { NodeProcess } from '../../sim/node/index.ts';
import { twoProcesses } from './worlds.ts';

/** Runs the text as the body of an async function in the host; gives what it returns. */
function evaluate<T>(node: NodeProcess, body: string): Promise<T> {
  return (node.evaluate(`module.exports = async () => { ${body} };`) as () => Promise<T>)();
}

describe('a process on a virtual host', () => {
  it('has modules and globals of its own', async () => {
    const { world, alice, bob } = twoProcesses();
    await world.run(async () => {
      expect(alice.require('aedes')).not.toBe(bob.require('aedes'));
      expect(alice.require('aedes')).toBe(alice.require('aedes'));
      await evaluate(alice, 'globalThis.left = 1; require("mqtt").left = 1;');
      expect(
        await evaluate(alice, 'return left_() + require("mqtt").left; function left_() { return global.left; }'),
      ).toBe(2);
      expect(await evaluate(bob, 'return [typeof globalThis.left, typeof require("mqtt").left];')).toEqual([
        'undefined',
        'undefined',
      ]);
      expect('left' in globalThis).toBe(false);
    });
  });

  it('goes by the clocks of its host: wall, monotonic, drift and steps', async () => {
    const world = new World({ seed: 1, epochMillis: 1_000_000_000_000 });
    const internet = new Internet(world);
    const host = internet.host('h', { clock: { offsetMicros: 5_000_000, driftPpm: 100_000 } });
    const node = startNode(host, { from: import.meta.url });
    await world.run(async () => {
      const start = await evaluate(node, 'return [Date.now(), new Date().toISOString(), new Date() instanceof Date];');
      expect(start).toEqual([1_000_000_005_000, '2001-09-09T01:46:45.000Z', true]);
      await evaluate(node, 'await new Promise((resolve) => setTimeout(resolve, 1_100));');
      // A clock that is a tenth too fast waits 1.1 s in a second.
      expect(world.nowMicros).toBe(1_000_000);
      const later = await evaluate(node, 'return [Date.now(), performance.now(), process.hrtime(), process.uptime()];');
      expect(later).toEqual([1_000_000_006_100, 1_100, [1, 100_000_000], 1.1]);
      host.clock.step(-10_000_000);
      expect(await evaluate(node, 'return [Date.now(), Number(process.hrtime.bigint())];')).toEqual([
        999_999_996_100, 1_100_000_000,
      ]);
    });
  });

  it('draws from streams of the world', async () => {
    const draw = `const c = require('node:crypto'); return [Math.random(), crypto.randomUUID(), c.randomBytes(4).toString('hex'),
      c.randomInt(10, 20), [...crypto.getRandomValues(new Uint8Array(2))], c.createHash('md5').update('').digest('hex')];`;
    const drawn = async (seed: number): Promise<unknown[]> => {
      const { world, alice } = twoProcesses(seed);
      return world.run(() => evaluate(alice, draw));
    };
    const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
    expect(again).toEqual(first);
    expect(other.slice(0, 3)).not.toEqual(first.slice(0, 3));
    expect(first[0]).toBeGreaterThanOrEqual(0);
    expect(first[0]).toBeLessThan(1);
    expect(first[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first[5]).toBe('d41d8cd98f00b204e9800998ecf8427e');
  });

  it.each([
    ["require('http').request({})", 'http.request'],
    ["require('node:child_process').spawn('ls')", 'child_process.spawn'],
    ["require('fs').readFile('x', () => 0)", 'fs.readFile'],
    ["require('fs').writeFileSync('x', '')", 'fs.writeFileSync'],
    ["await require('fs/promises').readFile('x')", 'fs/promises.readFile'],
    ["require('zlib').gzip('', () => 0)", 'zlib.gzip'],
    ["require('crypto').generateKeyPairSync('ed25519')", 'crypto.generateKeyPairSync'],
    ["await crypto.subtle.digest('SHA-256', new Uint8Array())", 'crypto.subtle.digest'],
    ["new (require('worker_threads').Worker)('x')", 'worker_threads.Worker'],
    ["await fetch('http://x')", 'fetch'],
    ["require('net').connect('/tmp/socket')", "the path '/tmp/socket'"],
  ])('refuses %s, naming it', async (code, name) => {
    const { world, alice } = twoProcesses();
    const attempt = world.run(() => evaluate(alice, code));
    await expect(attempt).rejects.toMatchObject({
      code: 'ERR_SIM_NOT_VIRTUAL',
      message: expect.stringContaining(name) as string,
    });
  });

  it('knows names and interfaces of the simulated network', async () => {
    const { world, alice } = twoProcesses();
    namesOf(world).set('service.example', ['198.18.0.9', '198.18.0.10']);
    namesOf(world).fail('slow.example', 'EAI_AGAIN');
    const asked = await world.run(() =>
      evaluate<unknown[]>(
        alice,
        `const dns = require('dns').promises;
         const code = (promise) => promise.catch((error) => error.message);
         return [await dns.lookup('SERVICE.example.'), await dns.lookup('bob'), await dns.lookup('service.example', { all: true }),
           await dns.resolve4('service.example'), await dns.reverse('198.18.0.9'), await code(dns.lookup('no.example')),
           await code(dns.lookup('slow.example')), await code(dns.resolve('service.example', 'MX')),
           require('os').networkInterfaces().eth0[0].address, require('os').hostname()];`,
      ),
    );
    expect(asked).toEqual([
      { address: '198.18.0.9', family: 4 },
      { address: '198.18.0.3', family: 4 },
      [
        { address: '198.18.0.9', family: 4 },
        { address: '198.18.0.10', family: 4 },
      ],
      ['198.18.0.9', '198.18.0.10'],
      ['service.example'],
      'getaddrinfo ENOTFOUND no.example',
      'getaddrinfo EAI_AGAIN slow.example',
      'queryMx ENODATA service.example',
      '198.18.0.2',
      'alice',
    ]);
  });

  it('stands still while its host is paused, and ends with it', async () => {
    const { world, hosts, alice } = twoProcesses();
    const beats: number[] = [];
    await world.run(async () => {
      (alice.globals.setInterval as typeof setInterval)(() => beats.push(world.nowMicros / 1_000), 100);
      await world.sleep(250_000);
      hosts.alice.pause();
      await world.sleep(500_000);
      hosts.alice.resume();
      await world.sleep(150_000);
      hosts.alice.crash();
      await world.sleep(1_000_000);
    });
    expect(beats).toEqual([100, 200, 750, 850]);
    expect(alice.isAlive).toBe(false);
    expect(hosts.alice.openResources()).toEqual({ timers: 0, connections: 0, listeners: 0, udpSockets: 0 });
  });

  it('fails the run when a callback throws', async () => {
    const { world, alice } = twoProcesses();
    const run = world.run(async () => {
      (alice.globals.setTimeout as typeof setTimeout)(() => {
        throw new Error('from a timer');
      }, 5);
      await world.sleep(1_000_000);
    });
    await expect(run).rejects.toThrow('from a timer');
    expect(world.nowMicros).toBe(5_000);
  });

  it('writes its console to the log of the host', async () => {
    const { world, alice } = twoProcesses();
    const lines: string[] = [];
    world.onLog(({ host, level, message }) => lines.push(`${host} ${level} ${message}`));
    await world.run(() =>
      evaluate(alice, "console.log('a %d', 1); console.error({ b: 2 }); process.stdout.write('c\\n');"),
    );
    expect(lines).toEqual(['alice info a 1', 'alice warn { b: 2 }', 'alice info c']);
  });
});
