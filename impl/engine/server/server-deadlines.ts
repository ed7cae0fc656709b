/**
 * All deadlines of all connections of a server, over one platform timer.
 *
 * Life costs nothing here: a heartbeat deadline that falls due asks the connection when it last lived and goes back in.
 */
import type { Platform } from '../../../spec/platform.ts';
import { DeadlineHeap } from '../../core/deadline-heap.ts';
import { Alarm } from '../alarm.ts';

/** What falls due: the logon (SEC-006), the user's silence (HBT-005), a stuck queue (ENG-009), a socket that will not close. */
export type DeadlineKind = 'logon' | 'heartbeat' | 'write' | 'linger';

export type DeadlineOwner = {
  /** @returns when to ask again; Infinity: never. */
  handleDeadline(kind: DeadlineKind, nowMicros: number): number;
};

type Deadline = { readonly owner: DeadlineOwner; readonly kind: DeadlineKind };

/** The deadlines of one server. */
export class ServerDeadlines {
  readonly #platform: Platform;
  readonly #heap = new DeadlineHeap<Deadline>();
  readonly #alarm: Alarm;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#alarm = new Alarm(platform, (nowMicros) => this.#handleDue(nowMicros));
  }

  /** @param delayMicros - From now; Infinity: never. */
  add(owner: DeadlineOwner, kind: DeadlineKind, delayMicros: number): void {
    if (delayMicros === Infinity) return;
    this.#heap.insert(this.#platform.monotonicMicros() + delayMicros, { owner, kind });
    this.#alarm.aim(this.#heap.nextDeadlineMicros);
  }

  /** Forgets all deadlines. */
  clear(): void {
    this.#heap.clear();
    this.#alarm.clear();
  }

  #handleDue(nowMicros: number): void {
    for (let due = this.#heap.pollDue(nowMicros); due !== undefined; due = this.#heap.pollDue(nowMicros)) {
      const again = due.owner.handleDeadline(due.kind, nowMicros);
      this.#heap.insert(again, due);
    }
    this.#alarm.aim(this.#heap.nextDeadlineMicros);
  }
}
