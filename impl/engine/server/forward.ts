/**
 * Messages from user to user through the server: checked, told to the application, passed on unchanged (FRM-022, CUS-005).
 *
 * A body that does not fit its contract stops here: the receiver must not be made to close its connection by another's
 * mistake (SEC-012). What cannot be delivered is dropped; only information is reported (CUS-006, CUS-018).
 */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import type { Information } from '../api.ts';
import { decodeNullableOrViolate, decodeOrViolate } from '../decode-body.ts';
import { dispatchTable } from '../receive.ts';
import type { Receiver } from '../receive.ts';
import { fileForwarders } from './forward-files.ts';
import { createP2PForwarders } from './p2p-forward.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerContext } from './server-context.ts';

/** Makes the forwarders of a server: an array by message type; gaps are never forwarded (FRM-029). */
export function createForwarders(context: ServerContext): readonly (Receiver<ServerConnection> | undefined)[] {
  const pass = (frame: FrameView): boolean =>
    context.delivery.deliver(frame.destId(), frame.bytes(), false) !== 'offline';
  const information: Receiver<ServerConnection> = (connection, frame) => {
    const body = decodeOrViolate(connection, frame, codecs.BinaryInformationContract);
    if (body === undefined) return;
    const { informationReceived, transmitFailed } = context.events;
    const told = (): Information => ({
      sourceID: connection.userID,
      destID: frame.destId(),
      informationType: body.InformationType,
      content: body.Content,
    });
    if (informationReceived.hasHandlers) informationReceived.raise(told());
    if (connection.isOpen && !pass(frame) && transmitFailed.hasHandlers) transmitFailed.raise(told());
  };
  const checked =
    <Value>(codec: Codec<Value>): Receiver<ServerConnection> =>
    (connection, frame) => {
      if (decodeOrViolate(connection, frame, codec) !== undefined) pass(frame);
    };
  const response: Receiver<ServerConnection> = (connection, frame) => {
    const body = decodeNullableOrViolate(connection, frame, codecs.BinaryInformationContract);
    if (body !== undefined) pass(frame);
  };
  return dispatchTable<ServerConnection>([
    [MessageType.PingByServer, checked(codecs.PingContract)],
    [MessageType.PingAck, checked(codecs.PingContract)],
    [MessageType.InformationByPost, information],
    [MessageType.InformationBySend, information],
    [MessageType.Request, information],
    [MessageType.InformationNeedAck, information],
    [MessageType.Response, response],
    [MessageType.Ack, (_connection, frame) => void pass(frame)],
    [MessageType.BlobInformation, checked(codecs.BlobFragmentContract)],
    [MessageType.BlobByRapidEngine, checked(codecs.BlobFragmentContract)],
    ...fileForwarders(context, pass),
    ...createP2PForwarders(context),
  ]);
}
