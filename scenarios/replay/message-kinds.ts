/** Which messages may be forwarded, and which are reserved: the columns of table 1.5 that rules need. */
import { messageByType, MessageType } from '../../spec/grammar/index.ts';

const RESERVED: ReadonlySet<number> = new Set([
  MessageType.CallClient,
  MessageType.PingByP2PChannel,
  MessageType.GetClientTimeRequest,
  MessageType.GetClientTimeResponse,
]);

/** FRM-030: named, but nobody sends it in this edition. */
export function isReserved(type: number): boolean {
  return RESERVED.has(type);
}

/** FRM-022, FRM-029: a server passes these on to the user they name. */
export function isForwardable(type: number): boolean {
  return messageByType(type)?.direction === 'anyToAny' && !isReserved(type);
}
