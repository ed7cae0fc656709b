/**
 * The peer of the simulator's bench: the algorithm of `socketsupply/netsim` as its SIMULATOR.md describes it, written anew.
 *
 * One queue of (time, function), smallest time first, in a binary heap with a comparator; a network that maps addresses to
 * nodes, which may sleep; `send` checks addresses and ports, asks chance for the node and for the network, and queues a
 * closure that hands the message over after a random delay. For equal features it draws from a seeded stream, orders equal
 * times, keeps the order of messages between two nodes, counts packets and bytes, and notes each message in the same rolling
 * digest as ours. Numbers are floats, as there. What it does not do, ours does besides:
 * whole packets with headers, scripts, queues, captures.
 */
import { RandomStream, TRACE_KIND, Trace } from '../../sim/index.ts';

type Item = { readonly ts: number; readonly sequence: number; readonly run: (ts: number) => void };

/** A binary heap over an array of objects. */
class TimeQueue {
  ts = 0;
  readonly #items: Item[] = [];
  #sequence = 0;

  /** Plans a call after a positive delay. */
  delay(delay: number, run: (ts: number) => void): void {
    if (!(delay > 0)) throw new Error(`a delay must be positive, not ${delay}`);
    const items = this.#items;
    let at = items.push({ ts: this.ts + delay, sequence: this.#sequence++, run }) - 1;
    const item = items[at]!;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compare(items[parent]!, item) <= 0) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  /** Lets everything up to `ts` happen. */
  drain(ts: number): void {
    while (this.#items.length > 0 && this.#items[0]!.ts <= ts) {
      const item = this.#take();
      if (item.ts < this.ts) throw new Error('time cannot go backwards');
      this.ts = item.ts;
      item.run(item.ts);
    }
  }

  #take(): Item {
    const items = this.#items;
    const first = items[0]!;
    const last = items.pop()!;
    if (items.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && compare(items[child + 1]!, items[child]!) < 0) child += 1;
      if (compare(last, items[child]!) <= 0) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return first;
  }
}

function compare(left: Item, right: Item): number {
  return left.ts - right.ts || left.sequence - right.sequence;
}

type Address = { readonly address: string; readonly port: number };
type Message = { readonly payload: Uint8Array };

const isPort = (port: number): boolean => port === (port & 0xffff);

function checkAddress({ address, port }: Address): void {
  if (typeof address !== 'string' || !isPort(port)) throw new Error(`no address: ${address}:${port}`);
}

/** A device on the network. A node may lose what it sends, and it may sleep. */
class Node {
  address = '';
  network: Network | undefined = undefined;
  sleeping = false;
  lossShare = 0;
  lastArrival = 0;
  readonly awaken: ((ts: number) => void)[] = [];
  onMessage: (message: Message, from: Address, port: number, ts: number) => void = () => undefined;

  send(message: Message, to: Address, port: number): void {
    checkAddress(to);
    if (!isPort(port)) throw new Error(`no port: ${port}`);
    const { network } = this;
    if (network === undefined || this.sleeping || !network.passes(this.lossShare)) return;
    network.send(message, to, port, this);
  }

  /** A timer of this device: while it sleeps, what is due waits until it wakes. */
  delay(delay: number, run: (ts: number) => void): void {
    this.network!.queue.delay(delay, (ts) => {
      if (this.sleeping) this.awaken.push(run);
      else run(ts);
    });
  }
}

/** All devices by address. */
class Network {
  readonly queue = new TimeQueue();
  readonly trace = new Trace({ recordsMax: 0 });
  readonly statistics = { sent: 0, sentBytes: 0, lost: 0, delivered: 0, deliveredBytes: 0 };
  onSend: ((message: Message, to: Address, from: Address) => void) | undefined = undefined;
  readonly #subnet: Record<string, Node> = {};
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  add(address: string, node: Node): void {
    this.#subnet[address] = node;
    node.network = this;
    node.address = address;
  }

  /** Whether chance lets a message through. */
  passes(lossShare: number): boolean {
    return this.#random() >= lossShare;
  }

  send(message: Message, to: Address, port: number, source: Node): void {
    checkAddress(to);
    const { statistics } = this;
    const size = message.payload.length + 28;
    statistics.sent += 1;
    statistics.sentBytes += size;
    if (!this.passes(LOSS)) {
      statistics.lost += 1;
      this.trace.record(TRACE_KIND.drop, 0, size, (port << 16) | to.port, 0, 0);
      return;
    }
    const node = this.#subnet[to.address];
    if (node === undefined) throw new Error(`nobody has ${to.address}`);
    const from = { address: source.address, port };
    this.onSend?.(message, to, from);
    const wanted = this.queue.ts + DELAY_MIN + this.#random() * DELAY_SPREAD;
    source.lastArrival = Math.max(source.lastArrival, wanted);
    this.queue.delay(source.lastArrival - this.queue.ts, (ts) => {
      if (node.sleeping) return;
      statistics.delivered += 1;
      statistics.deliveredBytes += size;
      this.trace.timeMicros = ts;
      this.trace.record(TRACE_KIND.deliver, 0, size, (port << 16) | to.port, 0, 0);
      node.onMessage(message, from, to.port, ts);
    });
  }
}

const LOSS = 0.01;
const DELAY_MIN = 5_000;
const DELAY_SPREAD = 5_000;
const BURST_PACKETS = 10;
const BURST_MICROS = 100;

/** The workload of `pumpPackets`: ten messages every hundred microseconds over one way. Gives the number delivered. */
export function netsimPump(packets: number): number {
  const stream = new RandomStream(1, 'netsim');
  const network = new Network(() => stream.uint32() / 0x1_0000_0000);
  const [sender, receiver] = [new Node(), new Node()];
  network.add('198.18.0.1', sender);
  network.add('198.18.0.2', receiver);
  const payload = new Uint8Array(100);
  const to = { address: '198.18.0.2', port: 2 };
  let left = packets;
  const pump = (): void => {
    const count = Math.min(left, BURST_PACKETS);
    for (let index = 0; index < count; index += 1) sender.send({ payload }, to, 1);
    left -= count;
    if (left > 0) sender.delay(BURST_MICROS, pump);
  };
  sender.delay(1, pump);
  network.queue.drain(Infinity);
  return network.statistics.delivered;
}
