/**
 * A model of bare hosts: it builds a world of its own, lets something happen in it, and says what came of it or what is wrong.
 */
import { Internet, World } from '../../sim/index.ts';
import { Arena } from './arena.ts';
import type { ScheduleLimits } from './arena.ts';
import type { Explorable } from './explore.ts';
import { messageOf } from './explore.ts';

/** Where it happens. */
export type WorldStage = { readonly world: World; readonly internet: Internet; readonly arena: Arena };

/** What a model is made of. `play` gives the outcome in words, and throws what is wrong. */
export type WorldStory = {
  readonly name: string;
  readonly title: string;
  readonly limits: Partial<ScheduleLimits>;
  readonly play: (stage: WorldStage) => string;
};

const LINK_MICROS = 1_000;
/** An answer crosses four links of a millisecond, or less. */
export const LIMITS_DEFAULT: ScheduleLimits = {
  skipPackets: 0,
  packetsMax: 6,
  faultsMax: 0,
  faults: ['lose', 'duplicate', 'late'],
  order: 'any',
  settleMicros: 5_000,
  lateMicros: 1_500_000,
};
const EVENTS_MAX = 1_000_000;

/** The model of a story. */
export function worldModel({ name, title, limits, play }: WorldStory): Explorable {
  return {
    name,
    title,
    limits: { ...LIMITS_DEFAULT, ...limits },
    run: ({ seed, limits: asked, chooser, onWorld }) => {
      const world = new World({ seed, eventLimit: EVENTS_MAX });
      onWorld?.(world);
      const internet = new Internet(world, { link: { delayMicros: LINK_MICROS } });
      const arena = new Arena(world, asked, chooser);
      try {
        const outcome = play({ world, internet, arena });
        return Promise.resolve({ digest: world.digest(), outcome });
      } catch (error) {
        return Promise.resolve({ digest: world.digest(), outcome: messageOf(error), error });
      }
    },
  };
}
