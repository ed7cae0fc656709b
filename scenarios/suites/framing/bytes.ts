/**
 * Bytes made by hand for cases about the wire: the hex tools of the test vectors, which know nothing of the codecs.
 *
 * A fault of the codecs would stand on both sides of a comparison that used them; so what is expected is spelled out here.
 */
import { ascii, header, i32, i64, message, obj, prefixed, str, u8 } from '../../../spec/vectors/pieces.ts';

export { ascii, header, i32, i64, message, obj, prefixed, str, u8 };
export type { HeaderParts } from '../../../spec/vectors/pieces.ts';

/** Hex to bytes; groups `(a5)*3` are written out. */
export function unhex(hex: string): Uint8Array {
  const plain = hex.replace(/\(([0-9a-f]*)\)\*(\d+)/g, (_all, group: string, times: string) =>
    group.repeat(Number(times)),
  );
  return new Uint8Array(Buffer.from(plain, 'hex'));
}

/** Bytes to hex. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Any text in UTF-8, as hex. */
export function utf8Hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

/** A BinaryInformationContract in hex. */
export function informationBody(content: Uint8Array | null, informationType: number): string {
  return obj(content === null ? i32(-1) : prefixed(hexOf(content)), i32(informationType));
}

/** A BlobFragmentContract in hex: one whole block. */
export function blobBody(content: Uint8Array, informationType: number): string {
  return obj(i32(-1), prefixed(hexOf(content)), i32(0), i32(informationType), u8(1));
}

/** The message id of a message, read without the decoder. */
export function messageIdOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(8, true);
}
