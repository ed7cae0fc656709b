/** Parsers for options that select cases, shared by commands. Each refuses with the value and what it must be. */
import { InvalidArgumentError } from 'commander';
import type { Tag } from '../runner/plan.ts';
import { TAGS } from '../runner/plan.ts';

/** A comma-separated list. */
export function words(text: string): readonly string[] {
  const list = text.split(',').map((word) => word.trim());
  if (list.includes('')) throw new InvalidArgumentError(`It must be a comma-separated list, not "${text}".`);
  return list;
}

/** Known tags. */
export function tags(text: string): readonly Tag[] {
  return words(text).map((word) => {
    const known = TAGS.find((tag) => tag === word);
    if (known !== undefined) return known;
    throw new InvalidArgumentError(`There is no tag "${word}"; tags are ${TAGS.join(', ')}.`);
  });
}

/** `i/n`. */
export function shard(text: string): { index: number; count: number } {
  const [, first = '', second = ''] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const index = Number(first);
  const count = Number(second);
  if (index < 1 || index > count || count > 1000) {
    throw new InvalidArgumentError(`It must be i/n with i from 1 to n and n at most 1000, as in 2/4, not "${text}".`);
  }
  return { index, count };
}
