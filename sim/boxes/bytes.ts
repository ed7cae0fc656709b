/** Addresses and text as bytes, for the wire formats of middleboxes: one byte a character. Numbers: `big-endian.ts`. */
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';

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
