/**
 * Faults with times as text, one a piece: `3.2s loss link=ann-ann-router perMille=300; 5s crash host=server`.
 *
 * The words are those of `sim/fault-words.ts`, and one of the demo's own: `natChange nat=... class=...` puts a router of
 * another class in the place of one. Parameters are as in the vocabulary: a list is `a,b`, the two groups of a partition
 * `a,b|c`. Pure.
 */
import type { Fault } from '../../sim/index.ts';

/** What only the demo can do, because it has built the network. */
export type DemoFault = { readonly fault: 'natChange'; readonly nat: string; readonly class: string };

/** One fault at its time. */
export type ScriptLine = { readonly atMicros: number; readonly fault: Fault | DemoFault };

const OWN_WORDS: readonly DemoFault['fault'][] = ['natChange'];
const LISTS: readonly string[] = ['from', 'to', 'links', 'between'];
const SECOND = 1_000_000;

/** The lines as one text, in the order of time. */
export function formatScript(lines: readonly ScriptLine[], between = '; '): string {
  return lines.map(formatLine).join(between);
}

/** One line: `3.2s loss link=ann-ann-router perMille=300`. */
export function formatLine({ atMicros, fault }: ScriptLine): string {
  const { fault: word, ...rest } = fault;
  const parameters = Object.entries(rest).map(([name, value]) => `${name}=${formatValue(value)}`);
  return [`${atMicros / SECOND}s`, word, ...parameters].join(' ');
}

function formatValue(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value
    .map((each) => (Array.isArray(each) ? each.join(',') : String(each)))
    .join(Array.isArray(value[0]) ? '|' : ',');
}

/**
 * Lines from text; between two stands a semicolon or a new line.
 *
 * @param words - The words of the vocabulary.
 * @throws Error - a line that cannot be read, with what is wrong about it.
 */
export function parseScript(text: string, words: readonly string[]): readonly ScriptLine[] {
  const lines = text
    .split(/[;\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => parseLine(each, [...words, ...OWN_WORDS]));
  return lines.sort((left, right) => left.atMicros - right.atMicros);
}

function parseLine(line: string, words: readonly string[]): ScriptLine {
  const [time = '', word = '', ...parameters] = line.split(/\s+/);
  const seconds = /^(\d{1,6}(?:\.\d{1,6})?)s$/.exec(time)?.[1];
  if (seconds === undefined) throw new Error(`'${line}' begins with '${time}'; it must be a time such as 3.2s`);
  if (!words.includes(word)) throw new Error(`'${line}': there is no fault '${word}'; there are ${words.join(', ')}`);
  const fault: Record<string, unknown> = { fault: word };
  for (const parameter of parameters) {
    const [, name, value] = /^(\w+)=(.+)$/.exec(parameter) ?? [];
    if (name === undefined) throw new Error(`'${line}': '${parameter}' is not of the form name=value`);
    fault[name] = parseValue(name, value!);
  }
  return { atMicros: Math.round(Number(seconds) * SECOND), fault: fault as unknown as Fault };
}

function parseValue(name: string, text: string): unknown {
  if (name === 'between') return text.split('|').map((group) => group.split(','));
  if (LISTS.includes(name)) return text.split(',');
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
