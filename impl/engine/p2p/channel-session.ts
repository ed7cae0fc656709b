/** What channels need of the client's session with the server: who they are, what is shared, the way through the server. */
import type { BlobAssembly } from '../../core/blob-assembly.ts';
import type { HeartbeatOptions } from '../../core/client-heartbeat.ts';
import type { Codec, FrameLimits } from '../../wire/index.ts';
import type { BlobChannel, BlobIdCount, PostFragment } from '../blob-channel.ts';
import type { HandlerQueue } from '../handler-queue.ts';
import type { Outgoing, PeerWorld } from '../peer.ts';
import type { Requests } from '../requests.ts';

export type ChannelSession = {
  readonly world: PeerWorld;
  readonly limits: FrameLimits;
  readonly userID: string;
  readonly clientType: number;
  readonly heartbeat: HeartbeatOptions;
  /** One table of what is waited for, whichever way an answer comes. */
  readonly requests: Requests;
  readonly blobIds: BlobIdCount;
  /** Bytes queued towards the server. */
  readonly queuedBytes: number;
  /** Sends by the way of the moment. */
  post<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void;
  /** Sends through the server, whatever channels there are. */
  postByServer<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void;
  /** Sends fragments: through the server, or by the way of the moment. */
  fragmentPoster(way: 'server' | 'any'): PostFragment;
  /** The same for a message that is encoded already. */
  writeByServer(frame: Uint8Array): void;
  /** One queue of calls of the application, so that order holds across ways (P2P-056). */
  callQueue(make: false): HandlerQueue | undefined;
  callQueue(make: true): HandlerQueue;
  /** Where blobs through the server are sent from. */
  blobs(): BlobChannel;
  /** One place where fragments meet, so that a blob may change ways. */
  assembly(): BlobAssembly;
};
