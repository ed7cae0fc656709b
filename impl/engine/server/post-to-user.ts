/** A message of the server itself to a user, wherever in the cluster the user is (CUS-008, CLU-030). */
import { SERVER_ID } from '../../../spec/limits.ts';
import { encodeFrame, encodeMessage } from '../../wire/index.ts';
import type { Codec } from '../../wire/index.ts';
import { ClientType } from '../enums.ts';
import type { Outgoing } from '../peer.ts';
import type { ServerContext } from './server-context.ts';

/** @returns false when the user is not online. @throws LocalProtocolError as encoding does */
export function postToUser<Value>(
  context: ServerContext,
  outgoing: Outgoing,
  codec: Codec<Value> | null,
  value: Value | null,
): boolean {
  const { messageType, messageId, destId } = outgoing;
  const user = context.users.get(destId);
  if (user !== undefined) {
    user.post(outgoing, codec, value);
    return true;
  }
  const header = { clientType: ClientType.Others, messageType, messageId, sourceId: SERVER_ID, destId };
  const { limits } = context;
  const message =
    codec === null ? encodeFrame(header, null, limits.userIdBytesMax) : encodeMessage(header, codec, value, limits);
  return context.delivery.deliver(destId, message, false) !== 'offline';
}
