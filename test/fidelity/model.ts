/** What a law check yields: `npm run fidelity` prints these rows, and tests assert them. */
export type FidelityRow = {
  /** What the law is about: links, NAT, TCP. */
  readonly area: string;
  /** The law as one short sentence, with its source. */
  readonly law: string;
  /** What the law says, for people. */
  readonly expected: string;
  /** What was measured, for people. */
  readonly measured: string;
  /** Whether the measured value is within the law's tolerance. */
  readonly holds: boolean;
};

/** One area's checks; they give their rows in the order of the laws. */
export type FidelityArea = () => readonly FidelityRow[] | Promise<readonly FidelityRow[]>;
