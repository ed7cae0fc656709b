/** Faults in the user manager (chapter 14). */
import type { Mutant } from '../mutant.ts';

const MANAGER = 'engine/server/user-manager';

export const mutants: readonly Mutant[] = [
  {
    id: 'M-USR-001',
    title: 'everybody is online',
    clause: 'USR-001',
    file: MANAGER,
    find: 'requireStarted(); return users.get(userID) !== undefined;',
    replace: 'requireStarted(); return users.count > 0;',
  },
  {
    id: 'M-USR-003',
    title: 'a changed tag is not told',
    clause: 'USR-003',
    file: MANAGER,
    find: 'users.userTagChanged.raise(userID, tag);',
    replace: '',
  },
  {
    id: 'M-USR-004',
    title: 'a handler that throws stops the others',
    clause: 'USR-004',
    file: 'engine/event',
    find: '} catch (error) { this.logFailure(error); } } return results;',
    replace: '} catch (error) { this.logFailure(error); break; } } return results;',
  },
  {
    id: 'M-USR-005',
    title: 'the list of users is sorted out by length',
    clause: 'USR-005',
    file: MANAGER,
    find: 'requireStarted(); return users.ids();',
    replace: 'requireStarted(); return users.ids().slice(0, 2);',
  },
  {
    id: 'M-USR-006',
    title: 'the selection ignores who was asked for',
    clause: 'USR-006',
    file: MANAGER,
    find: '[...new Set(userIDs)].filter((userID) => users.get(userID) !== undefined)',
    replace: '[...new Set(userIDs)]',
  },
  {
    id: 'M-USR-007',
    title: 'data of nobody are an empty object',
    clause: 'USR-007',
    file: MANAGER,
    find: 'users.get(userID)?.userData ?? null',
    replace: 'users.get(userID)?.userData ?? {}',
  },
  {
    id: 'M-USR-008',
    title: 'the data of the first user are missing',
    clause: 'USR-008',
    file: MANAGER,
    find: '[...users.all()].flatMap(',
    replace: '[...users.all()].slice(1).flatMap(',
  },
  {
    id: 'M-USR-009',
    title: 'the address of nobody is undefined',
    clause: 'USR-009',
    file: MANAGER,
    find: 'users.get(userID)?.userData?.address ?? null',
    replace: "users.get(userID)?.userData?.address ?? { address: '', port: 0 }",
  },
  {
    id: 'M-USR-002',
    title: 'the end of a user is told twice',
    clause: 'USR-002',
    file: 'engine/server/server-connection',
    find: 'users.someOneDisconnected.raise(this.userData, reason);',
    replace:
      'users.someOneDisconnected.raise(this.userData, reason); users.someOneDisconnected.raise(this.userData, reason);',
  },
  {
    id: 'M-USR-010',
    title: 'a closed connection is told as a timeout',
    clause: 'USR-010',
    file: 'core/server-states',
    find: "peerEnded: leave(DisconnectedType.NetworkInterrupted, 'end'),",
    replace: "peerEnded: leave(DisconnectedType.HeartBeatTimeout, 'end'),",
  },
  {
    id: 'M-USR-011',
    title: 'the user is still in the lists when the end is told',
    clause: 'USR-011',
    file: 'engine/server/server-connection',
    find: "users.unbind(this.userID); this.#context.cluster?.noteOffline(this.userID, this.session); requests.failAsked(this.userID, () => new DisconnectedException('QRY-014')); endTransfersOf(this.#context, this.userID); users.someOneDisconnected.raise(this.userData, reason);",
    replace:
      "this.#context.cluster?.noteOffline(this.userID, this.session); requests.failAsked(this.userID, () => new DisconnectedException('QRY-014')); endTransfersOf(this.#context, this.userID); users.someOneDisconnected.raise(this.userData, reason); users.unbind(this.userID);",
  },
];
