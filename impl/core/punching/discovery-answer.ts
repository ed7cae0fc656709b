/**
 * The P2P server's answer to one request, over UDP or TCP (P2P-003 to P2P-006). Pure: a request in, an answer out.
 *
 * It keeps nothing about anybody; sockets are `engine/p2p/p2p-server.ts`.
 */
import { ClientType } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { P2P_DISCOVER_PADDING_BYTES, SERVER_ID, headerBytes } from '../../../spec/limits.ts';
import type { Endpoint } from '../../../spec/platform.ts';
import { FrameDecoder, codecs, decodePunchingDatagram, encodeDiscover, encodeMessage } from '../../wire/index.ts';
import type { FrameLimits, FrameView } from '../../wire/index.ts';

export type AnswerOptions = {
  readonly limits: FrameLimits;
  /** What the answer names as the other port; 0 for none. */
  readonly secondPort: number;
};

/** The answer to a datagram from `from`; undefined: it is ignored (P2P-004). */
export function answerDatagram(bytes: Uint8Array, from: Endpoint, options: AnswerOptions): Uint8Array | undefined {
  const datagram = decodePunchingDatagram(bytes);
  if (datagram?.kind !== 'DiscoverRequest') return undefined;
  const { limits } = options;
  const messageBytes = headerBytes(limits.userIdBytesMax);
  // P2P-004: another length comes of another N, and a shorter request could be outweighed by its answer.
  if (datagram.message.length !== messageBytes + P2P_DISCOVER_PADDING_BYTES) return undefined;
  if (datagram.message.subarray(messageBytes).some((byte) => byte !== 0)) return undefined;
  const request = datagram.message.subarray(0, messageBytes);
  let answer: Uint8Array | undefined;
  const error = new FrameDecoder(limits).push(request, (frame) => {
    answer = answerMessage(frame, from, options);
  });
  if (error !== undefined || answer === undefined) return undefined;
  return encodeDiscover('DiscoverResponse', answer, 0);
}

/** The reply to a message GetMyPublicIPE; undefined for any other. */
export function answerMessage(frame: FrameView, from: Endpoint, options: AnswerOptions): Uint8Array | undefined {
  if (frame.messageType !== MessageType.GetMyPublicIPE || frame.bodyLength !== 0) return undefined;
  const header = {
    clientType: ClientType.Others,
    messageType: MessageType.GetMyPublicIPE,
    messageId: frame.messageId,
    sourceId: options.limits.userIdBytesMax < SERVER_ID.length ? '' : SERVER_ID,
    destId: frame.sourceId(),
  };
  const value = { IP: from.address, PublicPort: from.port, SecondPort: options.secondPort };
  return encodeMessage(header, codecs.PublicIPEResponseContract, value, options.limits).slice();
}
