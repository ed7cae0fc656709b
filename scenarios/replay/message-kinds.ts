/** Which messages may be forwarded, and which are reserved: the columns of table 1.5 that rules need. */
import { messageByType } from '../../spec/grammar/index.ts';

/** FRM-030: named, but nobody sends it in this edition. */
export function isReserved(type: number): boolean {
  return messageByType(type)?.reserved === true;
}

/** FRM-022, FRM-029: a server passes these on to the user they name. */
export function isForwardable(type: number): boolean {
  return messageByType(type)?.direction === 'anyToAny' && !isReserved(type);
}
