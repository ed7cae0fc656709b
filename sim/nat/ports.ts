/**
 * Which external port a new mapping gets: the rules of allocation, and what happens on a clash. It knows no mappings; whether
 * a port is free it asks.
 */
import type { Address } from '../address.ts';
import type { RandomStream } from '../random.ts';
import type { Flow, NatBehaviour } from './behaviour.ts';

/** Whether a port may be given to the flow that asks. */
type IsFree = (port: number) => boolean;

/** The allocation of one NAT, with its counter and blocks. */
export class PortAllocator {
  readonly #behaviour: NatBehaviour;
  readonly #stream: RandomStream;
  readonly #firstPort: number;
  readonly #count: number;
  /** By inner host: the number of its block. */
  readonly #blocks = new Map<Address, number>();
  /** By inner host, with contiguous allocation: the port given out last. */
  readonly #lastPorts = new Map<Address, number>();
  #nextPort: number;

  constructor(behaviour: NatBehaviour, stream: RandomStream) {
    this.#behaviour = behaviour;
    this.#stream = stream;
    this.#count = behaviour.portMax - behaviour.portMin + 1;
    this.#firstPort = behaviour.portMin + stream.below(this.#count);
    this.#nextPort = this.#firstPort;
  }

  /** A reboot: blocks are given out anew; the counter of sequential allocation begins anew or goes on. */
  reset(counter: 'keep' | 'reset'): void {
    this.#blocks.clear();
    this.#lastPorts.clear();
    if (counter === 'reset') this.#nextPort = this.#firstPort;
  }

  /** Moves the counter of sequential allocation on by one. */
  skip(): void {
    this.#nextPort = this.#wrap(this.#nextPort + this.#behaviour.portStep);
  }

  /** The port a preserving NAT would rather give than any other. */
  preferred(flow: Flow): number {
    return Math.min(this.#behaviour.portMax, Math.max(this.#behaviour.portMin, flow.innerPort));
  }

  /** A port for a new mapping; undefined when there is none. */
  choose(flow: Flow, isFree: IsFree): number | undefined {
    const { allocation, portMin, portMax } = this.#behaviour;
    switch (allocation) {
      case 'random':
        return this.#from(this.#draw(), 1, isFree);
      case 'sequential':
        return this.#sequential(isFree);
      case 'block':
        return this.#inBlock(flow, isFree);
      case 'contiguous':
        return this.#besideOwn(flow, isFree);
      case 'preserving':
      case 'preservingParity':
        return this.#preserving(flow, isFree, allocation === 'preserving' ? 1 : 2);
      default: {
        const port = allocation({ flow, portMin, portMax, isFree, stream: this.#stream });
        return port !== undefined && this.#isInRange(port) && isFree(port) ? port : undefined;
      }
    }
  }

  /** `stride` 2 keeps the parity. */
  #preserving(flow: Flow, isFree: IsFree, stride: 1 | 2): number | undefined {
    const preferred = this.preferred(flow);
    if (isFree(preferred)) return preferred;
    switch (this.#behaviour.portClash) {
      case 'refuse':
        return undefined;
      case 'overload':
      case 'override':
        return preferred;
      case 'next':
        return this.#near(preferred, stride, isFree);
      case 'random': {
        const drawn = this.#draw();
        const isOtherParity = stride === 2 && (drawn - preferred) % 2 !== 0;
        return this.#near(
          isOtherParity ? (drawn < this.#behaviour.portMax ? drawn + 1 : drawn - 1) : drawn,
          stride,
          isFree,
        );
      }
    }
  }

  /** The first free port from there on, in steps of 1 or 2; past the end it goes on at the start with the same parity. */
  #near(start: number, stride: 1 | 2, isFree: IsFree): number | undefined {
    if (stride === 1) return this.#from(start, 1, isFree);
    const { portMin, portMax } = this.#behaviour;
    const lowest = portMin + ((start - portMin) & 1);
    const count = Math.floor((portMax - lowest) / 2) + 1;
    for (let tries = 0; tries < count; tries += 1) {
      const port = lowest + (((start - lowest) / 2 + tries) % count) * 2;
      if (isFree(port)) return port;
    }
    return undefined;
  }

  #sequential(isFree: IsFree): number | undefined {
    const port = this.#from(this.#nextPort, this.#behaviour.portStep, isFree);
    if (port !== undefined) this.#nextPort = this.#wrap(port + this.#behaviour.portStep);
    return port;
  }

  #besideOwn({ innerAddress }: Flow, isFree: IsFree): number | undefined {
    const last = this.#lastPorts.get(innerAddress);
    const port = this.#from(last === undefined ? this.#draw() : this.#wrap(last + 1), 1, isFree);
    if (port !== undefined) this.#lastPorts.set(innerAddress, port);
    return port;
  }

  #inBlock(flow: Flow, isFree: IsFree): number | undefined {
    const { portsPerBlock, portMin } = this.#behaviour;
    let block = this.#blocks.get(flow.innerAddress);
    if (block === undefined) {
      block = this.#blocks.size;
      if ((block + 1) * portsPerBlock > this.#count) return undefined;
      this.#blocks.set(flow.innerAddress, block);
    }
    const first = portMin + block * portsPerBlock;
    for (let port = first; port < first + portsPerBlock; port += 1) if (isFree(port)) return port;
    return undefined;
  }

  /** The first free port from `start` on, in steps, every port of the range once. */
  #from(start: number, step: number, isFree: IsFree): number | undefined {
    const cycle = this.#count / commonDivisor(this.#count, Math.abs(step));
    for (let tries = 0; tries < this.#count; tries += 1) {
      // After a whole cycle the steps would meet the same ports again, so they move on by one.
      const port = this.#wrap(start + tries * step + Math.floor(tries / cycle));
      if (isFree(port)) return port;
    }
    return undefined;
  }

  #draw(): number {
    return this.#behaviour.portMin + this.#stream.below(this.#count);
  }

  #wrap(port: number): number {
    const { portMin } = this.#behaviour;
    const offset = (port - portMin) % this.#count;
    return portMin + (offset < 0 ? offset + this.#count : offset);
  }

  #isInRange(port: number): boolean {
    const { portMin, portMax } = this.#behaviour;
    return Number.isInteger(port) && port >= portMin && port <= portMax;
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
