/**
 * Checks adapter lines against `spec/adapter/adapter.schema.json`, the same file implementers get.
 *
 * Knows just the keywords that file uses; an unknown keyword is an error when the schema is loaded, so nothing is
 * skipped in silence. Answers in one sentence that names the member at fault.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../cli/output.ts';

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly oneOf?: readonly Schema[];
};

const KEYWORDS = new Set([
  ...[
    '$ref',
    'type',
    'const',
    'enum',
    'pattern',
    'minimum',
    'maximum',
    'minLength',
    'minItems',
    'uniqueItems',
    'items',
  ],
  ...['required', 'properties', 'additionalProperties', 'oneOf', 'description'],
]);

const HEX_PATTERN = '^(?:[0-9a-f]{2})*$';
const BASE64_PATTERN = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$';

/** One definition after the other, by name: `ok.hello`, `event.information`, `failed` ... */
export type AdapterSchema = {
  /** Whether there is a definition of this name. */
  has(name: string): boolean;
  /** What is wrong with `value` as `name`, in one sentence; undefined when nothing is. */
  problem(name: string, value: unknown): string | undefined;
};

/** Builds the checker from the text of the schema file. @throws Error on a keyword it does not know. */
export function adapterSchema(text: string): AdapterSchema {
  const definitions = (JSON.parse(text) as { $defs: Record<string, Schema> }).$defs;
  for (const [name, schema] of Object.entries(definitions)) assertKnown(name, schema);
  return {
    has: (name) => Object.hasOwn(definitions, name),
    problem: (name, value) => problemOf(definitions, lookUp(definitions, name), value, ''),
  };
}

let loaded: AdapterSchema | undefined;

/** The shipped schema; read once. */
export function shippedAdapterSchema(): AdapterSchema {
  loaded ??= adapterSchema(readFileSync(join(packageRoot(), 'spec', 'adapter', 'adapter.schema.json'), 'utf8'));
  return loaded;
}

let simulated: AdapterSchema | undefined;

/** The shipped schema of what a program on a simulated host writes besides; read once. */
export function simulatedHostSchema(): AdapterSchema {
  const path = join(packageRoot(), 'spec', 'adapter', 'simulated-host.schema.json');
  simulated ??= adapterSchema(readFileSync(path, 'utf8'));
  return simulated;
}

function lookUp(definitions: Readonly<Record<string, Schema>>, name: string): Schema {
  const schema = definitions[name];
  if (schema === undefined) throw new Error(`the adapter schema has no definition "${name}"`);
  return schema;
}

function assertKnown(name: string, schema: Schema): void {
  for (const key of Object.keys(schema)) {
    if (!KEYWORDS.has(key))
      throw new Error(`the adapter schema uses the keyword "${key}" in ${name}, which the checker lacks`);
  }
  for (const [member, inner] of Object.entries(schema.properties ?? {})) assertKnown(`${name}.${member}`, inner);
  for (const inner of schema.oneOf ?? []) assertKnown(name, inner);
  if (schema.items) assertKnown(`${name}[]`, schema.items);
  if (schema.additionalProperties) assertKnown(`${name}.*`, schema.additionalProperties);
}

type Definitions = Readonly<Record<string, Schema>>;

function problemOf(definitions: Definitions, schema: Schema, value: unknown, path: string): string | undefined {
  if (schema.$ref !== undefined) {
    return problemOf(definitions, lookUp(definitions, schema.$ref.replace('#/$defs/', '')), value, path);
  }
  if (schema.oneOf !== undefined) {
    const problems = schema.oneOf.map((choice) => problemOf(definitions, choice, value, path));
    return problems.includes(undefined) ? undefined : problems[0];
  }
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  if (types !== undefined && !types.some((type) => isOfType(type, value))) {
    return `${named(path)} must be ${types.join(' or ')}, not ${show(value)}`;
  }
  if (schema.const !== undefined && value !== schema.const)
    return `${named(path)} must be ${show(schema.const)}, not ${show(value)}`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return `${named(path)} must be one of ${schema.enum.join(', ')}, not ${show(value)}`;
  }
  if (typeof value === 'number') return numberProblem(schema, value, path);
  if (typeof value === 'string') return textProblem(schema, value, path);
  if (Array.isArray(value)) return listProblem(definitions, schema, value, path);
  if (typeof value === 'object' && value !== null) return objectProblem(definitions, schema, value, path);
  return undefined;
}

function numberProblem(schema: Schema, value: number, path: string): string | undefined {
  if (schema.minimum !== undefined && value < schema.minimum)
    return `${named(path)} must be at least ${schema.minimum}, not ${value}`;
  if (schema.maximum !== undefined && value > schema.maximum)
    return `${named(path)} must be at most ${schema.maximum}, not ${value}`;
  return undefined;
}

function textProblem(schema: Schema, value: string, path: string): string | undefined {
  if (schema.minLength !== undefined && value.length < schema.minLength) return `${named(path)} must not be empty`;
  if (schema.pattern === undefined) return undefined;
  if (schema.pattern === HEX_PATTERN) {
    // Said without a repeated group, which would cost a stack frame a byte on texts of several MiB.
    if (value.length % 2 === 0 && !/[^0-9a-f]/.test(value)) return undefined;
    return `${named(path)} must be lowercase hex, two digits a byte, not ${show(value)}`;
  }
  if (schema.pattern === BASE64_PATTERN) {
    // The same: what does not come back as it was is none.
    if (Buffer.from(value, 'base64').toString('base64') === value) return undefined;
    return `${named(path)} must be base64 with padding (RFC 4648 section 4), not ${show(value)}`;
  }
  if (new RegExp(schema.pattern).test(value)) return undefined;
  return `${named(path)} must match ${schema.pattern}, not ${show(value)}`;
}

function listProblem(
  definitions: Definitions,
  schema: Schema,
  value: readonly unknown[],
  path: string,
): string | undefined {
  if (schema.minItems !== undefined && value.length < schema.minItems)
    return `${named(path)} must have at least ${schema.minItems} items`;
  if (schema.uniqueItems === true && new Set(value).size !== value.length)
    return `${named(path)} must not repeat an item`;
  if (schema.items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const problem = problemOf(definitions, schema.items, item, `${path}[${index}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function objectProblem(definitions: Definitions, schema: Schema, value: object, path: string): string | undefined {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) return `${named(path === '' ? name : `${path}.${name}`)} is missing`;
  }
  for (const [name, member] of Object.entries(value)) {
    const inner = schema.properties?.[name] ?? schema.additionalProperties;
    if (inner === undefined) continue;
    const problem = problemOf(definitions, inner, member, path === '' ? name : `${path}.${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function named(path: string): string {
  return path === '' ? 'the value' : `member "${path}"`;
}

function show(value: unknown): string {
  // JSON has no undefined; nothing else that comes from a line can fail here.
  const text = value === undefined ? 'nothing' : JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
