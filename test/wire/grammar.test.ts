/** The grammar is whole: numbers in their rooms, names that exist, a header without gaps, clauses that the chapters have. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  bytesByRule,
  contracts,
  enums,
  fieldsInWireOrder,
  headerFields,
  messageByType,
  messages,
  rooms,
} from '../../spec/grammar/index.ts';
import type { ContractMap, FieldType, Message } from '../../spec/grammar/index.ts';
import { DecodeErrorCode, ErrorCode } from '../../spec/errors.ts';
import { HEADER_FIXED_BYTES, headerBytes } from '../../spec/limits.ts';
import { vectorsByFile } from '../../spec/vectors/generate.ts';

test('message numbers run on from the start of their room, each once, with a name each once', () => {
  for (const [room, start] of Object.entries(rooms)) {
    const numbers = messages.filter((message) => message.room === room).map((message) => message.type);
    expect(numbers).toEqual(numbers.map((_, index) => start + index));
    expect(numbers.length).toBeLessThanOrEqual(100);
  }
  expect(new Set(messages.map((message) => message.name)).size).toBe(messages.length);
});

test('a reply type names a message, which goes the other way', () => {
  for (const message of messages as readonly Message[]) {
    if (message.replyType === undefined) continue;
    expect(messages.map((each) => each.name as string)).toContain(message.replyType);
    expect(message.reply).toBeUndefined();
  }
  expect(messageByType(9)?.name).toBe('Logon');
  expect(messageByType(110)).toBeUndefined();
});

test.each([1, 11, 255])('the header has no gap and no overlap, N = %i', (n) => {
  let at = 0;
  for (const field of headerFields) {
    expect(bytesByRule(field.offset, n)).toBe(at);
    at += bytesByRule(field.size, n);
  }
  expect(at).toBe(headerBytes(n));
  expect(at).toBe(HEADER_FIXED_BYTES + 2 * (1 + n));
});

function namesIn(type: FieldType): string[] {
  if (typeof type === 'string') return [];
  if ('enum' in type) return Object.keys(enums).includes(type.enum) ? [] : [`enum ${type.enum}`];
  if ('list' in type) return namesIn(type.list);
  if ('dict' in type) return type.dict.flatMap(namesIn);
  return type.object in contracts ? [] : [`object ${type.object}`];
}

test.each(Object.entries(contracts as ContractMap))(
  '%s names only what exists, and each property once',
  (_, contract) => {
    expect(contract.fields.flatMap((field) => namesIn(field.type))).toEqual([]);
    const names = fieldsInWireOrder(contract).map((field) => field.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual([...names].sort());
  },
);

describe('clauses', () => {
  const folder = new URL('../../spec/protocol/', import.meta.url);
  const chapters = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const known = new Set(
    chapters.flatMap((text) => [...text.matchAll(/\{#([A-Z][A-Z0-9]{2}-\d{3})/g)].map((match) => match[1])),
  );

  test('what grammar, errors and vectors cite stands in the chapters', () => {
    const cited = [
      ...headerFields,
      ...messages,
      ...Object.values(contracts as ContractMap).flatMap((contract) => [contract, ...contract.fields]),
      ...Object.values(ErrorCode),
      ...Object.values(DecodeErrorCode),
      ...[...vectorsByFile().values()].flat(),
    ].map(({ clause }) => clause);
    expect(cited.filter((clause) => !known.has(clause))).toEqual([]);
    expect(cited.length).toBeGreaterThan(500);
  });

  test('what the code of spec and wire cites in comments and messages stands in the chapters', () => {
    const places = ['../../spec/grammar/', '../../impl/wire/', '../../spec/'].map(
      (path) => new URL(path, import.meta.url),
    );
    const files = places.flatMap((place) => readdirSync(place).map((name) => new URL(name, place)));
    const sources = files.filter((url) => /(grammar|wire)\/.*\.ts$|(limits|errors)\.ts$/.test(url.pathname));
    const cited = sources.flatMap((url) =>
      [...readFileSync(url, 'utf8').matchAll(/\b[A-Z][A-Z0-9]{2}-\d{3}\b/g)].map((match) => match[0]),
    );
    expect([...new Set(cited)].filter((clause) => !known.has(clause))).toEqual([]);
  });
});
