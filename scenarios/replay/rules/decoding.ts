/** Rules about bytes that are no message or no body: what the sender broke, told by what the decoder found. */
import type { DecodeErrorCodeName } from '../../../spec/errors.ts';
import type { InvalidRule, MessageRule, Rule } from '../judged.ts';
import { nameOf } from '../wording.ts';

/** The decoder names the receiver's clause; the sender broke the one beside it. */
const FRAME_FAULTS = [
  { found: 'FRM-004', name: 'start-token', clause: 'FRM-003' },
  { found: 'FRM-006', name: 'client-type-known', clause: 'FRM-005' },
  { found: 'FRM-010', name: 'body-length-not-negative', clause: 'FRM-009' },
  { found: 'FRM-014', name: 'ids-well-formed', clause: 'FRM-013' },
  { found: 'LIM-006', name: 'message-within-limit', clause: 'LIM-007' },
  { found: 'FRM-018', name: 'message-complete', clause: 'FRM-001' },
] as const;

const frameRules: readonly Rule[] = FRAME_FAULTS.map(({ found, name, clause }): InvalidRule => ({
  on: 'invalid',
  name,
  clause,
  level: 'MUST',
  check: (error) => (error.clause === found ? error.detail : undefined),
}));

const BODY_FAULTS: readonly {
  readonly codes: readonly DecodeErrorCodeName[];
  readonly name: string;
  readonly clause: string;
}[] = [
  { codes: ['E_BOOL'], name: 'bool-is-0-or-1', clause: 'SER-004' },
  { codes: ['E_UTF8'], name: 'strings-are-utf-8', clause: 'SER-009' },
  { codes: ['E_NULL'], name: 'body-where-one-belongs', clause: 'SER-003' },
  { codes: ['E_NULL_KEY', 'E_DUPLICATE_KEY'], name: 'dictionary-keys', clause: 'SER-014' },
  { codes: ['E_LENGTH', 'E_TRUNCATED'], name: 'lengths-within-body', clause: 'SER-003' },
  { codes: ['E_OBJECT_LENGTH', 'E_TRAILING', 'E_DEPTH'], name: 'object-length-true', clause: 'SER-015' },
];

const bodyRules: readonly Rule[] = BODY_FAULTS.map(({ codes, name, clause }): MessageRule => ({
  on: 'message',
  name,
  clause,
  level: 'MUST',
  check: ({ type, bodyError }) => {
    if (bodyError === undefined || !codes.includes(bodyError.code)) return undefined;
    const where = bodyError.path === '' ? '' : ` (${bodyError.path})`;
    return `the body of ${nameOf(type)} is invalid at byte ${bodyError.offset}${where}: ${bodyError.detail}`;
  },
}));

export const decodingRules: readonly Rule[] = [...frameRules, ...bodyRules];
