/**
 * Plans of attacks for random search: each class of `ATTACK_CLASSES` on or off, every knob drawn. The byzantine counterpart of
 * `fault-plan.ts`; a scenario may draw both.
 *
 * A plan is data, so it shrinks: first to fewer classes, then to fewer and weaker strikes. `applyAttacks` does what a plan says, and
 * marks which classes were on and which fired. It waits for no outcome.
 */
import * as fc from 'fast-check';
import { ATTACK_CLASSES, ATTACK_CLASS_NAMES } from '../../sim/index.ts';
import type { AttackClass, Strike } from '../../sim/index.ts';
import type { Stage } from '../api.ts';
import { HarnessFault } from './failures.ts';

/** One strike: when, how hard, and at which of what there is. */
export type AttackAction = {
  readonly atMillis: number;
  /** 1 to 100; what it means depends on the class. */
  readonly strength: number;
  /** 0 to 255. */
  readonly choice: number;
};

/** Which classes are on, and what each does; null is off, absent is not drawn at all. */
export type AttackPlan = Readonly<Partial<Record<AttackClass, readonly AttackAction[] | null>>>;

export type AttackPlanOptions = {
  readonly classes: readonly AttackClass[];
  /** Strikes begin before that time. */
  readonly withinMillis: number;
};

/** The classes whose attacker stands there. */
export function attackClassesOf(stands: 'offPath' | 'onPath'): readonly AttackClass[] {
  return ATTACK_CLASS_NAMES.filter((name) => ATTACK_CLASSES[name].stands === stands);
}

/** Plans in which each class is off with probability 1/2. */
export function attackPlans({ classes, withinMillis }: AttackPlanOptions): fc.Arbitrary<AttackPlan> {
  const actions = fc.array(
    fc.record({
      atMillis: fc.nat({ max: withinMillis }),
      strength: fc.integer({ min: 1, max: 100 }),
      choice: fc.nat({ max: 255 }),
    }),
    { minLength: 1, maxLength: 3 },
  );
  const rows = classes.map((name) => [name, fc.option(actions, { freq: 2 })] as const);
  return fc.record(Object.fromEntries(rows) as Record<AttackClass, (typeof rows)[number][1]>);
}

/** Who strikes, and at what. */
export type AttackTargets = Omit<Strike, 'strength' | 'choice'>;

/**
 * Does what the plan says, in the order of time; resolves when the last strike has begun.
 *
 * @throws HarnessFault - the plan has a class that is unknown.
 */
export async function applyAttacks(stage: Stage, plan: AttackPlan, targets: AttackTargets): Promise<void> {
  const strikes = Object.entries(plan).flatMap(([name, actions]) => {
    const known = ATTACK_CLASS_NAMES.find((each) => each === name);
    if (known === undefined) {
      throw new HarnessFault(`there is no class of attacks "${name}"; classes are ${ATTACK_CLASS_NAMES.join(', ')}`);
    }
    stage.attackClass(name, actions === null ? 'off' : 'on');
    return (actions ?? []).map((action) => ({ name: known, ...action }));
  });
  strikes.sort((a, b) => a.atMillis - b.atMillis);
  let nowMillis = 0;
  for (const { name, atMillis, strength, choice } of strikes) {
    await stage.sleep((atMillis - nowMillis) / 1000);
    nowMillis = atMillis;
    const count = ATTACK_CLASSES[name].strike({ ...targets, strength, choice });
    stage.note(`attack ${name}: ${count}`);
    if (count > 0) stage.attackClass(name, 'fired');
  }
}
