/**
 * ICMP echo, "ping", of both families (RFC 792, RFC 4443 section 4): hosts answer requests by themselves, and `host.echo.ping`
 * asks. The identifier stands where other protocols have the asking end's port, so that NATs translate it like one (RFC 5508
 * section 3.1).
 */
import { formatAddress, parseAddress } from './address.ts';
import type { Address } from './address.ts';
import { usageError } from './errors.ts';
import { ICMP_HEADER_BYTES, PROTOCOL, createPacket, hashBytes } from './packet.ts';
import type { Packet, Protocol } from './packet.ts';

/** What the echo side of a host asks of the host. */
type EchoHost = {
  sendPacket(packet: Packet): void;
  sourceAddressFor(destination: Address): Address | undefined;
};

/** RFC 792. */
export const ECHO_TYPE = { reply: 0, request: 8 } as const;
/** RFC 4443 section 4. */
export const ECHO6_TYPE = { reply: 129, request: 128 } as const;

/** What comes back: the reply, or an error about the request, told by type and code of ICMP. */
export type EchoAnswer = {
  readonly kind: 'reply' | 'error';
  readonly from: string;
  readonly sequence: number;
  readonly icmpType: number;
  readonly icmpCode: number;
};

export type PingOptions = {
  readonly identifier: number;
  /** Default 0. */
  readonly sequence?: number;
  /** Default 64; a small one dies on the way, which is how routes are traced. */
  readonly timeToLive?: number;
  /** Default 56, as of the usual programs. */
  readonly payloadBytes?: number;
  readonly onAnswer: (answer: EchoAnswer) => void;
};

/** Whether somebody asks. */
export function isEchoRequest(packet: Readonly<Packet>): boolean {
  return isEcho(packet, 'request');
}

/** Whether somebody answers. */
export function isEchoReply(packet: Readonly<Packet>): boolean {
  return isEcho(packet, 'reply');
}

function isEcho({ protocol, quoted, icmpType }: Readonly<Packet>, word: 'request' | 'reply'): boolean {
  if (quoted !== undefined) return false;
  if (protocol === PROTOCOL.icmp) return icmpType === ECHO_TYPE[word];
  return protocol === PROTOCOL.icmp6 && icmpType === ECHO6_TYPE[word];
}

/** Protocol and types of the family of an address. */
function formOf(address: Address): readonly [Protocol, typeof ECHO_TYPE | typeof ECHO6_TYPE] {
  return typeof address === 'number' ? [PROTOCOL.icmp, ECHO_TYPE] : [PROTOCOL.icmp6, ECHO6_TYPE];
}

/** The echo side of one host. */
export class EchoStack {
  readonly #host: EchoHost;
  /** By identifier: who asked last with it. */
  readonly #asking = new Map<number, (answer: EchoAnswer) => void>();

  constructor(host: EchoHost) {
    this.#host = host;
  }

  /** Sends one request. Answers to its identifier go to its `onAnswer` from now on. */
  ping(to: string, options: PingOptions): void {
    const destination = parseAddress(to);
    const source = this.#host.sourceAddressFor(destination);
    if (source === undefined) throw usageError(`cannot ping ${to}; give an address that this host has a way to`);
    const { identifier, sequence = 0, timeToLive = 64, payloadBytes = 56, onAnswer } = options;
    this.#asking.set(identifier, onAnswer);
    const [protocol, { request: type }] = formOf(destination);
    const request = createPacket(protocol, source, identifier, destination, 0, new Uint8Array(payloadBytes));
    request.icmpType = type;
    request.sequence = sequence;
    request.timeToLive = timeToLive;
    this.#send(request);
  }

  /** A request or a reply came. */
  receive(packet: Packet): void {
    if (isEchoReply(packet)) this.#tell(packet.destinationPort, packet, packet.sequence);
    if (!isEchoRequest(packet)) return;
    const { source, sourcePort, destination, payload } = packet;
    const [protocol, { reply: type }] = formOf(source);
    const reply = createPacket(protocol, destination, 0, source, sourcePort, payload);
    reply.icmpType = type;
    reply.sequence = packet.sequence;
    this.#send(reply);
  }

  /** An error about one of our requests came. */
  receiveError(error: Packet, quoted: Packet): void {
    if (isEchoRequest(quoted)) this.#tell(quoted.sourcePort, error, quoted.sequence);
  }

  /** Forgets who asked, as a crash does. */
  reset(): void {
    this.#asking.clear();
  }

  #tell(identifier: number, { source, icmpType, icmpCode, quoted }: Packet, sequence: number): void {
    const kind = quoted === undefined ? 'reply' : 'error';
    this.#asking.get(identifier)?.({ kind, from: formatAddress(source), sequence, icmpType, icmpCode });
  }

  #send(packet: Packet): void {
    packet.sizeBytes += ICMP_HEADER_BYTES;
    packet.payloadHash = hashBytes(packet.payload);
    this.#host.sendPacket(packet);
  }
}
