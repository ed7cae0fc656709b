/**
 * The UDP side of a replay: datagrams to flows, discovery and reliable UDP to their judges, counts to the report.
 *
 * A flow counts as ours from its first probe, request of discovery or handshake on; what other flows carry is counted only.
 * Drive: `datagram(...)` for each, `report()` once.
 */
import { addressText, endpointText, type Segment } from './ip-tcp.ts';
import { ChannelWatch } from './channel-watch.ts';
import type { Findings } from './findings.ts';
import type { UdpReport } from './report-model.ts';
import { RudpWatch, type RudpConnection } from './rudp-watch.ts';
import { readAny, tellsProtocol, UdpFlow, type ReadDatagram } from './udp-flow.ts';
import type { UdpFound, UdpPlace } from './udp-rules.ts';

/** Pairs of endpoints told apart. */
const FLOWS_MAX = 50_000;
/** Flows listed in the report. */
const LISTED_MAX = 1_000;

export type UdpReplayOptions = {
  readonly findings: Findings;
  readonly userIdBytesMax: number | undefined;
  readonly messageBytesMax: number;
};

/** All UDP of a capture. */
export class UdpReplay {
  readonly #options: UdpReplayOptions;
  readonly #flows = new Map<string, UdpFlow>();
  readonly #ours: UdpFlow[] = [];
  readonly #rudp: RudpWatch;
  readonly #connections: RudpConnection[] = [];
  #otherDatagrams = 0;
  #evidence: Uint8Array = new Uint8Array(0);
  readonly #found: UdpFound;

  constructor(options: UdpReplayOptions) {
    this.#options = options;
    this.#found = (rule, sentence, at) => options.findings.addUdp(rule, sentence, at, this.#evidence);
    this.#rudp = new RudpWatch({
      messageBytesMax: options.messageBytesMax,
      found: this.#found,
      converse: (connection) => {
        if (this.#connections.length < LISTED_MAX) this.#connections.push(connection);
        const channel = this.#channel();
        return (side, message, at) => channel.message(side, message, at);
      },
    });
  }

  /** One datagram. */
  datagram(segment: Segment, packet: number, timeMicros: number): void {
    const { bytes: all, payloadStart, payloadEnd, sourceAt, destinationAt, ipVersion } = segment;
    const bytes = new Uint8Array(all.buffer, all.byteOffset + payloadStart, payloadEnd - payloadStart);
    const from = endpointText(addressText(all, sourceAt, ipVersion), segment.sourcePort);
    const to = endpointText(addressText(all, destinationAt, ipVersion), segment.destinationPort);
    // What the capture cut short cannot be read, nor judged.
    const isWhole = segment.payloadBytesOnWire === bytes.length;
    const read = isWhole ? readAny(bytes) : undefined;
    const flow = this.#flowOf(from, to, read, bytes, packet, timeMicros);
    if (flow === undefined) {
      this.#otherDatagrams += 1;
      return;
    }
    flow.count(from, bytes, read?.name, packet, timeMicros);
    this.#evidence = bytes;
    const at: UdpPlace = { packet, timeMicros, flow: flow.number, from, to };
    if (read !== undefined) this.#judge(flow, read, bytes, at);
    else if (isWhole && flow.tokens.begun.size > 0) {
      const what =
        bytes.length === 0 ? 'an empty datagram' : `${bytes.length} bytes of kind 0x${bytes[0]!.toString(16)}`;
      this.#found('rudp-known-datagrams', `${what} fit no line of the table`, at);
    }
  }

  /** Flows and counts, at the end of the capture. */
  report(): UdpReport {
    for (const connection of this.#connections) this.#note(connection);
    const flows = this.#ours.map((flow) => flow.summary());
    const sum = (pick: (side: (typeof flows)[number]['first']) => number): number =>
      flows.reduce((total, { first, second }) => total + pick(first) + pick(second), 0);
    return {
      flows: flows.slice(0, LISTED_MAX),
      totals: {
        flows: flows.length,
        datagrams: sum((side) => side.datagrams),
        otherDatagrams: this.#otherDatagrams,
        messages: sum((side) => side.messages),
        bytes: sum((side) => side.bytes),
        retransmissions: sum((side) => side.retransmissions),
        undecodedDatagrams: sum((side) => side.undecodedDatagrams),
        undecodedBytes: sum((side) => side.undecodedBytes),
      },
    };
  }

  #judge(flow: UdpFlow, read: ReadDatagram, bytes: Uint8Array, at: UdpPlace): void {
    if (read.kind === 'discovery') {
      if (read.name === 'DiscoverRequest') flow.discovery.request(bytes, at);
      else flow.discovery.response(bytes, at);
    } else if (read.kind === 'probe') {
      if (read.name === 'Probe') flow.probed(read.token);
    } else {
      const side = this.#rudp.datagram(read.reading, bytes, flow.tokens, at);
      if (side === undefined) return;
      const repeated = side.takeRetransmissions();
      flow.side(at.from).retransmissions += repeated;
    }
  }

  #flowOf(
    from: string,
    to: string,
    read: ReadDatagram | undefined,
    bytes: Uint8Array,
    packet: number,
    timeMicros: number,
  ): UdpFlow | undefined {
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    const known = this.#flows.get(key);
    if (known !== undefined || read === undefined || !tellsProtocol(read, bytes)) return known;
    if (this.#flows.size >= FLOWS_MAX) return undefined;
    const flow = new UdpFlow(this.#ours.length + 1, [from, to], packet, timeMicros, this.#found);
    this.#flows.set(key, flow);
    this.#ours.push(flow);
    return flow;
  }

  #channel(): ChannelWatch {
    const { findings, userIdBytesMax, messageBytesMax } = this.#options;
    return new ChannelWatch({
      userIdBytesMax,
      messageBytesMax,
      found: this.#found,
      foundByRule: (at, n) => (rule, sentence, _place, evidence) =>
        findings.addUdpMessage(rule, sentence, at, evidence, n),
      seen: (at, type) => this.#ours[at.flow - 1]!.countMessage(at.from, type),
    });
  }

  /** What of a connection could not be put together is said at the flow of its last datagram. */
  #note({ sides, at }: RudpConnection): void {
    if (at === undefined) return;
    for (const { endpoint, stream } of sides) {
      const flow = this.#ours[at.flow - 1]!;
      if (stream.fault !== undefined) flow.notes.push(`The stream of ${endpoint} cannot be read: ${stream.fault}.`);
      else if (stream.pendingBytes > 0) {
        flow.notes.push(`The stream of ${endpoint} is not complete: ${stream.pendingBytes} bytes wait for others.`);
      }
      flow.side(endpoint).undecodedBytes += stream.lostBytes + stream.pendingBytes;
    }
  }
}
