/**
 * Contracts that no message uses: they exist so that vectors and tests reach every type of the serializer, in every position.
 *
 * Their clause is that of the type they show. Data only.
 */
import type { ContractMap } from './field-types.ts';

export const zooContracts = {
  ZooNumbers: {
    clause: 'SER-006',
    doc: 'Every type of fixed width; declared out of order on purpose.',
    fields: [
      { name: 'Wide', type: 'int64', clause: 'SER-006', doc: 'int64' },
      { name: 'Flag', type: 'bool', clause: 'SER-004', doc: 'bool' },
      { name: 'Small', type: 'byte', clause: 'SER-006', doc: 'byte' },
      { name: 'Short', type: 'int16', clause: 'SER-006', doc: 'int16' },
      { name: 'Plain', type: 'int32', clause: 'SER-006', doc: 'int32' },
      { name: 'Single', type: 'float32', clause: 'SER-006', doc: 'float32' },
      { name: 'Double', type: 'float64', clause: 'SER-006', doc: 'float64' },
      { name: 'Kind', type: { enum: 'ClientType' }, clause: 'SER-007', doc: 'enum' },
      { name: 'When', type: 'dateTime', clause: 'SER-019', doc: 'dateTime' },
      { name: 'Paint', type: 'color', clause: 'SER-020', doc: 'color' },
    ],
  },
  ZooText: {
    clause: 'SER-009',
    doc: 'Everything with a length prefix.',
    fields: [
      { name: 'Text', type: 'string', clause: 'SER-009', doc: 'string' },
      { name: 'Blob', type: 'bytes', clause: 'SER-012', doc: 'bytes' },
      { name: 'Face', type: 'font', clause: 'SER-021', doc: 'font' },
      { name: 'Picture', type: 'image', clause: 'SER-022', doc: 'image' },
    ],
  },
  ZooOrder: {
    clause: 'SER-002',
    doc: 'Names whose ordinal order differs from dictionary order: capitals come before small letters, digits before both.',
    fields: [
      { name: 'b', type: 'byte', clause: 'SER-002', doc: 'fifth' },
      { name: 'a10', type: 'byte', clause: 'SER-002', doc: 'third' },
      { name: 'B', type: 'byte', clause: 'SER-002', doc: 'first' },
      { name: 'a2', type: 'byte', clause: 'SER-002', doc: 'fourth' },
      { name: '_z', type: 'byte', clause: 'SER-002', doc: 'second' },
    ],
  },
  ZooEmpty: { clause: 'SER-015', doc: 'No property at all: four bytes on the wire.', fields: [] },
  ZooLists: {
    clause: 'SER-013',
    doc: 'Lists of fixed, prefixed and composed elements.',
    fields: [
      { name: 'Ints', type: { list: 'int32' }, clause: 'SER-013', doc: 'list of int32' },
      { name: 'Texts', type: { list: 'string' }, clause: 'SER-013', doc: 'list of string' },
      { name: 'Grid', type: { list: { list: 'byte' } }, clause: 'SER-013', doc: 'list of lists' },
      { name: 'Points', type: { list: { object: 'ZooPoint' } }, clause: 'SER-013', doc: 'list of objects' },
      { name: 'Kinds', type: { list: { enum: 'ClientType' } }, clause: 'SER-013', doc: 'list of enum' },
    ],
  },
  ZooDicts: {
    clause: 'SER-014',
    doc: 'Dictionaries with each kind of key.',
    fields: [
      { name: 'ByText', type: { dict: ['string', 'int32'] }, clause: 'SER-014', doc: 'string keys' },
      { name: 'ByNumber', type: { dict: ['int32', 'string'] }, clause: 'SER-014', doc: 'int32 keys' },
      { name: 'ByWide', type: { dict: ['int64', 'bool'] }, clause: 'SER-014', doc: 'int64 keys' },
      { name: 'Deep', type: { dict: ['string', { list: 'int16' }] }, clause: 'SER-014', doc: 'list values' },
    ],
  },
  ZooPoint: {
    clause: 'SER-015',
    doc: 'A small object to nest.',
    fields: [
      { name: 'X', type: 'int32', clause: 'SER-006', doc: 'x' },
      { name: 'Y', type: 'int32', clause: 'SER-006', doc: 'y' },
    ],
  },
  ZooNested: {
    clause: 'SER-015',
    doc: 'Objects inside an object.',
    fields: [
      { name: 'Origin', type: { object: 'ZooPoint' }, clause: 'SER-015', doc: 'nested object' },
      { name: 'Label', type: 'string', clause: 'SER-009', doc: 'text between two objects' },
      { name: 'Target', type: { object: 'ZooPoint' }, clause: 'SER-015', doc: 'nested object' },
    ],
  },
  ZooTree: {
    clause: 'SER-023',
    doc: 'A class that contains itself: reaches every depth, and cycles.',
    fields: [
      { name: 'Children', type: { list: { object: 'ZooTree' } }, clause: 'SER-013', doc: 'list of itself' },
      { name: 'Left', type: { object: 'ZooTree' }, clause: 'SER-015', doc: 'itself' },
      { name: 'Name', type: 'string', clause: 'SER-009', doc: 'name' },
    ],
  },
} as const satisfies ContractMap;
