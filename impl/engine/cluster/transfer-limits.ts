/** Limits of a platform connection: a message of a user, whole, has to fit into one of the platform room (CLU-031). */
import { headerBytes, MESSAGE_BYTES_HIGHEST } from '../../../spec/limits.ts';
import type { FrameLimits } from '../../wire/index.ts';

/** Bytes of a TransferContract besides the message: its length, the message's length, the session. */
const TRANSFER_OVERHEAD_BYTES = 12;

/** Room for tables of users and servers also where messages of users are kept short. Ours. */
const TABLE_BYTES = 1_048_576;

/** @param users - The limits between a server and its users. */
export function transferLimits(users: FrameLimits): FrameLimits {
  const { userIdBytesMax, messageBytesMax } = users;
  const wanted = headerBytes(userIdBytesMax) + TRANSFER_OVERHEAD_BYTES + Math.max(messageBytesMax, TABLE_BYTES);
  return { userIdBytesMax, messageBytesMax: Math.min(MESSAGE_BYTES_HIGHEST, wanted) };
}
