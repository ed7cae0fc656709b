/** A message of a user that reached nobody although it had left for another server: told as one that found nobody here (CLU-032). */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs, FrameDecoder } from '../../wire/index.ts';
import type { FrameView } from '../../wire/index.ts';
import type { ServerContext } from '../server/server-context.ts';

/** The messages whose failure is told; the same as on a single server (CUS-006). */
const TOLD: readonly number[] = [
  MessageType.InformationByPost,
  MessageType.InformationBySend,
  MessageType.Request,
  MessageType.InformationNeedAck,
];

/** Raises transmitFailed for an information of a user; anything else is dropped. */
export function reportUndelivered(context: ServerContext, message: Uint8Array): void {
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
