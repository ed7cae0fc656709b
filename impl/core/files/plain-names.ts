/**
 * Names that come from a peer and are to become names on this host's disk: which are harmless (FIL-060).
 *
 * The rule is the narrowest of the common systems, so that what one host takes every host takes, and no name means a
 * device, another drive or another folder anywhere. It looks at text only, never at a disk.
 */
import { FILE_DEPTH_MAX, FILE_ENTRIES_MAX, FILE_NAME_BYTES_MAX } from '../../../spec/limits.ts';
import { utf8Length } from '../../wire/index.ts';

/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])[ ]*(\.|$)/i;
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"|?*/\\]/;

/** What is wrong with a single name; undefined when it is harmless. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (FORBIDDEN.test(name)) return 'has a character that paths give a meaning to';
  // Also what `.` and `..` are refused by.
  if (name.endsWith('.') || name.endsWith(' ')) return 'ends with a dot or a space, which some systems drop';
  if (DEVICE.test(name)) return 'names a device';
  const length = utf8Length(name);
  if (length < 0) return 'has no UTF-8 form';
  if (length > FILE_NAME_BYTES_MAX) return `takes ${length} bytes, the limit is ${FILE_NAME_BYTES_MAX}`;
  return undefined;
}

/** The last name of a path of any system: what a file is called. */
export function lastName(path: string): string {
  const names = path.split(/[\\/]/).filter((name) => name !== '');
  return names.at(-1) ?? '';
}

/** The names of a relative path, or what is wrong with it. Both separators are taken; only `/` is written. */
export function relativeNames(path: string): readonly string[] | { readonly fault: string } {
  const names = path.split(/[\\/]/);
  if (names.length > FILE_DEPTH_MAX) return { fault: `has ${names.length} names, the limit is ${FILE_DEPTH_MAX}` };
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== undefined) return { fault: `has a name that ${fault}` };
  }
  return names;
}

/** What a folder has been given so far, so that no name means two things on a disk that ignores case (FIL-062). */
export class NamesSeen {
  /** Folded path to the path as it was first written; `/` at the end marks a file. */
  readonly #seen = new Map<string, string>();

  /** Takes a folder, or a file that must be new. @returns what is wrong */
  add(names: readonly string[], kind: 'file' | 'folder'): string | undefined {
    let at = '';
    for (const [index, name] of names.entries()) {
      at = index === 0 ? name : `${at}/${name}`;
      const isFile = kind === 'file' && index === names.length - 1;
      const fault = this.#addOne(at, isFile);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #addOne(path: string, isFile: boolean): string | undefined {
    const folded = path.normalize('NFC').toLowerCase();
    const known = this.#seen.get(folded);
    if (known === undefined) {
      if (this.#seen.size >= FILE_ENTRIES_MAX) return `is one name too many, the limit is ${FILE_ENTRIES_MAX}`;
      this.#seen.set(folded, isFile ? `${path}/` : path);
      return undefined;
    }
    // A folder may be named again, by itself or by what is in it.
    if (!isFile && known === path) return undefined;
    return `clashes with ${JSON.stringify(known.replace(/\/$/, ''))}, which came before`;
  }
}
