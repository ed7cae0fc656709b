/**
 * Steps of a sequence diagram, packed: texts pooled, and the middle of long ones left out.
 *
 * Kept are the beginning, the end, and the surroundings of every step that decided or injected a fault.
 */
import type { Step } from '../model.ts';
import { clip, visible } from '../text.ts';
import type { PageRow } from './page-data.ts';

/** Text to its place; insertion order is the order of places. */
export type StringPool = Map<string, number>;

/** At most `stepsMax` steps, with a number where some were left out. */
export function packSteps(steps: readonly Step[], stepsMax: number, strings: StringPool): PageRow[] {
  const kept = keep(steps, stepsMax);
  const rows: PageRow[] = [];
  let next = 0;
  for (const index of kept) {
    if (index > next) rows.push(index - next);
    const { atMicros, from, to, label, mark } = steps[index]!;
    const place = (text: string): number => intern(strings, visible(clip(text, 200)));
    rows.push([
      atMicros,
      place(from),
      to === undefined ? -1 : place(to),
      place(label),
      mark === 'bad' ? 1 : mark === 'fault' ? 2 : 0,
    ]);
    next = index + 1;
  }
  if (steps.length > next) rows.push(steps.length - next);
  return rows;
}

function intern(strings: StringPool, text: string): number {
  const known = strings.get(text);
  if (known !== undefined) return known;
  strings.set(text, strings.size);
  return strings.size - 1;
}

/** Places to keep, ascending. */
function keep(steps: readonly Step[], stepsMax: number): number[] {
  const all = steps.map((_, index) => index);
  if (steps.length <= stepsMax) return all;
  const edge = Math.floor(stepsMax / 5);
  const near = Math.floor(stepsMax / 10);
  const wanted = new Set([...all.slice(0, edge), ...all.slice(-edge)]);
  const deciding = all.filter((index) => steps[index]!.mark === 'bad');
  const faults = all.filter((index) => steps[index]!.mark === 'fault');
  for (const [centres, reach] of [
    [deciding, near],
    [faults, 1],
  ] as const) {
    for (const centre of centres) {
      const around = all.slice(Math.max(0, centre - reach), centre + reach + 1);
      if (wanted.size + around.length <= stepsMax) for (const index of around) wanted.add(index);
    }
  }
  return [...wanted].sort((a, b) => a - b);
}
