/** The tree goes each way exactly once, and what it leaves out when it may differs in the order of independent steps only. */
import { expect, test } from 'vitest';
import { ChoiceTree, RedundantWay, StoredWay, UnsteadyProgram } from '../../scenarios/exhaustive/choice-tree.ts';
import type { Alternative } from '../../scenarios/exhaustive/choice-tree.ts';
import { RandomStream } from '../../sim/index.ts';

type Step = { readonly key: string; readonly site: string; readonly from: readonly string[] };

/** All orders of these steps; a step can be next once the steps it comes from are done. */
function orders(steps: readonly Step[], reduce: boolean): { readonly all: string[]; readonly redundant: number } {
  const tree = new ChoiceTree({ reduce });
  const all: string[] = [];
  let redundant = 0;
  do {
    const done: string[] = [];
    try {
      while (done.length < steps.length) {
        const open = steps.filter(({ key, from }) => !done.includes(key) && from.every((each) => done.includes(each)));
        done.push(open[tree.choose(open)]!.key);
      }
      all.push(done.join(' '));
    } catch (error) {
      if (!(error instanceof RedundantWay)) throw error;
      redundant += 1;
    }
  } while (tree.next());
  return { all, redundant };
}

const step = (key: string, site: string, ...from: readonly string[]): Step => ({ key, site, from });

test('n steps have n! orders, each once; of two sites only the orders at each site are left', () => {
  const steps = [
    ...['a', 'b', 'c'].map((key) => step(key, 'left')),
    ...['x', 'y', 'z'].map((key) => step(key, 'right')),
  ];
  const full = orders(steps, false);
  expect(full.all).toHaveLength(720);
  expect(new Set(full.all).size).toBe(720);
  expect(full.all[0]).toBe('a b c x y z');
  expect(orders(steps, true).all).toHaveLength(36);
});

/** What each site sees, which is all that anybody can see when steps at different sites are independent. */
function views(steps: readonly Step[], order: string): string {
  const done = order.split(' ').map((key) => steps.find((each) => each.key === key)!);
  return ['p', 'q', 'r']
    .map((site) =>
      done
        .filter((each) => each.site === site)
        .map(({ key }) => key)
        .join(''),
    )
    .join('|');
}

test('the reduction keeps every view of the sites, once each, on 150 random partial orders', () => {
  const draws = new RandomStream(11, 'orders');
  for (let round = 0; round < 150; round += 1) {
    const steps: Step[] = [];
    for (let index = 0; index < 3 + draws.below(4); index += 1) {
      const from = steps.filter(() => draws.below(4) === 0).map(({ key }) => key);
      steps.push(step(`s${index}`, ['p', 'q', 'r'][draws.below(3)]!, ...from));
    }
    const full = orders(steps, false).all.map((order) => views(steps, order));
    const reduced = orders(steps, true).all.map((order) => views(steps, order));
    expect(new Set(reduced)).toEqual(new Set(full));
    expect(reduced).toHaveLength(new Set(full).size);
  }
});

const free = (count: number): Alternative[] =>
  Array.from({ length: count }, (_each, index) => ({ key: String(index), site: undefined }));

test('ways may end early and be of different widths, and the share of what is gone rises to the end', () => {
  const tree = new ChoiceTree({ reduce: false });
  const seen: string[] = [];
  const shares: number[] = [];
  do {
    const first = tree.choose(free(3));
    if (first !== 1) tree.choose(free(first + 1));
    seen.push(tree.choices().join(''));
    shares.push(tree.share());
  } while (tree.next());
  expect(seen).toEqual(['00', '1', '20', '21', '22']);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
});

test('a program that does not come to the same choices again is refused', () => {
  const tree = new ChoiceTree({ reduce: false });
  tree.choose(free(3));
  tree.next();
  expect(() => tree.choose(free(2))).toThrow(UnsteadyProgram);
  expect(() => new StoredWay([5]).choose(free(2))).toThrow('choice 0 is number 5, and there are 2 alternatives');
});
