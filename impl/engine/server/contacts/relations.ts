/** The application's contacts manager, asked safely: whatever it does, a list of UserIDs without doubles comes back (CON-004). */
import type { Platform } from '../../../../spec/platform.ts';
import type { ContactsManager } from '../../api-contacts.ts';
import { describeError } from '../../event.ts';
import { describeValue } from '../../../wire/index.ts';

const NOBODY: ReadonlySet<string> = new Set();

/** Who is related to whom. */
export class Relations {
  readonly #platform: Platform;
  readonly #manager: ContactsManager | null;

  /** @param manager - null: nobody has contacts, and no group has members (CON-002). */
  constructor(platform: Platform, manager: ContactsManager | null) {
    this.#platform = platform;
    this.#manager = manager;
  }

  contactsOf(userID: string): ReadonlySet<string> {
    return this.#ask('getContacts', userID);
  }

  membersOf(groupID: string): ReadonlySet<string> {
    return this.#ask('getGroupMemberList', groupID);
  }

  #ask(method: keyof ContactsManager, about: string): ReadonlySet<string> {
    if (this.#manager === null) return NOBODY;
    this.#platform.noteAsyncEdge();
    let given: unknown;
    try {
      given = this.#manager[method](about);
    } catch (error) {
      this.#platform.log(
        'error',
        `${method}(${about}) of the contacts manager threw: ${describeError(error)} (CON-004)`,
      );
      return NOBODY;
    }
    if (Array.isArray(given) && given.every((each) => typeof each === 'string')) return new Set(given);
    const text = `${method}(${about}) of the contacts manager must return an array of UserIDs at once`;
    this.#platform.log('error', `${text}, and gave ${describeValue(given)} (CON-004)`);
    return NOBODY;
  }
}
