/** Fragments that are meant for this end: put together, then handed on as information or as a message (BLB-004, ENG-016). */
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs } from '../wire/index.ts';
import type { FrameView } from '../wire/index.ts';
import { callHandleInformation, callInOrder, sourceOf } from './call-handler.ts';
import { decodeOrViolate } from './decode-body.ts';
import type { Peer } from './peer.ts';

const EMPTY = new Uint8Array(0);

/** Takes one fragment of either blob type. */
export function receiveBlobFragment(peer: Peer, frame: FrameView): void {
  const fragment = decodeOrViolate(peer, frame, codecs.BlobFragmentContract);
  if (fragment === undefined) return;
  const { messageType } = frame;
  const sender = peer.senderOf(frame);
  const outcome = peer.assembly().handleFragment(sender, {
    blobId: fragment.BlobID,
    index: fragment.FragmentIndex,
    isLast: fragment.IsLast,
    messageType,
    bytes: fragment.Fragment ?? EMPTY,
  });
  if (outcome.kind === 'dropped') peer.world.platform.log('warn', outcome.why);
  if (outcome.kind !== 'whole') return;
  if (messageType === MessageType.BlobInformation) {
    callHandleInformation(peer, sender, fragment.InformationType, outcome.content);
  } else deliverMessage(peer, sender, fragment.InformationType, outcome.content);
}

function deliverMessage(peer: Peer, sender: string, informationType: number, content: Uint8Array): void {
  const decoded = codecs.BlobAndTagContract.decode(content);
  if (!decoded.ok) {
    // The message itself was valid; what another user put into it must not cost us our connection (SEC-012).
    peer.world.platform.log('warn', `a message of ${sender} is no BlobAndTagContract: ${decoded.error.detail}`);
    return;
  }
  const { Message, Tag } = decoded.value;
  callInOrder(peer, content.length, () =>
    peer.world.messageReceived.raise(sourceOf(sender), informationType, Message, Tag),
  );
}
