/**
 * Segments that came before their turn, kept in order of sequence until the gap is filled. It trusts the caller to have
 * cut them to the receive window, which bounds the memory.
 */

type Piece = { sequence: number; readonly bytes: Uint8Array };

/** The out-of-order part of a receive window. */
export class Reassembly {
  readonly #pieces: Piece[] = [];
  /** Sequence number of a FIN that came early. */
  finSequence: number | undefined = undefined;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Keeps a piece. Overlaps are kept too and cut when they are taken. */
  insert(sequence: number, bytes: Uint8Array): void {
    let index = this.#pieces.length;
    while (index > 0 && ((this.#pieces[index - 1]!.sequence - sequence) | 0) > 0) index -= 1;
    const before = this.#pieces[index - 1];
    // A repeated segment, or part of one, adds nothing.
    if (before !== undefined && ((before.sequence + before.bytes.length - sequence - bytes.length) | 0) >= 0) return;
    this.#pieces.splice(index, 0, { sequence, bytes });
  }

  /** The bytes that continue at `sequence`, or undefined when the gap is still open. */
  take(sequence: number): Uint8Array | undefined {
    for (;;) {
      const piece = this.#pieces[0];
      if (piece === undefined) return undefined;
      const known = (sequence - piece.sequence) | 0;
      if (known < 0) return undefined;
      this.#pieces.shift();
      if (known < piece.bytes.length) return known === 0 ? piece.bytes : piece.bytes.subarray(known);
    }
  }
}
