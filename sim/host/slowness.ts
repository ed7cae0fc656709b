/**
 * A slow process: it gets a turn only some time after something has come for it, tells itself everything that waits by then,
 * and is busy for a while with each piece. A machine under load, a starved virtual machine, a long garbage collection.
 *
 * Its kernel is as fast as ever: it acknowledges, buffers, and fills windows. Draws come from a stream of its own.
 */
import { checkInteger, usageError } from '../errors.ts';
import type { EventTarget } from '../event-queue.ts';
import type { Host } from '../host.ts';
import { DelaySource, checkDelay } from '../link/delay.ts';
import type { DelayModel } from '../link/delay.ts';
import { TRACE_KIND } from '../trace-kinds.ts';

export type SlowOptions = {
  /** From the first piece of news to the turn in which the process learns of it. Default: none. */
  readonly delay?: DelayModel;
  /** How long the process is busy with one event, datagram or connection with news, before its next turn. Default 0. */
  readonly busyMicros?: number;
};

const BUSY_MICROS_MAX = 0xffff_ffff;

/** Plans the turns of one process. */
export class Slowness implements EventTarget {
  readonly #host: Host;
  readonly #delay: DelaySource | undefined;
  readonly #busyMicros: number;
  #busyUntilMicros = 0;
  #isPlanned = false;

  constructor(host: Host, options: SlowOptions) {
    const { delay, busyMicros = 0 } = options;
    checkInteger('busyMicros', busyMicros, 0, BUSY_MICROS_MAX);
    if (delay === undefined && busyMicros === 0) {
      throw usageError('neither delay nor busyMicros is given, so nothing would be slow');
    }
    this.#host = host;
    this.#busyMicros = busyMicros;
    if (delay !== undefined) checkDelay(delay);
    this.#delay = delay && new DelaySource(delay, host.world.stream(`host:${host.name}:slow`));
  }

  /** Something waits: a turn comes, unless one is planned already. */
  planTurn(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const { world } = this.#host;
    const readyMicros = world.nowMicros + (this.#delay?.draw() ?? 0);
    world.schedule(Math.max(readyMicros, this.#busyUntilMicros), this, undefined);
  }

  onEvent(): void {
    const { world, subject, turns } = this.#host;
    this.#isPlanned = false;
    world.trace.record(TRACE_KIND.event, subject, 0, 0, 0, 0);
    this.#busyUntilMicros = world.nowMicros + turns.takeSlowTurn(this) * this.#busyMicros;
  }
}
