/** A scripted TCP connection of the protocol as packets: `aSession().logon('alice').client({...}).server({...}).report()`. */
import { codecs, encodeFrame, type Codec } from '../../impl/wire/index.ts';
import { bodyOf, MessageType } from '../../spec/grammar/index.ts';
import { readSlices } from '../../scenarios/replay/pcap-reader.ts';
import { Replay, type ReplayOptions } from '../../scenarios/replay/replay.ts';
import type { ReplayReport } from '../../scenarios/replay/report-model.ts';
import { FLAG, ipPacket, pcapFile, START_MICROS, withLink, type PcapShape, type RawPacket } from './pcap-writer.ts';

export type Said = {
  readonly type: number;
  readonly id: number;
  readonly source?: string;
  readonly dest?: string;
  readonly clientType?: number;
  /** The body as value of its contract. */
  readonly value?: unknown;
  /** The body as bytes, instead of a value. */
  readonly body?: Uint8Array;
};

/** Bytes of one message. */
export function frameOf(said: Said, isFromServer: boolean, userIdBytesMax = 11): Buffer {
  const { type, id, source = isFromServer ? '_0' : 'alice', dest = isFromServer ? 'alice' : '' } = said;
  const clientType = said.clientType ?? (isFromServer && (source === '_0' || source === '') ? 8 : 0);
  const contract = bodyOf(type, isFromServer)?.contract;
  const body =
    said.body ??
    (said.value === undefined || contract === undefined
      ? null
      : (codecs[contract] as Codec<unknown>).encode(said.value));
  const header = { clientType, messageType: type, messageId: id, sourceId: source, destId: dest };
  return Buffer.from(encodeFrame(header, body, userIdBytesMax));
}

const LOGON_VALUE = { AuthorizedUser: 'FreeUser', Password: 'secret', SystemToken: null, Version: 6 };

/** The body of an answer to a logon. */
export function logonReply(LogonResult: number): unknown {
  return { FailureCause: null, GroupRelationEnabled: false, LogonResult, P2PEnabled: false, UseAsP2PServer: false };
}

/** Several connections in one capture share a timeline. */
export class Timeline {
  readonly packets: RawPacket[] = [];
  micros = START_MICROS;

  /** Lets time pass. */
  wait(seconds: number): this {
    this.micros += seconds * 1_000_000;
    return this;
  }

  /** Judges what was put down; `cutBytes` are missing at the end of the file. */
  async report(options: ReplayOptions = {}, shape: PcapShape = {}, cutBytes = 0): Promise<ReplayReport> {
    const replay = new Replay(options);
    const whole = pcapFile(this.packets, shape);
    const file = whole.subarray(0, whole.length - cutBytes);
    return replay.report('test.pcap', await readSlices(oneSlice(file), file.length, replay));
  }
}

async function* oneSlice(file: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(file);
}

export type SessionShape = {
  readonly clientPort?: number;
  readonly serverPort?: number;
  readonly userIdBytesMax?: number;
  readonly user?: string;
  readonly linkType?: number;
  readonly vlans?: number;
  readonly firstSequence?: number;
  readonly addresses?: readonly [client: string, server: string];
};

export class Session {
  readonly timeline: Timeline;
  readonly user: string;
  readonly #shape: SessionShape;
  readonly #client: { address: string; port: number };
  readonly #server: { address: string; port: number };
  /** Next sequence number of client and server. */
  readonly sequence: { client: number; server: number };

  constructor(timeline: Timeline, shape: SessionShape = {}) {
    this.timeline = timeline;
    this.#shape = shape;
    this.user = shape.user ?? 'alice';
    const [client, server] = shape.addresses ?? ['10.0.0.2', '10.0.0.1'];
    this.#client = { address: client, port: shape.clientPort ?? 50_001 };
    this.#server = { address: server, port: shape.serverPort ?? 4_530 };
    const first = shape.firstSequence ?? 1_000;
    this.sequence = { client: first, server: first + 5_000 };
  }

  /** One TCP segment exactly as told; nothing is counted up. */
  segment(side: 'client' | 'server', flags: number, payload: Uint8Array, sequence: number): this {
    const from = side === 'client' ? this.#client : this.#server;
    const to = side === 'client' ? this.#server : this.#client;
    const acknowledgement = this.sequence[side === 'client' ? 'server' : 'client'];
    const ip = ipPacket({ from, to, sequence, acknowledgement, flags, payload });
    const bytes = withLink(ip, this.#shape.linkType ?? 1, this.#shape.vlans);
    this.timeline.packets.push({ timeMicros: this.timeline.micros, bytes });
    this.timeline.micros += 1_000;
    return this;
  }

  #say(side: 'client' | 'server', flags: number, payload: Uint8Array): this {
    this.segment(side, flags, payload, this.sequence[side]);
    this.sequence[side] = (this.sequence[side] + payload.length) >>> 0;
    return this;
  }

  /** The handshake. */
  open(): this {
    this.segment('client', FLAG.syn, new Uint8Array(0), this.sequence.client);
    this.sequence.client = (this.sequence.client + 1) >>> 0;
    this.segment('server', FLAG.syn | FLAG.ack, new Uint8Array(0), this.sequence.server);
    this.sequence.server = (this.sequence.server + 1) >>> 0;
    return this.segment('client', FLAG.ack, new Uint8Array(0), this.sequence.client);
  }

  clientBytes(bytes: Uint8Array): this {
    return this.#say('client', FLAG.push | FLAG.ack, bytes);
  }

  serverBytes(bytes: Uint8Array): this {
    return this.#say('server', FLAG.push | FLAG.ack, bytes);
  }

  client(said: Said): this {
    return this.clientBytes(frameOf({ source: this.user, ...said }, false, this.#shape.userIdBytesMax));
  }

  server(said: Said): this {
    return this.serverBytes(frameOf({ dest: this.user, ...said }, true, this.#shape.userIdBytesMax));
  }

  /** Handshake and a logon that is answered with `result`; the ids 1. */
  logon(result = 0): this {
    this.open();
    this.client({ type: MessageType.Logon, id: 1, value: LOGON_VALUE });
    return this.server({ type: MessageType.Logon, id: 1, value: logonReply(result) });
  }

  logonRequest(said: Partial<Said> = {}): this {
    return this.client({ type: MessageType.Logon, id: 1, value: LOGON_VALUE, ...said });
  }

  wait(seconds: number): this {
    this.timeline.wait(seconds);
    return this;
  }

  fin(side: 'client' | 'server'): this {
    this.segment(side, FLAG.fin | FLAG.ack, new Uint8Array(0), this.sequence[side]);
    this.sequence[side] = (this.sequence[side] + 1) >>> 0;
    return this;
  }

  reset(side: 'client' | 'server'): this {
    return this.segment(side, FLAG.rst | FLAG.ack, new Uint8Array(0), this.sequence[side]);
  }

  /** FIN of both sides, the given one first. */
  close(first: 'client' | 'server' = 'client'): this {
    return this.fin(first).fin(first === 'client' ? 'server' : 'client');
  }

  async report(options: ReplayOptions = {}): Promise<ReplayReport> {
    return this.timeline.report(options, { linkType: this.#shape.linkType ?? 1 });
  }
}

/** A connection on a timeline of its own. */
export function aSession(shape: SessionShape = {}): Session {
  return new Session(new Timeline(), shape);
}
