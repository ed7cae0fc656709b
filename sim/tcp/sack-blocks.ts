/**
 * What a receiver reports as arrived out of order: the blocks of RFC 2018 section 4, the one that changed last first.
 * Duplicate SACKs (RFC 2883) are not reported.
 */

/** RFC 2018 section 3: as many as fit into forty bytes of options. */
const BLOCKS_MAX = 4;

type Block = { readonly start: number; readonly end: number };

/** The out-of-order blocks of one connection. */
export class SackBlocks {
  #blocks: Block[] = [];

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** A segment beyond the next expected byte has come. */
  insert(start: number, end: number): void {
    let [first, last] = [start, end];
    const apart: Block[] = [];
    for (const block of this.#blocks) {
      if (((block.end - first) | 0) < 0 || ((last - block.start) | 0) < 0) {
        apart.push(block);
        continue;
      }
      if (((block.start - first) | 0) < 0) first = block.start;
      if (((block.end - last) | 0) > 0) last = block.end;
    }
    this.#blocks = [{ start: first, end: last }, ...apart];
  }

  /** The next expected byte moved on; blocks below it are not out of order any more. */
  advance(receiveNext: number): void {
    this.#blocks = this.#blocks.filter(({ start }) => ((start - receiveNext) | 0) > 0);
  }

  /** For the option: starts and ends of at most four blocks. */
  edges(): number[] {
    return this.#blocks.slice(0, BLOCKS_MAX).flatMap(({ start, end }) => [start, end]);
  }
}
