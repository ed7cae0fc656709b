/** A store survives the death of its writer at any byte, and joining stores forgets and doubles nothing. */
import * as fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { foldEvent, newSession } from '../../scenarios/campaign/fold.ts';
import { joinStores } from '../../scenarios/campaign/join.ts';
import { knownFailures } from '../../scenarios/campaign/known.ts';
import type { Session, SessionEvent, SessionFailure, Store } from '../../scenarios/campaign/model.ts';
import { StoreError, openStore, parseStore, readStore, writeStore } from '../../scenarios/campaign/store-file.ts';
import type { NewEvent } from '../../scenarios/campaign/store-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'campaign-'));
afterAll(() => rmSync(folder, { recursive: true }));

const head = (id: string): Parameters<typeof newSession>[0] => ({
  id,
  commit: 'c0ffee',
  build: '1',
  startedAt: '2026-01-01T00:00:00Z',
  version: '0',
  node: 'v20',
  command: 'esf campaign',
  workers: 1,
  startSeed: 0,
  shard: { index: 1, count: 1 },
});

const failure = (signature: string, seed: number, size: number): SessionFailure => ({
  signature,
  case: 'ACK-1',
  area: 'ack',
  kind: 'fail',
  level: 'MUST',
  pattern: 'it failed',
  counts: true,
  count: 1,
  first: { at: `2026-01-01T00:00:0${seed % 10}Z`, seed },
  last: { at: `2026-01-01T00:00:0${seed % 10}Z`, seed },
  best: { seed, message: 'it failed', size, shrinks: 0, steps: [] },
});

const happened: fc.Arbitrary<NewEvent> = fc.oneof(
  fc.record({
    event: fc.constant('run' as const),
    case: fc.constantFrom('ACK-1', 'ACK-2'),
    area: fc.constant('ack'),
    seed: fc.nat({ max: 40 }),
    millis: fc.nat({ max: 9 }),
    coverage: fc.constant([{ mark: 'm', hits: 1, runs: 1 }]),
  }),
  fc
    .tuple(fc.constantFrom('F1', 'F2'), fc.nat({ max: 40 }), fc.nat({ max: 9 }))
    .map(([signature, seed, size]) => ({ event: 'failure' as const, failure: failure(signature, seed, size) })),
  fc.record({
    event: fc.constant('replay' as const),
    replay: fc.record({
      signature: fc.constantFrom('F1', 'F2'),
      end: fc.constantFrom('failing' as const, 'fixed' as const),
      at: fc.constantFrom('2026-01-01T00:00:03Z', '2026-01-01T00:00:07Z'),
    }),
  }),
);

const numbered = (session: string, events: readonly NewEvent[]): readonly SessionEvent[] =>
  events.map((event, index) => ({ session, n: index + 1, elapsedMillis: index, ...event }));

/** Three sessions as they grew, and of each store how much of each session it had seen: stores as machines have them. */
const stores: fc.Arbitrary<readonly Store[]> = fc
  .tuple(
    fc.array(fc.array(happened, { maxLength: 8 }), { minLength: 3, maxLength: 3 }),
    fc.array(fc.array(fc.integer({ min: -1, max: 8 }), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  )
  .map(([histories, cuts]) =>
    cuts.map((seen) => {
      const sessions = histories.flatMap((events, index): [string, Session][] => {
        if (seen[index]! < 0) return [];
        const id = `s${index}`;
        return [
          [
            id,
            numbered(id, events)
              .slice(0, seen[index])
              .reduce(foldEvent, newSession(head(id))),
          ],
        ];
      });
      return new Map(sessions);
    }),
  );

const plain = (store: Store): unknown => [...store].sort(([a], [b]) => (a < b ? -1 : 1));

describe('joining stores', () => {
  test('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(stores, ([a, b, c]) => {
        expect(plain(joinStores(a!, b!))).toEqual(plain(joinStores(b!, a!)));
        expect(plain(joinStores(joinStores(a!, b!), c!))).toEqual(plain(joinStores(a!, joinStores(b!, c!))));
        expect(plain(joinStores(a!, a!))).toEqual(plain(a!));
        expect(plain(joinStores(joinStores(a!, b!), a!))).toEqual(plain(joinStores(a!, b!)));
      }),
    );
  });

  test('says the same of failures in whatever order', () => {
    fc.assert(
      fc.property(stores, ([a, b]) => {
        expect(knownFailures(joinStores(a!, b!))).toEqual(knownFailures(joinStores(b!, a!)));
      }),
    );
  });

  test('counts each run of each session once', () => {
    const runs = (count: number): readonly SessionEvent[] =>
      numbered(
        's',
        Array.from({ length: count }, (_each, seed) => ({ event: 'run', case: 'ACK-1', area: 'ack', seed, millis: 1 })),
      );
    const young = new Map([['s', runs(3).reduce(foldEvent, newSession(head('s')))]]);
    const old = new Map([['s', runs(7).reduce(foldEvent, newSession(head('s')))]]);
    const sum = joinStores(joinStores(young, old), young).get('s')!.cases['ACK-1']!;
    expect(sum.runs).toBe(7);
    expect(sum.seeds).toEqual([[0, 6]]);
  });
});

describe('the file', () => {
  const written = (events: readonly NewEvent[]): { readonly path: string; readonly session: Session } => {
    const path = join(folder, `${Math.trunc(performance.now() * 1000)}.ndjson`);
    const { open } = openStore(path, head('s0'));
    for (const event of events) open.add(event);
    return { path, session: open.session };
  };

  test('cut at any byte loses only what was not whole, and says so', () => {
    const events = fc.sample(happened, { numRuns: 12, seed: 1 });
    const { path, session } = written(events);
    const bytes = readFileSync(path);
    const firstLine = bytes.indexOf('\n') + 1;
    for (let size = firstLine; size <= bytes.length; size++) {
      const text = bytes.subarray(0, size).toString('utf8');
      const { store, problems } = parseStore(text, 'store');
      const whole = text.split('\n').slice(0, -1).length - 2;
      expect(store.get('s0')?.progress ?? 0).toBe(
        problems.length === 0 && !text.endsWith('\n') ? whole + 1 : Math.max(0, whole),
      );
      // What is cut off is told, unless it was cut exactly before its line feed.
      if (!text.endsWith('\n') && problems.length > 0) expect(problems[0]).toMatch(/cut off/);
    }
    expect(readStore(path).store.get('s0')).toEqual(session);
  });

  test('with a damaged line in the middle is read, and the line told', () => {
    const { path } = written([
      { event: 'run', case: 'ACK-1', area: 'ack', seed: 1, millis: 1 },
      { event: 'run', case: 'ACK-1', area: 'ack', seed: 2, millis: 1 },
      { event: 'run', case: 'ACK-1', area: 'ack', seed: 3, millis: 1 },
    ]);
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[3] = lines[3]!.replace('"seed"', '"se');
    const { store, problems } = parseStore(lines.join('\n'), 'store');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('store:4: the line is damaged');
    expect(store.get('s0')!.cases['ACK-1']!.seeds).toEqual([
      [1, 1],
      [3, 3],
    ]);
  });

  test('concatenated with itself counts nothing twice', () => {
    const { path, session } = written(fc.sample(happened, { numRuns: 9, seed: 2 }));
    const text = readFileSync(path, 'utf8');
    expect(parseStore(text + text, 'store').store.get('s0')).toEqual(session);
  });

  test('of a newer form is refused with the versions, and what is no store as such', () => {
    expect(() => parseStore('{"line":"store","schema":2,"version":"9.1.0"}\n', 'new.ndjson')).toThrow(
      'new.ndjson has schema 2, and this version reads 1; use version 9.1.0, which wrote it, or a later one',
    );
    expect(() => parseStore('{"kind":"header"}\n', 'run.ndjson')).toThrow(StoreError);
  });

  test('is written by one process at a time, and a lock of a dead one is taken over', () => {
    const path = join(folder, 'locked.ndjson');
    const { open } = openStore(path, head('s1'));
    expect(() => openStore(path, head('s2'))).toThrow(
      /is written by process \d+; give each campaign a store of its own/,
    );
    open.close(true);
    // No process has so high a number.
    writeFileSync(`${path}.lock`, '4194999');
    openStore(path, head('s2')).open.close(true);
    expect([...readStore(path).store.keys()]).toEqual(['s1', 's2']);
  });

  test('grows no further than its sums: it is written anew when much was appended', () => {
    const path = join(folder, 'long.ndjson');
    const { open } = openStore(path, head('s0'));
    const mark = 'x'.repeat(4_000);
    for (let seed = 0; seed < 1_500; seed++) {
      open.add({ event: 'run', case: 'ACK-1', area: 'ack', seed, millis: 1, coverage: [{ mark, hits: 1, runs: 1 }] });
    }
    expect(readFileSync(path).length).toBeLessThan(4 << 20);
    expect(readStore(path).store.get('s0')).toEqual(open.session);
    open.close(true);
    writeStore(path, readStore(path).store, '0');
    expect(readStore(path).store.get('s0')!.cases['ACK-1']!.seeds).toEqual([[0, 1_499]]);
  });
});
