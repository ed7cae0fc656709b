/** The client's customizeOutter: information, queries, ACKs, blobs, to the server or through it (CUS, QRY, ACK, BLB). */
import type { Platform } from '../../../spec/platform.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs, LocalProtocolError } from '../../wire/index.ts';
import type { CallbackHandler, CustomizeOutter, ResultHandler } from '../api.ts';
import { checkInfo, checkInformationType, checkUserId } from '../arguments.ts';
import { askForAck, askQuery } from '../ask-information.ts';
import type { AskTarget } from '../ask-information.ts';
import { promised, withCallback, withResult } from '../callbacks.ts';
import { ActionTypeOnChannelIsBusy } from '../enums.ts';
import { sendBlobTo, sendTaggedMessageTo } from '../send-blob.ts';
import type { BlobTarget, TaggedMessage } from '../send-blob.ts';
import type { ClientLink } from './client-link.ts';

type Bytes = Uint8Array | null;

/** The object behind `engine.customizeOutter`. */
export class PassiveCustomizeOutter implements CustomizeOutter {
  readonly #platform: Platform;
  readonly #link: () => ClientLink;

  /** @param link - The link that is online; throws when there is none. */
  constructor(platform: Platform, link: () => ClientLink) {
    this.#platform = platform;
    this.#link = link;
  }

  send(informationType: number, info: Bytes): boolean;
  send(
    target: string | null,
    informationType: number,
    info: Bytes,
    post?: boolean,
    action?: ActionTypeOnChannelIsBusy,
  ): boolean;
  send(first: string | number | null, second: number | Bytes, third?: Bytes, post = false, action = 0): boolean {
    return typeof first === 'number'
      ? this.#send(null, first, second as Bytes, false, ActionTypeOnChannelIsBusy.Continue)
      : this.#send(first, second as number, third ?? null, post, action);
  }

  transferByServer(target: string | null | undefined, informationType: number, info: Bytes): void {
    if (target === null || target === undefined) {
      const text = 'transferByServer needs a target; to the server itself information is sent with send';
      throw new LocalProtocolError('E_ARGUMENT', 'CUS-014', text);
    }
    this.#send(target, informationType, info, false, ActionTypeOnChannelIsBusy.Continue);
  }

  sendCertainly(
    target: string | null,
    informationType: number,
    info: Bytes,
    handler?: ResultHandler,
    tag?: unknown,
  ): Promise<void> {
    const promise = promised(() => askForAck(this.#askTarget(target), informationType, info));
    return withResult(this.#platform, promise, handler, tag);
  }

  query(informationType: number, info: Bytes): Promise<Bytes>;
  query(
    target: string | null,
    informationType: number,
    info: Bytes,
    handler?: CallbackHandler,
    tag?: unknown,
  ): Promise<Bytes>;
  query(
    first: string | number | null,
    second: number | Bytes,
    third?: Bytes,
    handler?: CallbackHandler,
    tag?: unknown,
  ): Promise<Bytes> {
    const toServer = typeof first === 'number';
    const target = toServer ? null : first;
    const informationType = toServer ? first : (second as number);
    const info = toServer ? (second as Bytes) : (third ?? null);
    const promise = promised(() => askQuery(this.#askTarget(target), informationType, info));
    return withCallback(this.#platform, promise, handler, tag);
  }

  /** The blob's bytes are read while it is under way: they must not change before the promise has settled. */
  sendBlob(target: string | null, informationType: number, blob: Bytes, fragmentSize: number): Promise<void> {
    return promised(() => sendBlobTo(this.#blobTarget(target), informationType, blob, fragmentSize));
  }

  /** The engine's sendMessage. */
  sendMessage(target: string | null, message: TaggedMessage): Promise<void> {
    return promised(() => sendTaggedMessageTo(this.#blobTarget(target), message));
  }

  #send(target: string | null, informationType: number, info: Bytes, post: boolean, action: number): boolean {
    const link = this.#link();
    const destId = destIdFor(link, target);
    checkInformationType(informationType);
    const Content = checkInfo(info);
    if (action === ActionTypeOnChannelIsBusy.Discard && link.queuedBytes > 0) return false;
    const messageType = post ? MessageType.InformationByPost : MessageType.InformationBySend;
    const outgoing = { messageType, messageId: link.requests.nextId(), destId };
    link.post(outgoing, codecs.BinaryInformationContract, { Content, InformationType: informationType });
    return true;
  }

  #askTarget(target: string | null): AskTarget {
    const link = this.#link();
    const destId = destIdFor(link, target);
    return {
      requests: link.requests,
      asked: target ?? SERVER_ID,
      handlingUserID: target ?? SERVER_ID,
      destId,
      post: (outgoing, codec, value) => link.post(outgoing, codec, value),
    };
  }

  #blobTarget(target: string | null): BlobTarget {
    const link = this.#link();
    return {
      destId: destIdFor(link, target),
      limits: link.limits,
      requests: link.requests,
      blobs: () => link.blobs(),
      post: (outgoing, codec, value) => link.post(outgoing, codec, value),
    };
  }
}

/** LIM-003 for targets; null is the server. @throws LocalProtocolError `E_USER_ID` */
function destIdFor(link: ClientLink, target: string | null | undefined): string {
  if (target === null || target === undefined) return '';
  checkUserId(target, link.limits.userIdBytesMax);
  return target;
}
