/**
 * The connections of one host, found by their pair of endpoints. A hash table of short chains; it knows no states.
 */
import { addressWord } from '../address.ts';
import type { Address } from '../address.ts';
import type { Packet } from '../packet.ts';
import type { TcpSocket } from './socket.ts';

/** All connections of a host, half-open ones and those in TIME-WAIT included. */
export class ConnectionTable {
  readonly #buckets = new Map<number, TcpSocket>();

  /** Counts them, one by one. */
  get size(): number {
    let count = 0;
    this.forEach(() => {
      count += 1;
    });
    return count;
  }

  forEach(action: (socket: TcpSocket) => void): void {
    for (const bucket of this.#buckets.values()) {
      for (let socket: TcpSocket | undefined = bucket; socket !== undefined; socket = socket.nextInBucket)
        action(socket);
    }
  }

  /** The connection an arriving segment belongs to. */
  find(packet: Packet): TcpSocket | undefined {
    return this.findBy(packet.destination, packet.destinationPort, packet.source, packet.sourcePort);
  }

  findBy(local: Address, localPort: number, remote: Address, remotePort: number): TcpSocket | undefined {
    let socket = this.#buckets.get(bucketKey(remote, remotePort, localPort));
    while (socket !== undefined) {
      const isIt =
        socket.remoteAddress === remote &&
        socket.remotePort === remotePort &&
        socket.localPort === localPort &&
        socket.localAddress === local;
      if (isIt) return socket;
      socket = socket.nextInBucket;
    }
    return undefined;
  }

  insert(socket: TcpSocket): void {
    const key = bucketKey(socket.remoteAddress, socket.remotePort, socket.localPort);
    socket.nextInBucket = this.#buckets.get(key);
    this.#buckets.set(key, socket);
  }

  /** Takes a connection out. */
  remove(socket: TcpSocket): void {
    const key = bucketKey(socket.remoteAddress, socket.remotePort, socket.localPort);
    const first = this.#buckets.get(key);
    if (first === socket) {
      if (socket.nextInBucket === undefined) this.#buckets.delete(key);
      else this.#buckets.set(key, socket.nextInBucket);
    } else {
      let before = first;
      while (before !== undefined && before.nextInBucket !== socket) before = before.nextInBucket;
      if (before !== undefined) before.nextInBucket = socket.nextInBucket;
    }
    socket.nextInBucket = undefined;
  }

  clear(): void {
    this.#buckets.clear();
  }
}

/** A hash of the pair of endpoints; what collides is told apart by comparing. */
function bucketKey(remote: Address, remotePort: number, localPort: number): number {
  const word = typeof remote === 'number' ? remote : addressWord(remote);
  return Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) ^ ((remotePort << 16) | localPort);
}
