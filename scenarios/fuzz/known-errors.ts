/** The errors a parser may report: kinds of invalid messages with their clauses, and codes of bad bodies. */
import { DecodeErrorCode } from '../../spec/errors.ts';

/** Kind of an invalid message to the clauses that make it one (chapters 1 and 3). */
export const FRAME_ERROR_CLAUSES: ReadonlyMap<string, readonly string[]> = new Map([
  ['InvalidToken', ['FRM-004']],
  ['InvalidClientType', ['FRM-006']],
  ['InvalidHeader', ['FRM-010', 'FRM-014']],
  ['MessageSizeOverflow', ['LIM-006']],
  ['DataLacked', ['FRM-018']],
]);

/** Codes of bodies that do not decode. */
export const BODY_ERROR_CODES: ReadonlySet<string> = new Set(Object.keys(DecodeErrorCode));
