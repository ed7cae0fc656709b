/**
 * NATs in user space: hosts with addresses 127.0.0.x of their own, behind port-restricted NATs with addresses 127.0.1.x,
 * and a P2P server that they know by a door, an address that belongs to this world.
 *
 * Every datagram between the hosts, and to and from the P2P server, passes here: its source is mapped, a seeded share is
 * dropped, and what nobody behind a NAT has written to first is kept out. A host must send from its inside address and
 * talk to nothing but outside addresses and doors; `behindNat` holds a Platform to that. UDP only, IPv4.
 *
 * Drive it: `const world = await NatWorld.open({ ... })`, then start the hosts; `await world.close()`.
 */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { RandomStream } from '../../sim/index.ts';
import type { Endpoint, Platform } from '../../spec/platform.ts';

export type NatWorldOptions = {
  /** Inside address to outside address, one entry a host. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The P2P server and the address by which the hosts know it; its ports are the same at both. */
  readonly server: { readonly address: string; readonly door: string; readonly ports: readonly number[] };
  /** How many of a hundred datagrams are dropped, each way. */
  readonly lossPercent: number;
  readonly seed: number;
};

/** Datagrams: passed on, dropped as lost, and kept out by a NAT. */
export type NatCounts = { passed: number; lost: number; keptOut: number };

type Mapping = {
  readonly inside: Endpoint;
  readonly socket: Socket;
  /** Outside endpoint; known once the socket listens. */
  readonly outside: Promise<Endpoint>;
  /** Whom the host has written to: only they are let in (port-restricted). */
  readonly friends: Set<string>;
};

const nameOf = ({ address, port }: Endpoint): string => `${address}:${port}`;

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

export class NatWorld {
  readonly counts: NatCounts = { passed: 0, lost: 0, keptOut: 0 };
  readonly #options: NatWorldOptions;
  readonly #random: RandomStream;
  readonly #doors = new Map<number, Socket>();
  /** By inside endpoint. */
  readonly #mappings = new Map<string, Mapping>();
  /** By outside endpoint. */
  readonly #outside = new Map<string, Mapping>();

  private constructor(options: NatWorldOptions) {
    this.#options = options;
    this.#random = new RandomStream(options.seed, 'loss');
  }

  /** Opens the doors. */
  static async open(options: NatWorldOptions): Promise<NatWorld> {
    const world = new NatWorld(options);
    for (const port of options.server.ports) {
      const door = await bound(options.server.door, port);
      door.on('message', (bytes, from) => void world.#leave(from, { address: options.server.door, port }, bytes));
      world.#doors.set(port, door);
    }
    return world;
  }

  /** Ends all doors and mappings. */
  async close(): Promise<void> {
    const sockets = [...this.#doors.values(), ...[...this.#mappings.values()].map(({ socket }) => socket)];
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  /** A datagram of a host to a door or to an outside endpoint. */
  async #leave(inside: Endpoint, to: Endpoint, bytes: Uint8Array): Promise<void> {
    if (this.#options.hosts[inside.address] === undefined) return;
    const mapping = this.#mappingOf(inside);
    const source = await mapping.outside;
    mapping.friends.add(nameOf(to));
    if (this.#random.below(100) < this.#options.lossPercent) {
      this.counts.lost += 1;
    } else if (to.address === this.#options.server.door) {
      this.counts.passed += 1;
      mapping.socket.send(bytes, to.port, this.#options.server.address);
    } else {
      this.#enter(this.#outside.get(nameOf(to)), source, bytes, mapping.socket);
    }
  }

  /** A datagram that has come to the outside of a NAT; `sender` is the socket whose address its receiver shall see. */
  #enter(target: Mapping | undefined, source: Endpoint, bytes: Uint8Array, sender: Socket): void {
    if (target?.friends.has(nameOf(source)) !== true) {
      this.counts.keptOut += 1;
      return;
    }
    this.counts.passed += 1;
    sender.send(bytes, target.inside.port, target.inside.address);
  }

  #mappingOf(inside: Endpoint): Mapping {
    const known = this.#mappings.get(nameOf(inside));
    if (known !== undefined) return known;
    const socket = createSocket('udp4');
    socket.bind(0, this.#options.hosts[inside.address]);
    const outside = once(socket, 'listening').then(() => {
      const { address, port } = socket.address();
      this.#outside.set(nameOf({ address, port }), mapping);
      return { address, port };
    });
    const mapping: Mapping = { inside: { ...inside }, socket, outside, friends: new Set() };
    socket.on('message', (bytes, from) => this.#arrived(mapping, from, bytes));
    this.#mappings.set(nameOf(inside), mapping);
    return mapping;
  }

  /** At the outside of a NAT: from the P2P server, or from a host that is about to leave its own NAT. */
  #arrived(mapping: Mapping, from: Endpoint, bytes: Uint8Array): void {
    const door = this.#doors.get(from.port);
    if (from.address !== this.#options.server.address || door === undefined) {
      void mapping.outside.then((outside) => this.#leave(from, outside, bytes));
    } else if (this.#random.below(100) < this.#options.lossPercent) {
      this.counts.lost += 1;
    } else {
      this.#enter(mapping, { address: this.#options.server.door, port: from.port }, bytes, door);
    }
  }
}

/** The platform of a host at `inside`, which reaches no other host but by its NAT. */
export function behindNat(platform: Platform, inside: string): Platform {
  const isInside = (address: string): boolean => address.startsWith('127.0.0.');
  return {
    ...platform,
    localAddresses: () => [inside],
    bindUdp(options, handlers) {
      const onMessage = (bytes: Uint8Array, from: Endpoint): void => {
        if (!isInside(from.address)) handlers.onMessage(bytes, from);
      };
      const socket = platform.bindUdp({ ...options, address: inside }, { ...handlers, onMessage });
      return {
        get local() {
          return socket.local;
        },
        send: (bytes, to) => {
          if (!isInside(to.address)) socket.send(bytes, to);
        },
        close: () => socket.close(),
      };
    },
  };
}
