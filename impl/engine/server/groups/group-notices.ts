/** Notices about dynamic groups: one message to each of several users who are online. */
import { SERVER_ID } from '../../../../spec/limits.ts';
import { encodeMessage } from '../../../wire/index.ts';
import type { Codec } from '../../../wire/index.ts';
import { ClientType } from '../../enums.ts';
import { describeError } from '../../event.ts';
import type { ServerContext } from '../server-context.ts';

/** Tells each of `users` who is online, but `except`. */
export type TellUsers = <Value>(
  users: Iterable<string>,
  except: ReadonlySet<string> | string | null,
  messageType: number,
  codec: Codec<Value>,
  value: Value,
) => void;

/** Makes the telling function of a server. A notice that no message can carry is logged (LIM-007). */
export function createTelling({
  delivery,
  limits,
  platform,
  requests,
}: Pick<ServerContext, 'delivery' | 'limits' | 'platform' | 'requests'>): TellUsers {
  return (users, except, messageType, codec, value) => {
    for (const destId of users) {
      const isLeftOut = typeof except === 'string' ? destId === except : except?.has(destId) === true;
      if (isLeftOut || !delivery.isHere(destId)) continue;
      const header = { clientType: ClientType.Others, messageType, messageId: requests.nextId(), sourceId: SERVER_ID };
      try {
        delivery.deliver(destId, encodeMessage({ destId, ...header }, codec, value, limits), false);
      } catch (error) {
        platform.log('warn', `${destId} cannot be told of its group: ${describeError(error)} (LIM-007)`);
      }
    }
  };
}
