/**
 * Who is online on which server of the cluster, and who may be: the platform server's table, with one entry a UserID.
 *
 * Every logon of the cluster is asked for here, so the order in which questions come decides between simultaneous ones
 * (CLU-028). Each granted logon gets a session number; what is said about an older session changes nothing (CLU-023).
 * It sends nothing. Drive it: `handle*`, then drain `poll()` until undefined.
 */
import { RelogonMode } from '../../../spec/errors.ts';

/** A user in the table; `data` is the owner's. */
export type DirectoryUser<Data> = {
  readonly userID: string;
  readonly serverID: number;
  readonly session: number;
  /** When the user was bound, on the clock that `handle*` is given. */
  readonly boundMicros: number;
  readonly data: Data;
};

/** A verified user who asks to be bound. */
export type LogonQuestion<Data> = {
  readonly serverID: number;
  /** Gives the answer back to its question. */
  readonly requestID: number;
  readonly userID: string;
  readonly mode: number;
  readonly data: Data;
};

/** A user whom a server has when it joins. */
export type ReportedUser<Data> = { readonly userID: string; readonly ageMicros: number; readonly data: Data };

export type DirectoryOutput<Data> =
  /** The answer to a question; session 0 refuses (CLU-022). */
  | { readonly kind: 'answer'; readonly serverID: number; readonly requestID: number; readonly session: number }
  /** The connection on `serverID` has to go; `handlePushedOut` says when it has (CLU-021). */
  | {
      readonly kind: 'pushOut';
      readonly serverID: number;
      readonly userID: string;
      readonly session: number;
      readonly newServerID: number;
    }
  /** The table changed (CLU-025). */
  | { readonly kind: 'came' | 'went'; readonly user: DirectoryUser<Data> };

const SESSION_HIGHEST = 0x7fff_ffff;

/** The table. */
export class UserDirectory<Data> {
  readonly #users = new Map<string, DirectoryUser<Data>>();
  readonly #counts = new Map<number, number>();
  /** Questions by UserID; the head of each waits until the entry in its way is gone. */
  readonly #questions = new Map<string, LogonQuestion<Data>[]>();
  /** Sessions that a server has been told to end for a waiting question. */
  readonly #pushing = new Set<number>();
  readonly #outputs: DirectoryOutput<Data>[] = [];
  #lastSession = 0;

  get size(): number {
    return this.#users.size;
  }

  get(userID: string): DirectoryUser<Data> | undefined {
    return this.#users.get(userID);
  }

  all(): IterableIterator<DirectoryUser<Data>> {
    return this.#users.values();
  }

  /** Users on one server. */
  countOn(serverID: number): number {
    return this.#counts.get(serverID) ?? 0;
  }

  /**
   * A server joins with the users it has. Of two connections of one user the younger one stays (CLU-027).
   * @returns the sessions, in the order of `users`
   */
  handleReported(nowMicros: number, serverID: number, users: readonly ReportedUser<Data>[]): readonly number[] {
    return users.map(({ userID, ageMicros, data }) => {
      const user = { userID, serverID, session: this.#nextSession(), boundMicros: nowMicros - ageMicros, data };
      const other = this.#users.get(userID);
      const stays = other === undefined || other.serverID === serverID || other.boundMicros <= user.boundMicros;
      if (stays) this.#put(user);
      const loser = stays ? other : user;
      const winner = stays ? user : other;
      if (loser !== undefined && loser.serverID !== winner.serverID) this.#pushOut(loser, winner.serverID);
      return user.session;
    });
  }

  /** A server is gone: so are its users, and what they asked (CLU-019). */
  handleServerGone(nowMicros: number, serverID: number): void {
    for (const [userID, waiting] of this.#questions) {
      const left = waiting.filter((question) => question.serverID !== serverID);
      if (left.length > 0) this.#questions.set(userID, left);
      else this.#questions.delete(userID);
    }
    for (const user of [...this.#users.values()]) if (user.serverID === serverID) this.#remove(user);
    for (const userID of [...this.#questions.keys()]) this.#advance(nowMicros, userID);
  }

  /** A logon is asked for; its answer comes at once, or when whoever is in the way has gone. */
  handleLogon(nowMicros: number, question: LogonQuestion<Data>): void {
    const waiting = this.#questions.get(question.userID);
    if (waiting !== undefined) {
      waiting.push(question);
      return;
    }
    this.#questions.set(question.userID, [question]);
    this.#advance(nowMicros, question.userID);
  }

  /** A user left its server, or was pushed out there. */
  handleOffline(nowMicros: number, left: { serverID: number; userID: string; session: number }): void {
    const user = this.#users.get(left.userID);
    if (user?.serverID !== left.serverID || user.session !== left.session) return;
    this.#remove(user);
    this.#advance(nowMicros, left.userID);
  }

  /** New data of a user who is still in that session; tells the others (CLU-029). */
  handleChanged(userID: string, session: number, change: (data: Data) => Data): void {
    const user = this.#users.get(userID);
    if (user?.session !== session) return;
    const changed = { ...user, data: change(user.data) };
    this.#users.set(userID, changed);
    this.#outputs.push({ kind: 'came', user: changed });
  }

  /** The next thing to do; undefined when there is none. */
  poll(): DirectoryOutput<Data> | undefined {
    return this.#outputs.shift();
  }

  /** Answers the questions about one user as far as that is possible now. */
  #advance(nowMicros: number, userID: string): void {
    for (;;) {
      const waiting = this.#questions.get(userID);
      const question = waiting?.[0];
      if (waiting === undefined || question === undefined) return;
      const user = this.#users.get(userID);
      const inTheWay = user !== undefined && user.serverID !== question.serverID;
      if (inTheWay && question.mode !== RelogonMode.IgnoreNew) {
        if (!this.#pushing.has(user.session)) this.#pushOut(user, question.serverID);
        this.#pushing.add(user.session);
        return;
      }
      const refused = user !== undefined && question.mode === RelogonMode.IgnoreNew;
      this.#answer(question, refused ? 0 : this.#grant(nowMicros, question));
      waiting.shift();
      if (waiting.length === 0) this.#questions.delete(userID);
    }
  }

  #grant(nowMicros: number, { userID, serverID, data }: LogonQuestion<Data>): number {
    const session = this.#nextSession();
    this.#put({ userID, serverID, session, boundMicros: nowMicros, data });
    return session;
  }

  #answer({ serverID, requestID }: LogonQuestion<Data>, session: number): void {
    this.#outputs.push({ kind: 'answer', serverID, requestID, session });
  }

  #pushOut({ serverID, userID, session }: DirectoryUser<Data>, newServerID: number): void {
    this.#outputs.push({ kind: 'pushOut', serverID, userID, session, newServerID });
  }

  #put(user: DirectoryUser<Data>): void {
    const old = this.#users.get(user.userID);
    if (old !== undefined) {
      this.#count(old.serverID, -1);
      this.#pushing.delete(old.session);
    }
    this.#users.set(user.userID, user);
    this.#count(user.serverID, 1);
    this.#outputs.push({ kind: 'came', user });
  }

  #remove(user: DirectoryUser<Data>): void {
    this.#users.delete(user.userID);
    this.#pushing.delete(user.session);
    this.#count(user.serverID, -1);
    this.#outputs.push({ kind: 'went', user });
  }

  #count(serverID: number, by: number): void {
    const count = (this.#counts.get(serverID) ?? 0) + by;
    if (count === 0) this.#counts.delete(serverID);
    else this.#counts.set(serverID, count);
  }

  #nextSession(): number {
    this.#lastSession = this.#lastSession === SESSION_HIGHEST ? 1 : this.#lastSession + 1;
    return this.#lastSession;
  }
}
