/** Notes in the journal what a client or a server is told to broadcast, by wrapping the two methods in place. */
import type { ContactsController, ContactsOutter } from '../../impl/index.ts';
import { SERVER_LABEL } from './client-recorder.ts';
import type { SubjectContext } from './client-recorder.ts';
import { SERVER_NAME, bytesLabel } from './journal.ts';

/** Wraps `broadcast` and `broadcastBlob`; arguments and results pass through untouched. */
export function recordBroadcasts(
  broadcasting: ContactsOutter | ContactsController,
  { journal }: SubjectContext,
  subject: number,
  source: string,
): void {
  const sent = (
    isBlob: boolean,
    groupID: string,
    broadcastType: number,
    info: Uint8Array | null,
    tag: string | null,
  ) => {
    const label = `broadcasts ${isBlob ? 'blob ' : ''}${broadcastType} in ${groupID}: ${bytesLabel(info)}`;
    journal.step({ from: source === SERVER_NAME ? SERVER_LABEL : source, label });
    journal.broadcastSent({ subject, source, groupID, broadcastType, info, tag, isBlob });
  };
  const broadcast = broadcasting.broadcast.bind(broadcasting);
  const broadcastBlob = broadcasting.broadcastBlob.bind(broadcasting);
  Object.defineProperties(broadcasting, {
    broadcast: {
      value: (...args: Parameters<typeof broadcast>) => {
        sent(false, args[0], args[1], args[2], args[3]);
        broadcast(...args);
      },
    },
    broadcastBlob: {
      value: (...args: Parameters<typeof broadcastBlob>) => {
        sent(true, args[0], args[1], args[2], args[3]);
        const promise = broadcastBlob(...args);
        promise.catch(() => undefined);
        return promise;
      },
    },
  });
}
