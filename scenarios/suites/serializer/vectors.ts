/** The test vectors of bodies, clause by clause: what a sender writes, what a receiver reads, what it refuses. */
import { vectorsByFile } from '../../../spec/vectors/generate.ts';
import type { Vector } from '../../../spec/vectors/generate.ts';
import { codecs, defineType } from '../../../impl/wire/index.ts';
import type { Codec } from '../../../impl/wire/index.ts';
import type { ContractName, FieldType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { hexOf, unhex } from '../framing/bytes.ts';
import { valueOfVector } from './hand.ts';

const BODIES: readonly Vector[] = [...vectorsByFile().values()].flat().filter((vector) => vector.kind === 'body');

type Subject = { readonly type: FieldType; readonly codec: Codec<unknown> };

function subjectOf({ contract, type }: Vector): Subject {
  if (contract === undefined) return { type: type as FieldType, codec: defineType(type as FieldType) };
  return { type: { object: contract }, codec: codecs[contract as ContractName] };
}

/** The clause a failure names: the vector's own where the case cites it. */
function judge(stage: Stage, vector: Vector, clauses: readonly string[]): void {
  const { type, codec } = subjectOf(vector);
  const clause = clauses.includes(vector.clause) ? vector.clause : clauses[0]!;
  const bytes = unhex(vector.hex);
  const decoded = codec.decodeNullable(bytes);
  if (vector.result === 'invalid') {
    stage.check(!decoded.ok, clause, `${vector.id}: bytes were accepted, ${vector.comment}`);
    return;
  }
  const value = valueOfVector(type, vector.decoded);
  stage.equal(decoded.ok ? decoded.value : decoded.error, value, clause, `${vector.id}: another value was read`);
  if (vector.result !== 'valid') return;
  stage.equal(hexOf(codec.encode(value)), hexOf(bytes), clause, `${vector.id}: other bytes were written`);
}

/** One case over the vectors that `pick` takes. Codecs are functions, so one target is enough. */
function vectorCase(
  id: string,
  title: string,
  clauses: readonly string[],
  pick: (vector: Vector) => boolean,
): AnyScenario {
  return scenario({
    id,
    title,
    clauses,
    kind: 'wire',
    clients: 'reference',
    targets: ['sim'],
    run(stage) {
      const picked = BODIES.filter(pick);
      stage.check(picked.length > 0, clauses[0]!, 'no vector was picked');
      for (const vector of picked) judge(stage, vector, clauses);
      return Promise.resolve();
    },
  });
}

const wellFormedOf =
  (...clauses: readonly string[]) =>
  ({ clause, result }: Vector): boolean =>
    clauses.includes(clause) && result !== 'invalid';
const refusedWith =
  (...codes: readonly string[]) =>
  ({ error }: Vector): boolean =>
    codes.includes(String(error?.code));

const SCALARS = ['SER-001', 'SER-004', 'SER-006', 'SER-007', 'SER-008', 'SER-019', 'SER-020'];
const TEXTS = ['SER-009', 'SER-012', 'SER-021', 'SER-022'];
const COMPOSED = ['SER-002', 'SER-003', 'SER-013', 'SER-014', 'SER-015', 'SER-018'];

export const vectors: readonly AnyScenario[] = [
  vectorCase('SER-2A7B', 'scalars are read and written as the vectors say', SCALARS, wellFormedOf(...SCALARS)),
  vectorCase(
    'SER-3B9C',
    'what has a length prefix is read and written as the vectors say',
    TEXTS,
    wellFormedOf(...TEXTS),
  ),
  vectorCase(
    'SER-4C2D',
    'lists, dictionaries and objects are read and written as the vectors say',
    COMPOSED,
    wellFormedOf(...COMPOSED),
  ),
  vectorCase(
    'SER-5D4E',
    'a length or count that reaches past the end, or lies below -1, is refused',
    ['SER-010', 'SER-027'],
    refusedWith('E_LENGTH'),
  ),
  vectorCase('SER-6E6F', 'bytes that are not UTF-8 are refused', ['SER-011'], refusedWith('E_UTF8')),
  vectorCase('SER-7F8G', 'a bool is 0 or 1 and nothing else', ['SER-005'], refusedWith('E_BOOL')),
  vectorCase(
    'SER-8G1H',
    'an object takes exactly its length, and nothing follows the outermost value',
    ['SER-016', 'SER-017'],
    refusedWith('E_TRUNCATED', 'E_OBJECT_LENGTH', 'E_TRAILING'),
  ),
  vectorCase(
    'SER-9H3J',
    'a key that is null or there twice, and nesting deeper than 32 levels, are refused',
    ['SER-026', 'SER-023'],
    (vector) => refusedWith('E_NULL_KEY', 'E_DUPLICATE_KEY', 'E_DEPTH')(vector) || wellFormedOf('SER-023')(vector),
  ),
];
