/** Bytes as lines of sixteen, with offset and readable characters. Pure. */
const LINE_BYTES = 16;

/** `0010  45 00 ...  E.` for each sixteen bytes. */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length; from += LINE_BYTES) {
    const part = [...bytes.subarray(from, from + LINE_BYTES)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${from.toString(16).padStart(4, '0')}  ${hex.padEnd(LINE_BYTES * 3 - 1)}  ${text}`);
  }
  return lines;
}
