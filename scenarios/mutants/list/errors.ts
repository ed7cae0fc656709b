/** Faults in errors (chapter 16). */
import type { Mutant } from '../mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'M-ERR-001a',
    title: 'refusals name no clause',
    clause: 'ERR-001',
    file: 'wire/local-error',
    find: 'this.clause = clause;',
    replace: "this.clause = '';",
  },
  {
    id: 'M-ERR-001b',
    title: 'refusals do not say what was passed in',
    clause: 'ERR-001',
    file: 'wire/local-error',
    find: "if (typeof value === 'bigint')",
    replace: "if (typeof value === 'number') return 'a number'; if (typeof value === 'bigint')",
  },
  {
    id: 'M-ERR-002',
    title: 'a timeout is a plain error',
    clause: 'ERR-002',
    file: 'engine/requests',
    find: 'due.reject(new TimeoutException());',
    replace:
      "due.reject(Object.assign(new Error('Timeout waiting for reply !'), { code: 'E_TIMEOUT', clause: 'QRY-004' }));",
  },
];
