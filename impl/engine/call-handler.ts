/**
 * Calls of the application's CustomizeHandler: direct while handlers are synchronous, queued while one has not finished.
 *
 * Failures are logged (CUS-009) or answered (QRY-003); they never reach the engine.
 */
import { SERVER_ID } from '../../spec/limits.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import type { ContractOf } from '../../spec/grammar/index.ts';
import { codecs } from '../wire/index.ts';
import { checkInfo } from './arguments.ts';
import { InformationStyle } from './enums.ts';
import { describeError, isPromiseLike } from './event.ts';
import { logRejection } from './handler-queue.ts';
import type { Peer } from './peer.ts';

/** Hands one information to the application, or puts it behind the call that has not finished. */
export function callHandleInformation(
  peer: Peer,
  sender: string,
  informationType: number,
  info: Uint8Array | null,
): void {
  const { diagnostics, tasks } = peer.world;
  diagnostics?.noteReceived(informationType, InformationStyle.Common);
  if (tasks !== undefined) {
    tasks.add(peer, info?.length ?? 0, () => informationNow(peer, sender, informationType, info));
    return;
  }
  const queue = peer.callQueue(false);
  if (queue?.busy === true) {
    queue.wait(info?.length ?? 0, () => informationInTurn(peer, sender, informationType, info));
  } else informationInTurn(peer, sender, informationType, info);
}

function informationInTurn(peer: Peer, sender: string, informationType: number, info: Uint8Array | null): void {
  const unfinished = informationNow(peer, sender, informationType, info);
  if (unfinished !== undefined) peer.callQueue(true).holdFor(unfinished);
}

/** @returns the handler's promise when it has not finished. */
function informationNow(
  peer: Peer,
  sender: string,
  informationType: number,
  info: Uint8Array | null,
): PromiseLike<unknown> | undefined {
  const { platform, customizeHandler } = peer.world;
  if (customizeHandler === null) return undefined;
  platform.noteAsyncEdge();
  try {
    const result: unknown = customizeHandler.handleInformation(sourceOf(sender), informationType, info);
    if (result === undefined || !isPromiseLike(result)) return undefined;
    logRejection(platform, 'handleInformation', result);
    return result;
  } catch (error) {
    platform.log('error', `handleInformation threw for information ${informationType}: ${describeError(error)}`);
    return undefined;
  }
}

/** A call that is not an information: an event, for instance. It keeps its place among them. */
export function callInOrder(peer: Peer, bytes: number, call: () => void): void {
  const queue = peer.callQueue(false);
  if (queue?.busy === true) queue.wait(bytes, call);
  else call();
}

export type ReceivedQuery = {
  readonly sender: string;
  readonly messageId: number;
  readonly query: ContractOf<'BinaryInformationContract'>;
};

/** Hands one query to the application and answers when it has finished (QRY-012). */
export function callHandleQuery(peer: Peer, received: ReceivedQuery): void {
  const { diagnostics, queriesHold, tasks } = peer.world;
  const { Content, InformationType } = received.query;
  diagnostics?.noteReceived(InformationType, InformationStyle.Query);
  if (tasks !== undefined) {
    tasks.add(peer, Content?.length ?? 0, () => queryNow(peer, received));
    return;
  }
  callInOrder(peer, Content?.length ?? 0, () => {
    const unfinished = queryNow(peer, received);
    if (queriesHold && unfinished !== undefined) peer.callQueue(true).holdFor(unfinished);
  });
}

/** @returns a promise when the answer has not been given yet. */
function queryNow(peer: Peer, received: ReceivedQuery): PromiseLike<unknown> | undefined {
  const { platform, customizeHandler } = peer.world;
  const { InformationType, Content } = received.query;
  if (customizeHandler === null) {
    answer(peer, received, null);
    return undefined;
  }
  platform.noteAsyncEdge();
  try {
    const result: unknown = customizeHandler.handleQuery(sourceOf(received.sender), InformationType, Content);
    if (!isPromiseLike(result)) {
      respond(peer, received, result);
      return undefined;
    }
    return result.then(
      (content) => respond(peer, received, content),
      (error: unknown) => respondThrown(peer, received, error),
    );
  } catch (error) {
    respondThrown(peer, received, error);
    return undefined;
  }
}

/** QRY-013: an answer that cannot be sent is answered as if the handler had thrown. */
function respond(peer: Peer, received: ReceivedQuery, content: unknown): void {
  try {
    answer(peer, received, {
      Content: checkInfo(content as Uint8Array | null | undefined),
      InformationType: received.query.InformationType,
    });
  } catch (error) {
    respondThrown(peer, received, error);
  }
}

/** QRY-016: an empty body says that the handler threw. */
function respondThrown(peer: Peer, received: ReceivedQuery, error: unknown): void {
  const { platform } = peer.world;
  platform.noteAsyncEdge();
  platform.log('error', `handleQuery failed for query ${received.query.InformationType}: ${describeError(error)}`);
  answer(peer, received, null);
}

function answer(peer: Peer, received: ReceivedQuery, body: ContractOf<'BinaryInformationContract'> | null): void {
  const { sender, messageId } = received;
  const destId = sender === SERVER_ID ? '' : sender;
  peer.post({ messageType: MessageType.Response, messageId, destId }, codecs.BinaryInformationContract, body);
}

/** CUS-003: the server has no name towards the application. */
export function sourceOf(sender: string): string | null {
  return sender === SERVER_ID ? null : sender;
}
