/**
 * What goes into a reliable-UDP machine and what comes out of it. Types only.
 *
 * Times are integer microseconds on the owner's monotonic clock; sizes are bytes.
 */

/** Which congestion control governs a connection; `model` unless for comparison. */
export type RudpCongestionControl = 'model' | 'cubic';

/** What the two sides agreed on beforehand, and the limits of this side. */
export type RudpOptions = {
  /** RUD-003: the 64-bit secret both sides know beforehand. */
  readonly token: bigint;
  /** RUD-004: a random number from 1 to 2^32 - 1, drawn anew for every machine. */
  readonly identity: number;
  /** UDP payload of the largest datagram, 64 to 65,507. Default 1,200. */
  readonly datagramBytesMax?: number;
  /** The longest message in either direction. Default 1 MiB. */
  readonly messageBytesMax?: number;
  /** Memory for what has arrived and was not yet taken; at least twice `messageBytesMax`, the default is 4 MiB or that. */
  readonly receiveBytesMax?: number;
  /** Memory for what is queued or not yet acknowledged. Default 64 MiB. */
  readonly sendBytesMax?: number;
  /** Silence of our own after which a ping is sent. Default 2.5 s. */
  readonly keepAliveMicros?: number;
  /** Silence of the peer after which the connection is given up. Default 10 s. */
  readonly silenceMicrosMax?: number;
  /** Time the handshake may take. Default 10 s. */
  readonly handshakeMicrosMax?: number;
  readonly congestionControl?: RudpCongestionControl;
};

/** Why a connection ended. */
export type RudpCloseReason =
  /** Both sides closed and everything queued was delivered. */
  | 'closed'
  /** This side called `abort`. */
  | 'aborted'
  /** The peer aborted. */
  | 'peerAborted'
  /** The peer answers under another identity: it was started anew. */
  | 'peerRestarted'
  /** No answer to the handshake, or nothing heard from the peer for too long. */
  | 'timedOut'
  /** The peer broke a rule that its authenticated datagrams must keep. */
  | 'protocolError';

/** What `poll` gives; drain it until `wait`. */
export type RudpOutput =
  /** Send now. The bytes are valid until the next call of the machine. */
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array }
  /** The handshake is done. */
  | { readonly kind: 'connected' }
  /** One whole message, in order; it is the receiver's to keep. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** Everything that `send` queued has left for the first time. */
  | { readonly kind: 'drained' }
  /** The connection is over; the last event. Late datagrams are still answered for a while, so keep polling. */
  | { readonly kind: 'closed'; readonly reason: RudpCloseReason }
  /** Call again at this time, or after the next input; Infinity: only after an input. */
  | { readonly kind: 'wait'; readonly untilMicros: number };

/** What a machine counts, for viewers and benches. */
export type RudpStatistics = {
  sentDatagrams: number;
  sentBytes: number;
  receivedDatagrams: number;
  /** Garbage, forged, stray: no effect. */
  ignoredDatagrams: number;
  duplicateChunks: number;
  lostPackets: number;
  /** Declared lost and acknowledged after all. */
  spuriousLosses: number;
  retransmittedChunks: number;
  probeTimeouts: number;
  sentMessages: number;
  receivedMessages: number;
};
