/**
 * Everybody online as one server knows it: its own users, and in a cluster a copy of who is on the other servers.
 *
 * The copy follows the platform server's notices (CLU-025) and is empty while there is none. Own users go first.
 */
import type { UserData } from '../api.ts';
import type { Users } from '../server/users.ts';
import type { PlatformUserManager } from './api.ts';

/** A user of another server. */
export type RemoteUser = { readonly session: number; readonly data: UserData };

/** The users of the platform. */
export class PlatformUsers {
  readonly #users: Users;
  readonly #remote = new Map<string, RemoteUser>();
  #tellPresence: (userID: string, online: boolean) => void = () => undefined;

  constructor(users: Users) {
    this.#users = users;
  }

  /** Calls back when a user of another server comes or goes; for what users are told about users. */
  onPresence(tell: (userID: string, online: boolean) => void): void {
    this.#tellPresence = tell;
  }

  get count(): number {
    if (this.#remote.size === 0) return this.#users.count;
    let count = this.#users.count;
    for (const userID of this.#remote.keys()) if (this.#users.get(userID) === undefined) count += 1;
    return count;
  }

  isOnline(userID: string): boolean {
    return this.#users.get(userID) !== undefined || this.#remote.has(userID);
  }

  /** Undefined when offline. */
  get(userID: string): UserData | undefined {
    return this.#users.get(userID)?.userData ?? this.#remote.get(userID)?.data;
  }

  ids(): string[] {
    return [...new Set([...this.#users.ids(), ...this.#remote.keys()])];
  }

  /** The user as known on another server. */
  remote(userID: string): RemoteUser | undefined {
    return this.#remote.get(userID);
  }

  setRemote(userID: string, user: RemoteUser): void {
    const known = this.isOnline(userID);
    this.#remote.set(userID, user);
    if (!known) this.#tellPresence(userID, true);
  }

  /** Forgets one, unless a newer logon is known already. */
  removeRemote(userID: string, session: number): void {
    if (this.#remote.get(userID)?.session !== session) return;
    this.#remote.delete(userID);
    if (!this.isOnline(userID)) this.#tellPresence(userID, false);
  }

  /** The platform server is out of reach: nobody elsewhere can be reached either (CLU-026). */
  clearRemote(): void {
    const gone = [...this.#remote.keys()];
    this.#remote.clear();
    for (const userID of gone) if (!this.isOnline(userID)) this.#tellPresence(userID, false);
  }
}

/** The public face. @param requireStarted - Throws before initialize. */
export function createPlatformUserManager(users: PlatformUsers, requireStarted: () => void): PlatformUserManager {
  return {
    get userCount() {
      return users.count;
    },
    isUserOnLine(userID) {
      requireStarted();
      return users.isOnline(userID);
    },
    getOnlineUserList() {
      requireStarted();
      return users.ids();
    },
    getUserData(userID) {
      requireStarted();
      return users.get(userID) ?? null;
    },
    selectOnlineUserFrom(userIDs) {
      requireStarted();
      return [...new Set(userIDs)].filter((userID) => users.isOnline(userID));
    },
  };
}
