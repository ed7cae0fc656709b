/**
 * What a line does to the bytes of a packet: one flipped bit, or the end cut off.
 *
 * Normally the receiver's checksum notices and the packet is only marked as damaged. `undetected` damage reaches the
 * application. Payload bytes are shared between copies of a packet, so they are never changed in place.
 */
import { PROTOCOL } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { RandomStream } from '../random.ts';

/** Flips one bit of the payload, or, when the checksum is to notice, only says so. */
export function corruptPacket(packet: Packet, undetected: boolean, stream: RandomStream): void {
  if (!undetected || packet.payload.length === 0) {
    packet.damaged = true;
    return;
  }
  const payload = packet.payload.slice();
  const index = stream.below(payload.length);
  payload[index] = payload[index]! ^ (1 << stream.below(8));
  packet.payload = payload;
  packet.payloadHash ^= 1 + index;
}

/**
 * Cuts the payload to a shorter length, each as likely as any other; an empty payload stays. Unnoticed only in a datagram:
 * a cut segment would be a whole one of other length, so its checksum always tells.
 */
export function truncatePacket(packet: Packet, undetected: boolean, stream: RandomStream): boolean {
  const sizeBytes = packet.payload.length;
  if (sizeBytes === 0) return false;
  const keptBytes = stream.below(sizeBytes);
  packet.payload = packet.payload.subarray(0, keptBytes);
  packet.sizeBytes -= sizeBytes - keptBytes;
  packet.payloadHash ^= 1 + keptBytes;
  if (!undetected || packet.protocol !== PROTOCOL.udp) packet.damaged = true;
  return true;
}
