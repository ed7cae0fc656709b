/**
 * UTF-8 <-> string without any runtime's text classes: strict both ways, with a fast path for ASCII.
 *
 * Strict means: overlong forms, surrogates, code points above U+10FFFF and cut-off sequences are refused when reading
 * (SER-011), lone surrogates when writing (SER-009). Nothing is ever replaced. A byte order mark is an ordinary character.
 */

/** Bytes the string takes in UTF-8, or -1 when it has a lone surrogate. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 2;
    else {
      if (unit > 0xdbff) return -1;
      const low = text.charCodeAt(++i); // NaN past the end fails the test below.
      if (!(low >= 0xdc00 && low <= 0xdfff)) return -1;
      bytes += 2; // Two units, four bytes.
    }
  }
  return bytes;
}

/**
 * Writes the string at `at`; the caller has made sure of `3 * text.length` bytes of room.
 * @returns the position after the last byte, or -1 when the string has a lone surrogate
 */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return writeUtf8From(bytes, at, text, i);
    bytes[at++] = unit;
  }
  return at;
}

function writeUtf8From(bytes: Uint8Array, at: number, text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      if (unit > 0xdbff) return -1;
      const low = text.charCodeAt(++i);
      if (!(low >= 0xdc00 && low <= 0xdfff)) return -1;
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

/** The string in UTF-8 as new bytes, or undefined when it has a lone surrogate. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  const length = utf8Length(text);
  if (length < 0) return undefined;
  const bytes = new Uint8Array(length);
  writeUtf8(bytes, 0, text);
  return bytes;
}

/** Code units handed to one `String.fromCharCode` call; far below any engine's argument limit. */
const UNITS_PER_CALL = 4096;
/** Characters up to which unrolled calls win over one `apply`. */
const UNROLLED_MAX = 1024;

/** The string in bytes `start` to `end`, or undefined when they are not UTF-8 (SER-011). */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let i = start; i < end; i++) {
    if (bytes[i]! > 0x7f) return readMixed(bytes, start, end);
  }
  return readAscii(bytes, start, end);
}

function readAscii(b: Uint8Array, start: number, end: number): string {
  let text = '';
  let i = start;
  for (; end - i > UNROLLED_MAX; i += UNITS_PER_CALL) {
    const stop = Math.min(end, i + UNITS_PER_CALL);
    text += String.fromCharCode.apply(null, b.subarray(i, stop) as unknown as number[]);
    if (stop === end) return text;
  }
  // Unrolled: one call for sixteen characters is several times faster than sixteen calls, and than `apply`.
  for (; end - i >= 16; i += 16) text += sixteenAt(b, i);
  if (end - i >= 8) {
    text += String.fromCharCode(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!);
    i += 8;
  }
  if (end - i >= 4) {
    text += String.fromCharCode(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!);
    i += 4;
  }
  for (; i < end; i++) text += String.fromCharCode(b[i]!);
  return text;
}

// prettier-ignore
function sixteenAt(b: Uint8Array, i: number): string {
  return String.fromCharCode(
    b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!,
    b[i + 8]!, b[i + 9]!, b[i + 10]!, b[i + 11]!, b[i + 12]!, b[i + 13]!, b[i + 14]!, b[i + 15]!,
  );
}

function readMixed(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let units: number[] = [];
  for (let i = start; i < end;) {
    const point = pointAt(bytes, i, end);
    if (point < 0) return undefined;
    i += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (point < 0x10000) units.push(point);
    else units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff));
    if (units.length >= UNITS_PER_CALL) {
      text += String.fromCharCode.apply(null, units);
      units = [];
    }
  }
  return text + String.fromCharCode.apply(null, units);
}

/** The code point at `i`, or -1 when the bytes there are not one (Unicode table 3-7, well-formed sequences). */
function pointAt(bytes: Uint8Array, i: number, end: number): number {
  const first = bytes[i]!;
  if (first < 0x80) return first;
  if (first < 0xc2 || first > 0xf4) return -1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (end - i < length) return -1;
  const second = bytes[i + 1]!;
  if ((second & 0xc0) !== 0x80) return -1;
  if (length === 2) return ((first & 0x1f) << 6) | (second & 0x3f);
  const third = bytes[i + 2]!;
  if ((third & 0xc0) !== 0x80) return -1;
  if (length === 3) {
    const point = ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
    return point < 0x800 || (point >= 0xd800 && point <= 0xdfff) ? -1 : point;
  }
  const fourth = bytes[i + 3]!;
  if ((fourth & 0xc0) !== 0x80) return -1;
  const point = ((first & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f);
  return point < 0x10000 || point > 0x10ffff ? -1 : point;
}

/** Whether bytes `start` to `end` are UTF-8. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end;) {
    const point = pointAt(bytes, i, end);
    if (point < 0) return false;
    i += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return true;
}
