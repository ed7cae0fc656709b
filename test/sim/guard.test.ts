import { Console } from 'node:console';
import { randomInt } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SimError, World } from '../../sim/index.ts';
import type { WorldOptions } from '../../sim/index.ts';

/** Everything the guard covers, as a user would call it. */
const offences: readonly (readonly [name: string, offend: () => unknown])[] = [
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => (Date as unknown as () => string)()],
  ['Math.random', () => Math.random()],
  ['setTimeout', () => setTimeout(() => undefined, 0)],
  ['setInterval', () => setInterval(() => undefined, 1000)],
  ['setImmediate', () => setImmediate(() => undefined)],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['performance.now', () => performance.now()],
  ['fetch', () => fetch('http://localhost')],
];

function whatIsThrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the determinism guard', () => {
  it.each(offences)('%s throws inside an event, with the stack of the offender', (name, offend) => {
    const world = new World({ seed: 1 });
    world.at(5, function theOffender() {
      offend();
    });
    const thrown = whatIsThrown(() => world.runUntil(10));
    expect(thrown).toBeInstanceOf(SimError);
    expect(thrown).toMatchObject({ code: 'guard' });
    expect((thrown as Error).message).toContain(name);
    expect((thrown as Error).stack).toContain('theOffender');
  });

  it.each(offences)('%s throws inside the body of a run', async (name, offend) => {
    const world = new World({ seed: 1 });
    const run = world.run(async () => {
      await world.sleep(5);
      offend();
    });
    await expect(run).rejects.toThrow(name);
  });

  it.each(offences)('%s fails the run even when the offender swallows the error', async (_name, offend) => {
    const world = new World({ seed: 1 });
    const run = world.run(async () => {
      await world.sleep(5);
      whatIsThrown(offend);
      await world.sleep(1_000);
    });
    await expect(run).rejects.toMatchObject({ code: 'guard' });
    // At once, not at the end of the run.
    expect(world.nowMicros).toBe(5);
  });

  it('puts everything back, whether the run ends well or not', async () => {
    const before = offences.map(([name]) => original(name));
    const world = new World({ seed: 1 });
    await world.run(() => world.sleep(1));
    await expect(world.run(() => Promise.reject(new Error('body')))).rejects.toThrow('body');
    world.at(world.nowMicros + 1, () => {
      throw new Error('handler');
    });
    expect(() => world.runUntil(world.nowMicros + 2)).toThrow('handler');
    expect(offences.map(([name]) => original(name))).toEqual(before);
    expect(Math.abs(Date.now() - new Date().getTime())).toBeLessThan(1000);
    expect(Object.getOwnPropertyNames(crypto)).not.toContain('randomUUID');
  });

  it('leaves conversions of given dates alone', () => {
    const world = new World({ seed: 1 });
    let text = '';
    let isDate = false;
    world.at(1, () => {
      const date = new Date(0);
      text = date.toISOString() + String(Date.UTC(1970, 0, 2));
      isDate = date instanceof Date;
    });
    world.runUntil(2);
    expect(text).toBe('1970-01-01T00:00:00.000Z86400000');
    expect(isDate).toBe(true);
  });

  it('serves two runs at once and ends with the last', async () => {
    const [a, b] = [new World({ seed: 1 }), new World({ seed: 2 })];
    const real = Math.random;
    const long = a.run(async () => {
      for (let index = 0; index < 20; index += 1) await a.sleep(1);
    });
    await b.run(() => b.sleep(1));
    const whileOneRuns: unknown = Math.random;
    await long;
    expect(whileOneRuns).not.toBe(real);
    expect(Math.random).toBe(real);
  });

  it('opens its gates when no run is on, and for worlds that ask only for globals', async () => {
    const outside = (): number => randomInt(1, 3) + process.pid + new Date(0).getFullYear() + 'a'.localeCompare('b');
    const inside = async (options: Partial<WorldOptions>): Promise<unknown> => {
      const world = new World({ seed: 1, ...options });
      return world.run(async () => {
        await world.sleep(5);
        return outside();
      });
    };
    await expect(inside({})).rejects.toThrow('crypto.randomInt was called inside a simulated run');
    expect(outside()).toBeGreaterThan(1969);
    expect(await inside({ guard: 'globals' })).toBeGreaterThan(1969);
    await expect(inside({})).rejects.toMatchObject({ code: 'guard' });
  });

  it('lets Node itself pass', async () => {
    const world = new World({ seed: 1 });
    await world.run(async () => {
      await world.sleep(5);
      // Inspecting a date and colouring a line ask for time zone and environment in Node's own code.
      expect(inspect({ date: new Date(0) })).toContain('1970');
      new Console(process.stderr).error('');
    });
  });

  it('can be switched off', () => {
    const world = new World({ seed: 1, guard: 'off' });
    let millis = 0;
    world.at(1, () => (millis = Date.now()));
    world.runUntil(2);
    expect(millis).toBeGreaterThan(0);
  });
});

function original(name: string): unknown {
  const parts = name.replace('new ', '').replace('()', '').split('.');
  return parts.reduce<unknown>((holder, part) => (holder as Record<string, unknown>)[part], globalThis);
}
