/** The dynamic groups of one running server: the table, who is told of its changes, and users who come and go (CON-051). */
import { DynamicGroups } from '../../../core/dynamic-groups.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import { codecs } from '../../../wire/index.ts';
import type { DynamicGroupController, GroupInfomation } from '../../api-dynamic-groups.ts';
import { describeValue, LocalProtocolError } from '../../../wire/index.ts';
import type { ServerContext } from '../server-context.ts';
import { createTelling } from './group-notices.ts';
import type { TellUsers } from './group-notices.ts';

export type GroupsPart = {
  readonly table: DynamicGroups;
  readonly tell: TellUsers;
  handlePresence(userID: string, online: boolean): void;
};

/** @param controller - Says whether going offline ends memberships. */
export function createGroupsPart(
  world: Pick<ServerContext, 'delivery' | 'limits' | 'platform' | 'requests'>,
  controller: Pick<DynamicGroupController, 'quitGroupWhenOffline'>,
): GroupsPart {
  const table = new DynamicGroups();
  const tell = createTelling(world);
  return {
    table,
    tell,
    handlePresence(userID, online) {
      const mates = table.matesOf(userID);
      if (online) {
        tell(mates, userID, MessageType.GroupmateOnlineNotify, codecs.UserContract, { UserID: userID });
        return;
      }
      const QuitGroupWhenOffline = controller.quitGroupWhenOffline;
      if (QuitGroupWhenOffline) table.quitAll(userID);
      const body = { QuitGroupWhenOffline, UserID: userID };
      tell(mates, userID, MessageType.GroupmateOfflineNotify, codecs.GroupmateOfflineContract, body);
    },
  };
}

/** The object behind `server.dynamicGroupController`. */
export class ServerDynamicGroupController implements DynamicGroupController {
  readonly #context: () => ServerContext;
  #quitGroupWhenOffline = true;

  /** @param context - Throws while the server does not run. */
  constructor(context: () => ServerContext) {
    this.#context = context;
  }

  get quitGroupWhenOffline(): boolean {
    return this.#quitGroupWhenOffline;
  }

  set quitGroupWhenOffline(value: boolean) {
    if (typeof value !== 'boolean') {
      const text = `quitGroupWhenOffline must be true or false, got ${describeValue(value)}`;
      throw new LocalProtocolError('E_ARGUMENT', 'CON-051', text);
    }
    this.#quitGroupWhenOffline = value;
  }

  getGroupIDs(): string[] {
    return this.#context().groups.table.groupIds;
  }

  getGroupInfomation(groupID: string): GroupInfomation | null {
    const { table } = this.#context().groups;
    if (!table.has(groupID)) return null;
    return { groupID, members: [...table.membersOf(groupID)], tag: table.tagOf(groupID) };
  }
}
