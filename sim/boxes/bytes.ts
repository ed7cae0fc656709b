/** Numbers and text as bytes, for the wire formats of middleboxes: big-endian, and one byte a character. */
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';

/** 16 bits. */
export function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Unsigned. */
export function get32(bytes: Uint8Array, at: number): number {
  return get16(bytes, at) * 0x1_0000 + get16(bytes, at + 2);
}

/** The lowest 16 bits. */
export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** An unsigned integer below 2^32. */
export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, Math.floor(value / 0x1_0000));
  put16(bytes, at + 2, value);
}

/** The dotted text of the IPv4 address at that place. */
export function getDotted(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 4).join('.');
}

/** Writes an address as four bytes. */
export function putAddress(bytes: Uint8Array, at: number, address: Address): void {
  bytes.set(formatAddress(address).split('.').map(Number), at);
}

/** Each byte as the character of that number. */
export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Characters above 255 lose their upper bits. */
export function bytesOfText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
