/** The constants of a TCP stack, as options of a host with their defaults. Data only. */

/** How one host's TCP behaves. Times in microseconds. */
export type TcpOptions = {
  /** RFC 6298 2.1. */
  readonly rtoInitialMicros: number;
  /** RFC 6298 2.4 asks for a second; deployed stacks use less. Ours: the value of Linux. */
  readonly rtoMinMicros: number;
  /** RFC 6298 2.5 asks for 60 s at least. Ours: the value of Linux. */
  readonly rtoMaxMicros: number;
  /** Repeated SYNs before giving up; Linux: 6, which is 127 seconds. */
  readonly synRetriesMax: number;
  /** Data unanswered for that long ends the connection; RFC 9293 3.8.3 asks for at least 100 s. */
  readonly userTimeoutMicros: number;
  /** 2 MSL. RFC 9293 3.4.2 has four minutes; ours: the minute of Linux. */
  readonly timeWaitMicros: number;
  /** An orphan in FIN-WAIT-2 is not kept longer than this without hearing the peer. 0: for ever, as RFC 9293 has it. */
  readonly finWait2Micros: number;
  /** 0 acknowledges at once; otherwise every second segment, or after that long (RFC 9293 3.8.6.3: at most 0.5 s). */
  readonly delayedAckMicros: number;
  /** Keep-alive probes without an answer that end a connection; what Node asks of the system. */
  readonly keepAliveProbesMax: number;
  /** RFC 5961 section 7: bare segments that do not fit are answered once in that time; 0 answers all. */
  readonly challengeSpanMicros: number;
  /** Bytes received and not yet taken by the application, at most. */
  readonly receiveBufferBytes: number;
  /** Bytes the transport takes from the application; more waits in `queuedBytes`. */
  readonly sendBufferBytes: number;
  /** How the window grows in congestion avoidance: RFC 5681 with RFC 6582, or RFC 9438. */
  readonly congestionControl: 'newReno' | 'cubic';
  /** Offer and use SACK (RFC 2018) with the recovery of RFC 6675 and limited transmit (RFC 3042). */
  readonly selectiveAcknowledgments: boolean;
  /**
   * How a sender finds losses on connections with SACK: by counting acknowledgments (RFC 6675), or by time, with a probe for
   * the tail (RFC 8985).
   */
  readonly lossDetection: 'duplicates' | 'rackTlp';
  /** RFC 3168. `accept`: when the peer asks for it. */
  readonly ecn: 'off' | 'accept' | 'request';
  /** Nagle's algorithm (RFC 9293 section 3.7.4) for connections that do not switch it off. */
  readonly nagle: boolean;
  /**
   * RFC 6298 section 5: a backed-off timeout stays until a segment sent only once was timed. Without, it ends with the first
   * acknowledgment of new data, as in stacks that time every segment by timestamps.
   */
  readonly keepsBackoff: boolean;
  /** Initial sequence number of every connection; after RFC 6528 when absent. For tests of the 32-bit wrap. */
  readonly initialSequence: number | undefined;
};

export const TCP_OPTIONS_DEFAULT: TcpOptions = {
  rtoInitialMicros: 1_000_000,
  rtoMinMicros: 200_000,
  rtoMaxMicros: 120_000_000,
  synRetriesMax: 6,
  userTimeoutMicros: 100_000_000,
  timeWaitMicros: 60_000_000,
  finWait2Micros: 0,
  delayedAckMicros: 0,
  keepAliveProbesMax: 10,
  challengeSpanMicros: 0,
  receiveBufferBytes: 262_144,
  sendBufferBytes: 131_072,
  congestionControl: 'newReno',
  selectiveAcknowledgments: false,
  lossDetection: 'duplicates',
  ecn: 'off',
  nagle: false,
  keepsBackoff: false,
  initialSequence: undefined,
};

/**
 * What a Linux host does where it differs: CUBIC with SACK, losses found by time, Nagle's algorithm unless switched off,
 * delayed acknowledgments, ECN when the peer asks, challenges not more often than each half second, and fifteen repeats of data before giving up. Its buffers are as large as
 * Linux lets them grow; that they grow, and timestamps, do not exist here.
 *
 * It is not the default, because engines under test switch Nagle's algorithm off and runs should not change under them.
 */
export const TCP_OPTIONS_LINUX: TcpOptions = {
  ...TCP_OPTIONS_DEFAULT,
  congestionControl: 'cubic',
  selectiveAcknowledgments: true,
  lossDetection: 'rackTlp',
  ecn: 'accept',
  nagle: true,
  delayedAckMicros: 40_000,
  userTimeoutMicros: 924_600_000,
  challengeSpanMicros: 500_000,
  receiveBufferBytes: 3_145_728,
  sendBufferBytes: 4_194_304,
};

/** The shift that lets a 16-bit field express the whole receive buffer (RFC 7323 2.3: at most 14). */
export function windowShiftFor(receiveBufferBytes: number): number {
  let shift = 0;
  while (shift < 14 && receiveBufferBytes >> shift > 0xffff) shift += 1;
  return shift;
}
