/** What a congestion control is told and what it decides. Types only; `model-control.ts` and `cubic-control.ts` are two of them. */

/** One Ack's news. */
export type AckNews = {
  readonly nowMicros: number;
  /** Newly acknowledged. */
  readonly ackedBytes: number;
  readonly ackedPackets: number;
  /** Newly declared lost. */
  readonly lostBytes: number;
  readonly lostPackets: number;
  /** Number of the newest packet among the lost, -1 without one; and the next number to be sent. */
  readonly largestLost: number;
  readonly nextNumber: number;
  readonly inFlightBytes: number;
  /** Bytes delivered since the connection began. */
  readonly deliveredBytes: number;
  /** The delivered count when the newest acknowledged packet was sent; -1 without one. */
  readonly priorDeliveredBytes: number;
  /** Bytes a second delivered over the last round trip; 0 when it could not be measured. */
  readonly rateBytesPerSec: number;
  /** The application, not the network, limited that rate. */
  readonly isAppLimited: boolean;
  /** Of this Ack; 0 without one. */
  readonly rttMicros: number;
  readonly smoothedRttMicros: number;
  /** The window was used up before this Ack. */
  readonly isWindowFull: boolean;
};

export type CongestionControl = {
  /** Bytes that may be on their way. */
  readonly windowBytes: number;
  readonly pacingBytesPerSec: number;
  /** For viewers. */
  readonly phase: string;
  handleAck(news: AckNews): void;
  /** Nothing was heard for several probe timeouts. */
  handlePersistentCongestion(): void;
};
