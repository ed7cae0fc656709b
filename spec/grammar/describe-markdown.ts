/** The grammar as Markdown tables: header, types, messages, contracts, enumerations. Pure; reads nothing but the grammar. */
import { compareOrdinal, fieldsInWireOrder, simpleTypes } from './field-types.ts';
import type { Contract, FieldType } from './field-types.ts';
import { messageContracts } from './contracts.ts';
import { enums } from './enums.ts';
import { headerFields } from './header.ts';
import type { BytesRule } from './header.ts';
import { messages } from './messages.ts';
import type { Body, Message } from './message.ts';

/** The whole grammar as one Markdown document. */
export function describeMarkdown(): string {
  const parts = [
    '# Wire tables',
    // The formatter would align the columns and make every change of a cell a change of the table.
    '<!-- prettier-ignore-start -->',
    'Generated from `spec/grammar`; do not edit. N is the maximum UserID length in bytes. Everything is little-endian.',
    '## Header',
    describeHeader(),
    '## Types',
    describeTypes(),
    '## Messages',
    describeMessages(),
    '## Bodies',
    'Properties stand in the order they have on the wire.',
    ...Object.entries(messageContracts).map(([name, contract]) => describeContract(name, contract)),
    '## Enumerations',
    describeEnums(),
    '<!-- prettier-ignore-end -->',
  ];
  return `${parts.join('\n\n')}\n`;
}

/** One Markdown table. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A type in words: `list of string`, `dictionary of string to bool`, `LogonResult (enum)`. */
function describeType(type: FieldType): string {
  if (typeof type === 'string') return type;
  if ('enum' in type) return `${type.enum} (enum)`;
  if ('list' in type) return `list of ${describeType(type.list)}`;
  if ('dict' in type) return `dictionary of ${describeType(type.dict[0])} to ${describeType(type.dict[1])}`;
  return `object ${type.object}`;
}

function describeRule({ fixed, perUserIdByte }: BytesRule): string {
  if (perUserIdByte === 0) return String(fixed);
  return `${fixed}+${perUserIdByte === 1 ? '' : perUserIdByte}N`;
}

function describeHeader(): string {
  const rows = headerFields.map((field) => [
    describeRule(field.offset),
    describeRule(field.size),
    field.name,
    field.type,
    field.doc,
    field.clause,
    field.source,
  ]);
  return markdownTable(['offset', 'size', 'field', 'type', 'meaning', 'clause', 'source'], rows);
}

function describeTypes(): string {
  const rows = Object.entries(simpleTypes).map(([name, info]) => [
    name,
    info.fixed ? String(info.bytesMin) : `from ${info.bytesMin}`,
    info.nullable ? 'yes' : 'no',
    info.doc,
    info.clause,
  ]);
  rows.push(
    ['enum', '4', 'no', 'int32 value', 'SER-007'],
    ['list', 'from 4', 'yes', 'int32 count (-1 null), elements', 'SER-013'],
    ['dictionary', 'from 4', 'yes', 'int32 count (-1 null), key and value in turn', 'SER-014'],
    ['object', 'from 4', 'yes', 'int32 length that counts itself (-1 null), properties', 'SER-015'],
  );
  return markdownTable(['type', 'bytes', 'null', 'form', 'clause'], rows);
}

function describeBody(body: Body | null | undefined): string {
  if (body === undefined) return '';
  if (body === null) return 'empty';
  return body.optional ? `${body.contract} or empty` : body.contract;
}

function describeMessages(): string {
  const rows = messages.map((message: Message) => [
    String(message.type),
    message.name,
    message.room,
    message.direction,
    describeBody(message.body),
    message.replyType ?? describeBody(message.reply),
    message.doc,
    message.clause,
  ]);
  return markdownTable(['type', 'name', 'room', 'direction', 'body', 'reply', 'meaning', 'clause'], rows);
}

function describeContract(name: string, contract: Contract): string {
  const rows = fieldsInWireOrder(contract).map((field) => [
    field.name,
    describeType(field.type),
    field.doc,
    field.clause,
  ]);
  return [
    `### ${name}`,
    `${contract.doc} (${contract.clause})`,
    markdownTable(['property', 'type', 'meaning', 'clause'], rows),
  ].join('\n\n');
}

function describeEnums(): string {
  const rows = Object.entries(enums)
    .sort(([a], [b]) => compareOrdinal(a, b))
    .map(([name, values]) => [
      name,
      Object.entries(values)
        .map(([valueName, value]) => `${valueName} ${value}`)
        .join(', '),
    ]);
  return markdownTable(['enumeration', 'values'], rows);
}
