/** The parser of the chapters: what becomes a clause, and what does not. Lints have their own files. */
import { expect, test } from 'vitest';
import { hashOf, parseClauses, parseTag, sentencesOf } from '../../spec/clauses.ts';

const chapter = (text: string): { file: string; text: string } => ({ file: '99-test.md', text });

test('a tagged list item becomes a clause with every field', () => {
  const text = '# T\n\nIntro.\n\n- A server MUST answer. {#LOG-004 MUST server inv:BAS-030,BAS-031 source:manual}\n';
  expect(parseClauses([chapter(text)])).toEqual([
    {
      id: 'LOG-004',
      area: 'LOG',
      level: 'MUST',
      role: 'server',
      text: 'A server MUST answer.',
      hash: hashOf('A server MUST answer.'),
      inventory: ['BAS-030', 'BAS-031'],
      source: 'manual',
      testability: { kind: 'test' },
      chapter: '99-test.md',
      line: 5,
    },
  ]);
});

test('a sentence wrapped over lines reads, and hashes, like the same sentence in one line', () => {
  const one = parseClauses([chapter('- A server MUST answer at once. {#LOG-004 MUST server source:ours}')]);
  const wrapped = parseClauses([chapter('- A server MUST\n  answer at once.\n  {#LOG-004 MUST server source:ours}')]);
  expect(wrapped[0]!.text).toBe('A server MUST answer at once.');
  expect(wrapped[0]!.hash).toBe(one[0]!.hash);
  expect(wrapped[0]!.line).toBe(3);
});

test('only the sentence directly before the tag is the clause', () => {
  const text = 'Heartbeats matter. A client MUST send them. {#HBT-001 MUST client source:manual} More prose follows.';
  expect(parseClauses([chapter(text)]).map((clause) => clause.text)).toEqual(['A client MUST send them.']);
  expect(sentencesOf(chapter(text)).map((sentence) => sentence.tag !== undefined)).toEqual([false, true, false]);
});

test('two tags in one paragraph make two clauses', () => {
  const text = 'A MUST hold. {#FRM-001 MUST both source:ours} B SHOULD hold. {#FRM-002 SHOULD both source:ours}';
  expect(parseClauses([chapter(text)]).map(({ id, text: said }) => [id, said])).toEqual([
    ['FRM-001', 'A MUST hold.'],
    ['FRM-002', 'B SHOULD hold.'],
  ]);
});

test('code blocks, tables, headings and comments say nothing', () => {
  const text = '# It MUST\n\n```\nA MUST. {#FRM-001 MUST both source:ours}\n```\n\n| MUST |\n\n<!-- MUST -->\n';
  expect(sentencesOf(chapter(text))).toEqual([]);
});

test('an abbreviation or a number with a point does not end a sentence', () => {
  const text = 'A client MUST wait e.g. 1.5 s, not 2. {#FRM-001 MUST both source:ours}';
  expect(parseClauses([chapter(text)])[0]!.text).toBe('A client MUST wait e.g. 1.5 s, not 2.');
});

test('testability is read, with its reason', () => {
  const of = (option: string): unknown => {
    const parsed = parseTag(`FRM-001 MUST both source:ours ${option}`);
    return parsed.ok ? parsed.clause.testability : parsed.faults;
  };
  expect(of('test:review')).toEqual({ kind: 'review' });
  expect(of('test:untestable(needs a broken clock)')).toEqual({ kind: 'untestable', reason: 'needs a broken clock' });
  expect(of('test:untestable')).toEqual(['test: is none of test, review, untestable(reason)']);
});

test.each([
  ['FRM-1 MUST both source:ours', 'id "FRM-1" is not of the form ABC-123'],
  ['XXX-001 MUST both source:ours', 'area "XXX" is unknown'],
  ['FRM-001 SHALL both source:ours', 'level "SHALL" is none of MUST, SHOULD, MAY'],
  ['FRM-001 MUST peer source:ours', 'role "peer" is none of both, client, server, sender, receiver'],
  ['FRM-001 MUST both', 'source "" is none of manual, facts, ours'],
  ['FRM-001 MUST both source:ours inv:HDR-1', 'inventory row "HDR-1" is not of the form ABC-123'],
  ['FRM-001 MUST both source:ours source:manual', '"source:" stands twice'],
  ['FRM-001 MUST both source:ours since:2', '"since:2" is not inv:, source: or test:'],
])('tag %s is refused: %s', (tag, fault) => {
  const parsed = parseTag(tag);
  expect(parsed.ok ? [] : parsed.faults).toContain(fault);
  expect(parseClauses([chapter(`It MUST. {#${tag}}`)])).toEqual([]);
});

test('the hash is FNV-1a of 32 bits', () => {
  expect(hashOf('')).toBe('811c9dc5');
  expect(hashOf('a')).toBe('e40c292c');
  expect(hashOf('foobar')).toBe('bf9cf968');
});
