/**
 * The server's part in peer-to-peer channels: passes on what two clients agree on, and says when one of them is gone.
 *
 * It forwards every message of the P2P room that may be forwarded, body checked (SEC-012); one for somebody who is not
 * online is answered (P2P-048). It makes no channels and carries none.
 */
import { MessageType, messages } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import { decodeNullableOrViolate, decodeOrViolate } from '../decode-body.ts';
import type { Receiver } from '../receive.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerContext } from './server-context.ts';

/** Users whose end one user may wait for. Ours: beyond it the oldest is forgotten. */
const WATCHED_MAX = 1000;

/** Who wants to hear of whose end. */
class P2PWatches {
  readonly #watchersOf = new Map<string, Set<string>>();
  readonly #watchedBy = new Map<string, Set<string>>();

  add(watcher: string, watched: string): void {
    const mine = setIn(this.#watchedBy, watcher);
    mine.add(watched);
    setIn(this.#watchersOf, watched).add(watcher);
    if (mine.size <= WATCHED_MAX) return;
    for (const oldest of mine) {
      this.#remove(watcher, oldest);
      return;
    }
  }

  /** The user's connection ended. @returns who wanted to hear of it */
  handleGone(userID: string): readonly string[] {
    const watchers = [...(this.#watchersOf.get(userID) ?? [])];
    for (const watcher of watchers) this.#remove(watcher, userID);
    for (const watched of [...(this.#watchedBy.get(userID) ?? [])]) this.#remove(userID, watched);
    return watchers;
  }

  #remove(watcher: string, watched: string): void {
    removeFrom(this.#watchersOf, watched, watcher);
    removeFrom(this.#watchedBy, watcher, watched);
  }
}

function setIn(map: Map<string, Set<string>>, key: string): Set<string> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Set<string>();
  map.set(key, made);
  return made;
}

function removeFrom(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}

/** Tells a user that another is gone. */
function tellGone(context: ServerContext, to: ServerConnection, UserID: string): void {
  const outgoing = {
    messageType: MessageType.P2PUserGone,
    messageId: context.requests.nextId(),
    destId: to.userID,
  };
  to.post(outgoing, codecs.P2PUserGoneContract, { UserID });
}

/** Forwarders by message type: those of the P2P room that go from client to client through the server. */
export function createP2PForwarders(
  context: ServerContext,
): readonly (readonly [number, Receiver<ServerConnection>])[] {
  const pass = (connection: ServerConnection, frame: FrameView): void => {
    const destId = frame.destId();
    const outcome = context.delivery.deliver(destId, frame.bytes(), false);
    if (outcome === 'offline') tellGone(context, connection, destId);
  };
  const forwarded = messages.filter(({ room, direction }) => room === 'P2P' && direction === 'anyToAny');
  return forwarded.map(({ type, body }) => {
    if (body === null) return [type, pass] as const;
    const codec = codecs[body.contract] as Codec<unknown>;
    const checked: Receiver<ServerConnection> = (connection, frame) => {
      const decode = body.optional ? decodeNullableOrViolate : decodeOrViolate;
      if (decode(connection, frame, codec) !== undefined) pass(connection, frame);
    };
    return [type, checked] as const;
  });
}

/** Receivers by message type, for what the server itself is told of channels. */
export function createP2PReceivers(context: ServerContext): readonly (readonly [number, Receiver<ServerConnection>])[] {
  const watches = new P2PWatches();
  context.users.someOneDisconnected.add(({ userID }) => {
    for (const watcher of watches.handleGone(userID)) {
      const connection = context.users.get(watcher);
      if (connection !== undefined) tellGone(context, connection, userID);
    }
  });
  return [
    [
      MessageType.P2PChannelReport,
      (from, frame) => {
        const report = decodeOrViolate(from, frame, codecs.P2PChannelReportContract);
        if (report === undefined || report.DestUserID === null) return;
        if (!context.delivery.isOnline(report.DestUserID)) tellGone(context, from, report.DestUserID);
        else watches.add(from.userID, report.DestUserID);
      },
    ],
  ];
}
