/** What hole punching knows about both sides. Types only; addresses are IPv4 in dotted form, times integer microseconds. */
import type { Endpoint } from '../../../spec/platform.ts';

/** How a NAT gives out ports, as far as two observations tell (P2P-021). `independent` also stands for no NAT. */
export type NatMappingKind = 'unknown' | 'independent' | 'sequential' | 'random';

export type Candidate = { readonly kind: 'host' | 'serverReflexive'; readonly endpoint: Endpoint };

/** What one side tells the other about itself. */
export type Side = {
  readonly candidates: readonly Candidate[];
  /** As seen by a P2P server; null when unknown. */
  readonly publicAddress: string | null;
  readonly mapping: NatMappingKind;
  /** The last port its NAT gave out, 0 when not measured, and the step to the next. Of use with `sequential` only. */
  readonly predictedPort: number;
  readonly predictedStep: number;
};

/** Who invited, and who answered. */
export type Role = 'inviter' | 'answerer';

export const sameEndpoint = (a: Endpoint, b: Endpoint): boolean => a.port === b.port && a.address === b.address;

/** A key for maps. */
export const endpointKey = ({ address, port }: Endpoint): string => `${address}:${port}`;
