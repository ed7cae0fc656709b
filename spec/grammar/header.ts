/**
 * The message header as data: field, where it starts, how long it is, what it means, clause.
 *
 * Offsets and sizes are `fixed + perUserIdByte * N`, N being the maximum UserID length in bytes.
 */

/** A number of bytes that depends on N: `fixed + perUserIdByte * N`. */
export type BytesRule = { readonly fixed: number; readonly perUserIdByte: number };

export type HeaderFieldType = 'byte' | 'uint16' | 'int32' | 'userId';

export type HeaderField = {
  readonly name: string;
  readonly offset: BytesRule;
  readonly size: BytesRule;
  readonly type: HeaderFieldType;
  readonly clause: string;
  readonly source: 'manual' | 'ours';
  readonly doc: string;
};

/** FRM-001: the header, 12 + 2 * (1 + N) bytes, little-endian (FRM-002). */
export const headerFields = [
  {
    name: 'startToken',
    offset: { fixed: 0, perUserIdByte: 0 },
    size: { fixed: 1, perUserIdByte: 0 },
    type: 'byte',
    clause: 'FRM-003',
    source: 'ours',
    doc: 'start token, always 0xE5',
  },
  {
    name: 'clientType',
    offset: { fixed: 1, perUserIdByte: 0 },
    size: { fixed: 1, perUserIdByte: 0 },
    type: 'byte',
    clause: 'FRM-005',
    source: 'manual',
    doc: 'platform of the sender, 0 to 8',
  },
  {
    name: 'messageType',
    offset: { fixed: 2, perUserIdByte: 0 },
    size: { fixed: 2, perUserIdByte: 0 },
    type: 'uint16',
    clause: 'FRM-007',
    source: 'manual',
    doc: 'room and message',
  },
  {
    name: 'bodyLength',
    offset: { fixed: 4, perUserIdByte: 0 },
    size: { fixed: 4, perUserIdByte: 0 },
    type: 'int32',
    clause: 'FRM-009',
    source: 'manual',
    doc: 'bytes after the header; negative is invalid',
  },
  {
    name: 'messageId',
    offset: { fixed: 8, perUserIdByte: 0 },
    size: { fixed: 4, perUserIdByte: 0 },
    type: 'int32',
    clause: 'FRM-011',
    source: 'manual',
    doc: 'pairs a reply with its request',
  },
  {
    name: 'sourceId',
    offset: { fixed: 12, perUserIdByte: 0 },
    size: { fixed: 1, perUserIdByte: 1 },
    type: 'userId',
    clause: 'FRM-013',
    source: 'ours',
    doc: 'sender: length byte, UTF-8, zeros up to N',
  },
  {
    name: 'destId',
    offset: { fixed: 13, perUserIdByte: 1 },
    size: { fixed: 1, perUserIdByte: 1 },
    type: 'userId',
    clause: 'FRM-013',
    source: 'ours',
    doc: 'destination, same form; empty or _0 is the server',
  },
] as const satisfies readonly HeaderField[];

/** The rule's value for a given N. */
export function bytesByRule(rule: BytesRule, userIdBytesMax: number): number {
  return rule.fixed + rule.perUserIdByte * userIdBytesMax;
}
