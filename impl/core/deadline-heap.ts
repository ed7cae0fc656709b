/**
 * Things that fall due, soonest first; equal deadlines in order of insertion.
 *
 * A binary heap without removal: an owner that no longer cares ignores the item when it comes out. That makes "life"
 * free: note the time somewhere, and put the item back in when it falls due too early.
 * Drive it: `insert`, set one timer for `nextDeadlineMicros`, then drain `pollDue(nowMicros)` until undefined.
 */

type Entry<Item> = { readonly deadlineMicros: number; readonly sequence: number; readonly item: Item };

/** A table of deadlines; the soonest comes out first. */
export class DeadlineHeap<Item> {
  readonly #entries: Entry<Item>[] = [];
  #sequence = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Infinity when nothing is left to fall due. */
  get nextDeadlineMicros(): number {
    return this.#entries[0]?.deadlineMicros ?? Infinity;
  }

  /** @param deadlineMicros - When it falls due; Infinity: never, and it is not kept. */
  insert(deadlineMicros: number, item: Item): void {
    if (deadlineMicros === Infinity) return;
    const entries = this.#entries;
    const entry = { deadlineMicros, sequence: this.#sequence++, item };
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  /** The next item that is due, taken out; undefined when none is. */
  pollDue(nowMicros: number): Item | undefined {
    const entries = this.#entries;
    const first = entries[0];
    if (first === undefined || first.deadlineMicros > nowMicros) return undefined;
    const last = entries.pop()!;
    if (entries.length > 0) this.#sink(last);
    return first.item;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** Puts `entry` at the root and lets it sink to its place. */
  #sink(entry: Entry<Item>): void {
    const entries = this.#entries;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (!isBefore(entries[child]!, entry)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = entry;
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  if (a.deadlineMicros !== b.deadlineMicros) return a.deadlineMicros < b.deadlineMicros;
  return a.sequence < b.sequence;
}
