/**
 * Sorts segments into TCP connections and tells the owner of each what happened on it, in the order of the capture.
 *
 * A connection starts with a SYN, or in the middle with the first segment that carries data. It ends with FINs of both
 * sides, an RST, a new SYN on the same ports, or the capture. Knows nothing of what the bytes mean.
 * Drive: `segment(...)` for every segment, `finish(...)` at the end of the capture.
 */
import { addressText, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, type Segment } from './ip-tcp.ts';
import { TcpStream, type Gap, type StreamStats, type WaitingBudget } from './tcp-stream.ts';

/** 0: from the side that opened the connection (or was seen first); 1: the other way. */
export type FlowSide = 0 | 1;

export type FlowEndpoint = { readonly address: string; readonly port: number };

/** How much of the beginning was seen. */
export type FlowStart =
  /** The SYN: side 0 is the client. */
  | 'syn'
  /** Only the SYN-ACK: its receiver is side 0. */
  | 'synAck'
  /** Neither; the capture began later than the connection. */
  | 'midStream';

export type FlowEnd = 'closed' | 'reset' | 'replaced' | 'captureEnd' | 'tooMany';

/** What is known of a connection when it is first seen. */
export type FlowInfo = {
  readonly endpoints: readonly [FlowEndpoint, FlowEndpoint];
  readonly start: FlowStart;
  readonly firstPacket: number;
  readonly startMicros: number;
  readonly stats: readonly [StreamStats, StreamStats];
};

/** Hears what happens on one connection. `packet` counts from 1; times are microseconds since 1970. */
export type FlowSink = {
  onBytes(side: FlowSide, bytes: Uint8Array, packet: number, timeMicros: number): void;
  onGap(side: FlowSide, gap: Gap): void;
  /** The side has sent its last byte, and all of them have been handed out. */
  onFin(side: FlowSide, packet: number, timeMicros: number): void;
  onReset(side: FlowSide, packet: number, timeMicros: number): void;
  /** The last call. */
  onEnd(how: FlowEnd, timeMicros: number): void;
};

/** Connections followed at the same time; beyond it the oldest is ended. */
const OPEN_FLOWS_MAX = 50_000;
/** Ended connections remembered, so that their last packets do not look like new ones. */
const ENDED_FLOWS_MAX = 4_096;
/** Bytes that may wait for holes to be filled, over all connections. */
const WAITING_BYTES_TOTAL_MAX = 67_108_864;

type Flow = {
  readonly keys: readonly [string, string];
  /** Undefined once the connection has ended: only its ports are remembered then. */
  live: { readonly sink: FlowSink; readonly streams: readonly [TcpStream, TcpStream] } | undefined;
  /** Sequence number of the SYN of side 0, to tell a repeated SYN from a new connection. */
  readonly synSequence: number | undefined;
  readonly finReported: [boolean, boolean];
};

type Entry = { readonly flow: Flow; readonly side: FlowSide };

/** All connections of a capture. */
export class TcpFlows {
  readonly #open: (info: FlowInfo) => FlowSink;
  readonly #entries = new Map<string, Entry>();
  readonly #openFlows = new Set<Flow>();
  readonly #endedFlows: Flow[] = [];
  readonly #budget: WaitingBudget = { bytes: 0, bytesMax: WAITING_BYTES_TOTAL_MAX };

  /** @param open called for every new connection; gives back who hears of it */
  constructor(open: (info: FlowInfo) => FlowSink) {
    this.#open = open;
  }

  /** Takes one segment; it may be refilled after the call. */
  segment(segment: Segment, packet: number, timeMicros: number): void {
    const key = keyOf(segment);
    let entry = this.#entries.get(key);
    if (entry !== undefined && isNewSyn(segment, entry)) {
      this.#end(entry.flow, 'replaced', timeMicros);
      this.#forget(entry.flow);
      entry = undefined;
    }
    entry ??= this.#start(key, segment, packet, timeMicros);
    if (entry?.flow.live === undefined) return;
    const { flow, side } = entry;
    const { sink, streams } = entry.flow.live;
    const stream = streams[side];
    const { flags } = segment;
    if ((flags & TCP_SYN) !== 0) {
      if (!stream.isOpen) stream.open((segment.sequence + 1) >>> 0);
      return;
    }
    if (!stream.isOpen) stream.open(segment.sequence);
    stream.segment(segment.sequence, payloadOf(segment), packet, timeMicros);
    if ((flags & TCP_RST) !== 0) {
      for (const each of streams) each.finish();
      sink.onReset(side, packet, timeMicros);
      this.#end(flow, 'reset', timeMicros);
      return;
    }
    if ((flags & TCP_FIN) !== 0) stream.fin((segment.sequence + segment.payloadBytesOnWire) >>> 0);
    this.#reportFin(flow, side, packet, timeMicros);
  }

  /** The capture is over at `timeMicros`: gives up on holes and ends what is open. */
  finish(timeMicros: number): void {
    for (const flow of this.#openFlows) this.#end(flow, 'captureEnd', timeMicros);
  }

  #reportFin(flow: Flow, side: FlowSide, packet: number, timeMicros: number): void {
    if (flow.finReported[side] || flow.live?.streams[side].isComplete !== true) return;
    flow.finReported[side] = true;
    flow.live.sink.onFin(side, packet, timeMicros);
    if (flow.finReported[1 - side]) this.#end(flow, 'closed', timeMicros);
  }

  #start(key: string, segment: Segment, packet: number, timeMicros: number): Entry | undefined {
    const { flags } = segment;
    const isSyn = (flags & TCP_SYN) !== 0;
    const hasPayload = segment.payloadEnd > segment.payloadStart;
    // Acknowledgements and ends of a connection that began before the capture say nothing.
    if (!isSyn && !hasPayload) return undefined;
    const start: FlowStart = !isSyn ? 'midStream' : (flags & TCP_ACK) !== 0 ? 'synAck' : 'syn';
    const sender = {
      address: addressText(segment.bytes, segment.sourceAt, segment.ipVersion),
      port: segment.sourcePort,
    };
    const receiver = {
      address: addressText(segment.bytes, segment.destinationAt, segment.ipVersion),
      port: segment.destinationPort,
    };
    const side: FlowSide = start === 'synAck' ? 1 : 0;
    const back = reverseKeyOf(segment);
    const later: { sink?: FlowSink } = {};
    const streams = ([0, 1] as const).map(
      (each) =>
        new TcpStream(
          {
            onBytes: (bytes, at, time) => later.sink!.onBytes(each, bytes, at, time),
            onGap: (gap) => later.sink!.onGap(each, gap),
          },
          this.#budget,
        ),
    ) as [TcpStream, TcpStream];
    const sink = this.#open({
      endpoints: side === 0 ? [sender, receiver] : [receiver, sender],
      start,
      firstPacket: packet,
      startMicros: timeMicros,
      stats: [streams[0].stats, streams[1].stats],
    });
    later.sink = sink;
    const flow: Flow = {
      keys: [key, back],
      live: { sink, streams },
      synSequence: start === 'syn' ? segment.sequence : undefined,
      finReported: [false, false],
    };
    const entry = { flow, side };
    this.#entries.set(key, entry);
    this.#entries.set(back, { flow, side: side === 0 ? 1 : 0 });
    this.#openFlows.add(flow);
    this.#makeRoom(timeMicros);
    return entry;
  }

  #makeRoom(timeMicros: number): void {
    if (this.#openFlows.size <= OPEN_FLOWS_MAX) return;
    const [oldest] = this.#openFlows;
    if (oldest !== undefined) this.#end(oldest, 'tooMany', timeMicros);
  }

  #end(flow: Flow, how: FlowEnd, timeMicros: number): void {
    if (flow.live === undefined) return;
    const { sink, streams } = flow.live;
    for (const each of streams) each.finish();
    flow.live = undefined;
    this.#openFlows.delete(flow);
    sink.onEnd(how, timeMicros);
    this.#endedFlows.push(flow);
    if (this.#endedFlows.length > ENDED_FLOWS_MAX) this.#forget(this.#endedFlows.shift()!);
  }

  #forget(flow: Flow): void {
    for (const key of flow.keys) {
      if (this.#entries.get(key)?.flow === flow) this.#entries.delete(key);
    }
  }
}

/** The payload as a plain view: views of views of it are made many times, and those of a Buffer cost more. */
function payloadOf({ bytes, payloadStart, payloadEnd }: Segment): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + payloadStart, payloadEnd - payloadStart);
}

/** A SYN that cannot belong to the connection that is known under its ports. */
function isNewSyn(segment: Segment, entry: Entry): boolean {
  if ((segment.flags & TCP_SYN) === 0 || (segment.flags & TCP_ACK) !== 0) return false;
  return entry.flow.live === undefined || entry.side !== 0 || entry.flow.synSequence !== segment.sequence;
}

/** Addresses and ports as they stand in the packet, as text: usually one piece of it. */
function keyOf(segment: Segment): string {
  const { bytes, sourceAt, tcpAt } = segment;
  const addressesEnd = sourceAt + (segment.ipVersion === 4 ? 8 : 32);
  if (addressesEnd === tcpAt) return bytes.toString('latin1', sourceAt, tcpAt + 4);
  return bytes.toString('latin1', sourceAt, addressesEnd) + bytes.toString('latin1', tcpAt, tcpAt + 4);
}

/** The key that segments of the other direction have. */
function reverseKeyOf(segment: Segment): string {
  const { bytes, sourceAt, destinationAt, tcpAt } = segment;
  const addressBytes = segment.ipVersion === 4 ? 4 : 16;
  return (
    bytes.toString('latin1', destinationAt, destinationAt + addressBytes) +
    bytes.toString('latin1', sourceAt, sourceAt + addressBytes) +
    bytes.toString('latin1', tcpAt + 2, tcpAt + 4) +
    bytes.toString('latin1', tcpAt, tcpAt + 2)
  );
}
