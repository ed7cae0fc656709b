/**
 * Faults in the text of the chapters themselves: tags, ids, sentences that bind without a tag.
 *
 * Pure functions from text to a list of findings; whether rows and scenarios are covered is told by `clause-coverage.ts`.
 * Drive it with `lintChapters(chapters)`; an empty list means that the text is sound.
 */
import { levels, parseTag, sentencesOf } from './clauses.ts';
import type { ChapterText, Finding, Sentence } from './clauses.ts';

const bindingWord = new RegExp(`\\b(${levels.join('|')})\\b`);

/** All lints over the text of the chapters. */
export function lintChapters(chapters: readonly ChapterText[]): readonly Finding[] {
  const sentences = chapters.flatMap(sentencesOf);
  return [
    ...lintTags(sentences),
    ...lintDuplicateIds(sentences),
    ...lintBindingSentences(sentences),
    ...lintFences(chapters),
  ];
}

/** Tags that cannot be read: wrong form, unknown area, level, role or source. */
function lintTags(sentences: readonly Sentence[]): readonly Finding[] {
  return sentences.flatMap(({ file, line, tag }) => {
    if (tag === undefined) return [];
    const parsed = parseTag(tag);
    return parsed.ok ? [] : parsed.faults.map((fault) => ({ file, line, message: `tag {#${tag}}: ${fault}` }));
  });
}

/** Ids that stand at two sentences; the first one keeps it. */
function lintDuplicateIds(sentences: readonly Sentence[]): readonly Finding[] {
  const first = new Map<string, Sentence>();
  return sentences.flatMap((sentence) => {
    const id = sentence.tag?.split(/\s/)[0];
    if (id === undefined) return [];
    const earlier = first.get(id);
    if (earlier !== undefined) {
      return [{ ...placeOf(sentence), message: `id ${id} already stands in ${earlier.file}:${earlier.line}` }];
    }
    first.set(id, sentence);
    return [];
  });
}

/** A binding sentence without a tag, a tag without a sentence, and a tag whose level its sentence does not use. */
function lintBindingSentences(sentences: readonly Sentence[]): readonly Finding[] {
  return sentences.flatMap((sentence) => {
    const { text, tag } = sentence;
    if (tag === undefined) {
      return bindingWord.test(text)
        ? [{ ...placeOf(sentence), message: `binding sentence without a tag: "${text}"` }]
        : [];
    }
    if (text === '') return [{ ...placeOf(sentence), message: `tag {#${tag}} follows no sentence` }];
    const parsed = parseTag(tag);
    if (!parsed.ok) return [];
    const used = levels.filter((level) => new RegExp(`\\b${level}\\b`).test(text));
    if (used.length === 1 && used[0] === parsed.clause.level) return [];
    const said = used.length === 0 ? 'no level word' : used.join(' and ');
    return [
      { ...placeOf(sentence), message: `${parsed.clause.id} is ${parsed.clause.level}, its sentence says ${said}` },
    ];
  });
}

/** A code block that is not closed would hide every clause after it. */
function lintFences(chapters: readonly ChapterText[]): readonly Finding[] {
  return chapters.flatMap(({ file, text }) => {
    const fences = text.split('\n').flatMap((line, index) => (line.trimStart().startsWith('```') ? [index + 1] : []));
    return fences.length % 2 === 0 ? [] : [{ file, line: fences.at(-1)!, message: 'code block is not closed' }];
  });
}

function placeOf({ file, line }: Sentence): { file: string; line: number } {
  return { file, line };
}
