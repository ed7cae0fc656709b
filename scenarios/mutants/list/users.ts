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
];
