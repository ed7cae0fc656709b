/**
 * Points at which the engine may take a way that is legal and rare: an early wake-up, the smallest read, the smallest turn. Bugs
 * hide there, so a search asks for them more often than the world would (FoundationDB calls it buggify).
 *
 * Only a simulator that searches answers; where the platform has no `rareWay` a point costs reading one property. A way must be
 * one that every peer and every clause allows at any time: nothing may be wrong because it was taken.
 */
import type { Platform } from '../../spec/platform.ts';
import type { FrameDecoder } from '../wire/index.ts';

/** Every point, with what it does. */
export const RARE_WAYS = {
  'alarm wakes early': 'a timer of the engine fires halfway to its deadline',
  'link wakes early': 'a timer of reliable UDP fires halfway to its deadline',
  'one datagram a turn': 'a link hands over one datagram and then lets others act',
  'datagram overlooked': 'a link does not see a datagram that came, as if the network had lost it',
  'reads byte by byte': 'an end of a connection gets a chunk in its smallest pieces',
} as const;

export type RareWay = keyof typeof RARE_WAYS;

/** Whether to take the rare way, this time. */
export function takesRareWay({ rareWay }: Platform, way: RareWay): boolean {
  return rareWay?.(way) === true;
}

/** Gives a decoder a chunk: as it is, or byte by byte until it finds an error. */
export function pushBytes(
  platform: Platform,
  decoder: FrameDecoder,
  bytes: Uint8Array,
  sink: Parameters<FrameDecoder['push']>[1],
): ReturnType<FrameDecoder['push']> {
  if (!takesRareWay(platform, 'reads byte by byte')) return decoder.push(bytes, sink);
  for (let at = 0; at < bytes.length; at += 1) {
    const error = decoder.push(bytes.subarray(at, at + 1), sink);
    if (error !== undefined) return error;
  }
  return undefined;
}
