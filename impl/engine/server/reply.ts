/** Answers of the server to requests of its users: the request's type and message id (FRM-012, BAS-013). */
import type { Platform } from '../../../spec/platform.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import { describeError } from '../event.ts';
import type { ServerConnection } from './server-connection.ts';

/** Sends one answer; null is an empty one. BAS-013: one that is too large is not sent, and the asker times out. */
export type Reply = <Value>(to: ServerConnection, frame: FrameView, codec: Codec<Value>, value: Value | null) => void;

/** Makes the answering function of a server. */
export function createReply(platform: Platform): Reply {
  return (to, frame, codec, value) => {
    const { messageType, messageId } = frame;
    try {
      to.post({ messageType, messageId, destId: to.userID }, codec, value);
    } catch (error) {
      platform.log('warn', `no answer to type ${messageType} of ${to.userID}: ${describeError(error)} (BAS-013)`);
    }
  };
}
