/**
 * Every timing constant of the protocol, with its unit in the name and its clause beside it.
 *
 * Holds defaults and fixed values only; what an application may change is a setting of the engine whose default is
 * taken from here. No behaviour. Import the constant, never repeat the number.
 */

/** Seconds between two heartbeats of a client (manual's N); 0 or less sends none. Clauses HBT-001, HBT-002. */
export const heartBeatSpanSecs = 10;

/** Seconds without any message after which the server drops a user (manual's M); 0 or less: never. HBT-005, HBT-007. */
export const heartbeatTimeoutSecs = 30;

/** A client's own timeout is this many heartbeat spans unless it is set outright. Clause HBT-010. */
export const clientTimeoutSpans = 3;

/** How late a server may notice a timeout: this share of the timeout, in percent, plus a fixed part. HBT-009. */
export const timeoutLatenessPercent = 10;
/** Fixed part of the lateness, in seconds. Clause HBT-009. */
export const timeoutLatenessSecs = 1;

/** Seconds to wait for a reply or an ACK; 0 or less waits until the connection ends. QRY-004, QRY-005, ACK-004, LOG-007. */
export const waitResponseTimeoutSecs = 30;

/** Seconds before attempt 1, 2, 3, 4 of a reconnect; the last value holds for every later attempt. Clause RCN-002. */
export const reconnectDelaySecs: readonly number[] = [1, 2, 4, 8, 10];

/** Up to this many percent of the delay are added at random to each attempt. Clause RCN-002. */
export const reconnectJitterPercent = 20;

/** Seconds a connection may stay without data, or without a logon, before the server closes it. SEC-006, SEC-007. */
export const emptyConnectionTimeoutSecs = 15;

/** Seconds a socket is idle before the first TCP keep-alive probe. Clause HBT-011. */
export const keepAliveIdleSecs = 10;
/** Seconds between two TCP keep-alive probes. Clause HBT-011. */
export const keepAliveIntervalSecs = 2;

/** Seconds without a byte sent or received after which a file transfer ends; 0 or less: never. Clause FIL-024. */
export const fileZeroSpeedSpanSecs = 20;
/** Seconds from the agreement to the first package, at the receiver; 0 or less: for ever. Clause FIL-027. */
export const fileFirstPackageTimeoutSecs = 30;
/** Seconds a resumable item is kept; 0 or less: nothing is resumed. Clauses FIL-045, FIL-046. */
export const resumedFileItemTtlSecs = 300;

/** Seconds a server's queued bytes may make no progress before the connection is closed; 0 or less: no limit. ENG-009. */
export const serverWriteTimeoutSecs = 5;
/** The same for a client. Clause ENG-009. */
export const clientWriteTimeoutSecs = 60;

/** Seconds a TCP connection to a P2P server may take. Clause P2P-006. */
export const p2pServerConnectionSecs = 5;

/** Seconds to wait for the answer to an invitation, and after it for a way. Clause P2P-023. */
export const p2pAttemptSecs = 5;

/** Seconds after which a client measures its public endpoint anew before it invites or answers. Clause P2P-009. */
export const discoveryFreshSecs = 20;

/** Ticks of 100 ns in a second: the unit of DateTime on the wire. Clause SER-019. */
export const ticksPerSecond = 10_000_000;

/** Microseconds a receiver of reliable UDP may wait with an Ack. Clause RUD-012; the engine waits half of it. */
export const rudpAckDelayMicrosMax = 20_000;
/** Microseconds assumed for a round trip before one was measured. Clause RUD-015. */
export const rudpInitialRttMicros = 200_000;
/** Microseconds: the finest timer that loss detection relies on (RFC 9002 kGranularity). Clause RUD-014. */
export const rudpGranularityMicros = 1_000;
/** Microseconds: the longest pause between two probes of an unanswered packet. Clause RUD-015. */
export const rudpProbeMicrosMax = 2_000_000;
/** Microseconds of own silence after which a ping is sent over reliable UDP. Clause RUD-016. */
export const rudpKeepAliveMicros = 2_500_000;
/** Microseconds of the peer's silence after which the connection is given up. Clause RUD-017. */
export const rudpSilenceMicrosMax = 10_000_000;
/** Microseconds of the peer's silence after the end, up to which repeated Fins are acknowledged. Clause RUD-032. */
export const rudpLingerMicros = 3_000_000;
/** Microseconds a handshake of reliable UDP may take. Clause RUD-007. */
export const rudpHandshakeMicrosMax = 10_000_000;
/** Seconds between two state reports of an application server to the platform server. Clause CLU-009 (ours). */
export const stateReportSpanSecs = 2;
/** Seconds without any message after which either end gives a platform connection up. Clause CLU-010 (ours). */
export const platformSilenceSecs = 6;
/** Seconds an unauthenticated peer of the platform server may stay. Clause CLU-004 (ours). */
export const platformHelloSecs = 5;
/** Seconds between two attempts of the platform server to reach the client port of each server. Clause CLU-016 (ours). */
export const telnetSpanSecs = 10;
