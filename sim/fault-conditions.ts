/**
 * Conditions of links as faults: each is set and mended by itself, and what a link was like before comes back.
 *
 * Only options of `Link` are changed, so every draw comes from the link's own streams. A link that was infinitely fast keeps
 * a line of 1 Tbit/s after `narrowing`: a microsecond a packet.
 */
import type { Fault, LinkCondition } from './fault-words.ts';
import type { Link, LinkDirection } from './link.ts';
import type { LinkOptions, LinkSettings } from './link-options.ts';
import { NEVER, ratio } from './ratio.ts';

type ConditionFault = Extract<Fault, { fault: LinkCondition }>;

/** Stands for "no limit" where a link was limited before: a link that has a line keeps one. */
const UNLIMITED_BITS_PER_SECOND = 1e12;

/** The options that a condition was before it was made worse. */
const RESTORED: Readonly<Record<LinkCondition, (old: LinkSettings) => LinkOptions>> = {
  loss: ({ loss }) => ({ loss: loss ?? NEVER }),
  delay: ({ delay, delayMicros, jitterMicros }) => (delay === undefined ? { delayMicros, jitterMicros } : { delay }),
  duplication: ({ duplicate }) => ({ duplicate: duplicate ?? NEVER }),
  reordering: ({ reorder }) => ({ reorder: reorder ?? { ratio: NEVER, extraMicros: 1 } }),
  corruption: ({ corrupt }) => ({ corrupt: corrupt ?? { ratio: NEVER } }),
  truncation: ({ truncate }) => ({ truncate: truncate ?? { ratio: NEVER } }),
  narrowing: ({ line }) => ({ bandwidthBitsPerSecond: line?.bandwidthBitsPerSecond ?? UNLIMITED_BITS_PER_SECOND }),
};

function worse(fault: ConditionFault): LinkOptions {
  switch (fault.fault) {
    case 'loss':
      return { loss: ratio(fault.perMille, 1000) };
    case 'delay':
      return { delayMicros: fault.micros, jitterMicros: fault.jitterMicros ?? 0 };
    case 'duplication':
      return { duplicate: ratio(fault.perMille, 1000) };
    case 'reordering':
      return { reorder: { ratio: ratio(fault.perMille, 1000), extraMicros: fault.extraMicros } };
    case 'corruption':
      return { corrupt: { ratio: ratio(fault.perMille, 1000) } };
    case 'truncation':
      return { truncate: { ratio: ratio(fault.perMille, 1000) } };
    case 'narrowing':
      return { bandwidthBitsPerSecond: fault.bitsPerSecond };
  }
}

/** The conditions of all links of a world. */
export class FaultConditions {
  /** What mends each condition that is in force. */
  readonly #restoring = new Map<LinkDirection, Map<LinkCondition, LinkOptions>>();

  set(link: Link, fault: ConditionFault): void {
    for (const direction of [link.forward, link.backward]) {
      const restoring = this.#restoring.get(direction) ?? new Map<LinkCondition, LinkOptions>();
      this.#restoring.set(direction, restoring);
      const old = RESTORED[fault.fault](direction.settings);
      direction.configure(worse(fault));
      // Only the first one knows what the link was like.
      if (!restoring.has(fault.fault)) restoring.set(fault.fault, old);
    }
  }

  /** Takes one condition off a link, or all. */
  mend(link: Link, condition?: LinkCondition): void {
    for (const direction of [link.forward, link.backward]) {
      const restoring = this.#restoring.get(direction);
      if (restoring === undefined) continue;
      for (const [name, old] of restoring) {
        if (condition !== undefined && condition !== name) continue;
        direction.configure(old);
        restoring.delete(name);
      }
    }
  }
}
