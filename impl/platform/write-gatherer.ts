/**
 * Decides when gathered writes leave: at the end of the event that made them, or at the end of the turn.
 *
 * Knows connections only as things with unsent bytes. It also lends out the one large buffer most gathering happens in.
 */

/** Something that holds written bytes back until `flushGathered`. */
export type Gathering = { flushGathered(): void };

/** Bytes a connection gathers before it hands them over early. */
export const GATHER_BYTES_MAX = 65_536;

/** One per platform. */
export class WriteGatherer {
  #depth = 0;
  #dirty: Gathering[] = [];
  #turnScheduled = false;
  #spare: Buffer | undefined;
  #lentTo: Gathering | undefined;

  /** Runs one event; nested calls belong to the outermost. */
  run(work: () => void): void {
    this.enter();
    try {
      work();
    } finally {
      this.leave();
    }
  }

  /** The two halves of `run`, for the data path. */
  enter(): void {
    this.#depth++;
  }

  leave(): void {
    if (--this.#depth === 0 && this.#dirty.length > 0) this.#flushAll();
  }

  /** `connection` has begun to gather. */
  noteDirty(connection: Gathering): void {
    this.#dirty.push(connection);
    if (this.#depth > 0 || this.#turnScheduled) return;
    this.#turnScheduled = true;
    process.nextTick(() => {
      this.#turnScheduled = false;
      this.#flushAll();
    });
  }

  /** The large buffer, unless another connection has it; it goes back with `giveBack`. */
  borrow(who: Gathering): Buffer | undefined {
    if (this.#lentTo !== undefined) return undefined;
    this.#lentTo = who;
    const buffer = this.#spare ?? Buffer.allocUnsafeSlow(GATHER_BYTES_MAX);
    this.#spare = undefined;
    return buffer;
  }

  /** @param free - The kernel has its copy of the bytes, so the buffer may be used again. */
  giveBack(who: Gathering, buffer: Buffer, free: boolean): void {
    if (this.#lentTo !== who) return;
    this.#lentTo = undefined;
    if (free) this.#spare = buffer;
  }

  #flushAll(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) connection.flushGathered();
  }
}
