/** The unfinished blobs of one direction of a connection: what the next fragment of each has to look like. Judges nothing. */
import type { BlobFragment } from './decode-body.ts';
import type { JudgedMessage } from './judged.ts';

export type BlobTrack = {
  readonly source: string;
  readonly dest: string;
  readonly type: number;
  readonly blobId: number;
  readonly informationType: number;
  /** Bytes of the first fragment; all but the last have as many. */
  readonly fragmentBytes: number;
  nextIndex: number;
};

/** Unfinished blobs followed in one direction. */
const TRACKS_MAX = 4_096;

/**
 *
 */
export class BlobTracks {
  readonly #tracks = new Map<string, BlobTrack>();
  /** The largest BlobID a blob of this maker began with on this connection. */
  readonly #lastIds = new Map<string, number>();

  /** The unfinished blob this fragment belongs to, if its beginning was seen. */
  find(message: JudgedMessage, fragment: BlobFragment): BlobTrack | undefined {
    return this.#tracks.get(keyOf(message, fragment));
  }

  /** The BlobID of the last blob that `maker` began, 0 when there was none. */
  lastId(maker: string): number {
    return this.#lastIds.get(maker) ?? 0;
  }

  /** Takes a fragment into account. */
  add(message: JudgedMessage, fragment: BlobFragment): void {
    if (fragment.BlobID < 0) return;
    const key = keyOf(message, fragment);
    if (fragment.FragmentIndex === 0) this.#lastIds.set(message.source, fragment.BlobID);
    const track = this.#tracks.get(key);
    if (fragment.IsLast) this.#tracks.delete(key);
    else if (fragment.FragmentIndex === 0) this.#tracks.set(key, newTrack(message, fragment));
    else if (track !== undefined) track.nextIndex = fragment.FragmentIndex + 1;
    if (this.#tracks.size > TRACKS_MAX) this.#tracks.delete(this.#tracks.keys().next().value!);
  }
}

function newTrack(message: JudgedMessage, fragment: BlobFragment): BlobTrack {
  return {
    source: message.source,
    dest: message.dest,
    type: message.type,
    blobId: fragment.BlobID,
    informationType: fragment.InformationType,
    fragmentBytes: fragment.Fragment?.length ?? 0,
    nextIndex: 1,
  };
}

function keyOf(message: JudgedMessage, fragment: BlobFragment): string {
  return `${message.type}/${fragment.BlobID}/${message.source}`;
}
