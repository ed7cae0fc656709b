/**
 * The language of breakpoints: conditions over one event, like `kind = drop and reason = loss and node = alice nth 3`.
 *
 * Terms are `field operator value`, joined by `and`, `or`, `not` and parentheses; `nth N` at the end waits for the N-th event
 * that fulfils the rest. It is closed: no code, no variables. `parsePredicate` checks fields, operators and closed sets of
 * values at once and says what there is; names of nodes and links it cannot know. Pure.
 */
import { DROP_REASON, PROTOCOL, TCP_STATE_NAMES, TRACE_KIND_NAMES, flagText, formatAddress } from '../../sim/index.ts';
import type { SeenEvent } from './seen-event.ts';
import { tokensOf } from './predicate-tokens.ts';
import type { Token } from './predicate-tokens.ts';

/** A text that is no predicate; `message` is one sentence that says what there is. */
export class PredicateError extends Error {}

/** A compiled breakpoint. */
export type Predicate = {
  readonly text: string;
  /** Which of the events that hold is meant, from 1. */
  readonly nth: number;
  /** It asks about mappings, which costs more to watch. */
  readonly withMappings: boolean;
  readonly holds: (event: SeenEvent) => boolean;
};

type Test = (event: SeenEvent) => boolean;
type Value = string | number;

/** A field: what it is in an event, which values it may have, and how a written value reads. */
type Field = {
  /** None, one or several values; a term holds when it does for one of them. */
  readonly of: (event: SeenEvent) => readonly Value[];
  readonly type: 'number' | 'duration' | 'name' | 'flags' | 'text';
  readonly values?: readonly string[];
};

const some = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);
const PROTOCOL_NAMES = Object.keys(PROTOCOL);

const FIELDS: Readonly<Record<string, Field>> = {
  time: { type: 'duration', of: (event) => [event.timeMicros] },
  event: { type: 'number', of: (event) => [event.index] },
  kind: { type: 'name', values: [...TRACE_KIND_NAMES, 'mapping'], of: (event) => [event.kind] },
  node: { type: 'name', of: (event) => some(event.node) },
  link: { type: 'name', of: (event) => some(event.link) },
  nat: { type: 'name', of: (event) => some(event.nat) },
  reason: { type: 'name', values: Object.keys(DROP_REASON), of: (event) => some(event.reason) },
  state: { type: 'name', values: TCP_STATE_NAMES, of: (event) => some(event.state) },
  mapping: { type: 'name', values: ['created', 'expired'], of: (event) => some(event.mapping) },
  text: { type: 'text', of: (event) => some(event.text) },
  protocol: {
    type: 'name',
    values: PROTOCOL_NAMES,
    of: ({ packet }) =>
      packet === undefined ? [] : PROTOCOL_NAMES.filter((name) => PROTOCOL[name as 'tcp'] === packet.protocol),
  },
  flags: { type: 'flags', of: ({ packet }) => (packet?.protocol === PROTOCOL.tcp ? [flagText(packet.flags)] : []) },
  port: { type: 'number', of: ({ packet }) => (packet ? [packet.sourcePort, packet.destinationPort] : []) },
  source: { type: 'number', of: ({ packet }) => some(packet?.sourcePort) },
  destination: { type: 'number', of: ({ packet }) => some(packet?.destinationPort) },
  address: {
    type: 'name',
    of: ({ packet }) => (packet ? [formatAddress(packet.source), formatAddress(packet.destination)] : []),
  },
  bytes: { type: 'number', of: ({ packet }) => some(packet?.payload.length) },
};

/** What can be asked, a line each; for help texts. */
export const PREDICATE_HELP: readonly string[] = [
  'time >= 1.5s (us, ms, s, m); event >= 1000; kind = send, drop, tcp-state ...; node, link, nat = NAME;',
  'reason = loss ...; state = ESTABLISHED ...; mapping = created or expired; text ~ "part of a log line, mark or fault";',
  'protocol = tcp; flags = SA (exactly) or flags ~ S (among others); port, source, destination = 4530; address = 198.18.0.2;',
  'bytes > 0; joined by and, or, not and parentheses; nth 3 at the end waits for the third',
];

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~';

const COMPARISONS: Readonly<Record<Comparison, (actual: Value, wanted: Value) => boolean>> = {
  '=': (actual, wanted) => actual === wanted,
  '!=': (actual, wanted) => actual !== wanted,
  '<': (actual, wanted) => actual < wanted,
  '<=': (actual, wanted) => actual <= wanted,
  '>': (actual, wanted) => actual > wanted,
  '>=': (actual, wanted) => actual >= wanted,
  '~': (actual, wanted) => String(actual).includes(String(wanted)),
};

const OPERATORS_OF: Readonly<Record<Field['type'], readonly Comparison[]>> = {
  number: ['=', '!=', '<', '<=', '>', '>='],
  duration: ['=', '!=', '<', '<=', '>', '>='],
  name: ['=', '!=', '~'],
  flags: ['=', '!=', '~'],
  text: ['=', '!=', '~'],
};

const NTH_MAX = 1_000_000_000;

/** @throws PredicateError naming what is wrong and what there is. */
export function parsePredicate(text: string): Predicate {
  const parser = new Parser(text);
  const test = parser.expression();
  const nth = parser.nth();
  parser.end();
  return { text, nth, withMappings: parser.asksMappings, holds: test };
}

class Parser {
  asksMappings = false;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    const tokens = tokensOf(text);
    if (typeof tokens === 'string') throw new PredicateError(tokens);
    if (tokens.length === 0) throw new PredicateError('the condition is empty; write one like kind = drop');
    this.#tokens = tokens;
  }

  expression(): Test {
    let left = this.#conjunction();
    while (this.#takes('or')) {
      const [first, second] = [left, this.#conjunction()];
      left = (event) => first(event) || second(event);
    }
    return left;
  }

  /** `nth N`, or the first. */
  nth(): number {
    if (!this.#takes('nth')) return 1;
    const word = this.#next('a number after nth');
    const nth = Number(word);
    if (!/^\d+$/.test(word) || nth < 1 || nth > NTH_MAX) {
      throw new PredicateError(`nth must be a whole number from 1 to ${NTH_MAX}, not "${word}"`);
    }
    return nth;
  }

  end(): void {
    const left = this.#tokens[this.#at];
    if (left === undefined) return;
    throw new PredicateError(`"${left.text}" is too much here; join conditions by and, or, and end with nth N`);
  }

  #conjunction(): Test {
    let left = this.#negation();
    while (this.#takes('and')) {
      const [first, second] = [left, this.#negation()];
      left = (event) => first(event) && second(event);
    }
    return left;
  }

  #negation(): Test {
    if (this.#takes('not')) {
      const inner = this.#negation();
      return (event) => !inner(event);
    }
    if (!this.#takes('(')) return this.#term();
    const inner = this.expression();
    if (!this.#takes(')')) throw new PredicateError('a parenthesis is open at the end; close it with )');
    return inner;
  }

  #term(): Test {
    const name = this.#next('a field');
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (field === undefined) {
      throw new PredicateError(`there is no field "${name}"; fields are ${Object.keys(FIELDS).join(', ')}`);
    }
    const operators = OPERATORS_OF[field.type];
    const word = this.#next(`one of ${operators.join(' ')} after ${name}`);
    const operator = operators.find((each) => each === word);
    if (operator === undefined) {
      throw new PredicateError(`${name} is compared by ${operators.join(' ')}, not "${word}"`);
    }
    const wanted = valueOf(name, field, operator, this.#next(`a value after ${name} ${operator}`));
    if (name === 'mapping' || wanted === 'mapping') this.asksMappings = true;
    if (field.type === 'flags' && operator === '~') return flagsTest(field, String(wanted));
    const compare = COMPARISONS[operator];
    // "Not this" is about all values of a field: port != 53 means that neither end has it.
    if (operator === '!=') return (event) => field.of(event).every((actual) => compare(actual, wanted));
    return (event) => field.of(event).some((actual) => compare(actual, wanted));
  }

  #takes(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.isQuoted || token.text !== word) return false;
    this.#at += 1;
    return true;
  }

  #next(wanted: string): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new PredicateError(`the condition ends where ${wanted} should follow`);
    this.#at += 1;
    return token.text;
  }
}

function flagsTest(field: Field, letters: string): Test {
  return (event) =>
    field.of(event).some((actual) => Array.from(letters).every((letter) => String(actual).includes(letter)));
}

const MICROS_PER_UNIT: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000 };

function valueOf(name: string, field: Field, operator: Comparison, word: string): Value {
  if (field.type === 'duration') return durationMicros(name, word);
  if (field.type === 'number') {
    if (!/^\d{1,15}$/.test(word)) throw new PredicateError(`${name} is a whole number, not "${word}"`);
    return Number(word);
  }
  if (field.type === 'flags') return flagsValue(word);
  const isClosed = field.values !== undefined && operator !== '~';
  if (isClosed && !field.values.includes(word)) {
    throw new PredicateError(`there is no ${name} "${word}"; there are ${field.values.join(', ')}`);
  }
  return word;
}

function durationMicros(name: string, word: string): number {
  const [, digits, unit] = /^(\d{1,10}(?:\.\d{1,6})?)(us|ms|s|m)$/.exec(word) ?? [];
  if (digits === undefined || unit === undefined) {
    throw new PredicateError(`${name} is a number with a unit (us, ms, s or m), like 1.5s, not "${word}"`);
  }
  return Math.round(Number(digits) * MICROS_PER_UNIT[unit]!);
}

/** Letters in the order in which flags are written. */
function flagsValue(word: string): string {
  const order = flagText(0xff);
  if (Array.from(word).some((letter) => !order.includes(letter))) {
    throw new PredicateError(`flags are letters of ${order} (as in SA for SYN and ACK), not "${word}"`);
  }
  return Array.from(order)
    .filter((letter) => word.includes(letter))
    .join('');
}
