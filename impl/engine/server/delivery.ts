/**
 * How the server reaches a user: the one place that knows where a user is.
 *
 * Whatever is meant for a user by name goes through it. Users of other servers of a cluster are reached over the
 * server's tie to the platform server.
 */
import type { BlobRequest } from '../blob-channel.ts';
import type { ClusterMember } from '../cluster/cluster-member.ts';
import type { PlatformUsers } from '../cluster/platform-users.ts';
import type { Users } from './users.ts';

/** What became of a message: `discarded` on a busy channel, `offline` when nobody of that name is here. */
export type Delivered = 'sent' | 'discarded' | 'offline';

export type Delivery = {
  isOnline(userID: string): boolean;
  /** Online on this very server. */
  isHere(userID: string): boolean;
  /**
   * Hands a whole message to a user.
   * @param bytes - Header and body; copied, or sent, before the call returns.
   * @param discardWhenBusy - Leaves a user out on whose channel bytes are queued.
   */
  deliver(userID: string, bytes: Uint8Array, discardWhenBusy: boolean): Delivered;
  /** Sends a blob of the server itself. Resolves when it has left, at once for nobody; rejects when the user leaves first. */
  deliverBlob(userID: string, blob: BlobRequest): Promise<void>;
};

/** Delivery to the users of this server, and in a cluster to those of the others (CLU-030). */
export function createDelivery(users: Users, platformUsers: PlatformUsers, cluster: ClusterMember | null): Delivery {
  return {
    isOnline: (userID) => platformUsers.isOnline(userID),
    isHere: (userID) => users.get(userID) !== undefined,
    deliver(userID, bytes, discardWhenBusy) {
      const user = users.get(userID);
      if (user === undefined) return cluster?.transfer(userID, bytes) === true ? 'sent' : 'offline';
      if (discardWhenBusy && user.queuedBytes > 0) return 'discarded';
      user.forward(bytes);
      return 'sent';
    },
    deliverBlob(userID, blob) {
      const user = users.get(userID);
      const blobs = user === undefined ? cluster?.blobsTo(userID)?.() : user.blobs();
      return blobs?.send(blob) ?? Promise.resolve();
    },
  };
}
