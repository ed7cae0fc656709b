/** Bodies of the P2P room. Data only. */
import type { ContractMap } from './field-types.ts';

export const p2pContracts = {} as const satisfies ContractMap;
