/**
 * The words of the fault vocabulary that real sockets can do, as acts on the proxies and hosts of a loopback run.
 *
 * A host's link is the proxy in front of it, so an isolated host and one whose link is down are the same here: bytes stay
 * where they are until the last reason to keep them is gone. Which words these are stands in `FAULT_WORDS`.
 */
import type { Fault } from '../../sim/index.ts';
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

/** Does faults to one loopback run. */
export class LoopbackFaults {
  readonly #network: LoopbackNet;
  readonly #control: Omit<NetControl, 'fault'>;
  readonly #loseStore: (host: string) => void;
  /** Why nothing passes a host. */
  readonly #reasons = new Map<string, Set<string>>();

  constructor(network: LoopbackNet, control: Omit<NetControl, 'fault'>, loseStore: (host: string) => void) {
    this.#network = network;
    this.#control = control;
    this.#loseStore = loseStore;
  }

  async apply(fault: Fault): Promise<void> {
    switch (fault.fault) {
      case 'isolate':
        this.#cut(fault.host, fault.cut ?? UNNAMED_CUT);
        return;
      case 'heal':
        this.#heal(fault.cut);
        return;
      case 'linkDown':
        this.#cut(fault.link, LINK_DOWN);
        return;
      case 'linkUp':
        this.#mendCuts(fault.link, (reason) => reason === LINK_DOWN);
        return;
      case 'loss':
        this.#worsen(fault.link, { lossPerMille: fault.perMille });
        return;
      case 'delay':
        this.#worsen(fault.link, { delayMillis: fault.micros / 1000, jitterMillis: (fault.jitterMicros ?? 0) / 1000 });
        return;
      case 'narrowing':
        this.#worsen(fault.link, { bandwidthBitsPerSec: fault.bitsPerSecond });
        return;
      case 'mend':
        this.#mend(fault.link, fault.condition);
        return;
      case 'pieces':
        this.#worsen(fault.host, { chunkBytesMax: fault.bytesMax });
        return;
      case 'reset':
        this.#control.resetConnections(fault.host);
        return;
      case 'crash':
        await this.#control.crash(fault.host);
        if (fault.store === 'lose') this.#loseStore(fault.host);
        return;
      case 'restart':
        return this.#control.restart(fault.host);
      case 'recover':
        this.#mendCuts(fault.host, () => true);
        this.#control.conditions(fault.host, {});
        return;
      default:
        throw new HarnessFault(`the fault "${fault.fault}" cannot be done on real sockets`);
    }
  }

  /** Ends every cut. */
  healAll(): void {
    this.#reasons.clear();
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
