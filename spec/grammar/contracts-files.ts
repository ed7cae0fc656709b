/** Bodies of the file room. Data only. */
import type { ContractMap } from './field-types.ts';

export const filesContracts = {} as const satisfies ContractMap;
