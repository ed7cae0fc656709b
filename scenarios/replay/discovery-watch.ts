/** Address discovery on one flow: requests and answers paired by message id (P2P-003, P2P-004). Judges what it sees. */
import { MessageType } from '../../spec/grammar/index.ts';
import {
  P2P_DISCOVER_PADDING_BYTES,
  headerBytes,
  USER_ID_BYTES_LOWEST,
  USER_ID_BYTES_HIGHEST,
} from '../../spec/limits.ts';
import { codecs, FrameDecoder, type FrameView } from '../../impl/wire/index.ts';
import type { UdpFound, UdpPlace } from './udp-rules.ts';

/** Unanswered requests kept. */
const OPEN_MAX = 256;
/** Kind and padding. */
const AROUND_BYTES = 1 + P2P_DISCOVER_PADDING_BYTES;
const MESSAGE_BYTES_MAX = 65_536;

/** N as the length of a request tells it; undefined when no N makes such a length. */
export function userIdBytesOf(requestBytes: number): number | undefined {
  const n = (requestBytes - AROUND_BYTES - headerBytes(0)) / 2;
  return Number.isInteger(n) && n >= USER_ID_BYTES_LOWEST && n <= USER_ID_BYTES_HIGHEST ? n : undefined;
}

type Said = { readonly id: number; readonly type: number; readonly body: Uint8Array; readonly restBytes: Uint8Array };

/** One flow. */
export class DiscoveryWatch {
  readonly #found: UdpFound;
  #userIdBytesMax: number | undefined;
  /** By message id: who asked, and how long the request was. */
  readonly #open = new Map<number, { readonly from: string; readonly sizeBytes: number; readonly packet: number }>();

  constructor(found: UdpFound) {
    this.#found = found;
  }

  /** A DiscoverRequest, kind included. */
  request(bytes: Uint8Array, at: UdpPlace): void {
    const n = userIdBytesOf(bytes.length);
    const said = n === undefined ? undefined : readMessage(bytes.subarray(1), n);
    if (said?.type !== MessageType.GetMyPublicIPE) {
      this.#found(
        'discovery-padding',
        `a request of ${bytes.length} bytes is no GetMyPublicIPE with 64 zeros behind it`,
        at,
      );
      return;
    }
    if (said.restBytes.length !== P2P_DISCOVER_PADDING_BYTES || said.restBytes.some((byte) => byte !== 0)) {
      this.#found('discovery-padding', 'what follows the message is not 64 zeros', at);
    }
    this.#userIdBytesMax = n;
    this.#open.set(said.id, { from: at.from, sizeBytes: bytes.length, packet: at.packet });
    if (this.#open.size > OPEN_MAX) this.#open.delete(this.#open.keys().next().value!);
  }

  /** A DiscoverResponse, kind included. Answers whose requests were not captured are not judged. */
  response(bytes: Uint8Array, at: UdpPlace): void {
    if (this.#userIdBytesMax === undefined) return;
    const said = readMessage(bytes.subarray(1), this.#userIdBytesMax);
    const body = said === undefined ? undefined : codecs.PublicIPEResponseContract.decode(said.body);
    if (said?.type !== MessageType.GetMyPublicIPE || body?.ok !== true) {
      this.#found('discovery-is-a-message', 'the answer holds no reply to GetMyPublicIPE', at);
      return;
    }
    const request = this.#open.get(said.id);
    if (request?.from !== at.to) {
      this.#found('discovery-same-id', `message id ${said.id} is that of no request of ${at.to}`, at);
      return;
    }
    const { IP, PublicPort } = body.value;
    const told = IP?.includes(':') === true ? `[${IP}]:${PublicPort}` : `${IP}:${PublicPort}`;
    if (told !== request.from) {
      this.#found(
        'discovery-says-source',
        `the answer says ${told}; packet ${request.packet} came from ${request.from}`,
        at,
      );
    }
    if (bytes.length > request.sizeBytes) {
      const sizes = `${bytes.length} bytes answer the ${request.sizeBytes} of packet ${request.packet}`;
      this.#found('discovery-not-amplified', `${sizes}; an answer is not longer than its request`, at);
    }
  }
}

function readMessage(bytes: Uint8Array, userIdBytesMax: number): Said | undefined {
  let said: Said | undefined;
  const take = (frame: FrameView): boolean => {
    const sizeBytes = headerBytes(userIdBytesMax) + frame.bodyLength;
    said = { id: frame.messageId, type: frame.messageType, body: frame.body(), restBytes: bytes.subarray(sizeBytes) };
    return false;
  };
  new FrameDecoder({ userIdBytesMax, messageBytesMax: MESSAGE_BYTES_MAX }).push(bytes, take);
  return said;
}
