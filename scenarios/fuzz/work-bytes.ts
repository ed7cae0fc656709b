/**
 * Bytes being mutated: one buffer, used over and over, with a length that changes. A fuzzer makes a hundred thousand inputs a
 * second; allocating each anew would take longer than decoding it.
 */

/** Inputs do not grow beyond this. */
const WORK_BYTES_MAX = 65_536;

/**
 *
 */
export class WorkBytes {
  readonly bytes = new Uint8Array(WORK_BYTES_MAX);
  length = 0;

  /** Starts from these bytes. */
  load(from: Uint8Array): void {
    this.length = Math.min(from.length, WORK_BYTES_MAX);
    this.bytes.set(this.length === from.length ? from : from.subarray(0, this.length));
  }

  /** What is there now; only valid until the next `load`. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Sets one byte; outside the length nothing happens. */
  put(at: number, value: number): void {
    if (at >= 0 && at < this.length) this.bytes[at] = value;
  }

  /** Reads an int32; bytes outside the length count as 0. */
  int32(at: number): number {
    let value = 0;
    for (let index = 0; index < 4; index += 1)
      if (at + index < this.length) value |= this.bytes[at + index]! << (8 * index);
    return value;
  }

  /** Writes an int32, as far as it fits. */
  putInt32(at: number, value: number): void {
    for (let index = 0; index < 4; index += 1) this.put(at + index, value >> (8 * index));
  }

  /** Takes `count` bytes out. */
  remove(at: number, count: number): void {
    const end = Math.min(at + count, this.length);
    this.bytes.copyWithin(at, end, this.length);
    this.length -= end - at;
  }

  /** Makes room for `count` bytes, which hold what was there; returns how many fitted. */
  open(at: number, count: number): number {
    const fitting = Math.min(count, WORK_BYTES_MAX - this.length);
    this.bytes.copyWithin(at + fitting, at, this.length);
    this.length += fitting;
    return fitting;
  }
}
