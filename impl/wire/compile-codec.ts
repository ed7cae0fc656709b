/**
 * Turns contracts and types into running code: the one place where source text becomes functions.
 *
 * The source is made from the grammar only, never from bytes or values. `new Function` rather than closures over the
 * grammar: the engine then sees straight-line code with one object shape, which is what makes the codecs fast.
 */
import type { ContractMap, FieldType } from '../../spec/grammar/index.ts';
import { runtime } from './codec-runtime.ts';
import type { GeneratedCodec } from './codec-runtime.ts';
import { bareReaderSource, contractReaderSource } from './generate-reader.ts';
import { bareWriterSource, contractWriterSource } from './generate-writer.ts';

/** Generated codecs of one set of contracts, made when first asked for; they find each other by name. */
export type CodecSet = { readonly contracts: ContractMap; readonly nested: Record<string, GeneratedCodec> };

/** An empty set over these contracts. */
export function createCodecSet(contracts: ContractMap): CodecSet {
  return { contracts, nested: Object.create(null) as Record<string, GeneratedCodec> };
}

/** The generated source of a type: two function bodies. */
function codecSource(type: FieldType, contracts: ContractMap): string {
  const contract = typeof type === 'object' && 'object' in type ? contracts[type.object] : undefined;
  const writer = contract === undefined ? bareWriterSource(type) : contractWriterSource(contract);
  const reader = contract === undefined ? bareReaderSource(type) : contractReaderSource(contract);
  return `const { ${Object.keys(runtime).join(', ')} } = runtime;
return {
write(slab, v, depth) {
${writer}
},
read(cursor, b, p, outer, depth) {
${reader}
},
};`;
}

/** The generated codec of a type; the contracts it refers to are generated with it. */
export function compileType(type: FieldType, set: CodecSet): GeneratedCodec {
  for (const name of contractsIn(type)) compileContract(name, set);
  return typeof type === 'object' && 'object' in type ? set.nested[type.object]! : evaluate(type, set);
}

function compileContract(name: string, set: CodecSet): void {
  if (name in set.nested) return;
  const contract = set.contracts[name];
  if (contract === undefined) throw new Error(`the grammar names an unknown contract ${name}`);
  // A place is taken first: a contract may contain itself.
  set.nested[name] = { write: unfinished, read: unfinished };
  for (const field of contract.fields) for (const inner of contractsIn(field.type)) compileContract(inner, set);
  set.nested[name] = evaluate({ object: name }, set);
}

function unfinished(): never {
  throw new Error('a codec was used while it was being generated');
}

function contractsIn(type: FieldType): readonly string[] {
  if (type === 'font') return ['SimpleFont'];
  if (typeof type === 'string' || 'enum' in type) return [];
  if ('list' in type) return contractsIn(type.list);
  if ('dict' in type) return contractsIn(type.dict[1]);
  return [type.object];
}

function evaluate(type: FieldType, set: CodecSet): GeneratedCodec {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the head of this file says why.
  const make = new Function('runtime', 'nested', codecSource(type, set.contracts)) as (
    ...given: [typeof runtime, CodecSet['nested']]
  ) => GeneratedCodec;
  return make(runtime, set.nested);
}
