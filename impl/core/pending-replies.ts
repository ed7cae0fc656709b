/**
 * Requests and acknowledged sends that wait for their answer: who was asked, what may answer, until when.
 *
 * One waiting time for all, so insertion order is deadline order and a Map is the whole deadline table. It sends nothing.
 * Drive it: `open` gives the message id to send; `handleReply` gives back what was opened, once; `pollTimedOut` and the
 * `take*` calls drain those that get no answer.
 */

/** Nobody can answer: the target was not there when the request was made. The wait still runs to its end (QRY-010). */
export const NOBODY = null;

type Pending<Context> = {
  readonly asked: string | typeof NOBODY;
  readonly expects: number;
  readonly deadlineMicros: number;
  readonly context: Context;
};

export type OpenPending<Context> = {
  /** Whose answer counts; the server's id is `_0`. */
  readonly asked: string | typeof NOBODY;
  /** The message type that answers. */
  readonly expects: number;
  readonly context: Context;
};

export type Reply = { readonly messageId: number; readonly from: string; readonly messageType: number };

const MESSAGE_ID_HIGHEST = 0x7fff_ffff;

/** The message id given last, 0 before the first; shared by the connections of one engine (FRM-024). */
export type MessageIdCount = { last: number };

/** Everything one sender waits for. */
export class PendingReplies<Context> {
  readonly #pending = new Map<number, Pending<Context>>();
  /** Ids by who was asked, so that one user's end costs nothing to the others. */
  readonly #idsByAsked = new Map<string, Set<number>>();
  readonly #waitMicros: number;
  readonly #ids: MessageIdCount;

  /**
   * @param waitMicros - How long each waits; Infinity: until its connection ends (QRY-005).
   * @param ids - Goes on counting where others left off; a count of its own when absent.
   */
  constructor(waitMicros: number, ids: MessageIdCount = { last: 0 }) {
    this.#waitMicros = waitMicros;
    this.#ids = ids;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Infinity when nothing waits for a time. */
  get nextDeadlineMicros(): number {
    for (const pending of this.#pending.values()) return pending.deadlineMicros;
    return Infinity;
  }

  /** Starts a wait. @returns the message id, unique among the waiting ones (FRM-011). */
  open(nowMicros: number, wanted: OpenPending<Context>): number {
    const id = this.nextId();
    const { asked, expects, context } = wanted;
    this.#pending.set(id, { asked, expects, deadlineMicros: nowMicros + this.#waitMicros, context });
    if (wanted.asked !== NOBODY) {
      const ids = this.#idsByAsked.get(wanted.asked);
      if (ids === undefined) this.#idsByAsked.set(wanted.asked, new Set([id]));
      else ids.add(id);
    }
    return id;
  }

  /** An id for a message that waits for nothing; from the same count, so ids never collide. */
  nextId(): number {
    const ids = this.#ids;
    do ids.last = ids.last === MESSAGE_ID_HIGHEST ? 1 : ids.last + 1;
    while (this.#pending.has(ids.last));
    return ids.last;
  }

  /** What the reply answers; undefined: late, unknown, of a wrong type, or not from who was asked (QRY-006, QRY-011). */
  handleReply(reply: Reply): Context | undefined {
    const pending = this.#pending.get(reply.messageId);
    if (pending?.asked !== reply.from || pending.expects !== reply.messageType) return undefined;
    return this.#take(reply.messageId, pending);
  }

  /** The next whose time is up, taken out; undefined when none is. */
  pollTimedOut(nowMicros: number): Context | undefined {
    for (const [id, pending] of this.#pending) {
      return pending.deadlineMicros <= nowMicros ? this.#take(id, pending) : undefined;
    }
    return undefined;
  }

  /** Takes one back that could not be sent. */
  takeOne(id: number): Context | undefined {
    const pending = this.#pending.get(id);
    return pending === undefined ? undefined : this.#take(id, pending);
  }

  /** Takes out all that wait for this user, in order of opening: its connection ended (QRY-010). */
  takeAsked(asked: string): Context[] {
    const taken: Context[] = [];
    for (const id of [...(this.#idsByAsked.get(asked) ?? [])]) taken.push(this.#take(id, this.#pending.get(id)!));
    return taken;
  }

  /** Takes out all, in order of opening: the own connection ended (RCN-006). */
  takeAll(): Context[] {
    const taken = [...this.#pending.values()].map((pending) => pending.context);
    this.#pending.clear();
    this.#idsByAsked.clear();
    return taken;
  }

  #take(id: number, pending: Pending<Context>): Context {
    this.#pending.delete(id);
    if (pending.asked !== NOBODY) {
      const ids = this.#idsByAsked.get(pending.asked);
      ids?.delete(id);
      if (ids?.size === 0) this.#idsByAsked.delete(pending.asked);
    }
    return pending.context;
  }
}
