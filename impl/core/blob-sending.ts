/**
 * Cuts blobs into fragments and takes turns between them, so that no blob holds up another (BLB-006).
 *
 * It keeps the blob's bytes without copying and knows no channel: the caller asks for a fragment when it may send one.
 * Drive it: `add` a blob; `pollFragment` until undefined, as the channel allows; `takeAll` when the channel ended.
 */

export type BlobToSend<Context> = {
  readonly blobId: number;
  readonly bytes: Uint8Array;
  /** Bytes of each fragment but the last, at least 1 (BLB-002). */
  readonly fragmentSizeBytes: number;
  readonly context: Context;
};

export type FragmentToSend<Context> = {
  readonly blobId: number;
  readonly index: number;
  readonly isLast: boolean;
  /** A view of the blob. */
  readonly bytes: Uint8Array;
  readonly context: Context;
};

type Sending<Context> = { readonly blob: BlobToSend<Context>; nextIndex: number };

/** Blobs under way on one channel. */
export class BlobSending<Context> {
  /** The head is next; a blob that has more goes to the tail after each fragment. */
  readonly #turns: Sending<Context>[] = [];

  /** Blobs with fragments left. */
  get size(): number {
    return this.#turns.length;
  }

  add(blob: BlobToSend<Context>): void {
    this.#turns.push({ blob, nextIndex: 0 });
  }

  /** The next fragment; undefined when all blobs are done. An empty blob is one empty fragment (BLB-010). */
  pollFragment(): FragmentToSend<Context> | undefined {
    const sending = this.#turns.shift();
    if (sending === undefined) return undefined;
    const { blob, nextIndex: index } = sending;
    const start = index * blob.fragmentSizeBytes;
    const end = Math.min(start + blob.fragmentSizeBytes, blob.bytes.length);
    const isLast = end === blob.bytes.length;
    sending.nextIndex++;
    if (!isLast) this.#turns.push(sending);
    return { blobId: blob.blobId, index, isLast, bytes: blob.bytes.subarray(start, end), context: blob.context };
  }

  /** Takes out all unfinished blobs, in order of their next turn (BLB-007). */
  takeAll(): Context[] {
    return this.#turns.splice(0).map((sending) => sending.blob.context);
  }
}
