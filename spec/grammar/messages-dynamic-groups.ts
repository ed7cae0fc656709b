/** The dynamic-group room. Data only. */

export const dynamicGroupsMessages = [] as const;
