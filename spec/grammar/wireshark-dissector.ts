/**
 * The Wireshark dissector, made from the grammar: tables as Lua, then the Lua that walks them (`wireshark-bodies.ts`, `wireshark-messages.ts`).
 *
 * Use: `tshark -X lua_script:spec/wireshark/esf.lua -r capture.pcap`, or copy the file into Wireshark's plugin folder. N and
 * the port are preferences (`-o esf.user_id_bytes_max:20`).
 */
import {
  CLIENT_TYPE_MAX,
  MESSAGE_BYTES_MAX_DEFAULT,
  NESTING_DEPTH_MAX,
  SERVER_ID,
  START_TOKEN,
  TCP_PORT_DEFAULT,
  USER_ID_BYTES_MAX_DEFAULT,
} from '../limits.ts';
import { contracts, messageContracts } from './contracts.ts';
import { enums } from './enums.ts';
import { fieldsInWireOrder, simpleTypes } from './field-types.ts';
import type { ContractMap, FieldType } from './field-types.ts';
import { messages } from './messages.ts';
import type { Body, Message } from './message.ts';
import { wiresharkBodies } from './wireshark-bodies.ts';
import { wiresharkMessages } from './wireshark-messages.ts';

/** The dissector as Lua. */
export function wiresharkDissector(): string {
  const tables = [
    '-- Wireshark dissector of the ESFramework protocol. Generated from spec/grammar; do not edit.',
    '-- Use: tshark -X lua_script:esf.lua -r capture.pcap [-o esf.user_id_bytes_max:20] [-d tcp.port==5000,esf]',
    '',
    `local TOKEN = ${START_TOKEN}`,
    `local CLIENT_TYPE_MAX = ${CLIENT_TYPE_MAX}`,
    `local DEPTH_MAX = ${NESTING_DEPTH_MAX}`,
    `local SERVER_ID = ${quote(SERVER_ID)}`,
    `local DEFAULTS = { user_id_bytes_max = ${USER_ID_BYTES_MAX_DEFAULT}, message_bytes_max = ${MESSAGE_BYTES_MAX_DEFAULT}, port = ${TCP_PORT_DEFAULT} }`,
    ...simpleTable(),
    ...enumTable(),
    ...contractTable(),
    ...messageTable(),
  ];
  return `${tables.join('\n')}\n${wiresharkBodies}${wiresharkMessages}`;
}

/** JSON text is Lua text for the ASCII names used here. */
function quote(text: string): string {
  return JSON.stringify(text);
}

function simpleTable(): string[] {
  const rows = Object.entries(simpleTypes).map(([name, info]) => `  ${name} = { bytes_min = ${info.bytesMin} },`);
  return ['local SIMPLE = {', ...rows, '}'];
}

function enumTable(): string[] {
  const rows = Object.entries(enums).map(([name, values]) => {
    const pairs = Object.entries(values).map(([valueName, value]) => `[${value}] = ${quote(valueName)}`);
    return `  ${name} = { ${pairs.join(', ')} },`;
  });
  return ['local ENUMS = {', ...rows, '}'];
}

function luaType(type: FieldType): string {
  if (typeof type === 'string') return quote(type);
  if ('enum' in type) return `{ enum = ${quote(type.enum)} }`;
  if ('list' in type) return `{ list = ${luaType(type.list)} }`;
  if ('dict' in type) return `{ dict = { ${luaType(type.dict[0])}, ${luaType(type.dict[1])} } }`;
  return `{ object = ${quote(type.object)} }`;
}

function contractTable(): string[] {
  const shown: ContractMap = { ...messageContracts, SimpleFont: contracts.SimpleFont };
  const rows = Object.entries(shown).flatMap(([name, contract]) => [
    `  ${name} = {`,
    ...fieldsInWireOrder(contract).map((field) => `    { ${quote(field.name)}, ${luaType(field.type)} },`),
    '  },',
  ]);
  return ['local CONTRACTS = {', ...rows, '}'];
}

function luaBody(key: string, body: Body | null | undefined): string {
  if (body === null || body === undefined) return '';
  return `, ${key} = ${quote(body.contract)}${body.optional ? `, ${key}_optional = true` : ''}`;
}

function messageTable(): string[] {
  const rows = messages.map((message: Message) => {
    const toServer = message.direction === 'clientToServer' ? ', to_server = true' : '';
    const hasReply = message.reply === undefined ? '' : `, has_reply = true${luaBody('reply', message.reply)}`;
    const reserved = message.reserved === true ? ', reserved = true' : '';
    return `  [${message.type}] = { name = ${quote(message.name)}${toServer}${luaBody('body', message.body)}${hasReply}${reserved} },`;
  });
  return ['local MESSAGES = {', ...rows, '}'];
}
