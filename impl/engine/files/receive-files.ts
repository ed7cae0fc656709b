/** Messages of the file room that are meant for this end: decoded, then handed to the engine's transfers (chapter 19). */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec } from '../../wire/index.ts';
import { decodeOrViolate } from '../decode-body.ts';
import type { Peer } from '../peer.ts';
import type { Receiver } from '../receive.ts';
import type { FileTransfers } from './file-transfers.ts';

type Taker<Value> = (files: FileTransfers, from: string, value: Value, peer: Peer) => void;

const receiver =
  <Value>(codec: Codec<Value>, take: Taker<Value>): Receiver =>
  (peer, frame) => {
    const value = decodeOrViolate(peer, frame, codec);
    if (value !== undefined) take(peer.world.files, peer.senderOf(frame), value, peer);
  };

/** By message type, for both ends. */
export const FILE_RECEIVERS: ReadonlyMap<number, Receiver> = new Map<number, Receiver>([
  [
    MessageType.BeginSendFile,
    receiver(codecs.BeginSendFileContract, (files, from, value) => files.handleRequest(from, value)),
  ],
  [
    MessageType.RejectOrAcceptFile,
    receiver(codecs.RejectOrAcceptFileContract, (files, from, value) => files.handleAnswer(from, value)),
  ],
  [
    MessageType.FilePackageData,
    receiver(codecs.FilePackage, (files, from, value, peer) =>
      files.handlePackage(from, value, peer.protocol ?? 'server'),
    ),
  ],
  [
    MessageType.CancelFileSending,
    receiver(codecs.CancelFileContract, (files, from, value) => files.handleCancel(from, value, true)),
  ],
  [
    MessageType.CancelFileReceiving,
    receiver(codecs.CancelFileContract, (files, from, value) => files.handleCancel(from, value, false)),
  ],
  [
    MessageType.SingleFileRevFinishedNotify,
    receiver(codecs.SingleFileNotifyContract, (files, from, value) => files.handleConfirmed(from, value)),
  ],
]);

/** FIL-030: a client believes it of the server only. */
export const receivePartnerOffline: Receiver = (peer, frame) => {
  const value = decodeOrViolate(peer, frame, codecs.FilePartnerContract);
  if (value !== undefined && frame.sourceIsServer()) peer.world.files.handlePartnerOffline(value.UserID ?? '');
};
