/**
 * Room for bytes being written: messages are laid one after another into a shared block, and each is handed out as a view.
 *
 * Bytes once handed out are never written again, and no two views overlap, so a caller may keep them. When a block is full a
 * new one is started and the old one lives as long as a view of it does. Do not transfer a view's `buffer`: it is shared.
 */

/** Bytes of one shared block. A longer message gets a block of its own. */
const BLOCK_BYTES = 65_536;

/** The writing end of the current block. One per process part is enough: nothing is held across calls. */
export class Slab {
  /** The block. */
  bytes = new Uint8Array(BLOCK_BYTES);
  /** Where the next byte goes. Generated code works on a local copy and stores it back. */
  pos = 0;
  /** Where the value being written began. */
  base = 0;
  /** The most bytes the value being written may take; `grow` throws beyond it. */
  sizeBytesMax = 0;

  /** Starts a value; everything before it belongs to earlier values, or to one that was refused half-way. */
  begin(sizeBytesMax: number): void {
    this.base = this.pos;
    this.sizeBytesMax = sizeBytesMax;
  }

  /** Makes room for `needBytes` more at `pos`; may move the value into a new block, which changes `bytes`, `base` and `pos`. */
  grow(needBytes: number): void {
    const used = this.pos - this.base;
    if (used > this.sizeBytesMax) throw new SlabFull(used);
    if (this.bytes.length - this.pos >= needBytes) return;
    // A value that outgrew a block grows by half each time, so that copying stays in proportion to its size.
    const wanted = used < BLOCK_BYTES / 2 ? used + needBytes : used + (used >> 1) + needBytes;
    const next = new Uint8Array(Math.max(BLOCK_BYTES, wanted));
    next.set(this.bytes.subarray(this.base, this.pos));
    this.bytes = next;
    this.base = 0;
    this.pos = used;
  }

  /** Ends the value and gives its bytes out. */
  finish(): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.base, this.pos - this.base);
  }
}

/** Thrown by `grow` when a value passes its limit; turned into a LocalProtocolError by the codec. */
export class SlabFull extends Error {
  readonly sizeBytes: number;
  constructor(sizeBytes: number) {
    super('a value passed its limit; always caught in codec.ts');
    this.sizeBytes = sizeBytes;
  }
}
