/**
 * Reads the normative chapters: every tagged sentence becomes a Clause.
 *
 * Pure text in, data out: it opens no file (a loader elsewhere hands the chapters in) and judges nothing; the lints are in
 * `clause-lints.ts`. Drive it with `parseClauses([{ file, text }, ...])`. The syntax of a tag is described in README.md.
 */

/** Areas of the specification, in the order of their chapters, with their titles. */
export const areas = {
  FRM: 'Framing and header',
  SER: 'Serializer',
  LIM: 'Limits',
  LOG: 'Logon',
  HBT: 'Heartbeat',
  REL: 'Relogon modes',
  RCN: 'Reconnect',
  BAS: 'Basic requests',
  CUS: 'Custom information',
  QRY: 'Query',
  ACK: 'Information with ACK',
  BLB: 'Blobs',
  ENG: 'Engines',
  USR: 'User manager',
  SEC: 'Security checks',
  ERR: 'Errors',
  RUD: 'Reliable UDP',
  P2P: 'Peer-to-peer channels',
  FIL: 'File transfer',
  CON: 'Contacts and groups',
  CLU: 'Cluster',
  HDL: 'Handling model and diagnostics',
} as const;
export type Area = keyof typeof areas;

export const levels = ['MUST', 'SHOULD', 'MAY'] as const;
export type Level = (typeof levels)[number];

/** Whom a clause binds. A sender or receiver may be a client or a server. */
const roles = ['both', 'client', 'server', 'sender', 'receiver'] as const;
export type Role = (typeof roles)[number];

/** Where a clause comes from: the manual, other public facts, or a decision of this project. */
const sources = ['manual', 'facts', 'ours'] as const;
export type Source = (typeof sources)[number];

/** How a clause is checked: by a scenario, by reading, or not at all (with the reason). */
export type Testability =
  { readonly kind: 'test' } | { readonly kind: 'review' } | { readonly kind: 'untestable'; readonly reason: string };

export type Clause = {
  /** `AREA-nnn`; never given to another sentence, also after the clause is gone. */
  readonly id: string;
  readonly area: Area;
  readonly level: Level;
  readonly role: Role;
  /** The sentence in one line, without its tag. */
  readonly text: string;
  /** 8 hex digits over `text`: changes when a word changes, not when lines are wrapped anew. */
  readonly hash: string;
  /** Rows of the inventory that the clause covers. */
  readonly inventory: readonly string[];
  readonly source: Source;
  readonly testability: Testability;
  /** File name of the chapter. */
  readonly chapter: string;
  /** Line of the tag, from 1. */
  readonly line: number;
};

/** One chapter as text; `file` is used in messages only. */
export type ChapterText = { readonly file: string; readonly text: string };

/** A fault in the text of the specification. */
export type Finding = { readonly file: string; readonly line: number; readonly message: string };

/** Everything a chapter says: its sentences, each with the tag that follows it directly, if any. */
export type Sentence = {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly tag: string | undefined;
};

const tagPattern = /\{#([^}]*)\}/g;
const sentenceEnd = /(?<=[.!?])\s+(?=[A-Z`*"])/;

/**
 * Splits a chapter into sentences. Code blocks, tables, headings and HTML comments say nothing binding and are left out.
 * A paragraph or list item is read as one text however it is wrapped.
 */
export function sentencesOf(chapter: ChapterText): readonly Sentence[] {
  const sentences: Sentence[] = [];
  for (const block of blocksOf(chapter.text)) {
    let start = 0;
    for (const match of block.text.matchAll(tagPattern)) {
      const before = block.text.slice(start, match.index).trim().split(sentenceEnd);
      const line = block.lineAt(match.index);
      before.forEach((text, index) => {
        const isLast = index === before.length - 1;
        sentences.push({ file: chapter.file, line, text: oneLine(text), tag: isLast ? match[1]! : undefined });
      });
      start = match.index + match[0].length;
    }
    for (const text of block.text.slice(start).trim().split(sentenceEnd)) {
      if (text !== '')
        sentences.push({ file: chapter.file, line: block.lineAt(start), text: oneLine(text), tag: undefined });
    }
  }
  return sentences;
}

type Block = { readonly text: string; lineAt(offset: number): number };

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let firstLine = 1;
  let inCode = false;
  const close = (): void => {
    const joined = lines.join('\n');
    const first = firstLine;
    if (joined !== '') blocks.push({ text: joined, lineAt: (offset) => first + newlinesBefore(joined, offset) });
    lines = [];
  };
  text.split('\n').forEach((line, index) => {
    const isFence = line.trimStart().startsWith('```');
    if (isFence) inCode = !inCode;
    const isProse = !inCode && !isFence && !/^\s*$|^\s*(#|\||<!--)/.test(line);
    if (!isProse || /^\s*([-*]|\d+\.)\s/.test(line)) close();
    if (!isProse) return;
    if (lines.length === 0) firstLine = index + 1;
    lines.push(line.replace(/^\s*([-*]|\d+\.)\s+/, ''));
  });
  close();
  return blocks;
}

function newlinesBefore(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** What a tag says, or the faults in it. */
export type ParsedTag =
  | { readonly ok: true; readonly clause: Omit<Clause, 'text' | 'hash' | 'chapter' | 'line'> }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Reads the inside of a tag, e.g. `FRM-012 MUST sender inv:HDR-012 source:manual`. */
export function parseTag(tag: string): ParsedTag {
  const faults: string[] = [];
  const [body, reason] = takeReason(tag);
  const [id = '', level = '', role = '', ...options] = body.split(/\s+/).filter((word) => word !== '');
  if (!/^[A-Z][A-Z0-9]{2}-\d{3}$/.test(id)) faults.push(`id "${id}" is not of the form ABC-123`);
  const area = id.slice(0, 3);
  if (!isOneOf(Object.keys(areas) as Area[], area)) faults.push(`area "${area}" is unknown`);
  if (!isOneOf(levels, level)) faults.push(`level "${level}" is none of ${levels.join(', ')}`);
  if (!isOneOf(roles, role)) faults.push(`role "${role}" is none of ${roles.join(', ')}`);
  const values = new Map<string, string>();
  for (const option of options) {
    const [key = '', value = ''] = option.split(/:(.*)/s);
    if (!['inv', 'source', 'test'].includes(key) || value === '')
      faults.push(`"${option}" is not inv:, source: or test:`);
    else if (values.has(key)) faults.push(`"${key}:" stands twice`);
    values.set(key, value);
  }
  const source = values.get('source') ?? '';
  if (!isOneOf(sources, source)) faults.push(`source "${source}" is none of ${sources.join(', ')}`);
  const inventory = (values.get('inv') ?? '').split(',').filter((row) => row !== '');
  for (const row of inventory)
    if (!/^[A-Z0-9]{3}-\d{3}$/.test(row)) faults.push(`inventory row "${row}" is not of the form ABC-123`);
  const testability = parseTestability(values.get('test') ?? 'test', reason);
  if (testability === undefined) faults.push('test: is none of test, review, untestable(reason)');
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    clause: { id, area, level, role, inventory, source, testability } as Omit<
      Clause,
      'text' | 'hash' | 'chapter' | 'line'
    >,
  };
}

/** A reason may hold spaces, so it is cut out before the tag is split into words. */
function takeReason(tag: string): readonly [body: string, reason: string] {
  const match = /\(([^)]*)\)/.exec(tag);
  return match === null ? [tag, ''] : [tag.replace(match[0], ''), match[1]!.trim()];
}

function parseTestability(word: string, reason: string): Testability | undefined {
  if (word === 'untestable') return reason === '' ? undefined : { kind: 'untestable', reason };
  if (word === 'test' || word === 'review') return reason === '' ? { kind: word } : undefined;
  return undefined;
}

function isOneOf<Value extends string>(values: readonly Value[], value: string): value is Value {
  return (values as readonly string[]).includes(value);
}

/** All clauses with a well-formed tag, in the order of the chapters. Faulty tags are left to the lints. */
export function parseClauses(chapters: readonly ChapterText[]): readonly Clause[] {
  return chapters.flatMap((chapter) =>
    sentencesOf(chapter).flatMap((sentence) => {
      if (sentence.tag === undefined) return [];
      const parsed = parseTag(sentence.tag);
      if (!parsed.ok) return [];
      const { text, line } = sentence;
      return [{ ...parsed.clause, text, hash: hashOf(text), chapter: chapter.file, line }];
    }),
  );
}

/** FNV-1a over the UTF-16 code units, 8 hex digits: cheap and the same everywhere; not meant to withstand an attacker. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
