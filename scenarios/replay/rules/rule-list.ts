/** Declares rules; only fixes their type, so that each can be written without naming it. */
import type { Rule } from '../judged.ts';

/** The rules as they are. */
export function ruleList(rules: readonly Rule[]): readonly Rule[] {
  return rules;
}
