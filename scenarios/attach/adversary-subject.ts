/** The attacker of a scenario: a host on the public network, and eyes on the links of others. Types only; it judges nothing. */
import type { Adversary, Tap } from '../../sim/index.ts';

export type AdversarySubject = {
  readonly name: string;
  readonly adversary: Adversary;
  /** Shows it what passes over the link of a host from now on. */
  tap(host: string): Tap;
};
