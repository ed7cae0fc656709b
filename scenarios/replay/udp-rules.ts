/** What the passive judge of UDP traffic can find: names of the rules and the clauses they stand for. Data only. */

/** All are MUST. The checks are in `discovery-watch.ts`, `rudp-watch.ts`, `rudp-side.ts` and `channel-watch.ts`. */
export const udpRules = {
  'discovery-same-id': 'P2P-003',
  'discovery-says-source': 'P2P-003',
  'discovery-is-a-message': 'P2P-003',
  'discovery-padding': 'P2P-004',
  'discovery-not-amplified': 'P2P-004',
  'rudp-known-datagrams': 'RUD-001',
  'rudp-version': 'RUD-002',
  'rudp-token': 'RUD-003',
  'rudp-identity-not-zero': 'RUD-004',
  'rudp-identity-stays': 'RUD-004',
  'rudp-echo': 'RUD-005',
  'rudp-tag': 'RUD-006',
  'rudp-number-once': 'RUD-008',
  'rudp-chunk-not-empty': 'RUD-009',
  'rudp-chunk-cut-the-same': 'RUD-009',
  'rudp-ack-of-sent': 'RUD-011',
  'rudp-ack-ranges': 'RUD-011',
  'rudp-within-limit': 'RUD-013',
  'rudp-nothing-behind-fin': 'RUD-018',
  'rudp-open-before-data': 'RUD-024',
  'channel-whole-messages': 'P2P-040',
  'channel-hello-first': 'P2P-040',
  'channel-answers-hello': 'P2P-041',
  'channel-sender': 'P2P-042',
  'channel-count': 'P2P-044',
  'channel-open-before-messages': 'P2P-065',
} as const;

export type UdpRuleName = keyof typeof udpRules;

/** A datagram in its capture. */
export type UdpPlace = {
  /** As Wireshark counts, from 1. */
  readonly packet: number;
  /** Microseconds since 1970. */
  readonly timeMicros: number;
  /** Number of the flow in the report. */
  readonly flow: number;
  readonly from: string;
  readonly to: string;
};

/** Hears of every finding. */
export type UdpFound = (rule: UdpRuleName, sentence: string, at: UdpPlace) => void;
