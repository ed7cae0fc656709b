/**
 * What the receiving code needs of a connection, on either side: who speaks, how to answer, whom to call.
 *
 * `ClientLink` and `ServerConnection` are peers. One set of receivers (`receive.ts`) then serves client and server.
 */
import type { Platform } from '../../spec/platform.ts';
import type { BlobAssembly } from '../core/blob-assembly.ts';
import type { Codec, FrameView } from '../wire/index.ts';
import type { CustomizeHandler, MessageReceivedArgs } from './api.ts';
import type { ContactsEvents } from './client/contacts/contacts-events.ts';
import type { GroupsEvents } from './client/groups/groups-events.ts';
import type { EventSource } from './event.ts';
import type { FileTransfers } from './files/file-transfers.ts';
import type { HandlerQueue } from './handler-queue.ts';
import type { Diagnostics } from './server/handling/diagnostics.ts';
import type { TaskQueue } from './server/handling/task-queue.ts';
import type { Requests } from './requests.ts';

/** What all connections of an engine share. */
export type PeerWorld = {
  readonly platform: Platform;
  readonly customizeHandler: CustomizeHandler | null;
  readonly messageReceived: EventSource<MessageReceivedArgs>;
  /** Whether an unfinished `handleQuery` holds up the connection's next call: on the server only (CUS-015). */
  readonly queriesHold: boolean;
  /** Where handler calls wait in mode TaskQueue; a server only (HDL-010). */
  readonly tasks?: TaskQueue | undefined;
  /** With diagnostics on; a server only (HDL-020). */
  readonly diagnostics?: Diagnostics | undefined;
  /** Where a client's contacts raise their events; a server has none of them. */
  readonly contacts?: ContactsEvents;
  /** The same for its dynamic groups. */
  readonly groups?: GroupsEvents;
  readonly files: FileTransfers;
};

/** One message to send; the sender's own id and client type are the peer's to add. */
export type Outgoing = {
  readonly messageType: number;
  readonly messageId: number;
  /** Empty for the server. */
  readonly destId: string;
};

export type Peer = {
  /** For queues of calls that hold too much (HDL-013). */
  pauseReading?(): void;
  resumeReading?(): void;
  readonly world: PeerWorld;
  readonly requests: Requests;
  /** False once the engine is done with the connection: nothing more is handled. */
  readonly isOpen: boolean;
  /** Of a direct channel; absent otherwise. */
  readonly protocol?: 'tcp' | 'udp';
  /** The sender of a message; `_0` for the server. */
  senderOf(frame: FrameView): string;
  /** A non-blob information for this end has arrived; the server's event comes before its handler (CUS-007). */
  noteInformation(informationType: number, content: Uint8Array | null): void;
  /** Sends; null is an empty body. Does nothing once the connection is over. @throws LocalProtocolError */
  post<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void;
  /** The same, never over a channel to another client (P2P-064). */
  postByServer<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void;
  /** The body does not fit its contract (FRM-019): the connection ends. */
  violate(detail: string): void;
  /** The connection's queue of calls; `make` when there is none yet. */
  callQueue(make: false): HandlerQueue | undefined;
  callQueue(make: true): HandlerQueue;
  /** Where fragments from this connection are put together. */
  assembly(): BlobAssembly;
};
