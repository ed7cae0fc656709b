/** What `esf replay` reports, and the JSON of `--json`. Types only. */
import type { RuleLevel } from './judged.ts';

/** Of a UDP flow: the two endpoints, `from to to`. */
export type Direction = 'client to server' | 'server to client' | `${string}:${number} to ${string}:${number}`;

/** One clause that the traffic breaks. */
export type Violation = {
  readonly clause: string;
  readonly level: RuleLevel;
  /** Name of the rule that found it. */
  readonly rule: string;
  /** One sentence. */
  readonly message: string;
  /** Number of the connection in the report, from 1; null for UDP. */
  readonly connection: number | null;
  /** Number of the UDP flow in the report, from 1; absent for TCP. */
  readonly udpFlow?: number;
  /** As Wireshark counts, from 1. */
  readonly packet: number;
  /** ISO 8601 with microseconds, UTC. */
  readonly time: string;
  readonly direction: Direction;
  /** Bytes from the start of that direction's stream to the message. */
  readonly offset: number;
  /** Annotated hexdump of the message; absent when it is no longer known, or after the first 200. */
  readonly hexdump?: string;
};

export type SideSummary = {
  readonly endpoint: string;
  readonly messages: number;
  readonly bytes: number;
  readonly undecodedBytes: number;
  readonly retransmittedBytes: number;
  /** Message name to count, most frequent first. */
  readonly byType: Readonly<Record<string, number>>;
};

export type ConnectionSummary = {
  readonly number: number;
  readonly client: SideSummary;
  readonly server: SideSummary;
  readonly user: string | null;
  readonly userIdBytesMax: number;
  readonly firstPacket: number;
  readonly start: string;
  readonly durationSecs: number;
  /** How it began and ended, as far as the capture shows. */
  readonly began: 'syn' | 'synAck' | 'midStream';
  readonly ended: 'closed' | 'reset' | 'replaced' | 'captureEnd' | 'tooMany';
  readonly heartbeats: { readonly count: number; readonly meanSpanSecs: number | null };
  /** Sentences about what was seen and is no violation. */
  readonly notes: readonly string[];
};

/** What one endpoint of a UDP flow sent. */
export type UdpSideSummary = {
  readonly endpoint: string;
  readonly datagrams: number;
  /** UDP payload. */
  readonly bytes: number;
  /** Whole messages of a channel that its datagrams completed. */
  readonly messages: number;
  /** Chunks of reliable UDP that were sent before. */
  readonly retransmissions: number;
  readonly undecodedDatagrams: number;
  /** Bytes of those, and stream bytes that could not be put together to messages. */
  readonly undecodedBytes: number;
  /** Name of the datagram to count, most frequent first. */
  readonly byKind: Readonly<Record<string, number>>;
  /** Message name to count, most frequent first. */
  readonly byType: Readonly<Record<string, number>>;
};

/** Two endpoints that speak discovery, hole punching or reliable UDP with each other. */
export type UdpFlowSummary = {
  readonly number: number;
  /** Who was seen first. */
  readonly first: UdpSideSummary;
  readonly second: UdpSideSummary;
  readonly firstPacket: number;
  readonly start: string;
  readonly durationSecs: number;
  readonly notes: readonly string[];
};

export type UdpReport = {
  /** At most 1,000; the totals count all. */
  readonly flows: readonly UdpFlowSummary[];
  readonly totals: {
    readonly flows: number;
    readonly datagrams: number;
    /** Datagrams of other protocols. */
    readonly otherDatagrams: number;
    readonly messages: number;
    readonly bytes: number;
    readonly retransmissions: number;
    readonly undecodedDatagrams: number;
    readonly undecodedBytes: number;
  };
};

export type ReplayReport = {
  readonly file: string;
  readonly complete: boolean;
  /** Why reading ended early; null when it did not. */
  readonly readFault: { readonly kind: 'cutOff' | 'damaged'; readonly offset: number; readonly message: string } | null;
  readonly linkType: string | null;
  readonly connections: readonly ConnectionSummary[];
  readonly udp: UdpReport;
  readonly totals: {
    readonly connections: number;
    /** Connections of other protocols, or to other ports than asked for. */
    readonly otherConnections: number;
    readonly packets: number;
    readonly skippedPackets: Readonly<Record<string, number>>;
    readonly messages: number;
    readonly bytes: number;
    readonly undecodedBytes: number;
    readonly violationCount: number;
    /** Clauses of level MUST that are broken; at most 1,000 are listed. */
    readonly violations: readonly Violation[];
    /** Clauses of level SHOULD that are not followed; they do not fail the run. */
    readonly warningCount: number;
    readonly warnings: readonly Violation[];
  };
};
