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
  /** The message type that carried it; all fragments of a blob have one. */
  readonly messageType: number;
  readonly bytes: Uint8Array;
};

export type BlobOutcome =
  | { readonly kind: 'partial' }
  | { readonly kind: 'whole'; readonly content: Uint8Array }
  | { readonly kind: 'dropped'; readonly why: string };

type Unfinished = { readonly messageType: number; readonly parts: Uint8Array[]; sizeBytes: number };

const PARTIAL: BlobOutcome = { kind: 'partial' };

export class BlobAssembly {
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
    // A sender's ids start again with its connection: what it left unfinished before will never be finished (BLB-013).
    if (fragment.blobId === BLOB_ID_FIRST && fragment.index === 0) this.dropSender(sender);
    const blobs = this.#senders.get(sender);
    const known = blobs?.get(fragment.blobId);
    const problem = this.#problemOf(fragment, known, blobs?.size ?? 0);
    if (problem !== undefined) {
      this.#forget(sender, fragment.blobId);
      return { kind: 'dropped', why: `blob ${fragment.blobId} of ${sender}: ${problem}` };
    }
    if (known === undefined) {
      if (fragment.isLast) return { kind: 'whole', content: fragment.bytes };
      this.#begin(sender, fragment);
      return PARTIAL;
    }
    known.parts.push(fragment.bytes);
    known.sizeBytes += fragment.bytes.length;
    if (!fragment.isLast) return PARTIAL;
    this.#forget(sender, fragment.blobId);
    return { kind: 'whole', content: joined(known) };
  }

  /** The sender went offline or logged on again (BLB-007, BLB-013). */
  dropSender(sender: string): void {
    this.#senders.delete(sender);
  }

  dropAll(): void {
    this.#senders.clear();
  }

  #problemOf(fragment: BlobFragment, known: Unfinished | undefined, unfinished: number): string | undefined {
    const expected = known?.parts.length ?? 0;
    if (fragment.index !== expected) return `fragment ${fragment.index} came where ${expected} was due (BLB-011)`;
    if (known !== undefined && known.messageType !== fragment.messageType) {
      return `fragments of message types ${known.messageType} and ${fragment.messageType} under one id (BLB-011)`;
    }
    const sizeBytes = (known?.sizeBytes ?? 0) + fragment.bytes.length;
    if (sizeBytes > this.#blobBytesMax) return `${sizeBytes} bytes exceed ${this.#blobBytesMax} (BLB-012)`;
    if (known !== undefined || fragment.isLast) return undefined;
    if (fragment.blobId < BLOB_ID_FIRST) return 'only a blob of one fragment may go without an id (ENG-001)';
    if (unfinished < BLOBS_UNFINISHED_PER_SENDER_MAX) return undefined;
    return `${BLOBS_UNFINISHED_PER_SENDER_MAX} unfinished blobs are the most a sender may have (BLB-012)`;
  }

  #begin(sender: string, fragment: BlobFragment): void {
    let blobs = this.#senders.get(sender);
    if (blobs === undefined) {
      blobs = new Map();
      this.#senders.set(sender, blobs);
    }
    const { messageType, bytes } = fragment;
    blobs.set(fragment.blobId, { messageType, parts: [bytes], sizeBytes: bytes.length });
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
