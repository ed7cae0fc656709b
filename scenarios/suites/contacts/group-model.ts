/** What section 21.6 says as a model: it is told what users do and says what every user must have been told. */

type Group = { readonly members: string[]; tag: string | null };

export type Step =
  | { readonly kind: 'join' | 'quit' | 'infomation'; readonly user: string; readonly group: string }
  | {
      readonly kind: 'pull' | 'remove' | 'invite';
      readonly user: string;
      readonly group: string;
      readonly named: readonly string[];
    }
  | { readonly kind: 'tag'; readonly user: string; readonly group: string; readonly tag: string | null }
  | { readonly kind: 'broadcast'; readonly user: string; readonly group: string }
  | { readonly kind: 'groups' | 'mates' | 'come' | 'leave' | 'again'; readonly user: string };

/** Groups, who is online, and what each user has been told so far, as words. */
export class GroupModel {
  readonly online = new Set<string>();
  readonly told = new Map<string, string[]>();
  readonly #groups = new Map<string, Group>();
  readonly #quitsWhenOffline: boolean;

  constructor(quitsWhenOffline: boolean) {
    this.#quitsWhenOffline = quitsWhenOffline;
  }

  get groupIds(): string[] {
    return [...this.#groups.keys()];
  }

  infomation(groupID: string): { groupID: string; members: string[]; tag: string | null } | null {
    const group = this.#groups.get(groupID);
    return group === undefined ? null : { groupID, members: [...group.members], tag: group.tag };
  }

  groupsOf(user: string): string[] {
    return [...this.#groups].filter(([, { members }]) => members.includes(user)).map(([groupID]) => groupID);
  }

  matesOf(user: string): string[] {
    const all = this.groupsOf(user).flatMap((groupID) => this.#groups.get(groupID)!.members);
    return [...new Set(all)].filter((each) => each !== user);
  }

  /** The answer to a question; undefined for steps that are none. */
  take(step: Step): unknown {
    const { user } = step;
    switch (step.kind) {
      case 'join':
        return this.#join(step.group, user);
      case 'infomation':
        return this.infomation(step.group);
      case 'groups':
        return this.groupsOf(user);
      case 'mates':
        return this.matesOf(user).filter((each) => this.online.has(each));
      case 'come':
        this.online.add(user);
        this.#tell(this.matesOf(user), [], `online ${user}`);
        return undefined;
      case 'leave':
        this.#leave(user);
        return undefined;
      case 'again':
        return undefined;
      case 'quit':
        if (this.#drop(step.group, user)) this.#tell(this.#members(step.group), [], `quit ${step.group} ${user}`);
        return undefined;
      case 'pull':
      case 'remove':
      case 'invite':
      case 'tag':
      case 'broadcast':
        if (this.#members(step.group).includes(user)) this.#act(step);
        return undefined;
    }
  }

  #act(step: Extract<Step, { kind: 'pull' | 'remove' | 'invite' | 'tag' | 'broadcast' }>): void {
    const { group: groupID, user } = step;
    const group = this.#groups.get(groupID)!;
    if (step.kind === 'tag') {
      group.tag = step.tag;
      this.#tell(group.members, [user], `tag ${groupID} ${step.tag} ${user}`);
    } else if (step.kind === 'broadcast') this.#tell(group.members, [user], `broadcast ${groupID} ${user}`);
    else if (step.kind === 'invite') this.#tell(step.named, group.members, `invited ${groupID} ${user}`);
    else if (step.kind === 'pull') {
      const pulled = step.named.filter((each) => this.online.has(each) && !group.members.includes(each));
      group.members.push(...pulled);
      this.#tellMoved('pulled', groupID, pulled, user);
    } else {
      const removed = step.named.filter((each) => this.#drop(groupID, each));
      this.#tellMoved('removed', groupID, removed, user);
    }
  }

  #tellMoved(what: string, groupID: string, moved: readonly string[], user: string): void {
    if (moved.length === 0) return;
    this.#tell(moved, [], `${what} ${groupID} ${moved.join()} ${user}`);
    this.#tell(this.#members(groupID), [...moved, user], `someone ${what} ${groupID} ${moved.join()} ${user}`);
  }

  #join(groupID: string, user: string): unknown {
    const group = this.#groups.get(groupID) ?? { members: [], tag: null };
    this.#groups.set(groupID, group);
    if (!group.members.includes(user)) {
      group.members.push(user);
      this.#tell(group.members, [user], `join ${groupID} ${user}`);
    }
    return this.infomation(groupID);
  }

  #leave(user: string): void {
    this.online.delete(user);
    const mates = this.matesOf(user);
    if (this.#quitsWhenOffline) for (const groupID of this.groupsOf(user)) this.#drop(groupID, user);
    this.#tell(mates, [], `offline ${user} ${this.#quitsWhenOffline}`);
  }

  #members(groupID: string): readonly string[] {
    return this.#groups.get(groupID)?.members ?? [];
  }

  #drop(groupID: string, user: string): boolean {
    const group = this.#groups.get(groupID);
    const at = group?.members.indexOf(user) ?? -1;
    if (group === undefined || at < 0) return false;
    group.members.splice(at, 1);
    if (group.members.length === 0) this.#groups.delete(groupID);
    return true;
  }

  #tell(users: readonly string[], except: readonly string[], what: string): void {
    for (const user of new Set(users)) {
      if (except.includes(user) || !this.online.has(user)) continue;
      this.told.set(user, [...(this.told.get(user) ?? []), what]);
    }
  }
}
