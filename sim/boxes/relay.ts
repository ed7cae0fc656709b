/** Two TCP connections joined: what a proxy does once it has let a client through. Nothing is looked at. */
import type { TcpCloseReason, TcpConnection, TcpHandlers } from '../../spec/platform.ts';

/** A side that has so much waiting lets the other side wait. */
const WAITING_BYTES_MAX = 262_144;

/** Handlers for one side of a relay; `other` is the connection of the other side. */
export function relayTo(self: TcpConnection, other: TcpConnection): TcpHandlers {
  return {
    onData(bytes) {
      other.write(bytes);
      if (other.queuedBytes > WAITING_BYTES_MAX) self.pause();
    },
    onDrain: () => other.resume(),
    onEnd: () => other.end(),
    onClosed(reason: TcpCloseReason) {
      if (reason === 'closed') other.end();
      else other.abort();
    },
  };
}
