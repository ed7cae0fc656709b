/** What a client does with messages that come over a channel: what both ends receive, and the ping of this way. */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { FrameView } from '../../wire/index.ts';
import { decodeOrViolate } from '../decode-body.ts';
import { dispatchTable, RECEIVERS } from '../receive.ts';
import type { P2PChannel } from './p2p-channel.ts';

/** P2P-066: answered through the server, as the manual's engine does. */
function receivePing(channel: P2PChannel, frame: FrameView): void {
  const ping = decodeOrViolate(channel, frame, codecs.PingContract);
  if (ping === undefined) return;
  const outgoing = { messageType: MessageType.PingAck, messageId: frame.messageId, destId: channel.userID };
  channel.postByServer(outgoing, codecs.PingContract, ping);
}

/** By message type. Requests to a server and its notices have no business here; they are ignored (FRM-008). */
export const CHANNEL_DISPATCH = dispatchTable<P2PChannel>([...RECEIVERS, [MessageType.PingByP2PChannel, receivePing]]);
