/** What becomes of a verified logon, by relogon mode and by whether its UserID is online: a table (REL-001, REL-002). */
import { RelogonMode } from '../../spec/errors.ts';

type Mode = (typeof RelogonMode)[keyof typeof RelogonMode];

/** `bind` the new connection, `replaceOld` one first (REL-003), or `ignoreNew` (REL-006). */
export type RelogonMove = 'bind' | 'replaceOld' | 'ignoreNew';

type Row = { readonly offline: RelogonMove; readonly online: RelogonMove };

/** Indexed by relogon mode. */
export const RELOGON_MOVES: Readonly<Record<Mode, Row>> = {
  [RelogonMode.IgnoreNew]: { offline: 'bind', online: 'ignoreNew' },
  [RelogonMode.ReplaceOld]: { offline: 'bind', online: 'replaceOld' },
};
