/**
 * The tables of NATs over time: when each mapping was made, with whom it talked, and when it ended. For recordings only.
 *
 * A table forgets what has expired without saying so; the end of a life is therefore what the mapping last said, or the
 * moment it was found gone before that. Tables are looked through after faults and when mappings are made.
 */
import { formatEndpoint } from '../address.ts';
import { protocolName } from '../nat/mapping.ts';
import type { Mapping, NatProtocol } from '../nat/mapping.ts';

/** One mapping from its first packet to its end. */
export type MappingLife = {
  /** Node number of the NAT. */
  readonly nat: number;
  readonly protocol: NatProtocol;
  readonly inner: string;
  readonly external: string;
  readonly fromMicros: number;
  /** When it ends unless it is used again; later than the run where it was still alive. */
  readonly untilMicros: number;
  /** Remote endpoints, with the time of the first packet to or from each. */
  readonly remotes: readonly { readonly endpoint: string; readonly sinceMicros: number }[];
};

/** Endpoints kept for each mapping. */
const REMOTES_MAX = 16;
/** Larger tables are looked through after faults and at the end only. */
const TABLE_SWEPT_MAX = 256;

type Life = {
  readonly nat: number;
  readonly mapping: Readonly<Mapping>;
  external: string;
  readonly fromMicros: number;
  goneAtMicros: number;
  readonly remotes: Map<string, number>;
};

/** What a translated packet tells. `external` is the address outside, or empty where the packet does not show it. */
export type Translation = {
  readonly nat: number;
  readonly mapping: Readonly<Mapping>;
  readonly remote: string;
  readonly external: string;
  readonly nowMicros: number;
};

/** What is asked of a NAT. */
type LivingNat = {
  mappings(): readonly { readonly protocol: string; readonly inner: string; readonly externalPort: number }[];
};

/** The lives of all mappings of a world. */
export class MappingLives {
  readonly #lives: Life[] = [];
  /** Those not known to be over, by mapping; of each NAT. */
  readonly #open = new Map<number, Map<Readonly<Mapping>, Life>>();

  /** Takes one translated packet. True when its mapping had not been seen before. */
  note({ nat, mapping, remote, external, nowMicros }: Translation): boolean {
    const open = this.#open.get(nat) ?? new Map<Readonly<Mapping>, Life>();
    this.#open.set(nat, open);
    let life = open.get(mapping);
    const isNew = life === undefined;
    if (life === undefined) {
      life = { nat, mapping, external, fromMicros: nowMicros, goneAtMicros: Infinity, remotes: new Map() };
      this.#lives.push(life);
      open.set(mapping, life);
    }
    if (external !== '') life.external = external;
    if (life.remotes.size < REMOTES_MAX && !life.remotes.has(remote)) life.remotes.set(remote, nowMicros);
    return isNew;
  }

  /** Whether a table is small enough to be looked through at every new mapping. */
  isSmall(nat: number): boolean {
    return (this.#open.get(nat)?.size ?? 0) <= TABLE_SWEPT_MAX;
  }

  /** Looks which mappings a NAT has forgotten before their time; they are taken to have gone at `goneAtMicros`. */
  sweep(nat: number, node: LivingNat, goneAtMicros: number): void {
    const open = this.#open.get(nat);
    if (open === undefined) return;
    const alive = new Set(node.mappings().map((view) => `${view.protocol} ${view.inner} ${view.externalPort}`));
    for (const [mapping, life] of open) {
      const isKept = alive.has(`${protocolOf(mapping)} ${innerOf(mapping)} ${mapping.externalPort}`);
      if (isKept) continue;
      life.goneAtMicros = goneAtMicros;
      open.delete(mapping);
    }
  }

  list(): MappingLife[] {
    return this.#lives.map(({ nat, mapping, external, fromMicros, goneAtMicros, remotes }) => ({
      nat,
      protocol: protocolOf(mapping),
      inner: innerOf(mapping),
      external: `${external.includes(':') ? `[${external}]` : external}:${mapping.externalPort}`,
      fromMicros,
      untilMicros: Math.max(fromMicros, Math.min(mapping.expiresAtMicros, goneAtMicros)),
      remotes: [...remotes].map(([endpoint, sinceMicros]) => ({ endpoint, sinceMicros })),
    }));
  }
}

function protocolOf(mapping: Readonly<Mapping>): NatProtocol {
  return protocolName(mapping.protocol);
}

function innerOf(mapping: Readonly<Mapping>): string {
  return formatEndpoint(mapping.innerAddress, mapping.innerPort);
}
