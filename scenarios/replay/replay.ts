/**
 * Replays a capture: reads it, puts the connections together, judges each, and gives back the report.
 *
 * Memory is bounded whatever the size of the file: one slice of it, the unfinished connections, and a limited number of
 * entries of the report. Prints nothing; `render-text.ts` and the command do.
 */
import { MESSAGE_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import type { AdmissionOptions } from './admission.ts';
import { Findings } from './findings.ts';
import { emptySegment, endpointText, linkTypeName, linkTypesText, readDatagram, readSegment } from './ip-tcp.ts';
import { Neighbours } from './neighbours.ts';
import { readPcap, type PacketSink, type ReadResult } from './pcap-reader.ts';
import type { ConnectionSummary, ReplayReport } from './report-model.ts';
import { summarize } from './summaries.ts';
import { UdpReplay } from './udp-replay.ts';
import { TcpFlows, type FlowEnd, type FlowInfo } from './tcp-flows.ts';
import { WatchedFlow, type WatchedFlowOptions } from './watched-flow.ts';

export type ReplayOptions = {
  /** Judge only connections to this server port; all that speak the protocol when absent. */
  readonly port?: number;
  /** N; guessed when absent. */
  readonly userIdBytesMax?: number;
  /** Default 1 MiB. */
  readonly messageBytesMax?: number;
  /** Span of the heartbeats, if it is to be judged. */
  readonly heartbeatSpanSecs?: number;
};

/** Connections listed in the report; the totals count all. */
const LISTED_CONNECTIONS_MAX = 1_000;

/**
 * Replays the capture at `path` (`-`: standard input).
 * @throws what the operating system says when the file cannot be opened or read
 */
export async function replayFile(path: string, options: ReplayOptions = {}): Promise<ReplayReport> {
  const replay = new Replay(options);
  const result = await readPcap(path, replay);
  return replay.report(path, result);
}

/** The state of one replay; a sink for packets. */
export class Replay implements PacketSink {
  readonly #options: ReplayOptions;
  readonly #findings = new Findings();
  readonly #flows: TcpFlows;
  readonly #segment = emptySegment();
  readonly #udp: UdpReplay;
  readonly #skipped = new Map<string, number>();
  readonly #servers = new Map<string, Neighbours>();
  /** Numbers of connections, in the order in which they were recognised. */
  readonly #numbers = new WeakMap<FlowInfo, number>();
  readonly #connections: ConnectionSummary[] = [];
  readonly #watching: WatchedFlowOptions;
  #linkType = -1;
  #number = 0;
  #otherConnections = 0;
  #messages = 0;
  #bytes = 0;
  #undecodedBytes = 0;
  #lastMicros = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    const { userIdBytesMax, messageBytesMax = MESSAGE_BYTES_MAX_DEFAULT } = options;
    this.#udp = new UdpReplay({ findings: this.#findings, userIdBytesMax, messageBytesMax });
    const admission: AdmissionOptions = {
      port: options.port,
      userIdBytesMax: options.userIdBytesMax,
      isKnownServer: ({ address, port }) => this.#servers.has(endpointText(address, port)),
    };
    this.#watching = {
      admission,
      converse: (info, admitted) => this.#converse(info, admitted),
      ended: (flow, how, timeMicros) => this.#ended(flow, how, timeMicros),
    };
    this.#flows = new TcpFlows((info) => new WatchedFlow(info, this.#watching));
  }

  onHeader({ linkType }: { readonly linkType: number }): string | undefined {
    this.#linkType = linkType;
    if (linkTypeName(linkType) !== undefined) return undefined;
    return `link type ${linkType} cannot be read; what can is ${linkTypesText()}`;
  }

  onPacket({ number, timeMicros, bytes }: { number: number; timeMicros: number; bytes: Buffer }): void {
    this.#lastMicros = Math.max(this.#lastMicros, timeMicros);
    let skip = readSegment(this.#linkType, bytes, this.#segment);
    if (skip === undefined) {
      this.#flows.segment(this.#segment, number, timeMicros);
      return;
    }
    if (skip === 'not TCP') skip = readDatagram(this.#linkType, bytes, this.#segment);
    if (skip === undefined) this.#udp.datagram(this.#segment, number, timeMicros);
    else this.#skipped.set(skip, (this.#skipped.get(skip) ?? 0) + 1);
  }

  /** Ends what is still open and gives the whole report. */
  report(file: string, { fault, header, packets }: ReadResult): ReplayReport {
    this.#flows.finish(this.#lastMicros);
    const udp = this.#udp.report();
    const { violations, violationCount, warnings, warningCount } = this.#findings;
    const byPacket = (a: { packet: number }, b: { packet: number }): number => a.packet - b.packet;
    return {
      file,
      complete: fault === undefined,
      readFault: fault ?? null,
      linkType: header === undefined ? null : (linkTypeName(header.linkType) ?? `link type ${header.linkType}`),
      connections: this.#connections.sort((a, b) => a.number - b.number),
      udp,
      totals: {
        connections: this.#number,
        otherConnections: this.#otherConnections,
        packets,
        skippedPackets: Object.fromEntries(this.#skipped),
        messages: this.#messages,
        bytes: this.#bytes,
        undecodedBytes: this.#undecodedBytes,
        violationCount,
        violations: violations.sort(byPacket),
        warningCount,
        warnings: warnings.sort(byPacket),
      },
    };
  }

  #converse(
    info: FlowInfo,
    admitted: Parameters<WatchedFlowOptions['converse']>[1],
  ): ReturnType<WatchedFlowOptions['converse']> {
    this.#number += 1;
    const number = this.#number;
    this.#numbers.set(info, number);
    const { address, port } = info.endpoints[admitted.serverSide];
    const server = endpointText(address, port);
    let neighbours = this.#servers.get(server);
    if (neighbours === undefined) this.#servers.set(server, (neighbours = new Neighbours()));
    const { userIdBytesMax } = admitted;
    const { heartbeatSpanSecs } = this.#options;
    return {
      userIdBytesMax,
      messageBytesMax: this.#options.messageBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT,
      expectations: heartbeatSpanSecs === undefined ? {} : { heartbeatSpanSecs },
      neighbours,
      found: (rule, sentence, place, evidence) =>
        this.#findings.add(rule, sentence, place, evidence, { number, userIdBytesMax }),
    };
  }

  #ended(flow: WatchedFlow, how: FlowEnd, timeMicros: number): void {
    const { conversation } = flow;
    if (conversation === undefined) {
      this.#otherConnections += 1;
      return;
    }
    const summary = summarize(flow, conversation, this.#numbers.get(flow.info)!, how, timeMicros);
    for (const side of [summary.client, summary.server]) {
      this.#messages += side.messages;
      this.#bytes += side.bytes;
      this.#undecodedBytes += side.undecodedBytes;
    }
    if (this.#connections.length < LISTED_CONNECTIONS_MAX) this.#connections.push(summary);
  }
}
