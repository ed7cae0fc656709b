/** Bodies to values for receivers: what does not fit its contract ends the connection as DataLacked (FRM-019). */
import type { Codec, FrameView } from '../wire/index.ts';
import type { Peer } from './peer.ts';

/** The body's value; undefined after ending the connection because it is none (FRM-019). */
export function decodeOrViolate<Value>(peer: Peer, frame: FrameView, codec: Codec<Value>): Value | undefined {
  const decoded = codec.decode(frame.body());
  if (decoded.ok) return decoded.value;
  peer.violate(decoded.error.detail);
  return undefined;
}

/** As above for bodies that may be empty; null is the empty one. */
export function decodeNullableOrViolate<Value>(
  peer: Peer,
  frame: FrameView,
  codec: Codec<Value>,
): Value | null | undefined {
  const decoded = codec.decodeNullable(frame.body());
  if (decoded.ok) return decoded.value;
  peer.violate(decoded.error.detail);
  return undefined;
}
