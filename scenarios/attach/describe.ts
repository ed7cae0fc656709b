/**
 * Values compared and written out for people: deep equality with byte arrays by content, short texts, hexdumps. Pure.
 */
const TEXT_MAX = 300;
const HEX_BYTES_SHOWN = 48;
const HEX_LINE_BYTES = 16;
/** Lines of a hexdump around the first difference. */
const HEX_LINES_MAX = 12;

/** Deep equality: byte arrays by content whatever their class, Maps and Sets by entries, objects by own keys. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => deepEqual(each, b[at]))
    );
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && deepEqual(value, b.get(key)));
  }
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((each) => b.has(each));
  const left = definedEntries(a);
  const right = new Map(definedEntries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && deepEqual(value, right.get(key)));
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, each]) => each !== undefined);
}

/** A value in one line, cut to a bearable length. */
export function show(value: unknown): string {
  const text = render(value, 0);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}.. (${text.length} characters)` : text;
}

function render(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return hexText(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (depth > 4) return '..';
  const inner = (each: unknown): string => render(each, depth + 1);
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`;
  if (value instanceof Map)
    return `Map {${[...value].map(([key, each]) => `${inner(key)}: ${inner(each)}`).join(', ')}}`;
  if (value instanceof Set) return `Set {${[...value].map(inner).join(', ')}}`;
  return `{${definedEntries(value)
    .map(([key, each]) => `${key}: ${inner(each)}`)
    .join(', ')}}`;
}

function hexText(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEX_BYTES_SHOWN)).toString('hex');
  return bytes.length > HEX_BYTES_SHOWN ? `hex ${head}.. (${bytes.length} bytes)` : `hex ${head || '(empty)'}`;
}

/** Offset of the first byte that differs; undefined when the arrays are equal. */
function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : common;
}

/** A hexdump of `actual` around the first byte that differs from `expected`, which is marked. */
export function differenceDump(actual: Uint8Array, expected: Uint8Array): string | undefined {
  const at = firstDifference(actual, expected);
  if (at === undefined) return undefined;
  const firstLine = Math.max(0, Math.floor(at / HEX_LINE_BYTES) - 2);
  const lines = [`${actual.length} bytes, expected ${expected.length}; the first difference is at offset ${at}`];
  for (let line = firstLine; line < firstLine + HEX_LINES_MAX; line++) {
    const from = line * HEX_LINE_BYTES;
    if (from >= actual.length) break;
    const cells = [...actual.subarray(from, from + HEX_LINE_BYTES)].map((byte, index) => {
      const hex = byte.toString(16).padStart(2, '0');
      return from + index === at ? `[${hex}]` : ` ${hex} `;
    });
    lines.push(`${from.toString(16).padStart(4, '0')}  ${cells.join('')}`);
  }
  const wanted = expected[at];
  lines.push(wanted === undefined ? 'expected the end here' : `expected ${wanted.toString(16).padStart(2, '0')} there`);
  return lines.join('\n');
}
