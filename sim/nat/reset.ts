/** The RST a NAT sends in the name of the port behind it, in answer to a SYN that nobody asked for. */
import { NO_BYTES, PROTOCOL, TCP_FLAG, TCP_HEADER_BYTES, createPacket } from '../packet.ts';
import type { Packet } from '../packet.ts';

/** `origin` is the number of the node that makes it. */
export function resetFor(cause: Packet, origin: number): Packet {
  const { destination, destinationPort, source, sourcePort } = cause;
  const answer = createPacket(PROTOCOL.tcp, destination, destinationPort, source, sourcePort, NO_BYTES);
  answer.sizeBytes += TCP_HEADER_BYTES;
  answer.flags = TCP_FLAG.rst | TCP_FLAG.ack;
  answer.acknowledgment = (cause.sequence + 1) | 0;
  answer.origin = origin;
  return answer;
}
