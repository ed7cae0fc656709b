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

type Admission = { readonly connection: ServerConnection; readonly claim: LogonClaim };

/** Decides the logons of one server. */
export class LogonDesk {
  readonly #context: () => ServerContext;
  readonly #relogonMode: () => RelogonMode;
  /** Verified logons by UserID; the head is being admitted. */
  readonly #admissions = new Map<string, Admission[]>();

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
      this.#admit({ connection, claim });
      return;
    }
    platform.noteAsyncEdge();
    try {
      const verdict = basicHandler.verifyUser(request.SystemToken, userID, request.Password);
      if (isPromiseLike(verdict)) {
        (verdict as PromiseLike<VerifyResult>).then(
          (result) => this.#handleVerdict({ connection, claim }, result),
          (error: unknown) => this.#handleVerdict({ connection, claim }, thrownVerdict(error)),
        );
      } else this.#handleVerdict({ connection, claim }, verdict);
    } catch (error) {
      this.#handleVerdict({ connection, claim }, thrownVerdict(error));
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

  #handleVerdict(admission: Admission, verdict: VerifyResult): void {
    this.#context().platform.noteAsyncEdge();
    if (!admission.connection.isDeciding) return;
    if (verdict.ok) this.#admit(admission);
    else {
      const failureCause = verdict.failureCause ?? null;
      this.#refuse(admission.connection, admission.claim, { logonResult: LogonResult.Failed, failureCause });
    }
  }

  #admit(admission: Admission): void {
    const { userID } = admission.claim;
    const waiting = this.#admissions.get(userID);
    if (waiting !== undefined) {
      waiting.push(admission);
      return;
    }
    this.#admissions.set(userID, [admission]);
    this.#admitHead(userID);
  }

  #admitHead(userID: string): void {
    const { connection, claim } = this.#admissions.get(userID)![0]!;
    const { users } = this.#context();
    const next = (): void => this.#admitNext(userID);
    const old = users.get(userID);
    if (!connection.isDeciding) {
      next();
      return;
    }
    const move = RELOGON_MOVES[this.#relogonMode()][old === undefined ? 'offline' : 'online'];
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
        this.#accept(connection);
        next();
      });
    } else {
      this.#accept(connection);
      next();
    }
  }

  #accept(connection: ServerConnection): void {
    connection.input('accepted');
    // The old one may be gone although the new one did not make it: then the count did change.
    this.#context().users.reportCount();
  }

  #admitNext(userID: string): void {
    const waiting = this.#admissions.get(userID)!;
    waiting.shift();
    if (waiting.length === 0) this.#admissions.delete(userID);
    else this.#admitHead(userID);
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
