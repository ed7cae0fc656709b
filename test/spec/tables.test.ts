/** The tables in the chapters say what the grammar says; a table changed by hand, or left behind by the grammar, is found. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { enums, fieldsInWireOrder, messageContracts, messages } from '../../spec/grammar/index.ts';
import { headerFields } from '../../spec/grammar/index.ts';
import { ErrorCode } from '../../spec/errors.ts';

/** Cells of the rows below the heading of the table after the mark. */
function tableOf(chapter: string, mark: string): string[][] {
  const text = readFileSync(new URL(`../../spec/protocol/${chapter}`, import.meta.url), 'utf8');
  const block = text.split(`<!-- generated:${mark} -->`)[1]?.split('<!-- /generated -->')[0];
  if (block === undefined) throw new Error(`${chapter} has no table ${mark}`);
  const rows = block.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const reserved = ['CallClient', 'PingByP2PChannel', 'GetClientTimeRequest', 'GetClientTimeResponse'];

test('header: offsets and sizes', () => {
  const rule = ({ fixed, perUserIdByte }: { fixed: number; perUserIdByte: number }): string =>
    perUserIdByte === 0 ? `${fixed}` : `${fixed}+N`;
  const rows = tableOf('01-framing.md', 'header').slice(0, -1);
  expect(rows.map(([offset, size]) => [offset, size])).toEqual(
    headerFields.map((field) => [rule(field.offset), rule(field.size)]),
  );
});

test('messages: number, name, body', () => {
  const expected = messages.map((message) => {
    const isReserved = reserved.includes(message.name);
    const body = message.body === null ? '' : `${message.body.contract}${message.body.optional ? ' or empty' : ''}`;
    return [String(message.type), message.name, isReserved ? '' : body];
  });
  expect(tableOf('01-framing.md', 'messages').map(([type, name, , , body]) => [type, name, body])).toEqual(expected);
});

test('messages: the answer', () => {
  const answers = new Map(tableOf('01-framing.md', 'messages').map(([, name, , , , answer]) => [name!, answer!]));
  for (const message of messages) {
    if (reserved.includes(message.name)) continue;
    const reply = 'reply' in message ? message.reply : undefined;
    const type = 'replyType' in message ? messages.find(({ name }) => name === message.replyType)!.type : message.type;
    const contract =
      reply === undefined || reply === null ? '' : `, ${reply.contract}${reply.optional ? ' or empty' : ''}`;
    const isAnswered = reply !== undefined || 'replyType' in message;
    const said = answers.get(message.name)!.replace(', if switched on', '');
    expect(said, message.name).toBe(isAnswered ? `${type}${contract}` : '');
  }
});

test('contracts: properties in wire order, with their types', () => {
  const typeOf = (type: unknown): string => {
    if (typeof type === 'string') return type === 'bytes' ? 'byte[]' : type;
    const composed = type as { list?: string; dict?: readonly string[]; enum?: string };
    if (composed.list !== undefined) return `List of ${composed.list}`;
    if (composed.dict !== undefined) return `Dictionary of ${composed.dict.join(' to ')}`;
    return 'enum';
  };
  const unused = ['CallClientContract', 'ResGetTimeContract'];
  const expected = Object.entries(messageContracts)
    .filter(([name]) => !unused.includes(name))
    .map(([name, contract]) => [
      name,
      fieldsInWireOrder(contract)
        .map((field) => `${field.name} ${typeOf(field.type)}`)
        .join(', '),
    ])
    .sort(([a], [b]) => (a! < b! ? -1 : 1));
  expect(tableOf('02-serializer.md', 'contracts')).toEqual(expected);
});

test.each([
  ['01-framing.md', 'ClientType'],
  ['04-logon.md', 'LogonResult'],
  ['14-users.md', 'DisconnectedType'],
  ['15-security.md', 'MessageInvalidType'],
] as const)('%s: values of %s', (chapter, name) => {
  const rows = tableOf(chapter, `enums ${name}`).map(([value, label]) => [label, Number(value)]);
  expect(Object.fromEntries(rows)).toEqual(enums[name]);
});

test('errors: every code, each with at least the clause of the catalogue', () => {
  const rows = new Map(tableOf('16-errors.md', 'errors').map(([code, , clauses]) => [code!, clauses!]));
  expect([...rows.keys()].sort()).toEqual(Object.keys(ErrorCode).sort());
});
