/** The sending side of blobs and of sendMessage, the same for client and server (BLB-001, ENG-001, ENG-015). */
import { BLOB_ID_SINGLE } from '../../spec/limits.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import type { FragmentToSend } from '../core/blob-sending.ts';
import { codecs } from '../wire/index.ts';
import type { FrameLimits } from '../wire/index.ts';
import { checkInfo, checkInformationType, checkText } from './arguments.ts';
import { checkFragmentSize } from './blob-channel.ts';
import type { BlobChannel, BlobRequest } from './blob-channel.ts';
import type { Peer } from './peer.ts';
import type { Requests } from './requests.ts';

/** Where a blob goes. */
export type BlobTarget = {
  readonly destId: string;
  readonly limits: FrameLimits;
  readonly requests: Requests;
  readonly blobs: () => BlobChannel;
  readonly post: Peer['post'];
};

const EMPTY = new Uint8Array(0);

/** Sends one fragment, of a blob or of a broadcast blob (BLB-001, CON-030). */
export function postFragment(
  peer: Pick<Peer, 'post' | 'requests'>,
  of: Pick<BlobRequest, 'messageType' | 'destId' | 'informationType'> & { readonly groupID: string | undefined },
  fragment: FragmentToSend<unknown>,
): void {
  const outgoing = { messageType: of.messageType, messageId: peer.requests.nextId(), destId: of.destId };
  const body = {
    BlobID: fragment.blobId,
    Fragment: fragment.bytes,
    FragmentIndex: fragment.index,
    InformationType: of.informationType,
    IsLast: fragment.isLast,
  };
  if (of.groupID === undefined) peer.post(outgoing, codecs.BlobFragmentContract, body);
  else peer.post(outgoing, codecs.BroadcastBlobContract, { ...body, GroupID: of.groupID });
}

/** The arguments of a blob, checked. @throws LocalProtocolError `E_ARGUMENT` (BLB-003) */
export function checkBlob(
  informationType: number,
  blob: Uint8Array | null,
  fragmentSize: number,
  limits: FrameLimits,
): Uint8Array {
  checkInformationType(informationType);
  checkFragmentSize(fragmentSize, limits);
  return checkInfo(blob) ?? EMPTY;
}

/** Sends a blob in fragments; resolves when the last one has left (BLB-009). */
export function sendBlobTo(
  target: BlobTarget,
  informationType: number,
  blob: Uint8Array | null,
  fragmentSize: number,
): Promise<void> {
  const bytes = checkBlob(informationType, blob, fragmentSize, target.limits);
  return target.blobs().send({
    messageType: MessageType.BlobInformation,
    destId: target.destId,
    informationType,
    bytes,
    fragmentSizeBytes: fragmentSize,
  });
}

export type TaggedMessage = {
  readonly informationType: number;
  readonly message: Uint8Array | null;
  readonly tag: string | null;
  readonly fragmentSize: number | undefined;
};

/** The arguments of sendMessage, checked and encoded. @throws LocalProtocolError `E_ARGUMENT` */
export function encodeTaggedMessage(message: TaggedMessage, limits: FrameLimits): Uint8Array {
  checkInformationType(message.informationType);
  if (message.fragmentSize !== undefined) checkFragmentSize(message.fragmentSize, limits);
  return codecs.BlobAndTagContract.encode({
    Message: checkInfo(message.message),
    Tag: checkText('the tag', message.tag),
  });
}

/** Sends a message with its tag, in one piece or in fragments. @throws LocalProtocolError `E_MESSAGE_SIZE` */
export function sendTaggedMessageTo(target: BlobTarget, message: TaggedMessage): Promise<void> {
  const bytes = encodeTaggedMessage(message, target.limits);
  const { informationType, fragmentSize } = message;
  const messageType = MessageType.BlobByRapidEngine;
  if (fragmentSize !== undefined) {
    return target
      .blobs()
      .send({ messageType, destId: target.destId, informationType, bytes, fragmentSizeBytes: fragmentSize });
  }
  const blobs = target.blobs();
  target.post(
    { messageType, messageId: target.requests.nextId(), destId: target.destId },
    codecs.BlobFragmentContract,
    {
      BlobID: BLOB_ID_SINGLE,
      Fragment: bytes,
      FragmentIndex: 0,
      InformationType: informationType,
      IsLast: true,
    },
  );
  return blobs.waitUntilSent();
}
