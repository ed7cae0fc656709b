/**
 * NATs reduced to what decides: their tables, without a network between. One `TableNat` has one inner host; the other side is
 * addresses and ports only.
 */
import { NatTable, PROTOCOL, RandomStream } from '../../../sim/index.ts';
import type { NatBehaviour } from '../../../sim/index.ts';

const HOST = 1;
const NEIGHBOUR = 2;
/** Whoever measures reflexive endpoints. */
const SERVER = 99;

export class TableNat {
  readonly #table: NatTable;
  #nowMicros = 0;
  #neighbours = 0;

  constructor(behaviour: NatBehaviour, seed: number, name: string) {
    this.#table = new NatTable(behaviour, (purpose) => new RandomStream(seed, `${name}:${purpose}`));
  }

  /** Sends from a port of the host; gives the external port, undefined when there is none left. */
  send(innerPort: number, remoteAddress: number, remotePort: number): number | undefined {
    return this.#send(HOST, innerPort, remoteAddress, remotePort);
  }

  /** The same from a port of another host. */
  sendBeside(innerPort: number, remoteAddress: number, remotePort: number): number | undefined {
    return this.#send(NEIGHBOUR, innerPort, remoteAddress, remotePort);
  }

  /** What a server would say where that port comes from. */
  measure(innerPort: number): number {
    return this.send(innerPort, SERVER, 1)!;
  }

  /** Neighbours take so many ports, now. */
  steal(count: number): void {
    for (let each = 0; each < count; each += 1) this.#send(NEIGHBOUR, (this.#neighbours += 1), SERVER, 1);
  }

  wait(micros: number): void {
    this.#nowMicros += micros;
  }

  /** Whether a packet from there would be let in. */
  admits(externalPort: number, remoteAddress: number, remotePort: number): boolean {
    const mapping = this.#table.inbound(PROTOCOL.udp, 0, externalPort, [remoteAddress, remotePort], this.#nowMicros);
    return typeof mapping === 'object' && this.#table.admits(mapping, remoteAddress, remotePort, this.#nowMicros);
  }

  #send(innerAddress: number, innerPort: number, remoteAddress: number, remotePort: number): number | undefined {
    const flow = { protocol: PROTOCOL.udp, innerAddress, innerPort, remoteAddress, remotePort };
    const mapping = this.#table.outbound(flow, this.#nowMicros);
    if (typeof mapping === 'string') return undefined;
    this.#table.note(mapping, flow, true, 0, this.#nowMicros);
    return mapping.externalPort;
  }
}
