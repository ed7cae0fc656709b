/**
 * Hardship for a scenario's network, the same words on every target. Types only.
 *
 * `fault` takes any word of the vocabulary of sim/fault-words.ts, where links and NATs go by the name of their host; the
 * other calls are short forms of the commonest ones.
 *
 * On the simulator these act on links and hosts; on real sockets on a proxy in user space between each client and the
 * server. Hosts are named by `ServerSubject.host` and `ClientSubject.host`.
 */
import type { Fault } from '../../sim/index.ts';

export type LinkConditions = {
  /** One way. */
  readonly delayMillis?: number;
  readonly jitterMillis?: number;
  /** Lost packets of a thousand; on real sockets every loss is a pause of one retransmission timeout (200 ms). */
  readonly lossPerMille?: number;
  readonly duplicatePerMille?: number;
  readonly reorderPerMille?: number;
  /** Bits a second; 0 unlimited. */
  readonly bandwidthBitsPerSec?: number;
  /** Largest piece in which bytes arrive; 0 as they come. */
  readonly chunkBytesMax?: number;
};

/** What is wrong with a host's disk; what is not named is in order again. */
export type DiskFaults = {
  /** `stuck`: a read that is asked for never ends. */
  readonly reads?: 'stuck' | 'failing';
  /** `full`: writing fails for want of room. */
  readonly writes?: 'full';
};

export type NetControl = {
  /** One word of the vocabulary, now. `FAULT_WORDS` says which words real sockets can do; others are refused there. */
  fault(fault: Fault): Promise<void>;
  /** From now on, both ways, on the host's link. */
  conditions(host: string, conditions: LinkConditions): void;
  /** Nothing passes between the host and the rest until `heal`; connections do not notice at first. */
  partition(host: string): void;
  heal(host: string): void;
  /** Every TCP connection of the host is reset, as by a middlebox: both ends see RST. */
  resetConnections(host: string): void;
  /** From now on, also for files that are open; restarted hosts get a disk in order. */
  disk(host: string, faults: DiskFaults): void;
  /** The host loses power: no FIN, no RST, nothing. A server's port answers nothing until `restart`. */
  crash(host: string): Promise<void>;
  /** Its network stack is back and resets old connections; the engine on it is gone. */
  restart(host: string): Promise<void>;
};
