/** The P2P room. Data only. */

export const p2pMessages = [] as const;
