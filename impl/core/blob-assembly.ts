/**
 * Puts blobs together from fragments, for all senders of one receiver; delivers whole blobs only (BLB-004).
 *
 * TCP keeps order, so a fragment that is not the next one means a lost or repeated one: the blob is dropped, never guessed
 * (BLB-011). It copies nothing but keeps the fragments' bytes: hand in bytes that stay.
 * Drive it: `handleFragment` for each fragment; `dropSender` and `dropAll` when an end goes away.
 */
import { BLOB_ID_FIRST, BLOBS_UNFINISHED_PER_SENDER_MAX } from '../../spec/limits.ts';

export type BlobFragment = {
  readonly blobId: number;
  readonly index: number;
  readonly isLast: boolean;
  /** The message type that carried it; all fragments of a blob have the same (BLB-011). */
  readonly messageType: number;
  readonly bytes: Uint8Array;
};

export type BlobOutcome =
  | { readonly kind: 'partial' }
  | { readonly kind: 'whole'; readonly content: Uint8Array }
  | { readonly kind: 'dropped'; readonly why: string };

type Unfinished = { readonly messageType: number; readonly parts: Uint8Array[]; sizeBytes: number };

const PARTIAL: BlobOutcome = { kind: 'partial' };

/** Unfinished blobs of all senders towards one receiver. */
export class BlobAssembly {
  /** By sender, then by id; both message types count in one row (BLB-014). */
  readonly #senders = new Map<string, Map<number, Unfinished>>();
  readonly #blobBytesMax: number;

  /** @param blobBytesMax - Largest blob that is put together, in bytes (BLB-012). */
  constructor(blobBytesMax: number) {
    this.#blobBytesMax = blobBytesMax;
  }

  /** Blobs begun and not yet finished, of all senders. */
  get unfinishedCount(): number {
    let count = 0;
    for (const blobs of this.#senders.values()) count += blobs.size;
    return count;
  }

  handleFragment(sender: string, fragment: BlobFragment): BlobOutcome {
    const { blobId } = fragment;
    if (blobId < BLOB_ID_FIRST) return this.#handleSingle(sender, fragment);
    if (fragment.index === 0) this.#forgetEarlier(sender, blobId);
    const blobs = this.#senders.get(sender);
    const known = blobs?.get(blobId);
    const problem = this.#problemOf(fragment, known, blobs?.size ?? 0);
    if (problem !== undefined) {
      this.#forget(sender, blobId);
      return { kind: 'dropped', why: `blob ${blobId} of ${sender}: ${problem}` };
    }
    if (known === undefined) {
      if (fragment.isLast) return { kind: 'whole', content: fragment.bytes };
      this.#begin(sender, fragment);
      return PARTIAL;
    }
    known.parts.push(fragment.bytes);
    known.sizeBytes += fragment.bytes.length;
    if (!fragment.isLast) return PARTIAL;
    this.#forget(sender, blobId);
    return { kind: 'whole', content: joined(known) };
  }

  /** The sender went offline or logged on again (BLB-013). */
  dropSender(sender: string): void {
    this.#senders.delete(sender);
  }

  /** The own connection ended (BLB-018). */
  dropAll(): void {
    this.#senders.clear();
  }

  /** A first fragment ends what came before it: one blob (BLB-016), or all of a sender that counts anew (BLB-013). */
  #forgetEarlier(sender: string, blobId: number): void {
    if (blobId === BLOB_ID_FIRST) this.dropSender(sender);
    else this.#forget(sender, blobId);
  }

  /** Ids below 1 are for blobs of one fragment; they touch no other blob (BLB-017). */
  #handleSingle(sender: string, fragment: BlobFragment): BlobOutcome {
    const { blobId, bytes, index, isLast } = fragment;
    let problem: string | undefined;
    if (index !== 0 || !isLast) problem = 'this id is for a blob of one fragment (BLB-017)';
    else if (bytes.length > this.#blobBytesMax)
      problem = `${bytes.length} bytes exceed ${this.#blobBytesMax} (BLB-012)`;
    if (problem === undefined) return { kind: 'whole', content: bytes };
    return { kind: 'dropped', why: `blob ${blobId} of ${sender}: ${problem}` };
  }

  #problemOf(fragment: BlobFragment, known: Unfinished | undefined, unfinished: number): string | undefined {
    const expected = known?.parts.length ?? 0;
    if (fragment.index !== expected) return `fragment ${fragment.index} came where ${expected} was due (BLB-011)`;
    const sizeBytes = (known?.sizeBytes ?? 0) + fragment.bytes.length;
    if (sizeBytes > this.#blobBytesMax) return `${sizeBytes} bytes exceed ${this.#blobBytesMax} (BLB-012)`;
    if (known !== undefined && known.messageType !== fragment.messageType) {
      return `fragment ${fragment.index} came as type ${fragment.messageType}, the first as ${known.messageType} (BLB-011)`;
    }
    if (known !== undefined || fragment.isLast) return undefined;
    if (unfinished < BLOBS_UNFINISHED_PER_SENDER_MAX) return undefined;
    return `${BLOBS_UNFINISHED_PER_SENDER_MAX} unfinished blobs are the most a sender may have (BLB-012)`;
  }

  #begin(sender: string, fragment: BlobFragment): void {
    const { blobId, messageType, bytes } = fragment;
    let blobs = this.#senders.get(sender);
    if (blobs === undefined) {
      blobs = new Map();
      this.#senders.set(sender, blobs);
    }
    blobs.set(blobId, { messageType, parts: [bytes], sizeBytes: bytes.length });
  }

  #forget(sender: string, blobId: number): void {
    const blobs = this.#senders.get(sender);
    if (blobs === undefined) return;
    blobs.delete(blobId);
    if (blobs.size === 0) this.#senders.delete(sender);
  }
}

function joined(blob: Unfinished): Uint8Array {
  const content = new Uint8Array(blob.sizeBytes);
  let at = 0;
  for (const part of blob.parts) {
    content.set(part, at);
    at += part.length;
  }
  return content;
}
