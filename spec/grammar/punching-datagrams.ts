/**
 * Datagrams of address discovery and hole punching as data: first byte, then fields. Little-endian (P2P-017).
 *
 * First bytes 0x00 to 0x3f belong to this file, 0x40 to 0x7f to reliable UDP. A `message` field is one whole message of
 * the framework, header and body; zeros may follow it.
 */

export type DatagramFieldType = 'uint16' | 'uint32' | 'uint64' | 'ipv4' | 'message';

export type DatagramField = { readonly name: string; readonly type: DatagramFieldType; readonly doc: string };

export type Datagram = {
  readonly name: string;
  /** The first byte. */
  readonly kind: number;
  readonly clause: string;
  readonly doc: string;
  readonly fields: readonly DatagramField[];
};

/** The highest first byte of this family. */
export const PUNCHING_KIND_MAX = 0x3f;

export const punchingDatagrams = [
  {
    name: 'DiscoverRequest',
    kind: 0x01,
    clause: 'P2P-003',
    doc: 'a client asks the P2P server for the source it sees',
    fields: [{ name: 'message', type: 'message', doc: 'GetMyPublicIPE, empty body; padded with zeros (P2P-004)' }],
  },
  {
    name: 'DiscoverResponse',
    kind: 0x02,
    clause: 'P2P-003',
    doc: 'the answer',
    fields: [{ name: 'message', type: 'message', doc: 'the reply to GetMyPublicIPE, same message id' }],
  },
  {
    name: 'Probe',
    kind: 0x10,
    clause: 'P2P-017',
    doc: 'asks whether the receiver can be reached this way',
    fields: [
      { name: 'token', type: 'uint64', doc: 'token of the invitation' },
      { name: 'number', type: 'uint32', doc: 'counts the probes of the sender in this attempt' },
    ],
  },
  {
    name: 'ProbeAck',
    kind: 0x11,
    clause: 'P2P-018',
    doc: 'the answer to a probe, sent back the way it came',
    fields: [
      { name: 'token', type: 'uint64', doc: 'token of the invitation' },
      { name: 'number', type: 'uint32', doc: 'number of the probe' },
      { name: 'address', type: 'ipv4', doc: 'source of the probe as its receiver saw it' },
      { name: 'port', type: 'uint16', doc: 'its port' },
    ],
  },
] as const satisfies readonly Datagram[];

export type PunchingDatagramName = (typeof punchingDatagrams)[number]['name'];
