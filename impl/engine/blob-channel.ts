/**
 * The sending of blobs over one connection: a burst, then a turn for everybody else, at the pace of the channel (BLB-005).
 *
 * It sends through `post` and waits for `handleDrain`. A promise resolves when the last fragment has left the queue
 * (BLB-009) and rejects when the connection ends first (BLB-007).
 */
import type { Platform, Timer } from '../../spec/platform.ts';
import { headerBytes } from '../../spec/limits.ts';
import { BlobSending } from '../core/blob-sending.ts';
import type { FragmentToSend } from '../core/blob-sending.ts';
import type { FrameLimits } from '../wire/index.ts';
import { LocalProtocolError, describeValue, utf8Length } from '../wire/index.ts';

/** Bytes sent before others get a turn. Ours: one window of a usual connection. */
const BURST_BYTES = 65_536;

/** Bytes of a BlobFragmentContract besides the fragment: its length, four int32, a length, a bool. */
const FRAGMENT_OVERHEAD_BYTES = 21;

type Settling = { resolve(): void; reject(error: Error): void };

type Sending = Settling & {
  readonly messageType: number;
  readonly destId: string;
  readonly informationType: number;
  /** Of a broadcast blob only. */
  readonly groupID: string | undefined;
};

export type BlobRequest = {
  readonly messageType: number;
  readonly destId: string;
  readonly informationType: number;
  readonly bytes: Uint8Array;
  readonly fragmentSizeBytes: number;
  /** Of a broadcast blob: the group that each fragment names (CON-030). */
  readonly groupID?: string;
};

/** Sends one fragment. */
export type PostFragment = (of: Sending, fragment: FragmentToSend<Sending>) => void;

/** The blob id given last, 0 before the first; shared by the ways of one connection to the server (BLB-014). */
export type BlobIdCount = { last: number };

/** Blobs under way on one connection. */
export class BlobChannel {
  readonly #platform: Platform;
  readonly #connection: { readonly queuedBytes: number };
  readonly #post: PostFragment;
  readonly #sending = new BlobSending<Sending>();
  /** Sent to the end, but not yet out of the queue. */
  #draining: Settling[] = [];
  readonly #ids: BlobIdCount;
  #turn: Timer | undefined;
  #ended = false;
  #failure: (() => Error) | undefined;

  /**
   * @param connection - Whose queue sets the pace.
   * @param ids - The first blob gets the next id; after 0 but for blobs that share a receiver with others' (CLU-031).
   */
  constructor(
    platform: Platform,
    connection: { readonly queuedBytes: number },
    post: PostFragment,
    ids: BlobIdCount = { last: 0 },
  ) {
    this.#ids = ids;
    this.#platform = platform;
    this.#connection = connection;
    this.#post = post;
  }

  /** Starts a blob; ids count from 1 on each connection (BLB-014). */
  send(request: BlobRequest): Promise<void> {
    this.#platform.noteAsyncEdge();
    return new Promise<void>((resolve, reject) => {
      const { bytes, fragmentSizeBytes } = request;
      const { messageType, destId, informationType, groupID } = request;
      const context = { messageType, destId, informationType, groupID, resolve, reject };
      this.#sending.add({ blobId: ++this.#ids.last, bytes, fragmentSizeBytes, context });
      if (this.#turn === undefined && this.#connection.queuedBytes === 0) this.#burst();
    });
  }

  /** Resolves when what has been written so far has left the queue; rejects when the connection ends first (ENG-017). */
  waitUntilSent(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure());
    if (this.#connection.queuedBytes === 0) return Promise.resolve();
    this.#platform.noteAsyncEdge();
    return new Promise<void>((resolve, reject) => {
      this.#draining.push({ resolve, reject });
    });
  }

  /** The connection's queue is empty again. */
  handleDrain(): void {
    const drained = this.#draining;
    this.#draining = [];
    this.#resolve(drained);
    if (this.#turn === undefined) this.#burst();
  }

  /** The connection ended: what is unfinished fails. */
  fail(error: () => Error): void {
    this.#ended = true;
    this.#failure = error;
    this.#turn?.cancel();
    this.#turn = undefined;
    const failed = [...this.#draining.splice(0), ...this.#sending.takeAll()];
    if (failed.length > 0) this.#platform.noteAsyncEdge();
    for (const each of failed) each.reject(error());
  }

  #burst(): void {
    const finished: Sending[] = [];
    let sentBytes = 0;
    while (sentBytes < BURST_BYTES && !this.#ended) {
      const fragment = this.#sending.pollFragment();
      if (fragment === undefined) break;
      this.#post(fragment.context, fragment);
      sentBytes += fragment.bytes.length + FRAGMENT_OVERHEAD_BYTES;
      if (fragment.isLast) finished.push(fragment.context);
    }
    if (this.#connection.queuedBytes > 0) {
      this.#draining.push(...finished);
      return;
    }
    this.#resolve(finished);
    if (this.#sending.size > 0 && !this.#ended) {
      this.#turn = this.#platform.setTimer(0, () => {
        this.#turn = undefined;
        if (this.#connection.queuedBytes === 0) this.#burst();
      });
    }
  }

  #resolve(finished: readonly Settling[]): void {
    if (finished.length > 0) this.#platform.noteAsyncEdge();
    for (const each of finished) each.resolve();
  }
}

/**
 * BLB-003: at least one byte, and a full fragment fits a message.
 * @param groupID - Of a broadcast blob: it stands in every fragment (CON-031).
 * @throws LocalProtocolError `E_ARGUMENT`
 */
export function checkFragmentSize(fragmentSize: number, limits: FrameLimits, groupID?: string): void {
  const groupBytes = groupID === undefined ? 0 : 4 + utf8Length(groupID);
  const most = limits.messageBytesMax - headerBytes(limits.userIdBytesMax) - FRAGMENT_OVERHEAD_BYTES - groupBytes;
  if (Number.isInteger(fragmentSize) && fragmentSize >= 1 && fragmentSize <= most) return;
  const wanted = `an integer from 1 to ${most}, so that a fragment fits a message of ${limits.messageBytesMax} bytes`;
  throw new LocalProtocolError(
    'E_ARGUMENT',
    'BLB-003',
    `fragmentSize must be ${wanted}; got ${describeValue(fragmentSize)}`,
  );
}
