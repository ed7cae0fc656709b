/**
 * Runs the rules over one connection: picks those that apply to a message, and collects what they find.
 *
 * The rules themselves are in `rules/`; what is known of the connection is in `facts.ts`.
 * Drive: `message(...)` for each in the order of the capture, `invalid(...)` when a stream cannot be read, `end(...)` once.
 */
import { messageByType } from '../../spec/grammar/index.ts';
import type { FrameError } from '../../impl/wire/index.ts';
import type { Facts } from './facts.ts';
import type { ConnectionEnd, EndRule, InvalidRule, JudgedMessage, MessageRule, Place, Rule } from './judged.ts';
import { rules as allRules } from './rules/index.ts';

/** Hears of every finding. `evidence` is only valid during the call. */
export type FindingSink = (rule: Rule, sentence: string, place: Place, evidence: Uint8Array | undefined) => void;

const endRules = allRules.filter((rule): rule is EndRule => rule.on === 'end');
const invalidRules = allRules.filter((rule): rule is InvalidRule => rule.on === 'invalid');
const messageRules = allRules.filter((rule): rule is MessageRule => rule.on === 'message');

/** The rules for a type and direction, worked out once: most rules have nothing to say about most messages. */
const chosen = new Map<number, Chosen>();
/** Rules for every message, and those for messages whose body did not decode. */
type Chosen = { readonly always: readonly MessageRule[]; readonly badBody: readonly MessageRule[] };

function rulesFor(type: number, isFromServer: boolean): Chosen {
  // Unknown types share an entry: whoever sends all of them must not fill the memory.
  const key = (messageByType(type) === undefined ? -2 : type * 2) + (isFromServer ? 1 : 0);
  let found = chosen.get(key);
  if (found === undefined) {
    const side = isFromServer ? 'server' : 'client';
    const fitting = messageRules.filter(
      (rule) => (rule.from ?? side) === side && (rule.types === undefined || rule.types.includes(type)),
    );
    found = {
      always: fitting.filter((rule) => rule.needsBadBody !== true),
      badBody: fitting.filter((rule) => rule.needsBadBody === true),
    };
    chosen.set(key, found);
  }
  return found;
}

/** Applies the rules to one message; `facts` are brought up to date afterwards by the caller. */
export function judgeMessage(message: JudgedMessage, facts: Facts, found: FindingSink): void {
  const { always, badBody } = rulesFor(message.type, message.isFromServer);
  applyRules(always, message, facts, found);
  if (message.bodyError !== undefined) applyRules(badBody, message, facts, found);
}

function applyRules(rules: readonly MessageRule[], message: JudgedMessage, facts: Facts, found: FindingSink): void {
  for (const rule of rules) {
    if (rule.needsStart === true && !facts.isWhole) continue;
    const sentence = rule.check(message, facts);
    if (sentence !== undefined) found(rule, sentence, message, message.bytes);
  }
}

/** Applies the rules to a stream that cannot be read any further. */
export function judgeInvalid(
  error: FrameError,
  place: Place,
  evidence: Uint8Array,
  facts: Facts,
  found: FindingSink,
): void {
  for (const rule of invalidRules) {
    const sentence = rule.check(error, facts);
    if (sentence !== undefined) found(rule, sentence, place, evidence);
  }
}

/** Applies the rules that look at a connection as a whole. */
export function judgeEnd(end: ConnectionEnd, facts: Facts, found: FindingSink): void {
  for (const rule of endRules) {
    if (rule.needsStart === true && !facts.isWhole) continue;
    for (const { place, sentence, evidence } of rule.check(facts, end)) found(rule, sentence, place, evidence);
  }
}
