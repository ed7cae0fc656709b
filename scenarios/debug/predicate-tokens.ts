/** Splits a predicate into words, operators, parentheses and quoted texts. Pure; what they mean is `predicate.ts`. */

export type Token = { readonly text: string; readonly isQuoted: boolean };

const PART = /\s*(?:"((?:[^"\\]|\\.)*)"|([()]|!=|<=|>=|[=<>~])|([^\s()"=<>~!]+))/y;

/** The parts in order; or one sentence about what is none. */
export function tokensOf(text: string): readonly Token[] | string {
  const tokens: Token[] = [];
  PART.lastIndex = 0;
  const end = text.trimEnd().length;
  while (PART.lastIndex < end) {
    const from = PART.lastIndex;
    const [, quoted, operator, word] = PART.exec(text) ?? [];
    if (quoted !== undefined) tokens.push({ text: quoted.replaceAll(/\\(.)/g, '$1'), isQuoted: true });
    else if (operator !== undefined) tokens.push({ text: operator, isQuoted: false });
    else if (word !== undefined) tokens.push({ text: word, isQuoted: false });
    else return `"${text.slice(from).trim()}" cannot be read; quote texts as in text ~ "pushed out"`;
  }
  return tokens;
}
