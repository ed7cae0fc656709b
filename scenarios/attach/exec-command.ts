/**
 * Splits an adapter's command line into words, the way a POSIX shell does, without any shell.
 *
 * Quotes and backslashes work; variables, pipes, redirections and wildcards do not: they are ordinary characters here.
 */

/** A command line that cannot be split; `message` is one sentence. */
export class CommandError extends Error {}

const BLANK = /\s/;
/** In double quotes a backslash escapes only these; elsewhere it stays, which keeps Windows paths readable. */
const ESCAPED_IN_QUOTES = '"\\';

/** @throws CommandError on an open quote or an empty command. */
export function splitCommand(text: string): readonly string[] {
  const words: string[] = [];
  /** The word being read; undefined between words, because an empty word is one too. */
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    const next = text[index + 1];
    if (quote === "'") {
      if (char === "'") quote = '';
      else word = (word ?? '') + char;
    } else if (char === '\\' && next !== undefined && (quote === '' || ESCAPED_IN_QUOTES.includes(next))) {
      word = (word ?? '') + next;
      index++;
    } else if (quote === '"') {
      if (char === '"') quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (BLANK.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== '') throw new CommandError(`the command ${JSON.stringify(text)} has an open ${quote} quote; close it`);
  if (word !== undefined) words.push(word);
  if (words.length === 0 || words[0] === '')
    throw new CommandError('the adapter command is empty; give one such as "python3 my_adapter.py"');
  return words;
}

/** The variables every adapter gets; the last three are what Windows needs to start anything. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SYSTEMROOT', 'PATHEXT', 'TEMP'] as const;

/** The reduced environment of an adapter: {@link PASSED_ON} and the named ones, where they are set. */
export function adapterEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  extra: readonly string[] = [],
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of [...PASSED_ON, ...extra]) {
    const value = from[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}
