/** Bodies of the platform room. Data only. */
import type { ContractMap } from './field-types.ts';

export const platformContracts = {} as const satisfies ContractMap;
