/**
 * What either end does with messages that are meant for it: information, queries, ACKs, blobs, pings and their answers.
 *
 * A table from message type to receiver. A receiver decodes first; a body that does not fit ends the connection. Forwarding
 * and the server's own requests are elsewhere (`server/forward.ts`, `server/basic-answers.ts`).
 */
import { SERVER_ID } from '../../spec/limits.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import type { ContractOf } from '../../spec/grammar/index.ts';
import { codecs } from '../wire/index.ts';
import type { FrameView } from '../wire/index.ts';
import { callHandleInformation, callHandleQuery } from './call-handler.ts';
import { decodeNullableOrViolate, decodeOrViolate } from './decode-body.ts';
import { FILE_RECEIVERS } from './files/receive-files.ts';
import { receiveBlobFragment } from './receive-blob.ts';
import type { Peer } from './peer.ts';

export type Receiver<Of extends Peer = Peer> = (peer: Of, frame: FrameView) => void;

const { BinaryInformationContract, PingContract } = codecs;

/** The destination id for an answer to this sender. */
function destIdOf(sender: string): string {
  return sender === SERVER_ID ? '' : sender;
}

function receiveInformation(peer: Peer, frame: FrameView): void {
  const information = decodeOrViolate(peer, frame, BinaryInformationContract);
  if (information === undefined) return;
  const { InformationType, Content } = information;
  const sender = peer.senderOf(frame);
  peer.noteInformation(InformationType, Content);
  if (peer.isOpen) callHandleInformation(peer, sender, InformationType, Content);
}

/** ACK-002: the ACK leaves before any application code sees the information. */
function receiveInformationNeedAck(peer: Peer, frame: FrameView): void {
  const information = decodeOrViolate(peer, frame, BinaryInformationContract);
  if (information === undefined) return;
  const { InformationType, Content } = information;
  const sender = peer.senderOf(frame);
  peer.post({ messageType: MessageType.Ack, messageId: frame.messageId, destId: destIdOf(sender) }, null, null);
  peer.noteInformation(InformationType, Content);
  if (peer.isOpen) callHandleInformation(peer, sender, InformationType, Content);
}

function receiveRequest(peer: Peer, frame: FrameView): void {
  const query = decodeOrViolate(peer, frame, BinaryInformationContract);
  if (query === undefined) return;
  const { messageId } = frame;
  const sender = peer.senderOf(frame);
  peer.noteInformation(query.InformationType, query.Content);
  if (peer.isOpen) callHandleQuery(peer, { sender, messageId, query });
}

function receiveResponse(peer: Peer, frame: FrameView): void {
  const answer = decodeNullableOrViolate(peer, frame, BinaryInformationContract);
  if (answer !== undefined) settle(peer, frame, answer);
}

function receiveAck(peer: Peer, frame: FrameView): void {
  settle(peer, frame, null);
}

/** BAS-012: a ping for us is answered with the same id and body. */
function receivePing(peer: Peer, frame: FrameView): void {
  const ping: ContractOf<'PingContract'> | undefined = decodeOrViolate(peer, frame, PingContract);
  if (ping === undefined) return;
  const destId = destIdOf(peer.senderOf(frame));
  peer.postByServer({ messageType: MessageType.PingAck, messageId: frame.messageId, destId }, PingContract, ping);
}

function receivePingAck(peer: Peer, frame: FrameView): void {
  const ping = decodeOrViolate(peer, frame, PingContract);
  if (ping !== undefined) settle(peer, frame, ping);
}

/** An answer, by id and by who sent it (QRY-007, QRY-011). */
export function settle(peer: Peer, frame: FrameView, body: unknown): void {
  const { messageId, messageType } = frame;
  peer.requests.handleReply({ messageId, messageType, from: peer.senderOf(frame) }, body);
}

/** Receivers by message type, for what both ends receive. */
export const RECEIVERS: ReadonlyMap<number, Receiver> = new Map<number, Receiver>([
  [MessageType.PingByServer, receivePing],
  [MessageType.PingAck, receivePingAck],
  [MessageType.InformationByPost, receiveInformation],
  [MessageType.InformationBySend, receiveInformation],
  [MessageType.Request, receiveRequest],
  [MessageType.Response, receiveResponse],
  [MessageType.InformationNeedAck, receiveInformationNeedAck],
  [MessageType.Ack, receiveAck],
  [MessageType.BlobInformation, receiveBlobFragment],
  [MessageType.BlobByRapidEngine, receiveBlobFragment],
  ...FILE_RECEIVERS,
]);

/** Receivers as an array by message type: the form that dispatch uses. Gaps are types nobody knows (FRM-008). */
export function dispatchTable<Of extends Peer>(
  receivers: Iterable<readonly [number, Receiver<Of>]>,
): readonly (Receiver<Of> | undefined)[] {
  const entries = [...receivers];
  const length = 1 + Math.max(...entries.map(([type]) => type));
  const table = new Array<Receiver<Of> | undefined>(length).fill(undefined);
  for (const [type, receiver] of entries) table[type] = receiver;
  return table;
}
