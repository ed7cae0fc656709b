/**
 * Where a client stands in the network: on the public side, or in a LAN behind a NAT of some kind. Types and names only.
 *
 * The simulator builds it; real loopback has no NATs, so cases that ask for one say `targets: ['sim']`.
 */

/** The middleboxes a scenario can ask for, with the simulator's preset for each; `open` is a public address. */
export const NAT_KINDS = {
  open: undefined,
  fullCone: 'fullCone',
  restrictedCone: 'restrictedCone',
  portRestricted: 'portRestricted',
  symmetricSequential: 'symmetricSequential',
  symmetricRandom: 'symmetric',
  udpBlocked: 'udpBlocked',
  /** Keeps the port while it is free; for cases of its own, not part of the matrix. */
  linux: 'linux',
} as const;

export type NatKind = keyof typeof NAT_KINDS;

export type NetworkOptions = {
  readonly nat: NatKind;
  /** Clients that name the same LAN share it and its NAT; default: a LAN of its own. Not with `open`. */
  readonly lan?: string;
  /** Whether hosts of the LAN reach each other by their public endpoints; default no. Counts for the LAN's first host. */
  readonly hairpin?: boolean;
};
