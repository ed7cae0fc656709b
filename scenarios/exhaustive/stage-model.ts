/**
 * A model of engines: a body over the stage of the scenarios, with the laws of every run. The body says when choosing begins,
 * so that setting the stage takes nothing of the window.
 */
import type { Packet } from '../../sim/index.ts';
import type { Stage } from '../api.ts';
import { runSim } from '../attach/sim-stage.ts';
import { Arena } from './arena.ts';
import type { ScheduleLimits } from './arena.ts';
import type { Explorable } from './explore.ts';
import { messageOf } from './explore.ts';
import { LIMITS_DEFAULT } from './world-model.ts';

/** Choosing begins, among the packets that are accepted; by default all. */
export type Begin = (accepts?: (packet: Readonly<Packet>) => boolean) => void;

/** What a model is made of. `body` gives the outcome in words; what it throws, or a broken law, is what is wrong. */
export type StageStory = {
  readonly name: string;
  readonly title: string;
  readonly limits: Partial<ScheduleLimits>;
  readonly body: (stage: Stage, begin: Begin) => Promise<string>;
};

const TIME_LIMIT_SECS = 600;

/** The model of a story. */
export function stageModel({ name, title, limits, body }: StageStory): Explorable {
  return {
    name,
    title,
    limits: { ...LIMITS_DEFAULT, settleMicros: 10_000, ...limits },
    async run({ seed, limits: asked, chooser, onWorld }) {
      let outcome = '';
      let arena: Arena | undefined;
      const result = await runSim(
        {
          seed,
          timeLimitSecs: TIME_LIMIT_SECS,
          invariants: true,
          onWorld: (world) => {
            onWorld?.(world);
            arena = new Arena(world, asked, chooser);
            arena.only(() => false);
          },
          onHost: () => arena!.controlAllFrom('internet'),
        },
        async (stage) => {
          outcome = await body(stage, (accepts = () => true) => arena!.only(accepts));
        },
      );
      const { error, digest = '' } = result;
      return error === undefined ? { digest, outcome } : { digest, outcome: messageOf(error), error };
    },
  };
}
