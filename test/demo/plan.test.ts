/** Plans and scripts as text, what a recording's packets are called, and modules put together to one script. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKET_KINDS } from '../../scenarios/demo/kinds.ts';
import { linkModules } from '../../scenarios/demo/link-modules.ts';
import { PLAN_DEFAULT, SCENES, formatPlan, parsePlan, planAddress } from '../../scenarios/demo/plan.ts';
import { runDemo } from '../../scenarios/demo/run-demo.ts';
import { FAULT_KINDS } from '../../sim/index.ts';
import { formatScript, parseScript } from '../../scenarios/demo/script.ts';

describe('a plan as a line', () => {
  it('comes back as it went, also from an address', () => {
    const faults = parseScript(
      '2.5s partition between=ann|ben,server; 3s clockStep host=ann deltaMicros=-5; 0s natChange nat=ann-router class=APD/APD',
      FAULT_KINDS,
    );
    expect(faults.map(({ atMicros }) => atMicros)).toEqual([0, 2_500_000, 3_000_000]);
    expect(faults[1]!.fault).toEqual({ fault: 'partition', between: [['ann'], ['ben', 'server']] });
    expect(parseScript(formatScript(faults, '\n'), FAULT_KINDS)).toEqual(faults);
    for (const scene of SCENES) {
      const plan = { ...PLAN_DEFAULT, scene, seed: 99, faults };
      expect(parsePlan(formatPlan(plan))).toEqual(plan);
      expect(parsePlan(`#${planAddress(plan)}`)).toEqual(plan);
      expect(new URL(`file:///a#${planAddress(plan)}`).hash).toBe(`#${planAddress(plan)}`);
    }
  });

  it.each([
    ['scene=circle', "scene is 'circle'; it can be pair, punch, star, cluster"],
    ['seed=-1', "seed is '-1'; it can be a whole number from 0 to 2147483647"],
    ['clients=25', "clients is '25'; it can be a whole number from 1 to 24"],
    ['colour=red', "there is no 'colour' in a plan"],
    ['faults=3 crash host=ann', "begins with '3'; it must be a time such as 3.2s"],
    ['faults=3s explode', "there is no fault 'explode'"],
    ['faults=3s crash ann', "'ann' is not of the form name=value"],
    ['seed=%', "'%' is no part of an address"],
  ])('refuses %s', (line, message) => {
    expect(() => parsePlan(line)).toThrow(message);
  });
});

describe('a run of the demo', () => {
  it('is the same watched or not, and tells what its packets are for', async () => {
    const plan = parsePlan(
      'scene=pair&seconds=8&faults=2s loss link=ben-router-internet perMille=400;6s crash host=ann',
    );
    const [blind, watched] = [await runDemo(plan), await runDemo(plan, { record: true })];
    expect(watched.digest).toBe(blind.digest);
    expect(watched.letters.some(({ way, isAcknowledged }) => way === 'direct' && isAcknowledged)).toBe(true);
    const { kinds, recording, topology } = watched.seen!;
    const found = new Set([...kinds].map((kind) => PACKET_KINDS[kind]![0]));
    for (const kind of ['probe', 'open', 'data', 'again', 'ack', 'beat', 'control'] as const)
      expect(found).toContain(kind);
    expect(topology.nodes.map(({ name }) => name).sort()).toEqual([
      'ann',
      'ann-router',
      'ben',
      'ben-router',
      'internet',
      'server',
    ]);
    expect(topology.links.every(({ from, to }) => from !== to)).toBe(true);
    expect(recording.mappings.length).toBeGreaterThan(3);
  });

  it('goes on in another cluster server when one dies, tells of a fault that cannot be, and changes a router', async () => {
    const faults = '4s crash host=server-1;5s crash host=nobody';
    const { tales } = await runDemo(parsePlan(`scene=cluster&clients=3&seconds=25&faults=${faults}`));
    const again = tales.filter(({ text }) => text.startsWith('logged on again'));
    expect(again.length).toBeGreaterThan(0);
    expect(tales.some(({ text }) => text.startsWith("crash was not done: there is no host 'nobody'"))).toBe(true);
    const plain = 'scene=punch&left=EI/APD&right=EI/APD';
    const outcome = async (line: string): Promise<string | null> =>
      (await runDemo(parsePlan(line))).tales.at(-1)!.state;
    expect(await outcome(plain)).toBe('direct');
    expect(await outcome(`${plain}&faults=0s natChange nat=a-nat0 class=APD/APD`)).toBe('no direct way');
  });
});

describe('modules put together', () => {
  const link = (files: Readonly<Record<string, string>>): string => {
    const root = mkdtempSync(join(tmpdir(), 'esf-link-'));
    try {
      mkdirSync(join(root, 'a'));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
      return linkModules(root, ['main.js']).script;
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };

  it('give what they gave apart', () => {
    const script = link({
      'main.js': `import { one as uno, Two } from "./a/b.js";\nimport * as all from './a/b.js';\nexport { three as drei } from './a/c.js';\nexport const sum = uno + new Two().value;\nconst own = all.one;\nexport { own as mine };\n`,
      'a/b.js': `import { three } from "./c.js";\n/** Documented. */\nexport const one = 1;\nexport class Two { value = three - 1; }\n`,
      'a/c.js': `export function helper() { return 3; }\nexport const three = helper();\n`,
    });
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the script is what is tested.
    const run = new Function(`${script}return modules['main.js']();`) as () => unknown;
    expect(run()).toEqual({ drei: 3, sum: 3, mine: 1 });
    expect(script).not.toContain('Documented');
  });

  it.each([
    ['export default 5;\n', "'export default 5;' cannot be linked"],
    ['import fs from "node:fs";\n', 'cannot be linked'],
    ['import { readFileSync } from "node:fs";\n', "needs 'node:fs', which is not a file of the build"],
    ['export let count = 1;\ncount = 2;\n', 'cannot be linked'],
  ])('are refused where that is not sure: %s', (text, message) => {
    expect(() => link({ 'main.js': text })).toThrow(message);
  });
});
