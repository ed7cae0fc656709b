/** What a direction of a link counts. Data only. */

/** Counts of one direction. */
export type LinkStatistics = {
  sentPackets: number;
  sentBytes: number;
  deliveredPackets: number;
  deliveredBytes: number;
  lostPackets: number;
  /** The queue was full. */
  queueDroppedPackets: number;
  /** CoDel dropped them at the head of the queue. */
  codelDroppedPackets: number;
  /** The queue set "congestion experienced" instead of dropping. */
  markedPackets: number;
  tooBigPackets: number;
  ruleDroppedPackets: number;
  downDroppedPackets: number;
  duplicatedPackets: number;
  reorderedPackets: number;
  corruptedPackets: number;
  truncatedPackets: number;
};

/** All zero. */
export function emptyStatistics(): LinkStatistics {
  return {
    sentPackets: 0,
    sentBytes: 0,
    deliveredPackets: 0,
    deliveredBytes: 0,
    lostPackets: 0,
    queueDroppedPackets: 0,
    codelDroppedPackets: 0,
    markedPackets: 0,
    tooBigPackets: 0,
    ruleDroppedPackets: 0,
    downDroppedPackets: 0,
    duplicatedPackets: 0,
    reorderedPackets: 0,
    corruptedPackets: 0,
    truncatedPackets: 0,
  };
}
