import { describe, expect, it } from 'vitest';
import { Internet, World, diffTraces, ratio } from '../../sim/index.ts';
import type { WorldOptions } from '../../sim/index.ts';
import { bytesOf, dial, listen } from './helpers.ts';
import type { Recorder } from './helpers.ts';

/** A run with something of everything: TCP over a bad link, UDP, timers, logs. */
async function busyRun(options: WorldOptions, slip = false): Promise<World> {
  const world = new World(options);
  const internet = new Internet(world, { link: { jitterMicros: 3_000, loss: ratio(1, 20) } });
  const [alice, bob] = [internet.host('alice'), internet.host('bob')];
  await world.run(async () => {
    const accepted: Recorder[] = [];
    listen(bob.platform(), 80, accepted);
    const client = dial(alice.platform(), bob, 80);
    for (let index = 0; index < 20; index += 1) {
      await world.sleep(50_000);
      client.connection!.write(bytesOf(`message ${index}`));
      alice.platform().log('info', `sent ${slip && index === 10 ? 'something else' : String(index)}`);
    }
    await world.sleep(5_000_000);
  });
  return world;
}

describe('World', () => {
  it('gives the same digest for the same seed, and another for another', async () => {
    const first = await busyRun({ seed: 11 });
    const second = await busyRun({ seed: 11, traceRecords: 100 });
    const other = await busyRun({ seed: 12 });
    expect(first.digest()).toMatch(/^[0-9a-f]{16}$/);
    expect(second.digest()).toBe(first.digest());
    expect(second.eventCount).toBe(first.eventCount);
    expect(other.digest()).not.toBe(first.digest());
  });

  it('keeps a digest for ever: a change of this line is a change of behaviour', async () => {
    const world = await busyRun({ seed: 11 });
    expect(world.digest()).toMatchInlineSnapshot(`"1463d530d612cb1f"`);
  });

  it('names the first event where two runs part', async () => {
    const left = await busyRun({ seed: 11, traceRecords: 10_000 });
    const right = await busyRun({ seed: 11, traceRecords: 10_000 }, true);
    const divergence = diffTraces(left.trace, right.trace);
    expect(divergence?.left?.text).toBe('info: sent 10');
    expect(divergence?.right?.text).toBe('info: sent something else');
    expect(divergence?.text).toContain('log alice');
    expect(diffTraces(left.trace, left.trace)).toBeUndefined();
  });

  it('finds the block without records, and the event in a second run of that block', () => {
    const fill = (world: World, odd: number): World => {
      for (let index = 0; index < 20_000; index += 1) world.mark(index === odd ? 'odd' : `mark ${index}`);
      return world;
    };
    const pair = (options: Partial<WorldOptions>) =>
      [fill(new World({ seed: 1, ...options }), 9_999), fill(new World({ seed: 1, ...options }), -1)] as const;
    const [left, right] = pair({});
    const coarse = diffTraces(left.trace, right.trace);
    expect(coarse).toMatchObject({ fromIndex: 8_192, toIndex: 12_288 });
    const [again, other] = pair({ traceRecords: 4_096, traceFrom: coarse!.fromIndex });
    const fine = diffTraces(again.trace, other.trace);
    expect(fine).toMatchObject({ fromIndex: 9_999, left: { text: 'odd' }, right: { text: 'mark 9999' } });
  });

  it('happens in order of time, then of planning', () => {
    const world = new World({ seed: 1 });
    const seen: string[] = [];
    world.at(20, () => seen.push('c'));
    world.at(10, () => {
      seen.push('a');
      world.at(10, () => seen.push('b2'));
    });
    world.at(10, () => seen.push('b'));
    world.at(15, () => seen.push('never')).cancel();
    world.runUntil(19);
    expect([...seen, world.nowMicros]).toEqual(['a', 'b', 'b2', 19]);
    world.runUntil(20);
    expect(seen.at(-1)).toBe('c');
  });

  it('takes a real turn only after an edge', async () => {
    const world = new World({ seed: 1 });
    let count = 0;
    const tick = (): void => {
      count += 1;
      if (count < 1_000) world.schedule(world.nowMicros + 10, { onEvent: tick }, undefined);
    };
    world.schedule(0, { onEvent: tick }, undefined);
    await world.run(() => world.sleep(100_000));
    expect(count).toBe(1_000);
    expect(world.turnCount).toBeLessThan(5);
  });

  it('lets a chain of awaits of any length finish before the next event', async () => {
    const world = new World({ seed: 1 });
    const seen: string[] = [];
    await world.run(async () => {
      world.at(11, () => seen.push('event'));
      await world.sleep(10);
      for (let index = 0; index < 500; index += 1) await Promise.resolve();
      seen.push('body');
      await world.sleep(10);
    });
    expect(seen).toEqual(['body', 'event']);
  });

  it('says what is stuck when nothing is left to happen', async () => {
    const world = new World({ seed: 9 });
    const internet = new Internet(world);
    const stuck = world.run(async () => {
      internet
        .host('lonely')
        .platform()
        .bindUdp({ port: 5 }, { onMessage: () => undefined });
      await new Promise(() => undefined);
    });
    await expect(stuck).rejects.toMatchObject({ code: 'deadlock' });
    await expect(stuck).rejects.toThrow(/seed 9.*lonely: 0 timers, 0 connections, 0 listeners, 1 UDP sockets/);
  });

  it('ends at its limits of time and events', async () => {
    const forever = async (world: World): Promise<void> => {
      for (;;) await world.sleep(1_000);
    };
    await expect(new World({ seed: 1, timeLimitMicros: 50_000 }).run(forever)).rejects.toMatchObject({
      code: 'timeLimit',
    });
    await expect(new World({ seed: 1, eventLimit: 100 }).run(forever)).rejects.toMatchObject({ code: 'eventLimit' });
  });

  it('passes on what the body gives or throws, and what a handler throws', async () => {
    const world = new World({ seed: 1 });
    await expect(world.run(() => Promise.resolve(7))).resolves.toBe(7);
    await expect(world.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    const failing = world.run(async () => {
      world.at(world.nowMicros + 1, () => {
        throw new Error('handler');
      });
      await world.sleep(10);
    });
    await expect(failing).rejects.toThrow('handler');
  });

  it('refuses to run inside itself, to plan in the past, and senseless options', async () => {
    const world = new World({ seed: 1 });
    await world.run(async () => {
      expect(() => world.runUntil(5)).toThrow('running already');
      await world.sleep(5);
    });
    expect(() => world.at(4, () => undefined)).toThrow('5 us already');
    expect(() => new World({ seed: -1 })).toThrow('seed is -1');
    expect(() => new World({ seed: 1.5 })).toThrow('seed is 1.5');
  });
});
