/**
 * Decides logons: checks, asks the application, applies the relogon mode, answers (LOG-002 to LOG-012, REL).
 *
 * Verifications of one UserID may overlap; admissions never do: they come one after the other in the order in which the
 * verifications ended (REL-009). All steps happen at once when the application's code is synchronous.
 */
import { LogonResult } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { checkLogon } from '../../core/logon-check.ts';
import { RELOGON_MOVES } from '../../core/relogon-policy.ts';
import { codecs } from '../../wire/index.ts';
import type { LogonResponse, VerifyResult } from '../api.ts';
import type { RelogonMode } from '../enums.ts';
import { describeError, isPromiseLike } from '../event.ts';
import type { LogonClaim, ServerConnection } from './server-connection.ts';
import type { ServerContext } from './server-context.ts';

type Admission = {
  readonly connection: ServerConnection;
  readonly claim: LogonClaim;
  /** What the cluster said: the session, 0 where this server decides alone, or REFUSED. */
  readonly session: number;
};

/** One step of the row of a UserID; calls `next` when it has finished. */
type Task = (next: () => void) => void;

/** The cluster refuses: the user is online on another server (CLU-022). */
export const REFUSED = -1;

/** Decides the logons of one server. */
export class LogonDesk {
  readonly #context: () => ServerContext;
  readonly #relogonMode: () => RelogonMode;
  /** What is to be done by UserID, one after the other; the head is being done. */
  readonly #rows = new Map<string, Task[]>();

  constructor(context: () => ServerContext, relogonMode: () => RelogonMode) {
    this.#context = context;
    this.#relogonMode = relogonMode;
  }

  /** Takes a logon of a connection that is now `deciding`; sooner or later it is accepted or refused. */
  handleLogon(connection: ServerConnection, claim: LogonClaim): void {
    const { basicHandler, expected, platform } = this.#context();
    const { request, userID } = claim;
    const refusal = checkLogon({ userID, authorizedUser: request.AuthorizedUser, version: request.Version }, expected);
    if (refusal !== undefined) {
      this.#refuse(connection, claim, refusal);
      return;
    }
    if (basicHandler === null) {
      this.#admit(connection, claim);
      return;
    }
    platform.noteAsyncEdge();
    try {
      const verdict = basicHandler.verifyUser(request.SystemToken, userID, request.Password);
      if (isPromiseLike(verdict)) {
        (verdict as PromiseLike<VerifyResult>).then(
          (result) => this.#handleVerdict(connection, claim, result),
          (error: unknown) => this.#handleVerdict(connection, claim, thrownVerdict(error)),
        );
      } else this.#handleVerdict(connection, claim, verdict);
    } catch (error) {
      this.#handleVerdict(connection, claim, thrownVerdict(error));
    }
  }

  /** Answers a logon: same type, same message id (LOG-003). */
  answer(connection: ServerConnection, claim: LogonClaim, response: LogonResponse): void {
    connection.post(
      { messageType: MessageType.Logon, messageId: claim.messageId, destId: claim.userID },
      codecs.ResLogonContract,
      {
        FailureCause: response.failureCause,
        GroupRelationEnabled: false,
        LogonResult: response.logonResult,
        P2PEnabled: true,
        UseAsP2PServer: this.#context().p2p.isRunning,
      },
    );
  }

  #handleVerdict(connection: ServerConnection, claim: LogonClaim, verdict: VerifyResult): void {
    this.#context().platform.noteAsyncEdge();
    if (!connection.isDeciding) return;
    if (verdict.ok) this.#admit(connection, claim);
    else {
      const failureCause = verdict.failureCause ?? null;
      this.#refuse(connection, claim, { logonResult: LogonResult.Failed, failureCause });
    }
  }

  /** The logon is verified; in a cluster the platform server has a say (CLU-020). */
  #admit(connection: ServerConnection, claim: LogonClaim): void {
    const { cluster } = this.#context();
    const { userID } = claim;
    const enqueue = (session: number): void =>
      this.#enqueue(userID, (next) => this.#admitNow({ connection, claim, session }, next));
    if (cluster === null) enqueue(0);
    else cluster.askLogon(connection, claim, this.#relogonMode(), enqueue);
  }

  /**
   * Ends the connection of a session because its user logs on at another server of the cluster (CLU-021). Logons of the user
   * that were granted before come first: the session may be that of one who is not bound yet.
   */
  logonOtherServer(userID: string, session: number, done: () => void): void {
    const { users } = this.#context();
    this.#enqueue(userID, (next) => {
      const finish = (): void => {
        done();
        next();
      };
      const connection = users.get(userID);
      if (connection?.userData === undefined || connection.session !== session) finish();
      else {
        users.someOneBeingPushedOut.raiseThen([connection.userData], () => {
          connection.input('replaced');
          users.reportCount();
          finish();
        });
      }
    });
  }

  #enqueue(userID: string, task: Task): void {
    const row = this.#rows.get(userID);
    if (row !== undefined) {
      row.push(task);
      return;
    }
    this.#rows.set(userID, [task]);
    this.#doHead(userID);
  }

  #doHead(userID: string): void {
    const row = this.#rows.get(userID)!;
    row[0]!(() => {
      row.shift();
      if (row.length === 0) this.#rows.delete(userID);
      else this.#doHead(userID);
    });
  }

  #admitNow(admission: Admission, done: () => void): void {
    const { connection, claim, session } = admission;
    const { userID } = claim;
    const { users } = this.#context();
    const next = (): void => {
      this.#settleSession(userID, session);
      done();
    };
    const old = users.get(userID);
    if (!connection.isDeciding) {
      next();
      return;
    }
    const here = RELOGON_MOVES[this.#relogonMode()][old === undefined ? 'offline' : 'online'];
    const move = session === REFUSED ? 'ignoreNew' : here;
    if (move === 'ignoreNew') {
      users.newConnectionIgnored.raiseThen([userID, connection.remote], () => {
        if (connection.isDeciding) {
          this.#refuse(connection, claim, { logonResult: LogonResult.HadLoggedOn, failureCause: null });
        }
        next();
      });
    } else if (old?.userData !== undefined) {
      users.someOneBeingPushedOut.raiseThen([old.userData], () => {
        // A newcomer that left meanwhile replaces nobody.
        if (connection.isDeciding) old.input('replaced');
        this.#accept(connection, session);
        next();
      });
    } else {
      this.#accept(connection, session);
      next();
    }
  }

  #accept(connection: ServerConnection, session: number): void {
    connection.session = session;
    connection.input('accepted');
    // The old one may be gone although the new one did not make it: then the count did change.
    this.#context().users.reportCount();
  }

  /** The session that the cluster granted belongs to whoever is bound now, or to nobody (CLU-023). */
  #settleSession(userID: string, session: number): void {
    const { cluster, users } = this.#context();
    if (cluster === null || session <= 0) return;
    const bound = users.get(userID);
    if (bound === undefined) cluster.noteOffline(userID, session);
    else bound.session = session;
  }

  #refuse(connection: ServerConnection, claim: LogonClaim, response: LogonResponse): void {
    try {
      this.answer(connection, claim, response);
    } catch (error) {
      // A cause that no message can carry is left out; the refusal stands.
      this.#context().platform.log('warn', `the failure cause cannot be sent: ${describeError(error)}`);
      this.answer(connection, claim, { ...response, failureCause: null });
    }
    connection.input('refused');
  }
}

/** LOG-012: an exception is a refusal with its message as the cause. */
function thrownVerdict(error: unknown): VerifyResult {
  return { ok: false, failureCause: describeError(error) };
}
