/** What a receiver has to make of fragments, after sections 12.2 of the specification; the judge of random ones. */
export type ModelFragment = {
  readonly sender: string;
  readonly blobID: number;
  readonly messageType: number;
  readonly index: number;
  readonly isLast: boolean;
  readonly bytes: Uint8Array;
};

type Unfinished = { readonly messageType: number; readonly parts: Uint8Array[] };

const UNFINISHED_MAX = 64;

/** Unfinished blobs by sender and id. `take` gives the whole blob that a fragment ends, if it does. */
export class BlobModel {
  readonly #senders = new Map<string, Map<number, Unfinished>>();
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(fragment: ModelFragment): Uint8Array | undefined {
    const { sender, blobID, messageType, index, isLast, bytes } = fragment;
    if (blobID < 1) return index === 0 && isLast && bytes.length <= this.#bytesMax ? bytes : undefined;
    if (index === 0 && blobID === 1) this.#senders.delete(sender);
    const own = this.#senders.get(sender) ?? new Map<number, Unfinished>();
    this.#senders.set(sender, own);
    if (index === 0) own.delete(blobID);
    const blob = index === 0 ? { messageType, parts: [] } : own.get(blobID);
    if (blob === undefined) return undefined;
    const fits = blob.messageType === messageType && blob.parts.length === index;
    const content = Uint8Array.from([...blob.parts, bytes].flatMap((part) => [...part]));
    const isTooMany = index === 0 && !isLast && own.size >= UNFINISHED_MAX;
    own.delete(blobID);
    if (!fits || content.length > this.#bytesMax || isTooMany) return undefined;
    if (isLast) return content;
    own.set(blobID, { messageType, parts: [...blob.parts, bytes] });
    return undefined;
  }
}
