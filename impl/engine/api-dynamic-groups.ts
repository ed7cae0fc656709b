/** The public API of dynamic groups as types: section 21.6. Names after the messages; lists are copies. */
import type { BroadcastReceivedArgs } from './api-contacts.ts';
import type { Event } from './api.ts';
import type { ActionTypeOnChannelIsBusy } from './enums.ts';

/** A dynamic group; members in the order of joining. CON-049 */
export type GroupInfomation = { readonly groupID: string; readonly members: string[]; readonly tag: string | null };

type BroadcastCall = (
  groupID: string,
  broadcastType: number,
  broadcastContent: Uint8Array | null,
  tag: string | null,
  action: ActionTypeOnChannelIsBusy,
) => void;

type UsersEvent = Event<[groupID: string, userIDs: string[], operatorID: string]>;

/** A client's dynamic groups. Calls that give no promise throw `E_ARGUMENT`, `E_DISCONNECTED`; who is no member is ignored. */
export type DynamicGroupOutter = {
  /** The group as it is then; null when refused. CON-041, CON-055 */
  joinGroup(groupID: string): Promise<GroupInfomation | null>;
  /** CON-043 */
  quitGroup(groupID: string): void;
  /** Makes others, who are online, members. CON-044 */
  pullIntoGroup(groupID: string, userIDs: readonly string[]): void;
  /** CON-045 */
  removeFromGroup(groupID: string, userIDs: readonly string[]): void;
  /** Asks others to join. CON-048 */
  inviteJoinGroup(groupID: string, userIDs: readonly string[]): void;
  /** At most 4,096 bytes of UTF-8. CON-047 */
  setGroupTag(groupID: string, tag: string | null): void;
  /** Null when there is no such group. CON-049 */
  getGroupInfomation(groupID: string): Promise<GroupInfomation | null>;
  /** CON-050 */
  getMyGroups(): Promise<string[]>;
  /** CON-050 */
  getOnlineGroupmates(): Promise<string[]>;
  /** To every other online member. CON-053 */
  broadcast: BroadcastCall;
  readonly broadcastReceived: Event<BroadcastReceivedArgs>;
  readonly someoneJoinGroup: Event<[groupID: string, userID: string]>;
  readonly someoneQuitGroup: Event<[groupID: string, userID: string]>;
  /** This user, perhaps among others, was pulled in. */
  readonly pulledIntoGroup: UsersEvent;
  readonly removedFromGroup: UsersEvent;
  readonly someonePullIntoGroup: UsersEvent;
  readonly someoneRemoveFromGroup: UsersEvent;
  readonly groupmateOffline: Event<[userID: string, quitGroupWhenOffline: boolean]>;
  readonly groupmateOnline: Event<[userID: string]>;
  readonly invitedJoinGroup: Event<[groupID: string, inviterID: string]>;
  readonly groupTagChanged: Event<[groupID: string, tag: string | null, operatorID: string]>;
};

/** The server's dynamic groups. */
export type DynamicGroupController = {
  /** Whether going offline ends all memberships; default true; may be set at any time. CON-051 */
  quitGroupWhenOffline: boolean;
  getGroupIDs(): string[];
  /** Null when there is no such group. */
  getGroupInfomation(groupID: string): GroupInfomation | null;
};
