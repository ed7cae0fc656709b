/** Which messages may be forwarded, and which are reserved: the columns of table 1.5 that rules need. */
import { bodyOf, messageByType, messages } from '../../spec/grammar/index.ts';

/** FRM-030: named, but nobody sends it in this edition. */
export function isReserved(type: number): boolean {
  return messageByType(type)?.reserved === true;
}

/** FRM-022, FRM-029: a server passes these on to the user they name. */
export function isForwardable(type: number): boolean {
  return messageByType(type)?.direction === 'anyToAny' && !isReserved(type);
}

/** Types that are reserved, that a server forwards, that it does not, and that have no body in one direction at least. */
export const RESERVED_TYPES: readonly number[] = messages.map(({ type }) => type).filter(isReserved);
export const FORWARDED_TYPES: readonly number[] = messages.map(({ type }) => type).filter(isForwardable);
export const OTHER_TYPES: readonly number[] = messages.map(({ type }) => type).filter((type) => !isForwardable(type));
export const BODILESS_TYPES: readonly number[] = messages
  .map(({ type }) => type)
  .filter((type) => !isReserved(type) && (bodyOf(type, false) === null || bodyOf(type, true) === null));
