/** The contacts room. Data only. */

export const contactsMessages = [] as const;
