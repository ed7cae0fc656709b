/** The file room. Data only. */

export const filesMessages = [] as const;
