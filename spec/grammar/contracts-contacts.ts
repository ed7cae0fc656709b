/** Bodies of the contacts room. Data only. */
import type { ContractMap } from './field-types.ts';

export const contactsContracts = {} as const satisfies ContractMap;
