/** The asking side of queries and of information with ACK, the same for client and server (QRY-001, ACK-001). */
import { MessageType } from '../../spec/grammar/index.ts';
import type { ContractOf } from '../../spec/grammar/index.ts';
import { codecs } from '../wire/index.ts';
import { checkInfo, checkInformationType } from './arguments.ts';
import { HandingException } from './errors.ts';
import type { Peer } from './peer.ts';
import type { Requests } from './requests.ts';

/** Who is asked, and over what. */
export type AskTarget = {
  readonly requests: Requests;
  /** Whose answer counts; null: nobody is there, so the wait runs out (QRY-010). */
  readonly asked: string | null;
  /** The name a HandingException gives: `_0` for the server. */
  readonly handlingUserID: string;
  readonly destId: string;
  readonly post: Peer['post'];
};

/** Sends a query and gives the answer's bytes. Rejects as QRY-003, QRY-004, QRY-009 say. */
export function askQuery(
  target: AskTarget,
  informationType: number,
  info: Uint8Array | null,
): Promise<Uint8Array | null> {
  return ask(
    target,
    { messageType: MessageType.Request, expects: MessageType.Response },
    informationType,
    info,
    (body) => {
      if (body === null) throw new HandingException(target.handlingUserID, informationType);
      return (body as ContractOf<'BinaryInformationContract'>).Content;
    },
  );
}

/** Sends an information and waits for its ACK. Rejects as ACK-004 and ACK-008 say. */
export function askForAck(target: AskTarget, informationType: number, info: Uint8Array | null): Promise<void> {
  const types = { messageType: MessageType.InformationNeedAck, expects: MessageType.Ack };
  return ask(target, types, informationType, info, () => undefined);
}

function ask<Answer>(
  target: AskTarget,
  types: { readonly messageType: number; readonly expects: number },
  informationType: number,
  info: Uint8Array | null,
  answer: (body: unknown) => Answer,
): Promise<Answer> {
  checkInformationType(informationType);
  const body = { Content: checkInfo(info), InformationType: informationType };
  return target.requests.ask({
    asked: target.asked,
    expects: types.expects,
    send: (messageId) =>
      target.post(
        { messageType: types.messageType, messageId, destId: target.destId },
        codecs.BinaryInformationContract,
        body,
      ),
    answer,
  });
}
