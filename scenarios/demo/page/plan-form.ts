/** The controls of the plan: shows one, and gives the one that is set. Only what means something in the scene is there. */
import { RANGES, USED } from '../plan.ts';
import type { DemoPlan, SceneName } from '../plan.ts';
import { byId } from './dom.ts';

type Field = HTMLSelectElement | HTMLInputElement;

function fields(): readonly Field[] {
  return [...byId('plan').querySelectorAll<Field>('select, input')];
}

/** Puts the plan's values into the controls. */
export function showPlan(plan: DemoPlan): void {
  for (const field of fields()) {
    const name = field.name as Exclude<keyof DemoPlan, 'faults'>;
    field.value = String(plan[name]);
    field.closest('label')!.hidden = name !== 'seed' && !USED[plan.scene].includes(name);
  }
}

/** The plan as set; a number that cannot be is the nearest that can. */
export function readPlan(before: DemoPlan): DemoPlan {
  const plan: Record<string, unknown> = { ...before };
  for (const field of fields()) plan[field.name] = field.name in RANGES ? within(field) : field.value;
  return plan as DemoPlan;
}

function within(field: Field): number {
  const [least, most] = RANGES[field.name as keyof typeof RANGES];
  return Math.min(most, Math.max(least, Math.round(Number(field.value)) || least));
}

/** A new scene keeps what it can of the plan; its faults were for other hosts. */
export function withScene(plan: DemoPlan, scene: SceneName): DemoPlan {
  if (scene === plan.scene) return plan;
  return { ...plan, scene, faults: [], ...(scene === 'cluster' && plan.clients < 3 ? { clients: 6 } : {}) };
}
