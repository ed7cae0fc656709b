/** The platform room. Data only. */

export const platformMessages = [] as const;
