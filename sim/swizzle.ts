/**
 * Swizzle-clogging, after FoundationDB: some links stop one after another and go on one after another in another order, so
 * that for a while every mixture of open and held links is met.
 *
 * It plans only, in words of the fault vocabulary: apply the plan by `Faults.at`, or put it into a script. Packets wait while
 * a link is held; none is lost.
 */
import { checkInteger, usageError } from './errors.ts';
import type { Fault } from './fault-words.ts';
import type { RandomStream } from './random.ts';

export type SwizzleOptions = {
  /** Names of the links to choose from; each is chosen or not with equal chance, one at least is. */
  readonly links: readonly string[];
  readonly startMicros: number;
  /** All chosen links are held by the end of this time, each from a moment drawn within it. */
  readonly holdWithinMicros: number;
  /** Then all are released within this time, each at a moment drawn within it. */
  readonly releaseWithinMicros: number;
};

/** One fault of a plan. */
export type PlannedFault = { readonly atMicros: number; readonly fault: Fault };

/**
 * Draws a plan, in the order of time.
 *
 * @throws SimError `usage` - no link is given, or a time is not a whole number of microseconds in its range.
 */
export function planSwizzleClog(stream: RandomStream, options: SwizzleOptions): readonly PlannedFault[] {
  const { links, startMicros, holdWithinMicros, releaseWithinMicros } = options;
  if (links.length === 0) throw usageError('links is empty; name the links to hold');
  checkInteger('startMicros', startMicros, 0, Number.MAX_SAFE_INTEGER / 2);
  checkInteger('holdWithinMicros', holdWithinMicros, 1, 0xffff_ffff);
  checkInteger('releaseWithinMicros', releaseWithinMicros, 1, 0xffff_ffff);
  const drawn = links.filter(() => stream.below(2) === 0);
  const chosen = drawn.length > 0 ? drawn : [stream.pick(links)];
  const allHeldMicros = startMicros + holdWithinMicros;
  const holds = chosen.map((link) => ({
    atMicros: startMicros + stream.below(holdWithinMicros),
    fault: { fault: 'hold', link } as const,
  }));
  const releases = chosen.map((link) => ({
    atMicros: allHeldMicros + stream.below(releaseWithinMicros),
    fault: { fault: 'release', link } as const,
  }));
  return [...holds, ...releases].sort((left, right) => left.atMicros - right.atMicros);
}
