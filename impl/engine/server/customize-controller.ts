/** The server's customizeController: information, queries and blobs to its users (CUS-008, QRY-010, ACK-006, BLB-015). */
import type { Platform } from '../../../spec/platform.ts';
import { ActionTypeOnChannelIsBusy } from '../enums.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { CallbackHandler, CustomizeController, Information, ResultHandler } from '../api.ts';
import { checkInfo, checkInformationType } from '../arguments.ts';
import { askForAck, askQuery } from '../ask-information.ts';
import type { AskTarget } from '../ask-information.ts';
import { promised, withCallback, withResult } from '../callbacks.ts';
import { EventSource } from '../event.ts';
import { checkBlob, encodeTaggedMessage, sendBlobTo, sendTaggedMessageTo } from '../send-blob.ts';
import type { BlobTarget, TaggedMessage } from '../send-blob.ts';
import type { BlobChannel } from '../blob-channel.ts';
import { postToUser } from './post-to-user.ts';
import type { ServerContext } from './server-context.ts';

/** Events of the controller, raised by the connections. */
export type CustomizeEvents = {
  readonly transmitFailed: EventSource<[information: Information]>;
  readonly informationReceived: EventSource<[information: Information]>;
};

/** Makes the events; they exist before initialize so that they can be subscribed to. */
export function createCustomizeEvents(platform: Platform): CustomizeEvents {
  return {
    transmitFailed: new EventSource(platform, 'transmitFailed'),
    informationReceived: new EventSource(platform, 'informationReceived'),
  };
}

/** The object behind `server.customizeController`. */
export class ServerCustomizeController implements CustomizeController {
  readonly transmitFailed: CustomizeEvents['transmitFailed'];
  readonly informationReceived: CustomizeEvents['informationReceived'];
  readonly #platform: Platform;
  readonly #context: () => ServerContext;

  /** @param context - Throws while the server does not run. */
  constructor(platform: Platform, events: CustomizeEvents, context: () => ServerContext) {
    this.transmitFailed = events.transmitFailed;
    this.informationReceived = events.informationReceived;
    this.#platform = platform;
    this.#context = context;
  }

  send(
    userID: string,
    informationType: number,
    info: Uint8Array | null,
    post = false,
    action: ActionTypeOnChannelIsBusy = ActionTypeOnChannelIsBusy.Continue,
  ): boolean {
    const context = this.#context();
    checkInformationType(informationType);
    const Content = checkInfo(info);
    const user = context.users.get(userID);
    if (!context.platformUsers.isOnline(userID)) return false;
    if (action === ActionTypeOnChannelIsBusy.Discard && (user?.queuedBytes ?? 0) > 0) return false;
    const messageType = post ? MessageType.InformationByPost : MessageType.InformationBySend;
    const outgoing = { messageType, messageId: context.requests.nextId(), destId: userID };
    const value = { Content, InformationType: informationType };
    return postToUser(context, outgoing, codecs.BinaryInformationContract, value);
  }

  sendCertainlyToLocalClient(
    userID: string,
    informationType: number,
    info: Uint8Array | null,
    handler?: ResultHandler,
    tag?: unknown,
  ): Promise<void> {
    const promise = promised(() => askForAck(this.#askTarget(userID), informationType, info));
    return withResult(this.#platform, promise, handler, tag);
  }

  queryLocalClient(
    userID: string,
    informationType: number,
    info: Uint8Array | null,
    handler?: CallbackHandler,
    tag?: unknown,
  ): Promise<Uint8Array | null> {
    const promise = promised(() => askQuery(this.#askTarget(userID), informationType, info));
    return withCallback(this.#platform, promise, handler, tag);
  }

  /** A blob for nobody is discarded, as one from a client would be (BLB-008). */
  sendBlob(userID: string, informationType: number, blob: Uint8Array | null, fragmentSize: number): Promise<void> {
    return promised(() => {
      const context = this.#context();
      checkBlob(informationType, blob, fragmentSize, context.limits);
      const target = blobTarget(context, userID);
      if (target === undefined) return Promise.resolve();
      return sendBlobTo(target, informationType, blob, fragmentSize);
    });
  }

  /** The engine's sendMessage (ENG-002). */
  sendMessage(userID: string, message: TaggedMessage): Promise<void> {
    return promised(() => {
      const context = this.#context();
      const target = blobTarget(context, userID);
      if (target !== undefined) return sendTaggedMessageTo(target, message);
      encodeTaggedMessage(message, context.limits);
      return Promise.resolve();
    });
  }

  #askTarget(userID: string): AskTarget {
    const { requests, users } = this.#context();
    const user = users.get(userID);
    return {
      requests,
      asked: user === undefined ? null : userID,
      handlingUserID: userID,
      destId: userID,
      post: (outgoing, codec, value) => user?.post(outgoing, codec, value),
    };
  }
}

/** Where blobs to a user go: over its connection, or over the one between servers (CLU-031); undefined: nowhere. */
function blobTarget(context: ServerContext, userID: string): BlobTarget | undefined {
  const { limits, requests } = context;
  const user = context.users.get(userID);
  const blobs = user === undefined ? context.cluster?.blobsTo(userID) : (): BlobChannel => user.blobs();
  if (blobs === undefined) return undefined;
  return {
    destId: userID,
    limits,
    requests,
    blobs,
    post: (outgoing, codec, value) => void postToUser(context, outgoing, codec, value),
  };
}
