/** Faults in logons (chapter 4). */
import type { Mutant } from '../mutant.ts';

const DESK = 'engine/server/logon-desk';
const ENGINE = 'engine/client/passive-engine';
const LINK = 'engine/client/client-link';
const STATES = 'core/server-states';

export const mutants: readonly Mutant[] = [
  {
    id: 'M-LOG-001',
    title: 'a heartbeat goes before the Logon',
    clause: 'LOG-001',
    file: LINK,
    find: 'const messageId = this.requests.nextId(); this.#logonId = messageId;',
    replace: 'this.sendHeartbeat(); const messageId = this.requests.nextId(); this.#logonId = messageId;',
  },
  {
    id: 'M-LOG-002',
    title: 'VerifyUser is asked twice',
    clause: 'LOG-002',
    file: DESK,
    find: 'const verdict = basicHandler.verifyUser(',
    replace:
      'basicHandler.verifyUser(request.SystemToken, userID, request.Password); const verdict = basicHandler.verifyUser(',
  },
  {
    id: 'M-LOG-002b',
    title: 'without a basic handler everybody is refused',
    clause: 'LOG-002',
    file: DESK,
    find: 'if (basicHandler === null) { this.#admit({ connection, claim }); return; }',
    replace:
      "if (basicHandler === null) { this.#refuse(connection, claim, { logonResult: 1, failureCause: 'no handler' }); return; }",
  },
  {
    id: 'M-LOG-003',
    title: 'the answer to a Logon has an id of its own',
    clause: 'LOG-003',
    file: DESK,
    find: 'messageType: MessageType.Logon, messageId: claim.messageId,',
    replace: 'messageType: MessageType.Logon, messageId: 1,',
  },
  {
    id: 'M-LOG-004',
    title: 'a refused connection is reset before its answer has arrived',
    clause: 'LOG-004',
    file: STATES,
    find: "refused: move('closed', 'end'),",
    replace: "refused: move('closed', 'abort'),",
  },
  {
    id: 'M-LOG-004b',
    title: 'a refused connection stays open',
    clause: 'LOG-004',
    file: STATES,
    find: "refused: move('closed', 'end'),",
    replace: "refused: move('deciding'),",
  },
  {
    id: 'M-LOG-005',
    title: 'a null failure cause becomes an empty text',
    clause: 'LOG-005',
    file: ENGINE,
    find: 'failureCause: response.FailureCause',
    replace: "failureCause: response.FailureCause ?? ''",
  },
  {
    id: 'M-LOG-006',
    title: 'the version is not compared',
    clause: 'LOG-006',
    file: 'core/logon-check',
    find: 'if (claim.version !== expected.version) {',
    replace: 'if (claim.version < 0) {',
  },
  {
    id: 'M-LOG-006b',
    title: 'the account is compared without regard to case',
    clause: 'LOG-006',
    file: 'core/logon-check',
    find: 'if (claim.authorizedUser !== expected.authorizedUser) {',
    replace: 'if (claim.authorizedUser?.toLowerCase() !== expected.authorizedUser.toLowerCase()) {',
  },
  {
    id: 'M-LOG-007',
    title: 'waiting for the answer to a Logon has no end',
    clause: 'LOG-007',
    file: LINK,
    find: 'this.#logonAlarm.aim(this.#platform.monotonicMicros() + this.#options.waitMicros);',
    replace: '',
  },
  {
    id: 'M-LOG-008',
    title: 'a second Logon is answered Succeed',
    clause: 'LOG-008',
    file: 'engine/server/server-connection',
    find: 'logonResult: LogonResult.HadLoggedOn, failureCause: null',
    replace: 'logonResult: LogonResult.Succeed, failureCause: null',
  },
  {
    id: 'M-LOG-010',
    title: 'SomeOneConnected is raised twice',
    clause: 'LOG-010',
    file: 'engine/server/server-connection',
    find: 'context.users.someOneConnected.raise(this.userData);',
    replace:
      'context.users.someOneConnected.raise(this.userData); context.users.someOneConnected.raise(this.userData);',
  },
  {
    id: 'M-LOG-012',
    title: 'an exception in VerifyUser accepts',
    clause: 'LOG-012',
    file: DESK,
    find: 'return { ok: false, failureCause: describeError(error) };',
    replace: 'return { ok: error !== null, failureCause: describeError(error) };',
  },
  {
    id: 'M-LOG-013',
    title: 'SomeOneConnected is raised before the answer',
    clause: 'LOG-013',
    file: 'engine/server/server-connection',
    find: 'context.desk.answer(this, this.#claim, { logonResult: LogonResult.Succeed, failureCause: null }); context.users.someOneConnected.raise(this.userData);',
    replace:
      'context.users.someOneConnected.raise(this.userData); context.desk.answer(this, this.#claim, { logonResult: LogonResult.Succeed, failureCause: null });',
  },
  {
    id: 'M-LOG-014',
    title: 'the server offers groups',
    clause: 'LOG-014',
    file: DESK,
    find: 'GroupRelationEnabled: false',
    replace: 'GroupRelationEnabled: true',
  },
  {
    id: 'M-LOG-015',
    title: 'a missing token becomes an empty one',
    clause: 'LOG-015',
    file: ENGINE,
    find: 'SystemToken: this.systemToken',
    replace: "SystemToken: this.systemToken ?? ''",
  },
  {
    id: 'M-LOG-016',
    title: 'heartbeats start with the connection',
    clause: 'LOG-016',
    file: LINK,
    find: 'this.#logonAlarm.aim(',
    replace: 'this.#platform.setTimer(1000000, () => this.sendHeartbeat()); this.#logonAlarm.aim(',
  },
  {
    id: 'M-LOG-018',
    title: 'a refusal rejects',
    clause: 'LOG-018',
    file: ENGINE,
    find: 'resolve(this.#response)',
    replace:
      'this.#response.logonResult === 0 ? this.#initializing?.resolve(this.#response) : this.#initializing?.reject(new Error(`refused`))',
  },
  {
    id: 'M-LOG-020',
    title: 'a change of the count is told with the old number',
    clause: 'LOG-020',
    file: 'engine/server/users',
    find: 'this.userCountChanged.raise(this.#bound.size);',
    replace: 'this.userCountChanged.raise(this.#bound.size - 1);',
  },
  {
    id: 'M-LOG-021',
    title: 'what comes during a decision is lost',
    clause: 'LOG-021',
    file: STATES,
    find: "message: move('deciding', 'hold'), invalid",
    replace: "message: move('deciding'), invalid",
  },
];
