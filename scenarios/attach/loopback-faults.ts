/**
 * The words of the fault vocabulary that real sockets can do, as acts on the proxies and hosts of a loopback run.
 *
 * A host's link is the proxy in front of it, so an isolated host and one whose link is down are the same here: bytes stay
 * where they are until the last reason to keep them is gone. Which words these are stands in `FAULT_WORDS`.
 */
import type { Fault, FaultKind } from '../../sim/index.ts';
import { HarnessFault } from './failures.ts';
import type { LoopbackNet } from './loopback-net.ts';
import type { LinkConditions, NetControl } from './net-control.ts';

/** What takes each condition off again. */
const MENDED = {
  loss: { lossPerMille: 0 },
  delay: { delayMillis: 0, jitterMillis: 0 },
  narrowing: { bandwidthBitsPerSec: 0 },
} as const satisfies Readonly<Record<string, LinkConditions>>;

const LINK_DOWN = 'the link is down';
const UNNAMED_CUT = 'a cut without name';

type Doing = {
  readonly [Kind in FaultKind]?: (fault: Extract<Fault, { fault: Kind }>) => void | Promise<void>;
};

/** Does faults to one loopback run. */
export class LoopbackFaults {
  readonly #network: LoopbackNet;
  readonly #control: Omit<NetControl, 'fault'>;
  readonly #loseStore: (host: string) => void;
  readonly #doing: Doing = this.#makeDoing();
  /** Why nothing passes a host. */
  readonly #reasons = new Map<string, Set<string>>();

  constructor(network: LoopbackNet, control: Omit<NetControl, 'fault'>, loseStore: (host: string) => void) {
    this.#network = network;
    this.#control = control;
    this.#loseStore = loseStore;
  }

  async apply(fault: Fault): Promise<void> {
    const act = this.#doing[fault.fault] as ((fault: Fault) => void | Promise<void>) | undefined;
    if (act === undefined) throw new HarnessFault(`the fault "${fault.fault}" cannot be done on real sockets`);
    await act(fault);
  }

  /** Ends every cut. */
  healAll(): void {
    this.#reasons.clear();
  }

  #makeDoing(): Doing {
    return {
      isolate: ({ host, cut }) => this.#cut(host, cut ?? UNNAMED_CUT),
      heal: ({ cut }) => this.#heal(cut),
      linkDown: ({ link }) => this.#cut(link, LINK_DOWN),
      linkUp: ({ link }) => this.#mendCuts(link, (reason) => reason === LINK_DOWN),
      loss: ({ link, perMille }) => this.#worsen(link, { lossPerMille: perMille }),
      delay: ({ link, micros, jitterMicros = 0 }) =>
        this.#worsen(link, { delayMillis: micros / 1000, jitterMillis: jitterMicros / 1000 }),
      narrowing: ({ link, bitsPerSecond }) => this.#worsen(link, { bandwidthBitsPerSec: bitsPerSecond }),
      mend: ({ link, condition }) => this.#mend(link, condition),
      pieces: ({ host, bytesMax }) => this.#worsen(host, { chunkBytesMax: bytesMax }),
      reset: ({ host }) => this.#control.resetConnections(host),
      crash: async ({ host, store }) => {
        if (store === 'tear') throw new HarnessFault("real disks cannot be torn; give the case targets: ['sim']");
        await this.#control.crash(host);
        if (store === 'lose') this.#loseStore(host);
      },
      restart: ({ host }) => this.#control.restart(host),
      recover: ({ host }) => {
        this.#mendCuts(host, () => true);
        this.#control.conditions(host, {});
      },
    };
  }

  #cut(host: string, reason: string): void {
    const reasons = this.#reasons.get(host) ?? new Set();
    this.#reasons.set(host, reasons.add(reason));
    this.#network.set(host, { partitioned: true });
  }

  #heal(cut: string | undefined): void {
    for (const host of this.#reasons.keys()) {
      this.#mendCuts(host, (reason) => reason !== LINK_DOWN && (cut === undefined || reason === cut));
    }
  }

  #mendCuts(host: string, isMended: (reason: string) => boolean): void {
    const reasons = this.#reasons.get(host);
    if (reasons === undefined) return;
    for (const reason of [...reasons]) if (isMended(reason)) reasons.delete(reason);
    if (reasons.size === 0) this.#network.set(host, { partitioned: false });
  }

  #worsen(host: string, change: LinkConditions): void {
    this.#control.conditions(host, { ...this.#network.link(host).conditions, ...change });
  }

  #mend(host: string, condition: string | undefined): void {
    for (const [name, mended] of Object.entries(MENDED)) {
      if (condition === undefined || condition === name) this.#worsen(host, mended);
    }
  }
}
