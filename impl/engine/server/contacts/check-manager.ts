/** What may be set as contactsManager (CON-003). */
import { describeValue, LocalProtocolError } from '../../../wire/index.ts';
import type { ContactsManager } from '../../api-contacts.ts';

/** @throws LocalProtocolError `E_ARGUMENT` unless it is null or has both methods. */
export function checkContactsManager(manager: ContactsManager | null): void {
  if (manager === null) return;
  const { getContacts, getGroupMemberList } = Object(manager) as Partial<ContactsManager>;
  if (typeof getContacts === 'function' && typeof getGroupMemberList === 'function') return;
  const text = 'contactsManager must be null or have the methods getContacts and getGroupMemberList';
  throw new LocalProtocolError('E_ARGUMENT', 'CON-003', `${text}; got ${describeValue(manager)}`);
}
