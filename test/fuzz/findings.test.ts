/** Stored findings stay fixed; what is stored says what the specification says; a run can be repeated. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseClauses } from '../../spec/clauses.ts';
import { engineSubject } from '../../scenarios/fuzz/engine-subject.ts';
import { examine } from '../../scenarios/fuzz/examine.ts';
import { fuzz } from '../../scenarios/fuzz/fuzz.ts';
import { InputSource } from '../../scenarios/fuzz/inputs.ts';
import { FRAME_ERROR_CLAUSES } from '../../scenarios/fuzz/known-errors.ts';
import { bodyTarget } from '../../scenarios/fuzz/model.ts';
import { oracleStream, oracleValue } from '../../scenarios/fuzz/oracle-decoder.ts';
import { inputOf, vectorOf, type FoundVector } from '../../scenarios/fuzz/vectors.ts';
import type { Vector } from '../../spec/vectors/generate.ts';
import { contracts, type FieldType } from '../../spec/grammar/index.ts';
import { bytesOfHex, valueOfJson } from '../spec-data/vector-values.ts';
import { subjectWithBodyFault } from './faulty-bodies.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const jsonIn = <Item>(folder: string): Item[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Item[]);

const stored = jsonIn<FoundVector>(path('../../scenarios/fuzz/findings/'));

describe('stored findings', () => {
  it('are there', () => expect(stored.length).toBeGreaterThan(20));

  for (const vector of stored) {
    it(`${vector.id} stays fixed`, () => {
      expect(examine(inputOf(vector), engineSubject).finding).toBeUndefined();
    });
  }

  it('are written as they would be written today', () => {
    for (const vector of stored) {
      const { seed, target, run, signature } = vector.found;
      const oracle = signature.slice(0, signature.indexOf(':')) as 'verdict';
      const again = vectorOf({ oracle, signature, message: vector.comment, run, input: inputOf(vector) }, seed, target);
      expect({ ...again, id: vector.id }).toEqual(vector);
    }
  });
});

/** The second decoder has to be right itself: the published vectors say so, which were written by hand. */
describe('the second decoder agrees with the published vectors', () => {
  const vectors = jsonIn<Vector>(path('../../spec/vectors/'));

  it('bodies', () => {
    const bodies = vectors.filter((vector) => vector.kind === 'body');
    expect(bodies.length).toBeGreaterThan(100);
    for (const vector of bodies) {
      const type: FieldType = vector.contract === undefined ? (vector.type as FieldType) : { object: vector.contract };
      const seen = oracleValue(type, bytesOfHex(vector.hex));
      expect(seen.ok, vector.id).toBe(vector.result !== 'invalid');
      if (seen.ok) expect(seen.value, vector.id).toEqual(valueOfJson(type, vector.decoded, contracts));
    }
  });

  it('streams', () => {
    const streams = vectors.filter((vector) => vector.kind === 'stream');
    expect(streams.length).toBeGreaterThan(50);
    for (const vector of streams) {
      const limits = {
        userIdBytesMax: vector.userIdBytesMax ?? 11,
        messageBytesMax: vector.messageBytesMax ?? 1_048_576,
      };
      const { messages, error, leftBytes } = oracleStream(bytesOfHex(vector.hex), limits);
      const shown = vector.decoded as { body: string; messageId: number; sourceId: string }[];
      expect(
        messages.map((message) => message.messageId),
        vector.id,
      ).toEqual(shown.map((message) => message.messageId));
      expect(
        messages.map((message) => message.sourceId),
        vector.id,
      ).toEqual(shown.map((message) => message.sourceId));
      expect(
        messages.map((message) => Buffer.from(message.body).toString('hex')),
        vector.id,
      ).toEqual(shown.map(({ body }) => Buffer.from(bytesOfHex(body)).toString('hex')));
      const kind = error?.kind ?? (leftBytes > 0 ? 'DataLacked' : undefined);
      expect(kind, vector.id).toBe(vector.result === 'invalid' ? vector.error?.kind : undefined);
    }
  });
});

describe('a run', { timeout: 60_000 }, () => {
  it('of the same seed has the same inputs and the same digest, whatever was found', () => {
    const options = { seed: 42, target: 'all', runs: 4_000, findingsMax: 1_000 } as const;
    const first = fuzz(engineSubject, options);
    const second = fuzz(engineSubject, options);
    expect(second.digest).toBe(first.digest);
    expect(second.decodes).toBe(first.decodes);
    expect(fuzz(engineSubject, { ...options, seed: 43 }).digest).not.toBe(first.digest);
    const faulty = fuzz(subjectWithBodyFault('trailing bytes accepted'), options);
    expect(faulty.findings.length).toBeGreaterThan(0);
    expect(faulty.digest).not.toBe(first.digest);
  });

  it('draws inputs of every target and every kind of message, valid ones and damaged ones', () => {
    const source = new InputSource(5, 'all');
    const bodies = new Set<string>();
    const types = new Set<number>();
    for (let count = 0; count < 20_000; count += 1) {
      const input = source.next();
      if (input.kind === 'body') bodies.add(input.target);
      else for (const { messageType } of oracleStream(input.bytes, input.limits).messages) types.add(messageType);
    }
    for (const name of Object.keys(contracts)) expect(bodies).toContain(name);
    for (let type = 0; type <= 13; type += 1) expect(types).toContain(type);
    for (let type = 100; type <= 109; type += 1) expect(types).toContain(type);
  });

  it('finds each fault once, whatever number of inputs show it', () => {
    const { findings } = fuzz(subjectWithBodyFault('bool byte 2 accepted'), { seed: 1, target: 'codecs', runs: 5_000 });
    expect(new Set(findings.map((finding) => finding.signature)).size).toBe(findings.length);
  });
});

describe('the clauses that findings and known errors name', () => {
  it('exist', () => {
    const folder = path('../../spec/protocol/');
    const chapters = readdirSync(folder).filter((file) => file.endsWith('.md'));
    const clauses = new Set(
      parseClauses(chapters.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))).map(
        ({ id }) => id,
      ),
    );
    for (const clause of [...[...FRAME_ERROR_CLAUSES.values()].flat(), ...stored.map((vector) => vector.clause)]) {
      expect(clauses).toContain(clause);
    }
  });

  it('are cited for targets that exist', () => {
    for (const vector of stored) {
      if (vector.kind === 'body')
        expect(() => bodyTarget(vector.contract ?? JSON.stringify(vector.type))).not.toThrow();
    }
  });
});

describe('the command', { timeout: 120_000 }, () => {
  const main = path('../../scenarios/cli/main.ts');
  let folder = '';
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'esf-fuzz-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...words: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['--import', 'tsx', main, 'fuzz', ...words], { encoding: 'utf8' });

  it('prints one JSON object, the seed and the same digest for the same seed', () => {
    const words = ['--seed', '7', '--runs', '2000', '--json', '--save', join(folder, 'findings')];
    const [first, second] = [run(...words), run(...words)];
    expect(first.status).toBe(0);
    expect(first.stderr).toContain('seed 7');
    const report = JSON.parse(first.stdout) as { seed: number; runs: number; digest: string; findings: unknown[] };
    expect(report).toMatchObject({ seed: 7, runs: 2000, findings: [] });
    expect((JSON.parse(second.stdout) as { digest: string }).digest).toBe(report.digest);
    expect(readdirSync(join(folder, 'findings'))).toEqual([]);
  });

  it('exits 2 on usage that cannot be', () => {
    expect(run('--runs', '5', '--seconds', '5').status).toBe(2);
    expect(run('--target', 'everything').status).toBe(2);
    expect(run('--seed', '-1').status).toBe(2);
    writeFileSync(join(folder, 'file'), '');
    const { status, stderr } = run('--runs', '1', '--save', join(folder, 'file'));
    expect(status).toBe(2);
    expect(stderr).toContain('cannot write findings');
  });
});
