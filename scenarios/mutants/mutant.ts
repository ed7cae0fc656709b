/**
 * A mutant: the reference engine with one line changed, so that one clause is broken.
 *
 * A scenario that passes on the reference and on every mutant proves nothing; a clause is proved when a scenario that
 * cites it fails on a mutant of it. Data and pure functions only; `campaign.ts` runs them.
 */
export type Mutant = {
  /** Stable: `M-`, the clause, and a letter where a clause has several. */
  readonly id: string;
  /** What the fault is, as one sentence. */
  readonly title: string;
  /** The clause it breaks. */
  readonly clause: string;
  /** The engine's file below `impl/`, without extension. */
  readonly file: string;
  /** Code that stands exactly once in that file, without types, so that it is the same in source and build. */
  readonly find: string;
  readonly replace: string;
};

/** Where a fragment stands in a source whose white space may differ from the fragment's: matched token gap by token gap. */
function pattern(fragment: string): RegExp {
  const escaped = fragment.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replace(/\s+/g, '\\s+'), 'g');
}

/**
 * The mutated source.
 *
 * @throws Error when the fragment does not stand exactly once: the mutant is stale and says so instead of passing.
 */
export function applyMutant(source: string, mutant: Mutant): string {
  const hits = [...source.matchAll(pattern(mutant.find))];
  const hit = hits[0];
  if (hits.length !== 1 || hit === undefined) {
    throw new Error(
      `mutant ${mutant.id} is stale: its fragment stands ${hits.length} times in impl/${mutant.file}, once is needed: ${mutant.find}`,
    );
  }
  return source.slice(0, hit.index) + mutant.replace + source.slice(hit.index + hit[0].length);
}
