/** Bodies of the dynamic-group room. Data only. */
import type { ContractMap } from './field-types.ts';

export const dynamicGroupsContracts = {} as const satisfies ContractMap;
