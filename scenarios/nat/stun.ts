/**
 * Just enough STUN to ask a NAT how it behaves: Binding requests and responses (RFC 8489) with the attributes of RFC 5780.
 *
 * IPv4 only, no credentials, no fingerprint, no retransmission. Pure.
 */
import type { Endpoint } from '../../spec/platform.ts';

const MAGIC = 0x2112_a442;
const HEADER_BYTES = 20;
const TYPE = { request: 0x0001, response: 0x0101 } as const;
const ATTRIBUTE = {
  changeRequest: 0x0003,
  xorMappedAddress: 0x0020,
  responsePort: 0x0027,
  otherAddress: 0x802c,
} as const;
/** Bits of CHANGE-REQUEST (RFC 5780 section 7.2). */
const CHANGE = { address: 4, port: 2 } as const;

export type BindingRequest = {
  readonly kind: 'request';
  /** The last 32 bits of the transaction id; the others are zero. */
  readonly id: number;
  /** Answer from the other address, from the other port. */
  readonly changeAddress: boolean;
  readonly changePort: boolean;
  /** Answer to this port instead of the one it came from; 0 for that one. */
  readonly responsePort: number;
};

export type BindingResponse = {
  readonly kind: 'response';
  readonly id: number;
  /** Where the request came from. */
  readonly mapped: Endpoint;
  /** Where else the server listens: both are different. */
  readonly other: Endpoint;
};

/** The bytes of a message. */
export function encodeStun(message: BindingRequest | BindingResponse): Uint8Array {
  const attributes: number[] = [];
  const add = (type: number, ...value: number[]): void => {
    attributes.push(type >> 8, type & 255, 0, value.length, ...value);
  };
  if (message.kind === 'response') {
    add(ATTRIBUTE.xorMappedAddress, ...endpointBytes(message.mapped, MAGIC));
    add(ATTRIBUTE.otherAddress, ...endpointBytes(message.other, 0));
  } else {
    const bits = (message.changeAddress ? CHANGE.address : 0) | (message.changePort ? CHANGE.port : 0);
    if (bits !== 0) add(ATTRIBUTE.changeRequest, 0, 0, 0, bits);
    // The attribute is padded to a multiple of four.
    if (message.responsePort !== 0)
      add(ATTRIBUTE.responsePort, message.responsePort >> 8, message.responsePort & 255, 0, 0);
  }
  const bytes = new Uint8Array(HEADER_BYTES + attributes.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, TYPE[message.kind]);
  view.setUint16(2, attributes.length);
  view.setUint32(4, MAGIC);
  view.setUint32(16, message.id);
  bytes.set(attributes, HEADER_BYTES);
  return bytes;
}

/** Undefined for anything that is not one of the two. */
export function decodeStun(bytes: Uint8Array): BindingRequest | BindingResponse | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = HEADER_BYTES + view.getUint16(2);
  if (view.getUint32(4) !== MAGIC || end > bytes.length) return undefined;
  const attributes = new Map<number, number>();
  for (let at = HEADER_BYTES; at + 4 <= end; at += 4 + Math.ceil(view.getUint16(at + 2) / 4) * 4) {
    attributes.set(view.getUint16(at), at + 4);
  }
  const id = view.getUint32(16);
  if (view.getUint16(0) === TYPE.request) {
    const change = attributes.get(ATTRIBUTE.changeRequest);
    const bits = change === undefined ? 0 : view.getUint32(change);
    const port = attributes.get(ATTRIBUTE.responsePort);
    return {
      kind: 'request',
      id,
      changeAddress: (bits & CHANGE.address) !== 0,
      changePort: (bits & CHANGE.port) !== 0,
      responsePort: port === undefined ? 0 : view.getUint16(port),
    };
  }
  const mapped = attributes.get(ATTRIBUTE.xorMappedAddress);
  const other = attributes.get(ATTRIBUTE.otherAddress);
  if (view.getUint16(0) !== TYPE.response || mapped === undefined || other === undefined) return undefined;
  return { kind: 'response', id, mapped: endpointAt(view, mapped, MAGIC), other: endpointAt(view, other, 0) };
}

/** Family, port and address, masked as XOR-MAPPED-ADDRESS is (RFC 8489 section 14.2). */
function endpointBytes({ address, port }: Endpoint, mask: number): number[] {
  const masked = port ^ (mask >>> 16);
  const parts = address.split('.').map((part, index) => Number(part) ^ ((mask >>> (24 - 8 * index)) & 255));
  return [0, 1, masked >> 8, masked & 255, ...parts];
}

function endpointAt(view: DataView, at: number, mask: number): Endpoint {
  const parts = [0, 1, 2, 3].map((index) => view.getUint8(at + 4 + index) ^ ((mask >>> (24 - 8 * index)) & 255));
  return { address: parts.join('.'), port: view.getUint16(at + 2) ^ (mask >>> 16) };
}
