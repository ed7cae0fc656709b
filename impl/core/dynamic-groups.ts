/**
 * Dynamic groups as a table: who is a member of what, and the tags. Pure state; nobody is told anything here.
 *
 * Drive it: `join`, `quit`, `quitAll` and `setTag` change it and say whether they did; the rest reads. CON-040
 */
import { DYNAMIC_GROUPS_PER_USER_MAX } from '../../spec/limits.ts';

type Group = { readonly members: Set<string>; tag: string | null };

const NOBODY: ReadonlySet<string> = new Set();

/** What became of a join; `refused`: the user has as many groups as a user may have (CON-055). */
export type JoinOutcome = 'joined' | 'already' | 'refused';

/** All dynamic groups of one server. Lists are in the order of joining. */
export class DynamicGroups {
  readonly #groups = new Map<string, Group>();
  readonly #ofUser = new Map<string, Set<string>>();

  get groupIds(): string[] {
    return [...this.#groups.keys()];
  }

  has(groupID: string): boolean {
    return this.#groups.has(groupID);
  }

  membersOf(groupID: string): ReadonlySet<string> {
    return this.#groups.get(groupID)?.members ?? NOBODY;
  }

  isMember(groupID: string, userID: string): boolean {
    return this.membersOf(groupID).has(userID);
  }

  groupsOf(userID: string): ReadonlySet<string> {
    return this.#ofUser.get(userID) ?? NOBODY;
  }

  /** Null when it has none, and when there is no such group. */
  tagOf(groupID: string): string | null {
    return this.#groups.get(groupID)?.tag ?? null;
  }

  /** Everybody who shares a group with the user, each once, without the user. */
  matesOf(userID: string): ReadonlySet<string> {
    const mates = new Set<string>();
    for (const groupID of this.groupsOf(userID)) for (const mate of this.membersOf(groupID)) mates.add(mate);
    mates.delete(userID);
    return mates;
  }

  /** A group nobody is in begins with its first member. */
  join(groupID: string, userID: string): JoinOutcome {
    const own = this.#ofUser.get(userID) ?? new Set<string>();
    if (own.has(groupID)) return 'already';
    if (own.size >= DYNAMIC_GROUPS_PER_USER_MAX) return 'refused';
    const group = this.#groups.get(groupID) ?? { members: new Set<string>(), tag: null };
    this.#groups.set(groupID, group);
    this.#ofUser.set(userID, own);
    group.members.add(userID);
    own.add(groupID);
    return 'joined';
  }

  /** @returns whether the user was a member. */
  quit(groupID: string, userID: string): boolean {
    const group = this.#groups.get(groupID);
    if (group?.members.delete(userID) !== true) return false;
    if (group.members.size === 0) this.#groups.delete(groupID);
    const own = this.#ofUser.get(userID);
    own?.delete(groupID);
    if (own?.size === 0) this.#ofUser.delete(userID);
    return true;
  }

  quitAll(userID: string): void {
    for (const groupID of [...this.groupsOf(userID)]) this.quit(groupID, userID);
  }

  /** @returns whether there is such a group. */
  setTag(groupID: string, tag: string | null): boolean {
    const group = this.#groups.get(groupID);
    if (group === undefined) return false;
    group.tag = tag;
    return true;
  }
}
