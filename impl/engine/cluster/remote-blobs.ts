/** A server's own blobs for users of other servers: one channel over the transfer connection (CLU-031). */
import { codecs } from '../../wire/index.ts';
import { BlobChannel } from '../blob-channel.ts';
import { postToUser } from '../server/post-to-user.ts';
import type { ServerContext } from '../server/server-context.ts';
import type { PlatformLink } from './platform-link.ts';

/** Ids start here, apart from those a server gives to its own users: to the receiver all servers have one name. */
const REMOTE_BLOB_IDS_FROM = 0x4000_0000;
/** Each server has a million of them. */
const REMOTE_BLOB_IDS_PER_SERVER = 0x10_0000;
const REMOTE_BLOB_SERVERS = 1024;

/** Makes the channel; it lives as long as the connection. */
export function createRemoteBlobs(context: ServerContext, transfer: PlatformLink, serverID: number): BlobChannel {
  const idsAfter = REMOTE_BLOB_IDS_FROM + (serverID % REMOTE_BLOB_SERVERS) * REMOTE_BLOB_IDS_PER_SERVER;
  const blobs = new BlobChannel(
    context.platform,
    transfer.tcp,
    (of, fragment) => {
      const outgoing = { messageType: of.messageType, messageId: context.requests.nextId(), destId: of.destId };
      postToUser(context, outgoing, codecs.BlobFragmentContract, {
        BlobID: fragment.blobId,
        Fragment: fragment.bytes,
        FragmentIndex: fragment.index,
        InformationType: of.informationType,
        IsLast: fragment.isLast,
      });
    },
    { last: idsAfter },
  );
  transfer.whenDrained(() => blobs.handleDrain());
  return blobs;
}
