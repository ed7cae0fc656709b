/**
 * Writes the source of a reader: JavaScript that takes one value of a type from bytes.
 *
 * In the generated code `b` is the bytes, `p` the position, `end` the end of the innermost object, which bounds everything
 * in it. Every read is preceded by a check against `end`; counts are checked against the bytes left (SER-027).
 */
import { NESTING_DEPTH_MAX } from '../../spec/limits.ts';
import { bytesMinOf, fieldsInWireOrder, simpleTypes } from '../../spec/grammar/index.ts';
import type { Contract, FieldType, SimpleType } from '../../spec/grammar/index.ts';
import { nestedName } from './generate-writer.ts';
import { SourceLines } from './source-lines.ts';

/** Body of `read(cursor, b, p, outer, depth)` for a contract. */
export function contractReaderSource(contract: Contract): string {
  const out = new SourceLines();
  out.add('if (outer - p < 4) throw BAD;');
  out.add('const length = getInt32(b, p);');
  out.add('if (length === -1) { cursor.pos = p + 4; return null; }');
  out.add(`if (length < 4 || length > outer - p || depth > ${NESTING_DEPTH_MAX}) throw BAD;`);
  out.add('const end = p + length; p += 4;');
  const properties: string[] = [];
  for (const field of fieldsInWireOrder(contract)) {
    const value = out.name('v');
    emitRead(out, field.type, value, 0);
    properties.push(`${JSON.stringify(field.name)}: ${value}`);
  }
  out.add('if (p !== end) throw BAD;');
  out.add('cursor.pos = p;');
  out.add(`return { ${properties.join(', ')} };`);
  return out.text();
}

/** Body of `read(cursor, b, p, outer, depth)` for a bare type (SER-018). */
export function bareReaderSource(type: FieldType): string {
  const out = new SourceLines();
  out.add('const end = outer;');
  emitRead(out, type, 'v', -1);
  out.add('cursor.pos = p;');
  out.add('return v;');
  return out.text();
}

/** Emits code that declares `name` and reads a value of the type into it. */
function emitRead(out: SourceLines, type: FieldType, name: string, nesting: number): void {
  if (type === 'font') emitRead(out, { object: 'SimpleFont' }, name, nesting);
  else if (typeof type === 'string') {
    if (simpleTypes[type].fixed) out.add(`if (end - p < ${simpleTypes[type].bytesMin}) throw BAD;`);
    for (const line of simpleReaders[type](name)) out.add(line);
  } else if ('enum' in type) {
    out.add(`if (end - p < 4) throw BAD;`);
    out.add(`const ${name} = getInt32(b, p); p += 4;`);
  } else if ('list' in type) emitList(out, type.list, name, nesting);
  else if ('dict' in type) emitDict(out, type.dict, name, nesting);
  else {
    out.add(`const ${name} = ${nestedName(type.object)}.read(cursor, b, p, end, depth + ${nesting + 1});`);
    out.add('p = cursor.pos;');
  }
}

const simpleReaders: Readonly<Record<Exclude<SimpleType, 'font'>, (name: string) => readonly string[]>> = {
  bool: (name) => [`if (b[p] > 1) throw BAD;`, `const ${name} = b[p++] === 1;`],
  byte: (name) => [`const ${name} = b[p++];`],
  int16: (name) => [`const ${name} = (b[p] | b[p + 1] << 8) << 16 >> 16; p += 2;`],
  int32: (name) => [`const ${name} = getInt32(b, p); p += 4;`],
  int64: (name) => [`const ${name} = getInt64(b, p); p += 8;`],
  float32: (name) => [`const ${name} = getFloat32(b, p); p += 4;`],
  float64: (name) => [`const ${name} = getFloat64(b, p); p += 8;`],
  dateTime: (name) => [`const ${name} = getBigInt64(b, p); p += 8;`],
  color: (name) => [`const ${name} = { R: b[p], G: b[p + 1], B: b[p + 2] }; p += 3;`],
  string: (name) => [
    `let ${name} = null;`,
    ...prefix(`size${name}`),
    `if (size${name} >= 0) { ${name} = getString(b, p, p + size${name}); p += size${name}; }`,
  ],
  bytes: (name) => [
    `let ${name} = null;`,
    ...prefix(`size${name}`),
    `if (size${name} >= 0) { ${name} = copyOut(b, p, p + size${name}); p += size${name}; }`,
  ],
  image: (name) => [
    `let ${name} = null;`,
    ...prefix(`size${name}`),
    `if (size${name} >= 0) {`,
    `if (size${name} + 1 > end - p || b[p] > 1) throw BAD;`,
    `${name} = { IsGif: b[p] === 1, Content: copyOut(b, p + 1, p + 1 + size${name}) }; p += 1 + size${name};`,
    '}',
  ],
};

/** Reads a length of bytes: -1, or 0 to what is left. */
function prefix(size: string): readonly string[] {
  return [
    'if (end - p < 4) throw BAD;',
    `const ${size} = getInt32(b, p); p += 4;`,
    `if (${size} < -1 || ${size} > end - p) throw BAD;`,
  ];
}

/** Reads a count: -1, or as many elements as could stand in the bytes left. Opens the block for a count that is not null. */
function emitCount(out: SourceLines, name: string, elementBytesMin: number, nesting: number): void {
  out.add(`let ${name} = null;`);
  out.add('if (end - p < 4) throw BAD;');
  out.add(`const count${name} = getInt32(b, p); p += 4;`);
  out.add(`if (count${name} < -1 || count${name} * ${elementBytesMin} > end - p) throw BAD;`);
  out.add(`if (count${name} >= 0) {`);
  out.add(`if (depth + ${nesting + 1} > ${NESTING_DEPTH_MAX}) throw BAD;`);
}

function emitList(out: SourceLines, element: FieldType, name: string, nesting: number): void {
  const item = out.name('e');
  emitCount(out, name, bytesMinOf(element), nesting);
  out.add(`${name} = [];`);
  out.add(`for (let i${name} = 0; i${name} < count${name}; i${name}++) {`);
  emitRead(out, element, item, nesting + 1);
  out.add(`${name}.push(${item});`);
  out.add('}');
  out.add('}');
}

function emitDict(
  out: SourceLines,
  [key, element]: readonly [FieldType, FieldType],
  name: string,
  nesting: number,
): void {
  const k = out.name('k');
  const item = out.name('e');
  emitCount(out, name, bytesMinOf(key) + bytesMinOf(element), nesting);
  out.add(`${name} = new Map();`);
  out.add(`for (let i${name} = 0; i${name} < count${name}; i${name}++) {`);
  emitRead(out, key, k, nesting + 1);
  out.add(`if (${k} === null) throw BAD;`);
  emitRead(out, element, item, nesting + 1);
  out.add(`${name}.set(${k}, ${item});`);
  out.add('}');
  out.add(`if (${name}.size !== count${name}) throw BAD;`);
  out.add('}');
}
