/**
 * The connections of reliable UDP of a capture: datagrams to connections by token and tag, whichever way they take.
 *
 * Judges handshake, tokens, identities and tags; what a side sends afterwards is `rudp-side.ts`. Only connections whose Syn
 * was captured are put together. Drive: `datagram(...)` for each, with the tokens its flow has shown.
 */
import type { RudpReading } from '../attach/rudp-datagrams.ts';
import { RUDP_VERSION } from '../../spec/grammar/rudp-datagrams.ts';
import { RudpSide } from './rudp-side.ts';
import type { UdpFound, UdpPlace } from './udp-rules.ts';

/** Connections remembered; the oldest are forgotten. */
const CONNECTIONS_MAX = 4_096;

/** Hears of the messages of one connection: which side sent, and whether the other side may see more. */
export type ChannelSink = (side: 0 | 1, message: Uint8Array, at: UdpPlace) => void;

/** What the flow of a datagram has shown: tokens of its probes and its Syns. */
export type FlowTokens = { readonly probed: ReadonlySet<bigint>; readonly begun: Set<bigint> };

/** One connection. */
export class RudpConnection {
  readonly sides: RudpSide[] = [];
  /** Where the datagram at hand lies. */
  at: UdpPlace | undefined;

  /** The side of this identity, if any. */
  side(identity: number): RudpSide | undefined {
    return this.sides.find((each) => each.identity === identity);
  }
}

export type RudpWatchOptions = {
  readonly messageBytesMax: number;
  readonly found: UdpFound;
  /** A connection begins; what comes back hears of its messages. */
  converse(connection: RudpConnection): ChannelSink;
};

/** All connections of a capture. */
export class RudpWatch {
  readonly #options: RudpWatchOptions;
  readonly #byToken = new Map<bigint, { readonly connection: RudpConnection; readonly sink: ChannelSink }>();
  readonly #byIdentity = new Map<number, RudpConnection>();

  constructor(options: RudpWatchOptions) {
    this.#options = options;
  }

  /** One datagram. Gives the side that sent it when it belongs to a connection, for its counts. */
  datagram(reading: RudpReading, bytes: Uint8Array, tokens: FlowTokens, at: UdpPlace): RudpSide | undefined {
    if (reading.token !== undefined && !this.#knowsToken(reading, reading.token, tokens, at)) return undefined;
    const isHandshake = reading.name === 'Syn' || reading.name === 'SynAck' || reading.name === 'Confirm';
    return isHandshake ? this.#handshake(reading, reading.token!, at) : this.#tagged(reading, bytes, tokens, at);
  }

  #knowsToken({ name }: RudpReading, token: bigint, { probed, begun }: FlowTokens, at: UdpPlace): boolean {
    const { found } = this.#options;
    if (name === 'Syn') {
      begun.add(token);
      if (probed.size === 0 || probed.has(token)) return true;
      found('rudp-token', `token ${hex(token)} of the Syn is that of no probe on this way`, at);
      return false;
    }
    if (this.#byToken.has(token)) return true;
    if (begun.size > 0) found('rudp-token', `token ${hex(token)} of the ${name} is that of no Syn before it`, at);
    return false;
  }

  #handshake(reading: RudpReading, token: bigint, at: UdpPlace): RudpSide | undefined {
    const { found } = this.#options;
    const { name, numbers } = reading;
    const { version, identity, echo, limit } = numbers as Record<'version' | 'identity' | 'echo' | 'limit', number>;
    if (version !== RUDP_VERSION) {
      found('rudp-version', `the ${name} has version ${version}`, at);
      return undefined;
    }
    if (identity === 0) {
      found('rudp-identity-not-zero', `the ${name} has identity 0`, at);
      return undefined;
    }
    if (name === 'Syn' && echo !== 0) found('rudp-echo', `the Syn has echo ${hex(echo)}, not 0`, at);
    let { connection } = this.#byToken.get(token) ?? this.#begin(token);
    let side = connection.side(identity);
    if (side === undefined) {
      const same = connection.sides.find(({ endpoint }) => endpoint === at.from);
      if (same !== undefined && name !== 'Syn') {
        const was = `it was ${hex(same.identity)} before`;
        found('rudp-identity-stays', `the ${name} of ${at.from} has identity ${hex(identity)}, ${was}`, at);
        return undefined;
      }
      if (same !== undefined || connection.sides.length === 2) ({ connection } = this.#begin(token));
      side = this.#join(connection, this.#byToken.get(token)!.sink, identity, at);
    }
    side.limit = Math.max(side.limit, limit);
    if (name === 'Syn') return side;
    const other = connection.sides.find((each) => each !== side);
    if (other?.identity !== echo) {
      const known = other === undefined ? 'the other side has told none' : `the other side is ${hex(other.identity)}`;
      found('rudp-echo', `the ${name} has echo ${hex(echo)}, but ${known}`, at);
    } else other.mayOpen = true;
    return side;
  }

  #tagged(reading: RudpReading, bytes: Uint8Array, tokens: FlowTokens, at: UdpPlace): RudpSide | undefined {
    const { found } = this.#options;
    const tag = reading.numbers.tag!;
    const connection = this.#byIdentity.get(tag);
    if (connection === undefined) {
      if (tokens.begun.size > 0) found('rudp-tag', `tag ${hex(tag)} of the ${reading.name} is nobody's identity`, at);
      return undefined;
    }
    const receiver = connection.side(tag)!;
    const sender = connection.sides.find((each) => each !== receiver);
    if (reading.name === 'Abort') return sender;
    if (sender?.mayOpen !== true) {
      found('rudp-open-before-data', `a ${reading.name} comes before the handshake is done`, at);
      if (sender === undefined) return undefined;
    }
    receiver.mayOpen = true;
    connection.at = at;
    if (reading.name === 'Ack') {
      sender.limit = Math.max(sender.limit, reading.numbers.limit!);
      receiver.acked(reading, at);
    } else if (sender.numbered(reading, bytes, at)) {
      if (reading.name === 'Data') sender.data(reading, receiver.limit, at);
      else if (reading.name === 'Fin') sender.fin(reading, at);
    }
    return sender;
  }

  #begin(token: bigint): { readonly connection: RudpConnection; readonly sink: ChannelSink } {
    const connection = new RudpConnection();
    const entry = { connection, sink: this.#options.converse(connection) };
    this.#byToken.delete(token);
    this.#byToken.set(token, entry);
    if (this.#byToken.size > CONNECTIONS_MAX) {
      const [oldest, { connection: gone }] = this.#byToken.entries().next().value!;
      this.#byToken.delete(oldest);
      for (const { identity } of gone.sides) this.#byIdentity.delete(identity);
    }
    return entry;
  }

  #join(connection: RudpConnection, sink: ChannelSink, identity: number, at: UdpPlace): RudpSide {
    const index = connection.sides.length as 0 | 1;
    const { messageBytesMax, found } = this.#options;
    const hear = (message: Uint8Array): void => sink(index, message, connection.at!);
    const side = new RudpSide(identity, at.from, messageBytesMax, hear, found);
    connection.sides.push(side);
    this.#byIdentity.set(identity, connection);
    return side;
  }
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
