/**
 * Requests that wait for their answers, of both sides of one connection, as seen on the wire.
 *
 * A request is known by who made it and its message id. Requests may stay unanswered for good (their target is offline), so
 * the oldest are forgotten when there are many. Judges nothing.
 */
import { MessageType, messageByType } from '../../spec/grammar/index.ts';
import type { Information } from './decode-body.ts';
import type { JudgedMessage, Place } from './judged.ts';

/** A request that was not answered yet. */
export type OpenRequest = Place & {
  readonly type: number;
  readonly id: number;
  readonly source: string;
  readonly dest: string;
  readonly value: unknown;
  /** The first bytes of the message, for the report. */
  readonly evidence: Uint8Array;
};

/** Open requests of one maker in one direction kept at most. */
const OPEN_MAX = 4_096;
/** Makers of requests told apart. */
const MAKERS_MAX = 1_024;
/** Header and the beginning of the body. */
const EVIDENCE_BYTES_MAX = 64;

/** Types whose messages ask for an answer, and the type of that answer. */
export const ANSWER_TYPE: ReadonlyMap<number, number> = new Map(
  [
    MessageType.GetMyIPE,
    MessageType.PingByServer,
    MessageType.HeartBeat,
    MessageType.GetAllOnlineUsers,
    MessageType.QueryOnline,
    MessageType.Logon,
    MessageType.GetUserIPE,
    MessageType.QueryOnlines,
    MessageType.Request,
    MessageType.InformationNeedAck,
  ].map((type) => {
    const replyType = messageByType(type)?.replyType;
    return [type, replyType === undefined ? type : MessageType[replyType as keyof typeof MessageType]];
  }),
);

/** Types that are always an answer, whoever sends them. */
const ANSWERS_BY_TYPE: ReadonlySet<number> = new Set([MessageType.PingAck, MessageType.Response, MessageType.Ack]);

/** Types that can be requests, and types that can be answers; some are both, told apart by who sends them. */
export const REQUEST_TYPES: readonly number[] = [...ANSWER_TYPE.keys()];
export const REPLY_TYPES: readonly number[] = [...new Set(ANSWER_TYPE.values())];

/** True when the message asks for an answer. */
export function isRequest(message: Pick<JudgedMessage, 'type' | 'isFromServer'>): boolean {
  const answer = ANSWER_TYPE.get(message.type);
  return answer !== undefined && !(message.isFromServer && answer === message.type);
}

/** True when the message can only be an answer. */
export function isAnswer(message: Pick<JudgedMessage, 'type' | 'isFromServer'>): boolean {
  return ANSWERS_BY_TYPE.has(message.type) || (message.isFromServer && ANSWER_TYPE.get(message.type) === message.type);
}

/** Open requests of one direction. */
export class OpenRequests {
  readonly #byMaker = new Map<string, Map<number, OpenRequest>>();

  /** The open request of this maker with this id, if any. */
  find(maker: string, id: number): OpenRequest | undefined {
    return this.#byMaker.get(maker)?.get(id);
  }

  /** Remembers a request. */
  add(message: JudgedMessage, maker: string): void {
    const { type, id, source, dest, packet, timeMicros, isFromServer, offset } = message;
    const evidence = message.bytes.slice(0, EVIDENCE_BYTES_MAX);
    const value = withoutContent(message);
    const requests = this.#of(maker);
    requests.delete(id);
    requests.set(id, { type, id, source, dest, value, packet, timeMicros, isFromServer, offset, evidence });
    if (requests.size > OPEN_MAX) requests.delete(requests.keys().next().value!);
  }

  /** Forgets a request, because it was answered. */
  settle(maker: string, id: number): void {
    this.#byMaker.get(maker)?.delete(id);
  }

  /** What is still open, oldest first for each maker. */
  *all(): Iterable<OpenRequest> {
    for (const requests of this.#byMaker.values()) yield* requests.values();
  }

  #of(maker: string): Map<number, OpenRequest> {
    let requests = this.#byMaker.get(maker);
    if (requests === undefined) {
      requests = new Map<number, OpenRequest>();
      this.#byMaker.set(maker, requests);
    }
    if (this.#byMaker.size > MAKERS_MAX) this.#byMaker.delete(this.#byMaker.keys().next().value!);
    return requests;
  }
}

/** The value to remember: contents of information are views into the capture's slice and must not keep it alive. */
function withoutContent({ type, value }: JudgedMessage): unknown {
  if (type !== MessageType.Request && type !== MessageType.InformationNeedAck) return value;
  const information = value as Information | null | undefined;
  return information ? { Content: null, InformationType: information.InformationType } : information;
}
