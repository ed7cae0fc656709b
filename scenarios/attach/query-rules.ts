/**
 * The built-in handler every engine under test installs: answers queries by QUERY_RULES. It records nothing itself.
 */
import { QUERY_RULES } from './client-subject.ts';
import type { StageWorld } from './world.ts';

type Answer = Uint8Array | null | Promise<Uint8Array | null>;

/** Answers a query as QUERY_RULES says; a type without a rule is echoed. */
export function answerByRule(
  world: Pick<StageWorld, 'setTimer' | 'noteAsyncEdge'>,
  informationType: number,
  info: Uint8Array | null,
): Answer {
  switch (informationType) {
    case QUERY_RULES.throws:
      throw new Error('the rule of this query is to throw');
    case QUERY_RULES.null:
      return null;
    case QUERY_RULES.silent:
      return new Promise(() => undefined);
    case QUERY_RULES.delayedReverse: {
      const millis = (info?.[0] ?? 0) + 256 * (info?.[1] ?? 0);
      return new Promise((resolve) => {
        world.setTimer(millis * 1000, () => {
          world.noteAsyncEdge();
          resolve(info?.slice().reverse() ?? null);
        });
      });
    }
    case QUERY_RULES.doubled: {
      const twice = new Uint8Array(2 * (info?.length ?? 0));
      twice.set(info ?? []);
      twice.set(info ?? [], info?.length ?? 0);
      return info === null ? null : twice;
    }
    default:
      return info;
  }
}
