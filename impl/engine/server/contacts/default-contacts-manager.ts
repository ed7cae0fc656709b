/** The contacts manager for demonstrations and tests: everybody online is everybody's contact, and in every group (CON-005). */
import type { UserManager } from '../../api.ts';
import type { ContactsManager } from '../../api-contacts.ts';

/** Its lists are never empty while somebody is online. */
export class DefaultContactsManager implements ContactsManager {
  readonly #users: Pick<UserManager, 'getOnlineUserList'>;

  /** @param users - The server's `userManager`. */
  constructor(users: Pick<UserManager, 'getOnlineUserList'>) {
    this.#users = users;
  }

  getContacts(_userID: string): string[] {
    return this.#users.getOnlineUserList();
  }

  getGroupMemberList(_groupID: string): string[] {
    return this.#users.getOnlineUserList();
  }
}
