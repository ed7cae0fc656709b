/** The wire grammar: header, enumerations, contracts, messages. One source for codec, fuzzer, dissector and documents. */
export { headerFields, bytesByRule } from './header.ts';
export type { BytesRule, HeaderField, HeaderFieldType } from './header.ts';
export { bytesMinOf, fieldsInWireOrder, simpleTypes } from './field-types.ts';
export type {
  Color,
  Contract,
  ContractMap,
  Field,
  FieldType,
  ImageValue,
  KeyType,
  ObjectOf,
  SimpleFont,
  SimpleType,
  ValueOf,
} from './field-types.ts';
export { enums, enumValueName } from './enums.ts';
export { contractNames, contracts, messageContracts } from './contracts.ts';
export type { ContractName, ContractOf } from './contracts.ts';
export { rooms } from './message.ts';
export type { Body, Message, MessageDirection, RoomName } from './message.ts';
export { bodyOf, messageByType, messages, MessageType } from './messages.ts';
export type { MessageName } from './messages.ts';
export { PUNCHING_KIND_MAX, punchingDatagrams } from './punching-datagrams.ts';
export type { Datagram, DatagramField, PunchingDatagramName } from './punching-datagrams.ts';
