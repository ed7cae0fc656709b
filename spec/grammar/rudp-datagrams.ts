/**
 * The datagrams of reliable UDP as data: kind, name, fields in wire order, sizes, meaning, clause (chapter 17).
 *
 * Everything is little-endian. Kinds below 0x40 belong to hole punching and the P2P server.
 */

export type RudpFieldType = 'byte' | 'uint16' | 'uint32' | 'uint48' | 'uint64' | 'bytes';

export type RudpField = {
  readonly name: string;
  readonly type: RudpFieldType;
  /** Bytes; 0 for the rest of the datagram. */
  readonly sizeBytes: number;
  readonly doc: string;
  readonly clause: string;
  /** The field and its successors in the same group are repeated to the end of the datagram. */
  readonly repeated?: true;
};

export type RudpDatagramLayout = {
  /** The first byte. */
  readonly kind: number;
  readonly name: string;
  readonly doc: string;
  readonly clause: string;
  /** The kind itself is not listed. */
  readonly fields: readonly RudpField[];
};

/** RUD-001: the first byte of every datagram of reliable UDP lies in this range. */
export const RUDP_KIND_FIRST = 0x40;
export const RUDP_KIND_LAST = 0x7f;

/** RUD-002: the version in handshake datagrams. */
export const RUDP_VERSION = 1;

/** RUD-011: pairs of gap and length that an Ack holds at most. */
export const RUDP_ACK_RANGES_MAX = 16;

const tag: RudpField = {
  name: 'tag',
  type: 'uint32',
  sizeBytes: 4,
  doc: 'identity of the side it is sent to',
  clause: 'RUD-006',
};
const number: RudpField = {
  name: 'number',
  type: 'uint32',
  sizeBytes: 4,
  doc: 'packet number, the low 32 bits',
  clause: 'RUD-008',
};
const sequence: RudpField = {
  name: 'sequence',
  type: 'uint32',
  sizeBytes: 4,
  doc: 'place of the chunk in the stream, the low 32 bits',
  clause: 'RUD-009',
};
const token: RudpField = {
  name: 'token',
  type: 'uint64',
  sizeBytes: 8,
  doc: 'the secret that both sides know beforehand',
  clause: 'RUD-003',
};
const handshake: readonly RudpField[] = [
  { name: 'version', type: 'byte', sizeBytes: 1, doc: 'always 1', clause: 'RUD-002' },
  token,
  { name: 'identity', type: 'uint32', sizeBytes: 4, doc: 'of the sender, not 0', clause: 'RUD-004' },
  {
    name: 'echo',
    type: 'uint32',
    sizeBytes: 4,
    doc: 'identity of the other side; 0 in a Syn',
    clause: 'RUD-005',
  },
  { name: 'limit', type: 'uint48', sizeBytes: 6, doc: 'stream bytes the sender has room for', clause: 'RUD-013' },
];

/** Every datagram of reliable UDP. */
export const rudpDatagrams = [
  { kind: 0x40, name: 'Syn', doc: 'asks for a connection', clause: 'RUD-005', fields: handshake },
  { kind: 0x41, name: 'SynAck', doc: 'answers a Syn', clause: 'RUD-005', fields: handshake },
  { kind: 0x42, name: 'Confirm', doc: 'answers a SynAck', clause: 'RUD-005', fields: handshake },
  {
    kind: 0x43,
    name: 'Data',
    doc: 'a chunk of the stream',
    clause: 'RUD-009',
    fields: [
      tag,
      number,
      sequence,
      { name: 'chunk', type: 'bytes', sizeBytes: 0, doc: 'stream bytes, at least one', clause: 'RUD-009' },
    ],
  },
  {
    kind: 0x44,
    name: 'Ack',
    doc: 'what has arrived, and how much room is left',
    clause: 'RUD-011',
    fields: [
      tag,
      { name: 'largest', type: 'uint32', sizeBytes: 4, doc: 'largest packet number received', clause: 'RUD-011' },
      { name: 'delayMicros', type: 'uint32', sizeBytes: 4, doc: 'time since it was received', clause: 'RUD-011' },
      { name: 'limit', type: 'uint48', sizeBytes: 6, doc: 'stream bytes there is room for', clause: 'RUD-013' },
      { name: 'before', type: 'uint32', sizeBytes: 4, doc: 'received numbers right below largest', clause: 'RUD-011' },
      { name: 'gap', type: 'uint16', sizeBytes: 2, doc: 'numbers missing below', clause: 'RUD-011', repeated: true },
      {
        name: 'length',
        type: 'uint16',
        sizeBytes: 2,
        doc: 'numbers received below',
        clause: 'RUD-011',
        repeated: true,
      },
    ],
  },
  { kind: 0x45, name: 'Ping', doc: 'asks for an Ack', clause: 'RUD-016', fields: [tag, number] },
  { kind: 0x46, name: 'Fin', doc: 'the end of the stream', clause: 'RUD-018', fields: [tag, number, sequence] },
  { kind: 0x47, name: 'Abort', doc: 'the connection is over', clause: 'RUD-019', fields: [token, tag] },
] as const satisfies readonly RudpDatagramLayout[];
