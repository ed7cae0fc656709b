/**
 * The sleep of a host: process and kernel stand still, the clock does as its options say, nothing passes the gate, and packets
 * of the host to itself wait. Waking undoes all of it, with every timer of TCP as far away as it was.
 */
import type { Host } from '../host.ts';
import type { Packet } from '../packet.ts';
import { HALT } from './turns.ts';

/** Asleep or awake. */
export class HostSleep {
  readonly #host: Host;
  /** -1 while it is awake. */
  #sinceMicros = -1;
  #packets: Packet[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  get isAsleep(): boolean {
    return this.#sinceMicros >= 0;
  }

  begin(): void {
    this.#sinceMicros = this.#host.world.nowMicros;
    this.#host.turns.halt(HALT.suspended);
    this.#host.needGate().isSuspended = true;
    this.#host.clock.sleep();
  }

  /** Keeps a packet of the host to itself. */
  keep(packet: Packet): void {
    this.#packets.push(packet);
  }

  /** Gives the packets that were kept. The process is let go on by the caller, if it lives. */
  end(): readonly Packet[] {
    if (!this.isAsleep) return [];
    const { world, clock, tcp } = this.#host;
    const sleptMicros = world.nowMicros - this.#sinceMicros;
    this.#sinceMicros = -1;
    this.#host.needGate().isSuspended = false;
    clock.wake();
    tcp.wake(sleptMicros);
    const kept = this.#packets;
    this.#packets = [];
    return kept;
  }
}
