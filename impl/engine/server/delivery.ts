/**
 * How the server reaches a user: the one place that knows where a user is.
 *
 * Whatever is meant for a user by name goes through a `Delivery`, so that a server of a cluster can put one here that also
 * reaches users of other servers. This one knows the users of this server only.
 */
import type { BlobRequest } from '../blob-channel.ts';
import type { Users } from './users.ts';

/** What became of a message: `discarded` on a busy channel, `offline` when nobody of that name is here. */
export type Delivered = 'sent' | 'discarded' | 'offline';

export type Delivery = {
  isOnline(userID: string): boolean;
  /**
   * Hands a whole message to a user.
   * @param bytes - Header and body; copied, or sent, before the call returns.
   * @param discardWhenBusy - Leaves a user out on whose channel bytes are queued.
   */
  deliver(userID: string, bytes: Uint8Array, discardWhenBusy: boolean): Delivered;
  /** Sends a blob of the server itself. Resolves when it has left, at once for nobody; rejects when the user leaves first. */
  deliverBlob(userID: string, blob: BlobRequest): Promise<void>;
};

/** Delivery to the users of this server. */
export function createLocalDelivery(users: Users): Delivery {
  return {
    isOnline: (userID) => users.get(userID) !== undefined,
    deliver(userID, bytes, discardWhenBusy) {
      const user = users.get(userID);
      if (user === undefined) return 'offline';
      if (discardWhenBusy && user.queuedBytes > 0) return 'discarded';
      user.forward(bytes);
      return 'sent';
    },
    deliverBlob: (userID, blob) => users.get(userID)?.blobs().send(blob) ?? Promise.resolve(),
  };
}
