/** All contracts by name, and the TypeScript type of each, derived from the data. */
import { basicContracts } from './contracts-basic.ts';
import { customizeContracts } from './contracts-customize.ts';
import { filesContracts } from './contracts-files.ts';
import { p2pContracts } from './contracts-p2p.ts';
import { contactsContracts } from './contracts-contacts.ts';
import { dynamicGroupsContracts } from './contracts-dynamic-groups.ts';
import { platformContracts } from './contracts-platform.ts';
import { zooContracts } from './contracts-zoo.ts';
import type { ContractMap, ObjectOf } from './field-types.ts';

/** Classes the serializer itself knows. */
const serializerContracts = {
  SimpleFont: {
    clause: 'SER-021',
    doc: 'A font; the type `font` is this object.',
    fields: [
      { name: 'FontFamily', type: 'string', clause: 'SER-021', doc: 'family name' },
      { name: 'FontStyle', type: 'int32', clause: 'SER-021', doc: 'style flags' },
      { name: 'Size', type: 'float32', clause: 'SER-021', doc: 'size in points' },
    ],
  },
} as const satisfies ContractMap;

/** Contracts that messages carry. */
export const messageContracts = {
  ...basicContracts,
  ...customizeContracts,
  ...filesContracts,
  ...p2pContracts,
  ...contactsContracts,
  ...dynamicGroupsContracts,
  ...platformContracts,
} as const satisfies ContractMap;

/** Every contract of the grammar, those that exist for vectors included. */
export const contracts = {
  ...messageContracts,
  ...serializerContracts,
  ...zooContracts,
} as const satisfies ContractMap;

export type ContractName = keyof typeof contracts;

/** The value type of a contract: `ContractOf<'PingContract'>` is `{ SendTicks: number | bigint }`. */
export type ContractOf<Name extends ContractName> = ObjectOf<(typeof contracts)[Name], typeof contracts>;

/** The names of all contracts, in the order of declaration. */
export const contractNames = Object.keys(contracts) as ContractName[];
