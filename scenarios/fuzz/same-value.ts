/** Whether two decoded values are equal: by content, NaN equal to NaN, 0 different from -0, maps in order. */

/** Deep equality of decoded values. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameBytes(a, b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    const others = b.entries();
    for (const pair of a.entries()) if (!sameValue(pair, others.next().value)) return false;
    return true;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

/** Equality of bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** True when a NaN is somewhere in the value: its bits are not kept by every JavaScript engine. */
export function hasNaN(value: unknown): boolean {
  if (typeof value === 'number') return Number.isNaN(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].some(hasNaN);
  return Object.values(value).some(hasNaN);
}

/** Numbers, characters and bytes in the value, one for each and for each list: every one of them takes a byte at least. */
export function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof Uint8Array) return value.length;
  let size = 0;
  if (value instanceof Map) {
    for (const [key, item] of value as Map<unknown, unknown>) size += sizeOfValue(key) + sizeOfValue(item);
    return size + 1;
  }
  for (const item of Object.values(value)) size += sizeOfValue(item);
  return Array.isArray(value) ? size + 1 : size;
}
