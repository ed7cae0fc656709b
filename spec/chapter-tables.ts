/**
 * The tables inside the chapters, made from the grammar: header, messages, contracts, enumerations, error codes.
 *
 * Pure: text in, text out. A chapter holds `<!-- generated:NAME -->` ... `<!-- /generated -->`; `fillTables` puts the table
 * NAME between them. `npx tsx test/spec/write-tables.ts` writes the chapters; a test fails while one is stale.
 */
import { ErrorCode } from './errors.ts';
import { markdownTable } from './grammar/describe-markdown.ts';
import { bytesByRule, enums, fieldsInWireOrder, headerFields, messageContracts, messages } from './grammar/index.ts';
import { punchingDatagrams } from './grammar/punching-datagrams.ts';
import type { DatagramField } from './grammar/punching-datagrams.ts';
import { rudpDatagrams } from './grammar/rudp-datagrams.ts';
import type { RudpField } from './grammar/rudp-datagrams.ts';
import { RUDP_INPUTS, RUDP_MOVES, RUDP_STATES } from './rudp-states.ts';
import type { Body, BytesRule, FieldType, Message } from './grammar/index.ts';

/** Types known by name and number only: neither sent nor answered in this edition (FRM-030). */
export const reservedMessages: readonly string[] = [
  'CallClient',
  'GetClientTimeRequest',
  'GetClientTimeResponse',
  'Help4UDP_FeedbackVacancy',
  'Help4UDP_SynAck',
  'Help4UDP_Exit',
  'Help4UDP_PMTUTestAck',
  'ContinueTransFile',
];
const reservedContracts: readonly string[] = ['CallClientContract', 'ResGetTimeContract'];

const directions = {
  clientToServer: 'C>S',
  serverToClient: 'S>C',
  bothWays: 'C>S, S>C',
  anyToAny: 'C>S, S>C, C>S>C',
  peerToPeer: 'C>C',
} as const;

function rule(of: BytesRule): string {
  return of.perUserIdByte === 0 ? `${bytesByRule(of, 0)}` : `${of.fixed}+N`;
}

function headerTable(): string {
  const rows = headerFields.map((field) => [rule(field.offset), rule(field.size), field.name, field.type, field.doc]);
  rows.push(['14+2N', 'bodyLength', 'body', 'bytes', 'as the message type says; nothing when bodyLength is 0']);
  return markdownTable(['offset', 'size', 'field', 'type', 'meaning'], rows);
}

function bodyText(body: Body | null): string {
  if (body === null) return '';
  return `${body.contract}${body.optional ? ' or empty' : ''}`;
}

/** What answers a message: its number, and the body when the type is the request's own. */
function answerText(message: Message): string {
  if (message.replyType !== undefined) {
    return `${messages.find(({ name }) => name === message.replyType)?.type ?? ''} ${message.replyType}`;
  }
  if (message.reply === undefined) return '';
  return message.reply === null ? `${message.type}, if switched on` : `${message.type}, ${bodyText(message.reply)}`;
}

function directionText(message: Message): string {
  const answered = message.reply === undefined ? '' : ', answer S>C';
  return `${directions[message.direction]}${answered}`;
}

function messagesTable(): string {
  const rows = messages.map((message: Message) => {
    const number = `${message.type}`;
    if (reservedMessages.includes(message.name)) return [number, message.name, 'reserved', '', '', ''];
    const forwarded = message.direction === 'anyToAny' ? 'yes' : 'no';
    return [number, message.name, directionText(message), forwarded, bodyText(message.body), answerText(message)];
  });
  return markdownTable(['type', 'name', 'direction', 'forwarded', 'body', 'answered by'], rows);
}

function typeText(type: FieldType): string {
  if (typeof type === 'string') return type === 'bytes' ? 'byte[]' : type;
  if ('enum' in type) return `enum ${type.enum}`;
  if ('list' in type) return `List of ${typeText(type.list)}`;
  if ('dict' in type) return `Dictionary of ${typeText(type.dict[0])} to ${typeText(type.dict[1])}`;
  return type.object;
}

function contractsTable(): string {
  const rows = Object.entries(messageContracts)
    .filter(([name]) => !reservedContracts.includes(name))
    .flatMap(([name, contract]) =>
      fieldsInWireOrder(contract).map((field, index) => [
        index === 0 ? name : '',
        `${index + 1}`,
        field.name,
        typeText(field.type),
        field.doc,
      ]),
    );
  return markdownTable(['contract', 'place', 'property', 'type', 'meaning'], rows);
}

function enumTable(name: keyof typeof enums): string {
  const rows = Object.entries(enums[name]).map(([label, value]) => [`${value}`, label]);
  return markdownTable(['value', 'name'], rows);
}

function errorsTable(): string {
  const rows = Object.entries(ErrorCode).map(([code, { doc, clause }]) => [code, doc, clause]);
  return markdownTable(['code', 'meaning', 'clause'], rows);
}

function rudpDatagramsTable(): string {
  const rows = rudpDatagrams.flatMap((datagram) =>
    datagram.fields.map((field: RudpField, index) => [
      index === 0 ? `0x${datagram.kind.toString(16)}` : '',
      index === 0 ? datagram.name : '',
      field.name,
      field.sizeBytes === 0 ? 'rest' : `${field.sizeBytes}`,
      `${field.doc}${field.repeated === true ? ' (repeated)' : ''}`,
    ]),
  );
  return markdownTable(['kind', 'datagram', 'field', 'bytes', 'meaning'], rows);
}

function punchingDatagramsTable(): string {
  const rows = punchingDatagrams.flatMap((datagram) =>
    datagram.fields.map((field: DatagramField, index) => [
      index === 0 ? `0x${datagram.kind.toString(16).padStart(2, '0')}` : '',
      index === 0 ? datagram.name : '',
      field.name,
      field.type,
      field.doc,
    ]),
  );
  return markdownTable(['kind', 'datagram', 'field', 'type', 'meaning'], rows);
}

function rudpStatesTable(): string {
  const rows = RUDP_STATES.flatMap((state) =>
    RUDP_INPUTS.flatMap((input) => {
      const move = RUDP_MOVES[state][input];
      return move === undefined ? [] : [[state, input, move.to, move.actions.join(', ')]];
    }),
  );
  return markdownTable(['state', 'input', 'next', 'actions'], rows);
}

/** Every table by the name that stands in its mark. */
export const chapterTables: ReadonlyMap<string, () => string> = new Map([
  ['header', headerTable],
  ['messages', messagesTable],
  ['contracts', contractsTable],
  ['errors', errorsTable],
  ['punching datagrams', punchingDatagramsTable],
  ['rudp datagrams', rudpDatagramsTable],
  ['rudp states', rudpStatesTable],
  ...(Object.keys(enums) as (keyof typeof enums)[]).map((name) => [`enums ${name}`, () => enumTable(name)] as const),
]);

/** The chapter with every marked table made anew. @throws Error for a mark that no table has, or that is not closed */
export function fillTables(chapter: string): string {
  const [before = '', ...parts] = chapter.split('<!-- generated:');
  const filled = parts.map((part) => {
    const match = /^([^>]*?) -->[\s\S]*?<!-- \/generated -->/.exec(part);
    const table = chapterTables.get(match?.[1] ?? '');
    if (match === null || table === undefined) {
      const known = [...chapterTables.keys()].join(', ');
      throw new Error(`mark "generated:${part.split('\n')[0] ?? ''}" is not closed or is none of: ${known}`);
    }
    return `<!-- generated:${match[1]!} -->\n\n${table()}\n\n<!-- /generated -->${part.slice(match[0].length)}`;
  });
  return [before, ...filled].join('');
}
