/**
 * Writes the source of a writer: JavaScript that puts one value of a type into a slab, without a lookup or a branch that
 * the grammar could decide beforehand.
 *
 * In the generated code `b` is the block, `p` the position, `slab` where both live. Room is asked for before each value of
 * variable size and once for a run of fixed ones. `depth` counts levels (SER-023), which also stops cycles (SER-024).
 */
import { NESTING_DEPTH_MAX } from '../../spec/limits.ts';
import { fieldsInWireOrder, simpleTypes } from '../../spec/grammar/index.ts';
import type { Contract, FieldType, SimpleType } from '../../spec/grammar/index.ts';
import { SourceLines } from './source-lines.ts';

/** The value expression of a property: `v.Name`, or `v["odd name"]`. */
function property(of: string, name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `${of}.${name}` : `${of}[${JSON.stringify(name)}]`;
}

/** Body of `write(slab, v, depth)` for a contract: length, then the properties in wire order. */
export function contractWriterSource(contract: Contract): string {
  const out = new SourceLines();
  out.add('let b = slab.bytes, p = slab.pos;');
  out.add(roomFor('4'));
  out.add('if (v === null || v === undefined) { putInt32(b, p, -1); slab.pos = p + 4; return; }');
  out.add(`if (typeof v !== 'object' || depth > ${NESTING_DEPTH_MAX}) throw BAD;`);
  // Growing may move the value, so its start is kept relative to the base.
  out.add('const start = p - slab.base; p += 4;');
  let fixedRun = 0;
  const fields = fieldsInWireOrder(contract);
  fields.forEach((field, index) => {
    if (fixedRun === 0)
      fixedRun = reserveFixedRun(
        out,
        fields.slice(index).map((each) => each.type),
      );
    const value = out.name('v');
    out.add(`const ${value} = ${property('v', field.name)};`);
    emitWrite(out, field.type, value, 0, fixedRun > 0);
    if (fixedRun > 0) fixedRun -= 1;
  });
  out.add('putInt32(b, slab.base + start, p - slab.base - start);');
  out.add('slab.pos = p;');
  return out.text();
}

/** Body of `write(slab, v, depth)` for a bare type (SER-018). */
export function bareWriterSource(type: FieldType): string {
  const out = new SourceLines();
  out.add('let b = slab.bytes, p = slab.pos;');
  emitWrite(out, type, 'v', -1, false);
  out.add('slab.pos = p;');
  return out.text();
}

/** Asks for room once for the fixed-width fields that come next; returns how many there are. */
function reserveFixedRun(out: SourceLines, types: readonly FieldType[]): number {
  let count = 0;
  let bytes = 0;
  for (const type of types) {
    const size = fixedBytes(type);
    if (size === 0) break;
    bytes += size;
    count += 1;
  }
  if (bytes > 0) out.add(roomFor(String(bytes)));
  return count;
}

function fixedBytes(type: FieldType): number {
  if (typeof type === 'string') return simpleTypes[type].fixed ? simpleTypes[type].bytesMin : 0;
  return 'enum' in type ? 4 : 0;
}

function roomFor(bytes: string): string {
  return `if (b.length - p < ${bytes}) { slab.pos = p; slab.grow(${bytes}); b = slab.bytes; p = slab.pos; }`;
}

/** Emits code that puts `value`; `nesting` is how many lists and dictionaries stand around it inside this function. */
function emitWrite(out: SourceLines, type: FieldType, value: string, nesting: number, roomMade: boolean): void {
  if (type === 'font') emitWrite(out, { object: 'SimpleFont' }, value, nesting, false);
  else if (typeof type === 'string') {
    const size = fixedBytes(type);
    if (size > 0 && !roomMade) out.add(roomFor(String(size)));
    for (const line of simpleWriters[type](value)) out.add(line);
  } else if ('enum' in type) {
    if (!roomMade) out.add(roomFor('4'));
    out.add(`if ((${value} | 0) !== ${value}) throw BAD; putInt32(b, p, ${value}); p += 4;`);
  } else if ('list' in type) emitList(out, type.list, value, nesting);
  else if ('dict' in type) emitDict(out, type.dict, value, nesting);
  else {
    out.add('slab.pos = p;');
    out.add(`${nestedName(type.object)}.write(slab, ${value}, depth + ${nesting + 1});`);
    out.add('b = slab.bytes; p = slab.pos;');
  }
}

/** The variable that holds the codec of another contract in generated code. */
export function nestedName(contract: string): string {
  return `nested[${JSON.stringify(contract)}]`;
}

const simpleWriters: Readonly<Record<Exclude<SimpleType, 'font'>, (v: string) => readonly string[]>> = {
  bool: (v) => [`if (typeof ${v} !== 'boolean') throw BAD; b[p++] = ${v} ? 1 : 0;`],
  byte: (v) => [`if ((${v} & 0xff) !== ${v}) throw BAD; b[p++] = ${v};`],
  int16: (v) => [`if ((${v} << 16 >> 16) !== ${v}) throw BAD; b[p] = ${v}; b[p + 1] = ${v} >> 8; p += 2;`],
  int32: (v) => [`if ((${v} | 0) !== ${v}) throw BAD; putInt32(b, p, ${v}); p += 4;`],
  int64: (v) => [`putInt64(b, p, ${v}); p += 8;`],
  float32: (v) => [`if (typeof ${v} !== 'number') throw BAD; putFloat32(b, p, ${v}); p += 4;`],
  float64: (v) => [`if (typeof ${v} !== 'number') throw BAD; putFloat64(b, p, ${v}); p += 8;`],
  dateTime: (v) => [`putBigInt64(b, p, ${v}); p += 8;`],
  color: (v) => [
    `if (typeof ${v} !== 'object' || ${v} === null || (${v}.R & 0xff) !== ${v}.R || (${v}.G & 0xff) !== ${v}.G || (${v}.B & 0xff) !== ${v}.B) throw BAD;`,
    `b[p] = ${v}.R; b[p + 1] = ${v}.G; b[p + 2] = ${v}.B; p += 3;`,
  ],
  string: (v) => [
    `if (typeof ${v} === 'string') {`,
    `const room = roomForString(${v});`,
    roomFor('room'),
    `p = putString(b, p, ${v});`,
    ...nullOrBad(v),
  ],
  bytes: (v) => [
    `if (${v} instanceof Uint8Array) {`,
    `const room = 4 + ${v}.length;`,
    roomFor('room'),
    `putInt32(b, p, ${v}.length); p = putBytes(b, p + 4, ${v});`,
    ...nullOrBad(v),
  ],
  image: (v) => [
    `if (typeof ${v} === 'object' && ${v} !== null) {`,
    `if (!(${v}.Content instanceof Uint8Array) || typeof ${v}.IsGif !== 'boolean') throw BAD;`,
    `const room = 5 + ${v}.Content.length;`,
    roomFor('room'),
    `putInt32(b, p, ${v}.Content.length); b[p + 4] = ${v}.IsGif ? 1 : 0; p = putBytes(b, p + 5, ${v}.Content);`,
    ...nullOrBad(v),
  ],
};

function nullOrBad(v: string): readonly string[] {
  return [
    `} else if (${v} === null || ${v} === undefined) {`,
    roomFor('4'),
    'putInt32(b, p, -1); p += 4;',
    '} else throw BAD;',
  ];
}

function emitList(out: SourceLines, element: FieldType, value: string, nesting: number): void {
  const item = out.name('e');
  out.add(`if (Array.isArray(${value})) {`);
  out.add(`if (depth + ${nesting + 1} > ${NESTING_DEPTH_MAX}) throw BAD;`);
  out.add(roomFor('4'));
  out.add(`putInt32(b, p, ${value}.length); p += 4;`);
  out.add(`for (const ${item} of ${value}) {`);
  emitWrite(out, element, item, nesting + 1, false);
  out.add('}');
  for (const line of nullOrBad(value)) out.add(line);
}

function emitDict(
  out: SourceLines,
  [key, element]: readonly [FieldType, FieldType],
  value: string,
  nesting: number,
): void {
  const k = out.name('k');
  const item = out.name('e');
  out.add(`if (${value} instanceof Map) {`);
  out.add(`if (depth + ${nesting + 1} > ${NESTING_DEPTH_MAX}) throw BAD;`);
  out.add(roomFor('4'));
  out.add(`putInt32(b, p, ${value}.size); p += 4;`);
  out.add(`for (const [${k}, ${item}] of ${value}) {`);
  out.add(`if (${k} === null || ${k} === undefined) throw BAD;`);
  if (key === 'int64') out.add(`refuseTwin(${value}, ${k});`);
  emitWrite(out, key, k, nesting + 1, false);
  emitWrite(out, element, item, nesting + 1, false);
  out.add('}');
  for (const line of nullOrBad(value)) out.add(line);
}
