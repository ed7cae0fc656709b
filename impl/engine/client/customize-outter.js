import { SERVER_ID } from '../../../spec/limits.js';
import { MessageType } from '../../../spec/grammar/index.js';
import { codecs, LocalProtocolError } from '../../wire/index.js';
import { checkInfo, checkInformationType, checkUserId } from '../arguments.js';
import { askForAck, askQuery } from '../ask-information.js';
import { promised, withCallback, withResult } from '../callbacks.js';
import { ActionTypeOnChannelIsBusy } from '../enums.js';
import { sendBlobTo, sendTaggedMessageTo } from '../send-blob.js';
export class PassiveCustomizeOutter {
  #platform;
  #link;
  /** @param link - The link that is online; throws when there is none. */
  constructor(platform, link) {
    this.#platform = platform;
    this.#link = link;
  }
  send(first, second, third, post = false, action = 0) {
    return typeof first === 'number'
      ? this.#send(null, first, second, false, ActionTypeOnChannelIsBusy.Continue)
      : this.#send(first, second, third ?? null, post, action);
  }
  transferByServer(target, informationType, info) {
    if (target === null) {
      const text = 'transferByServer needs a target; to the server itself information is sent with send';
      throw new LocalProtocolError('E_ARGUMENT', 'CUS-014', text);
    }
    this.#send(target, informationType, info, false, ActionTypeOnChannelIsBusy.Continue);
  }
  sendCertainly(target, informationType, info, handler, tag) {
    const promise = promised(() => askForAck(this.#askTarget(target), informationType, info));
    return withResult(this.#platform, promise, handler, tag);
  }
  query(first, second, third, handler, tag) {
    const toServer = typeof first === 'number';
    const target = toServer ? null : first;
    const informationType = toServer ? first : second;
    const info = toServer ? second : (third ?? null);
    const promise = promised(() => askQuery(this.#askTarget(target), informationType, info));
    return withCallback(this.#platform, promise, handler, tag);
  }
  /** The blob's bytes are read while it is under way: they must not change before the promise has settled. */
  sendBlob(target, informationType, blob, fragmentSize) {
    return promised(() => sendBlobTo(this.#blobTarget(target), informationType, blob, fragmentSize));
  }
  /** The engine's sendMessage. */
  sendMessage(target, message) {
    return promised(() => sendTaggedMessageTo(this.#blobTarget(target), message));
  }
  #send(target, informationType, info, post, action) {
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
  #askTarget(target) {
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
  #blobTarget(target) {
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
function destIdFor(link, target) {
  if (target === null || target === undefined) return '';
  checkUserId(target, link.limits.userIdBytesMax);
  return target;
}
