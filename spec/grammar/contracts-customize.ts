/** Bodies of the customize-info room: information, queries, blobs, client time. Data only. */
import type { ContractMap } from './field-types.ts';

export const customizeContracts = {
  BinaryInformationContract: {
    clause: 'CUS-001',
    doc: 'Custom information, a query, or the answer to one.',
    fields: [
      { name: 'Content', type: 'bytes', clause: 'CUS-002', doc: 'the bytes of the user; null stays null' },
      { name: 'InformationType', type: 'int32', clause: 'CUS-012', doc: 'chosen by the user; ignored in an answer' },
    ],
  },
  BlobFragmentContract: {
    clause: 'BLB-001',
    doc: 'One piece of a large block.',
    fields: [
      {
        name: 'BlobID',
        type: 'int32',
        clause: 'BLB-001',
        doc: 'counts from 1 per sender; -1 for a block of one piece',
      },
      { name: 'Fragment', type: 'bytes', clause: 'BLB-002', doc: 'the piece' },
      { name: 'FragmentIndex', type: 'int32', clause: 'BLB-001', doc: 'counts from 0' },
      { name: 'InformationType', type: 'int32', clause: 'BLB-001', doc: 'chosen by the user' },
      { name: 'IsLast', type: 'bool', clause: 'BLB-001', doc: 'true on the last piece only' },
    ],
  },
  BlobAndTagContract: {
    clause: 'ENG-001',
    doc: 'What sendMessage puts into a block: the message and its tag.',
    fields: [
      { name: 'Message', type: 'bytes', clause: 'ENG-001', doc: 'the bytes of the user' },
      { name: 'Tag', type: 'string', clause: 'ENG-001', doc: 'the tag of the user' },
    ],
  },
  ResGetTimeContract: {
    clause: 'SER-019',
    doc: "A client's clock.",
    fields: [{ name: 'Time', type: 'dateTime', clause: 'SER-019', doc: 'UTC' }],
  },
} as const satisfies ContractMap;
