/** The client's customizeOutter: information, queries, ACKs, blobs, to the server or through it (CUS, QRY, ACK, BLB). */
import type { Platform } from '../../../spec/platform.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs, LocalProtocolError } from '../../wire/index.ts';
import type { CallbackHandler, CustomizeOutter, ResultHandler } from '../api.ts';
import { checkInfo, checkInformationType, checkInteger, checkUserId } from '../arguments.ts';
import { askForAck, askQuery } from '../ask-information.ts';
import type { AskTarget } from '../ask-information.ts';
import { promised, withCallback, withResult } from '../callbacks.ts';
import { ActionTypeOnChannelIsBusy, ActionTypeOnNoP2PChannel, ChannelMode } from '../enums.ts';
import { noChannelError } from '../errors.ts';
import type { ChannelHub } from '../p2p/channel-hub.ts';
import { sendBlobTo, sendTaggedMessageTo } from '../send-blob.ts';
import type { BlobTarget, TaggedMessage } from '../send-blob.ts';
import type { ClientLink } from './client-link.ts';

type Bytes = Uint8Array | null;

/** The object behind `engine.customizeOutter`. */
export class PassiveCustomizeOutter implements CustomizeOutter {
  readonly #platform: Platform;
  readonly #link: () => ClientLink;
  readonly #hub: ChannelHub;

  /** @param link - The link that is online; throws when there is none. */
  constructor(platform: Platform, link: () => ClientLink, hub: ChannelHub) {
    this.#platform = platform;
    this.#hub = hub;
    this.#link = link;
  }

  send(informationType: number, info: Bytes): boolean;
  send(
    target: string | null,
    informationType: number,
    info: Bytes,
    post?: boolean,
    action?: ActionTypeOnChannelIsBusy,
    mode?: ChannelMode,
  ): boolean;
  send(
    first: string | number | null,
    second: number | Bytes,
    third?: Bytes,
    post = false,
    action: ActionTypeOnChannelIsBusy = ActionTypeOnChannelIsBusy.Continue,
    mode: ChannelMode = ChannelMode.P2PChannelFirst,
  ): boolean {
    return typeof first === 'number'
      ? this.#send({ target: null, informationType: first, info: second as Bytes })
      : this.#send({ target: first, informationType: second as number, info: third ?? null, post, action, mode });
  }

  sendByP2PChannel(
    target: string,
    informationType: number,
    info: Bytes,
    actionType: ActionTypeOnNoP2PChannel,
    post = false,
    action: ActionTypeOnChannelIsBusy = ActionTypeOnChannelIsBusy.Continue,
  ): boolean {
    requireTarget(target, 'sendByP2PChannel', 'P2P-063');
    checkInteger('actionType', 'P2P-063', actionType, 0, ActionTypeOnNoP2PChannel.Discard);
    const isDiscarding = actionType === ActionTypeOnNoP2PChannel.Discard;
    const mode = isDiscarding ? ChannelMode.ByP2PChannel : ChannelMode.P2PChannelFirst;
    return this.#send({ target, informationType, info, post, action, mode });
  }

  transferByServer(target: string | null | undefined, informationType: number, info: Bytes): void {
    requireTarget(target, 'transferByServer', 'CUS-014');
    this.#send({ target, informationType, info, mode: ChannelMode.TransferByServer });
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
  sendBlob(
    target: string | null,
    informationType: number,
    blob: Bytes,
    fragmentSize: number,
    mode: ChannelMode = ChannelMode.P2PChannelFirst,
  ): Promise<void> {
    return promised(() => sendBlobTo(this.#blobTarget(target, mode), informationType, blob, fragmentSize));
  }

  /** The engine's sendMessage. */
  sendMessage(target: string | null, message: TaggedMessage): Promise<void> {
    return promised(() => sendTaggedMessageTo(this.#blobTarget(target, ChannelMode.P2PChannelFirst), message));
  }

  #send(sending: Sending): boolean {
    const { target, informationType, post = false, action, mode = ChannelMode.P2PChannelFirst } = sending;
    const link = this.#link();
    const destId = destIdFor(link, target);
    checkInformationType(informationType);
    checkMode(mode);
    const Content = checkInfo(sending.info);
    if (mode === ChannelMode.ByP2PChannel && destId !== '' && this.#hub.best(destId) === undefined) return false;
    if (action === ActionTypeOnChannelIsBusy.Discard && this.#queuedBytes(link, destId, mode) > 0) return false;
    const messageType = post ? MessageType.InformationByPost : MessageType.InformationBySend;
    const outgoing = { messageType, messageId: link.requests.nextId(), destId };
    const body = { Content, InformationType: informationType };
    if (mode === ChannelMode.TransferByServer) link.postByServer(outgoing, codecs.BinaryInformationContract, body);
    else link.post(outgoing, codecs.BinaryInformationContract, body);
    return true;
  }

  /** What is queued on the way that a message would take (CUS-010). */
  #queuedBytes(link: ClientLink, destId: string, mode: ChannelMode): number {
    if (mode === ChannelMode.TransferByServer) return link.queuedBytes;
    return this.#hub.user(destId)?.queuedBytes ?? link.queuedBytes;
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

  /** @throws LocalProtocolError `E_NO_CHANNEL` when it must be a channel and there is none */
  #blobTarget(target: string | null, mode: ChannelMode): BlobTarget {
    const link = this.#link();
    const destId = destIdFor(link, target);
    checkMode(mode);
    const isToUser = destId !== '';
    if (isToUser && mode === ChannelMode.ByP2PChannel && this.#hub.best(destId) === undefined) {
      throw noChannelError(destId);
    }
    const byServer = !isToUser || mode === ChannelMode.TransferByServer;
    return {
      destId,
      limits: link.limits,
      requests: link.requests,
      blobs: () => (byServer ? link.blobs() : link.blobsFor(destId)),
      post: (outgoing, codec, value) => link.post(outgoing, codec, value),
    };
  }
}

/** One information to send. */
type Sending = {
  readonly target: string | null;
  readonly informationType: number;
  readonly info: Bytes;
  readonly post?: boolean;
  readonly action?: ActionTypeOnChannelIsBusy;
  readonly mode?: ChannelMode;
};

/** P2P-061. @throws LocalProtocolError `E_ARGUMENT` */
function checkMode(mode: ChannelMode): void {
  checkInteger('the channel mode', 'P2P-061', mode, ChannelMode.P2PChannelFirst, ChannelMode.ByP2PChannel);
}

/** @throws LocalProtocolError `E_ARGUMENT` */
function requireTarget(target: string | null | undefined, call: string, clause: string): asserts target is string {
  if (target !== null && target !== undefined) return;
  const text = `${call} needs a target; to the server itself information is sent with send`;
  throw new LocalProtocolError('E_ARGUMENT', clause, text);
}

/** LIM-003 for targets; null is the server. @throws LocalProtocolError `E_USER_ID` */
function destIdFor(link: ClientLink, target: string | null | undefined): string {
  if (target === null || target === undefined) return '';
  checkUserId(target, link.limits.userIdBytesMax);
  return target;
}
