/**
 * The seam between whoever makes direct links and whoever uses them.
 *
 * Types only. A connector (hole punching, reliable UDP, TCP) makes links; the channels put messages on them. Neither knows
 * the other's inside.
 */
import type { Endpoint } from '../../../spec/platform.ts';
import type { Codec, FrameView } from '../../wire/index.ts';

/** A direct, ordered and reliable way to another client. Frames are written whole and arrive as a byte stream. */
export type DirectLink = {
  readonly protocol: 'tcp' | 'udp';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The bytes are copied before the call returns. */
  write(frame: Uint8Array): void;
  /** Bytes written and not yet handed to the network; `onDrain` comes when it is 0 again. */
  readonly queuedBytes: number;
  /** Stops `onData` until `resume`; the peer is slowed down. */
  pause(): void;
  resume(): void;
  /** Hands over what is queued, then ends. */
  close(): void;
  /** Ends at once. */
  abort(): void;
};

/** What a link tells its user. After `onClosed` nothing more comes; it comes also after `close` and `abort`. */
export type DirectLinkHandlers = {
  /** Bytes in order, valid during the call only. */
  onData(bytes: Uint8Array): void;
  onDrain(): void;
  onClosed(reason: string): void;
};

/** What a connector needs of its engine. */
export type ConnectorOwner = {
  /** Sends a P2P-room message to a user through the server. */
  signal<Value>(userID: string, messageType: number, codec: Codec<Value> | null, value: Value | null): void;
  /** A link is up, whoever asked for it; may come twice for one user (TCP and UDP). */
  handleLink(userID: string, link: DirectLink): DirectLinkHandlers;
  /** Every way that the mode allows has been tried and failed. */
  handleFailed(userID: string, detail: string): void;
};

/** Makes direct links to other users. */
export type Connector = {
  /** Starts trying; while a try runs or a link is up, does nothing more: the owner hears how that one ends (P2P-031). */
  connect(userID: string): void;
  /** A P2P-room message of another user (or of the server), already decoded frame view. */
  handleSignal(frame: FrameView): void;
  /** The other user is gone or the session ended: gives up tries. */
  forget(userID: string): void;
  close(): void;
};
