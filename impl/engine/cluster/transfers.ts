/**
 * Messages between servers: a user's message whole inside one of the platform room, and what becomes of it (CLU-031, CLU-032).
 *
 * The outer header has the ids of the inner one, so that the platform server need not look inside.
 */
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { codecs, encodeMessage, FrameDecoder, readUtf8 } from '../../wire/index.ts';
import type { FrameLimits, FrameView } from '../../wire/index.ts';
import { ClientType } from '../enums.ts';
import type { ServerContext } from '../server/server-context.ts';
import type { PlatformLink } from './platform-link.ts';

type Transfer = ContractOf<'TransferContract'> & { readonly Message: Uint8Array };

/** Where a message has the length of its sender's id (FRM-001). */
const SOURCE_ID_AT = 12;

/** The message that carries another to a user of another server. */
export function encodeTransfer(userID: string, transfer: Transfer, limits: FrameLimits): Uint8Array {
  const { Message } = transfer;
  const sourceAt = SOURCE_ID_AT + 1;
  const header = {
    clientType: ClientType.Others,
    messageType: MessageType.TransferMessage,
    messageId: 0,
    sourceId: readUtf8(Message, sourceAt, sourceAt + Message[SOURCE_ID_AT]!) ?? '',
    destId: userID,
  };
  return encodeMessage(header, codecs.TransferContract, transfer, limits);
}

/** The same on its way back to the server of its sender. */
export function encodeGivenBack(frame: FrameView, value: Transfer, limits: FrameLimits): Uint8Array {
  const { messageId } = frame;
  const ids = { sourceId: frame.sourceId(), destId: frame.destId() };
  const header = { clientType: ClientType.Others, messageType: MessageType.TransferFailed, messageId, ...ids };
  return encodeMessage(header, codecs.TransferContract, value, limits);
}

/**
 * Takes what came over the transfer connection.
 *
 * @param giveBack - Called with what is not for anybody here.
 * @returns false when it breaks the rules
 */
export function receiveTransfer(
  context: ServerContext,
  { frame, link }: { readonly frame: FrameView; readonly link: PlatformLink | undefined },
  giveBack: (value: Transfer) => void,
): boolean {
  const isFailed = frame.messageType === MessageType.TransferFailed;
  if (!isFailed && frame.messageType !== MessageType.TransferMessage) return true;
  const body = codecs.TransferContract.decode(frame.body());
  if (!body.ok || body.value.Message === null) return false;
  const { Message, Session } = body.value;
  if (isFailed) {
    reportUndelivered(context, Message);
    return true;
  }
  const user = context.users.get(frame.destId());
  // Meant for an older logon: by now something newer may have arrived another way (CLU-023).
  if (user?.session === Session) user.forward(Message);
  else giveBack({ Message, Session });
  // A receiver of files that is slower than the cluster slows it down, rather than fill this server's memory.
  if (user !== undefined && link !== undefined) context.fileRelief.noteForwarded(link, user);
  return true;
}

/** The messages whose failure is told; the same as on a single server (CUS-006). */
const TOLD: readonly number[] = [
  MessageType.InformationByPost,
  MessageType.InformationBySend,
  MessageType.Request,
  MessageType.InformationNeedAck,
];

/** Raises transmitFailed for an information of a user; anything else is dropped. */
function reportUndelivered(context: ServerContext, message: Uint8Array): void {
  const { transmitFailed } = context.events;
  if (!transmitFailed.hasHandlers) return;
  const tell = (frame: FrameView): void => {
    if (!TOLD.includes(frame.messageType) || frame.sourceIsServer()) return;
    const body = codecs.BinaryInformationContract.decode(frame.body());
    if (!body.ok) return;
    const { InformationType: informationType, Content: content } = body.value;
    transmitFailed.raise({ sourceID: frame.sourceId(), destID: frame.destId(), informationType, content });
  };
  new FrameDecoder(context.limits).push(message, tell);
}
