import { describe, expect, it } from 'vitest';
import {
  Faults,
  Internet,
  LINK_PRESETS,
  RandomStream,
  World,
  createUdpPacket,
  linkPreset,
  planSwizzleClog,
  registryOf,
} from '../../sim/index.ts';
import type { LinkOptions, LinkPreset, LinkPresetName } from '../../sim/index.ts';

const NAMES = Object.keys(LINK_PRESETS) as LinkPresetName[];

function rate({ bandwidthBitsPerSecond = 0 }: LinkOptions): string {
  return `${bandwidthBitsPerSecond / 1e6} Mbit/s`;
}

function delay({ delay: model, delayMicros = 0 }: LinkOptions): string {
  if (model === undefined) return `${delayMicros / 1_000} ms`;
  if (model.kind !== 'pareto') throw new Error(`say here how a delay of kind ${model.kind} reads`);
  const { minMicros, shape, maxMicros } = model;
  return `${minMicros / 1_000} to ${maxMicros / 1_000} ms, Pareto of shape ${shape.numerator}/${shape.denominator}`;
}

function queue({ queueBytesMax }: LinkOptions): string {
  return queueBytesMax === undefined ? 'default' : `${queueBytesMax.toLocaleString('en-US')} bytes`;
}

/** The page about the presets, as prettier would have it. */
function page(): string {
  const head = ['name', 'what', 'up', 'down', 'delay each way', 'queue up, down', 'source'];
  const rows = NAMES.map((name) => {
    const { title, up, down, source }: LinkPreset = LINK_PRESETS[name];
    expect(delay(up)).toBe(delay(down));
    return [`\`${name}\``, title, rate(up), rate(down), delay(up), `${queue(up)}, ${queue(down)}`, source];
  });
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return `# Link presets

Access links of well-known kinds: \`internet.host('alice', { link: linkPreset('dsl') })\`. Written from \`sim/link/presets.ts\` by
\`npx vitest run test/sim/link-presets.test.ts -u\`; the test fails when the two differ. The default queue is 256 KiB.

${[head, rule, ...rows].map(line).join('\n')}
`;
}

describe('presets of links', () => {
  it('are written down as they are', async () => {
    await expect(page()).toMatchFileSnapshot('../../sim/PRESETS.md');
  });

  it.each(NAMES)('%s carries a datagram each way in about its delay', (name) => {
    const world = new World({ seed: 1 });
    const internet = new Internet(world, { link: { delayMicros: 0 } });
    const [alice, bob] = [internet.host('alice', { link: linkPreset(name) }), internet.host('bob')];
    const delays: number[] = [];
    bob.platform().bindUdp({ port: 5 }, { onMessage: () => delays.push(world.nowMicros - 1) });
    alice.platform().bindUdp({ port: 5 }, { onMessage: () => delays.push(world.nowMicros - 1) });
    world.runUntil(1);
    alice.sendPacket(createUdpPacket(alice.address, 5, bob.address, 5, new Uint8Array(100)));
    bob.sendPacket(createUdpPacket(bob.address, 5, alice.address, 5, new Uint8Array(100)));
    world.runUntil(2_000_000);
    const { up, down }: LinkPreset = LINK_PRESETS[name];
    const least = (link: LinkOptions): number => {
      const model = link.delay;
      const base = model === undefined ? (link.delayMicros ?? 0) : model.kind === 'pareto' ? model.minMicros : 0;
      return base + Math.ceil((128 * 8e6) / link.bandwidthBitsPerSecond!);
    };
    expect(delays.length).toBe(2);
    const expected = [least(up), least(down)].sort((a, b) => a - b);
    delays
      .sort((a, b) => a - b)
      .forEach((micros, index) => {
        expect(micros).toBeGreaterThanOrEqual(expected[index]!);
        expect(micros).toBeLessThanOrEqual(expected[index]! + (name === 'wifiJitter' ? 200_000 : 0));
      });
  });

  it('name what there is when asked for another', () => {
    expect(() => linkPreset('isdn' as LinkPresetName)).toThrow("no link preset 'isdn'; there are lan, dsl");
  });
});

describe('swizzle-clogging', () => {
  const options = { startMicros: 1_000, holdWithinMicros: 500, releaseWithinMicros: 300 };
  const links = ['a', 'b', 'c', 'd', 'e', 'f'];

  it('holds some links, then lets each of them go, in another order', () => {
    const orders = new Set<boolean>();
    for (let seed = 1; seed <= 40; seed += 1) {
      const plan = planSwizzleClog(new RandomStream(seed, 's'), { ...options, links });
      const of = (kind: string): string[] =>
        plan.flatMap(({ fault }) => (fault.fault === kind && 'link' in fault ? [fault.link] : []));
      expect([...of('hold')].sort()).toEqual([...of('release')].sort());
      expect(of('hold').length).toBeGreaterThan(0);
      expect(plan.every(({ atMicros, fault }) => atMicros < 1_500 === (fault.fault === 'hold'))).toBe(true);
      expect(plan.every(({ atMicros }) => atMicros >= 1_000 && atMicros < 1_800)).toBe(true);
      orders.add(of('hold').join() === of('release').join());
    }
    expect(orders.has(false)).toBe(true);
  });

  it('lets nothing through a held link and loses nothing', () => {
    const world = new World({ seed: 4 });
    const internet = new Internet(world, { link: { delayMicros: 10 } });
    const [alice, bob] = [internet.host('alice'), internet.host('bob')];
    const at: number[] = [];
    bob.platform().bindUdp({ port: 5 }, { onMessage: () => at.push(world.nowMicros) });
    const faults = new Faults(world);
    const names = [...registryOf(world).links.keys()];
    const plan = planSwizzleClog(world.stream('swizzle'), { ...options, links: names });
    for (const { atMicros, fault } of plan) faults.at(atMicros, fault);
    for (let send = 0; send < 3_000; send += 100) {
      world.at(send + 1, () => {
        alice.sendPacket(createUdpPacket(alice.address, 5, bob.address, 5, new Uint8Array(1)));
      });
    }
    world.runUntil(10_000);
    expect(at.length).toBe(30);
    const [held, released] = [plan[0]!.atMicros, plan.at(-1)!.atMicros];
    expect(at.filter((micros) => micros > held + 20 && micros < 1_500)).toEqual([]);
    expect(at.filter((micros) => micros >= released).length).toBeGreaterThan(5);
  });

  it('wants at least one link', () => {
    expect(() => planSwizzleClog(new RandomStream(1, 's'), { ...options, links: [] })).toThrow('links is empty');
  });
});
