/** The public userManager: who is online, and the events about them (USR). A thin face over `Users`. */
import type { Endpoint } from '../../../spec/platform.ts';
import { RelogonMode } from '../enums.ts';
import type { UserData, UserManager } from '../api.ts';
import { Settings } from '../settings.ts';
import { LocalProtocolError, describeValue } from '../../wire/index.ts';
import type { Users } from './users.ts';

/** Makes the face. @param isFrozen - Whether relogonMode may still be set. @param requireStarted - Throws before initialize. */
export function createUserManager(users: Users, isFrozen: () => boolean, requireStarted: () => void): UserManager {
  const settings = new Settings<{ relogonMode: RelogonMode }>(
    { relogonMode: RelogonMode.ReplaceOld },
    { relogonMode: checkRelogonMode },
    isFrozen,
  );
  return {
    get relogonMode() {
      return settings.get('relogonMode');
    },
    set relogonMode(mode) {
      settings.set('relogonMode', mode);
    },
    get userCount() {
      return users.count;
    },
    isUserOnLine(userID) {
      requireStarted();
      return users.get(userID) !== undefined;
    },
    getOnlineUserList() {
      requireStarted();
      return users.ids();
    },
    getUserData(userID): UserData | null {
      requireStarted();
      return users.get(userID)?.userData ?? null;
    },
    getUserAddress(userID): Endpoint | null {
      requireStarted();
      return users.get(userID)?.userData?.address ?? null;
    },
    selectOnlineUserFrom(userIDs) {
      requireStarted();
      return [...new Set(userIDs)].filter((userID) => users.get(userID) !== undefined);
    },
    getAllUserData(): UserData[] {
      requireStarted();
      return [...users.all()].flatMap((connection) => connection.userData ?? []);
    },
    setTag(userID, tag) {
      requireStarted();
      const user = users.get(userID)?.userData;
      if (user === undefined) return false;
      user.tag = tag;
      users.userTagChanged.raise(userID, tag);
      return true;
    },
    someOneConnected: users.someOneConnected,
    someOneDisconnected: users.someOneDisconnected,
    someOneBeingPushedOut: users.someOneBeingPushedOut,
    newConnectionIgnored: users.newConnectionIgnored,
    someOneTimeOuted: users.someOneTimeOuted,
    userCountChanged: users.userCountChanged,
    p2pAddressChanged: users.p2pAddressChanged,
    userTagChanged: users.userTagChanged,
  };
}

function checkRelogonMode(mode: RelogonMode): void {
  if (Object.values(RelogonMode).includes(mode)) return;
  const text = `relogonMode must be RelogonMode.IgnoreNew or RelogonMode.ReplaceOld, got ${describeValue(mode)}`;
  throw new LocalProtocolError('E_ARGUMENT', 'REL-002', text);
}
