/** One packet in one line, for people: protocol, flags, ends, sizes. It is no format; captures have the bytes. */
import { formatAddress, formatEndpoint } from '../address.ts';
import type { Address } from '../address.ts';
import { PROTOCOL, isIcmp } from '../packet.ts';
import type { Packet } from '../packet.ts';

/** Letters of the TCP flags, by bit. */
const FLAG_LETTERS = ['F', 'S', 'R', 'P', 'A', 'U', 'E', 'C'];

/** The flags that are set, as letters: `S`, `SA`, `PA`. */
export function flagText(flags: number): string {
  return FLAG_LETTERS.filter((_letter, bit) => (flags & (1 << bit)) !== 0).join('');
}

/** `tcp SA 198.18.0.2:4530 > 198.18.0.3:49152 seq 1 ack 2 40 B` */
export function packetText(packet: Readonly<Packet>): string {
  const { protocol, flags, source, sourcePort, destination, destinationPort, payload } = packet;
  const ends = `${endText(source, sourcePort)} > ${endText(destination, destinationPort)}`;
  const note = packet.damaged ? ' damaged' : '';
  if (isIcmp(packet)) {
    const quoted = packet.quoted === undefined ? '' : ` about ${packetText(packet.quoted)}`;
    return `icmp type ${packet.icmpType} code ${packet.icmpCode} ${ends}${quoted}${note}`;
  }
  if (protocol === PROTOCOL.udp) return `udp ${ends} ${payload.length} B${note}`;
  const numbers = `seq ${packet.sequence >>> 0} ack ${packet.acknowledgment >>> 0}`;
  return `tcp ${flagText(flags)} ${ends} ${numbers} ${payload.length} B${note}`;
}

function endText(address: Address, port: number): string {
  return port === 0 ? formatAddress(address) : formatEndpoint(address, port);
}
