/**
 * IPv6 addresses as text and as bits: every form of RFC 4291 section 2.2 is read, the one of RFC 5952 is written.
 *
 * Zone ids (`fe80::1%eth0`, RFC 4007) are not read: a virtual host has no names for its zones. Only IPv4-mapped addresses
 * are written with a dotted end; those of 64:ff9b::/96 are written in hexadecimal, as C libraries do.
 */

/** The four 32-bit words of an address, most significant first, signed. */
export type Words = readonly [number, number, number, number];

const GROUP = /^[0-9a-f]{1,4}$/i;
const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const CACHE_SIZE_MAX = 100_000;
const wordsByText = new Map<string, Words>();

/** The canonical text of an address in any form; undefined when it is none. */
export function tryCanonical(text: string): string | undefined {
  const words = tryWords(text);
  return words === undefined ? undefined : textOf(words);
}

/** The bits of an address that is known to be one. */
export function wordsOf(address: string): Words {
  let words = wordsByText.get(address);
  if (words === undefined) {
    words = tryWords(address) ?? [0, 0, 0, 0];
    if (wordsByText.size >= CACHE_SIZE_MAX) wordsByText.clear();
    wordsByText.set(address, words);
  }
  return words;
}

/** The text of RFC 5952: lower case, no leading zeros, the first of the longest runs of two or more zero groups as `::`. */
export function textOf(words: Words): string {
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return `::ffff:${dotted(words[3])}`;
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const [start, length] = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function tryWords(text: string): Words | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  // A `::` stands for at least one group (RFC 4291 section 2.2).
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const word = (index: number): number => (groups[index]! << 16) | groups[index + 1]!;
  return [word(0), word(2), word(4), word(6)];
}

/** The groups of one side of the `::`; only the last two of an address may be written as an IPv4 address. */
function groupsOf(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const bytes = isEnd && index === parts.length - 1 ? DOTTED.exec(part)?.slice(1).map(Number) : undefined;
    if (bytes === undefined || bytes.some((byte) => byte > 255)) return undefined;
    groups.push((bytes[0]! << 8) | bytes[1]!, (bytes[2]! << 8) | bytes[3]!);
  }
  return groups;
}

function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  let start = 0;
  for (let index = 0; index <= groups.length; index += 1) {
    if (groups[index] === 0) continue;
    if (index - start > best[1]) best = [start, index - start];
    start = index + 1;
  }
  return best;
}

/** Four bytes in decimal. */
function dotted(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}
