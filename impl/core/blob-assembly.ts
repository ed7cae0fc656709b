/**
 * Puts blobs together from fragments, for all senders of one receiver; delivers whole blobs only (BLB-004).
 *
 * TCP keeps order, so a fragment that is not the next one means a lost or repeated one: the blob is dropped, never guessed
 * (BLB-011). It copies nothing but keeps the fragments' bytes: hand in bytes that stay.
 * Drive it: `handleFragment` for each fragment; `dropSender` and `dropAll` when an end goes away.
 */
import { BLOB_ID_FIRST, BLOB_ID_SINGLE, BLOBS_UNFINISHED_PER_SENDER_MAX } from '../../spec/limits.ts';

export type BlobFragment = {
  readonly blobId: number;
  readonly index: number;
  readonly isLast: boolean;
  /** The message type that carried it; blobs of different types never mix (BLB-006). */
  readonly messageType: number;
  readonly bytes: Uint8Array;
};

export type BlobOutcome =
  | { readonly kind: 'partial' }
  | { readonly kind: 'whole'; readonly content: Uint8Array }
  | { readonly kind: 'dropped'; readonly why: string };

type Unfinished = { readonly parts: Uint8Array[]; sizeBytes: number };

const PARTIAL: BlobOutcome = { kind: 'partial' };

/** Unfinished blobs of all senders towards one receiver. */
export class BlobAssembly {
  /** By sender, then by type and id. */
  readonly #senders = new Map<string, Map<string, Unfinished>>();
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
    const key = `${fragment.messageType} ${fragment.blobId}`;
    if (fragment.index === 0) this.#forgetEarlier(sender, fragment.blobId, key);
    const blobs = this.#senders.get(sender);
    const known = blobs?.get(key);
    const problem = this.#problemOf(fragment, known, blobs?.size ?? 0);
    if (problem !== undefined) {
      this.#forget(sender, key);
      return { kind: 'dropped', why: `blob ${fragment.blobId} of ${sender}: ${problem}` };
    }
    if (known === undefined) {
      if (fragment.isLast) return { kind: 'whole', content: fragment.bytes };
      this.#begin(sender, key, fragment.bytes);
      return PARTIAL;
    }
    known.parts.push(fragment.bytes);
    known.sizeBytes += fragment.bytes.length;
    if (!fragment.isLast) return PARTIAL;
    this.#forget(sender, key);
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
  #forgetEarlier(sender: string, blobId: number, key: string): void {
    if (blobId === BLOB_ID_FIRST) this.dropSender(sender);
    else this.#forget(sender, key);
  }

  #problemOf(fragment: BlobFragment, known: Unfinished | undefined, unfinished: number): string | undefined {
    const expected = known?.parts.length ?? 0;
    if (fragment.index !== expected) return `fragment ${fragment.index} came where ${expected} was due (BLB-011)`;
    const sizeBytes = (known?.sizeBytes ?? 0) + fragment.bytes.length;
    if (sizeBytes > this.#blobBytesMax) return `${sizeBytes} bytes exceed ${this.#blobBytesMax} (BLB-012)`;
    if (known !== undefined || fragment.isLast) return undefined;
    if (fragment.blobId === BLOB_ID_SINGLE) return 'this id is for a blob of one fragment (BLB-017)';
    if (unfinished < BLOBS_UNFINISHED_PER_SENDER_MAX) return undefined;
    return `${BLOBS_UNFINISHED_PER_SENDER_MAX} unfinished blobs are the most a sender may have (BLB-012)`;
  }

  #begin(sender: string, key: string, bytes: Uint8Array): void {
    let blobs = this.#senders.get(sender);
    if (blobs === undefined) {
      blobs = new Map();
      this.#senders.set(sender, blobs);
    }
    blobs.set(key, { parts: [bytes], sizeBytes: bytes.length });
  }

  #forget(sender: string, key: string): void {
    const blobs = this.#senders.get(sender);
    if (blobs === undefined) return;
    blobs.delete(key);
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
