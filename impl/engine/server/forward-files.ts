/**
 * File transfer from user to user through the server: passed on, and the ends told when the other is gone (FIL-030, FIL-031).
 *
 * It remembers who asked whom, as long as both are connected; nothing of what they transfer.
 */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import { decodeOrViolate } from '../decode-body.ts';
import type { Receiver } from '../receive.ts';
import { postToUser } from './post-to-user.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerContext } from './server-context.ts';

/** Who has a transfer with whom, as far as this server has seen it begin. */
export class FilePartners {
  readonly #partners = new Map<string, Set<string>>();

  add(userID: string, otherID: string): void {
    this.#of(userID).add(otherID);
    this.#of(otherID).add(userID);
  }

  /** The partners of a user who has gone; they are partners no longer. */
  take(userID: string): readonly string[] {
    const partners = [...(this.#partners.get(userID) ?? [])];
    this.#partners.delete(userID);
    for (const other of partners) {
      const rest = this.#partners.get(other);
      rest?.delete(userID);
      if (rest?.size === 0) this.#partners.delete(other);
    }
    return partners.filter((other) => other !== userID);
  }

  #of(userID: string): Set<string> {
    let set = this.#partners.get(userID);
    if (set === undefined) {
      set = new Set();
      this.#partners.set(userID, set);
    }
    return set;
  }
}

/** Bytes queued for a user at which those who send it files are not read any further. Ours: some round trips of a fast line. */
const QUEUED_BYTES_MAX = 4_194_304;

/** Who sends, and can be held up: a user, or in a cluster another server. */
export type Holdable = { holdForFiles(): void; readAgainForFiles(): void };

/** What is sent to, and may be slower: a user, or in a cluster the way to another server. */
export type Sink = { readonly queuedBytes: number };

/** Senders of files that wait until a slower receiver has taken what is queued (FIL-037). */
export class FileRelief {
  readonly #waiting = new Map<Sink, Set<Holdable>>();

  /** A package of `from` is queued for `to`. */
  noteForwarded(from: Holdable, to: Sink): void {
    if (to.queuedBytes <= QUEUED_BYTES_MAX) return;
    const waiting = this.#waiting.get(to) ?? new Set<Holdable>();
    this.#waiting.set(to, waiting.add(from));
    from.holdForFiles();
  }

  /** All that was queued for a user is gone, or the user is. */
  handleDrain(to: Sink): void {
    const waiting = this.#waiting.get(to);
    if (waiting === undefined) return;
    this.#waiting.delete(to);
    for (const from of waiting) from.readAgainForFiles();
  }
}

/** Tells a user that another is not, or no longer, there. */
function tellPartnerOffline(context: ServerContext, to: string, UserID: string): void {
  const outgoing = { messageType: MessageType.FilePartnerOffline, messageId: context.requests.nextId(), destId: to };
  postToUser(context, outgoing, codecs.FilePartnerContract, { UserID });
}

/** A user has gone, from here or from another server of the cluster: the transfers it had, here and elsewhere, end with it (FIL-031). */
export function endTransfersOf(context: ServerContext, userID: string): void {
  for (const partner of context.filePartners.take(userID)) {
    tellPartnerOffline(context, partner, userID);
  }
  context.world.files.handlePartnerOffline(userID);
}

/** @param pass - Hands a message on; false when its destination is not online. */
export function fileForwarders(
  context: ServerContext,
  pass: (frame: FrameView) => boolean,
): readonly (readonly [number, Receiver<ServerConnection>])[] {
  const checked =
    <Value>(codec: Codec<Value>): Receiver<ServerConnection> =>
    (connection, frame) => {
      if (decodeOrViolate(connection, frame, codec) === undefined) return;
      const destId = frame.destId();
      if (frame.messageType === MessageType.BeginSendFile) context.filePartners.add(connection.userID, destId);
      if (!pass(frame)) tellPartnerOffline(context, connection.userID, destId);
      else if (frame.messageType === MessageType.FilePackageData) {
        const target = context.users.get(destId) ?? context.cluster?.transferQueue;
        if (target !== undefined) context.fileRelief.noteForwarded(connection, target);
      }
    };
  return [
    [MessageType.BeginSendFile, checked(codecs.BeginSendFileContract)],
    [MessageType.RejectOrAcceptFile, checked(codecs.RejectOrAcceptFileContract)],
    [MessageType.FilePackageData, checked(codecs.FilePackage)],
    [MessageType.CancelFileSending, checked(codecs.CancelFileContract)],
    [MessageType.CancelFileReceiving, checked(codecs.CancelFileContract)],
    [MessageType.SingleFileRevFinishedNotify, checked(codecs.SingleFileNotifyContract)],
  ];
}
