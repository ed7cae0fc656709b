/** The contacts of one running server: relations, notices, and the controller's events. Made at initialize. */
import type { ContactsManager } from '../../api-contacts.ts';
import type { ServerContext } from '../server-context.ts';
import type { ServerContactsController } from './contacts-controller.ts';
import { ContactsNotices } from './notices.ts';
import { Relations } from './relations.ts';

export type ContactsPart = {
  readonly relations: Relations;
  readonly controller: ServerContactsController;
  readonly notices: ContactsNotices;
};

/** @param manager - As it was set before initialize. */
export function createContactsPart(
  { delivery, limits, platform, requests }: Pick<ServerContext, 'delivery' | 'limits' | 'platform' | 'requests'>,
  manager: ContactsManager | null,
  controller: ServerContactsController,
): ContactsPart {
  const relations = new Relations(platform, manager);
  const nextMessageId = (): number => requests.nextId();
  const notices = new ContactsNotices({ delivery, limits, nextMessageId, platform, relations, switches: controller });
  return { relations, controller, notices };
}
