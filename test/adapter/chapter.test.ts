/** Chapter 20 and the schema tell the same story: every example line fits, every verb and event has its definition. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shippedAdapterSchema, adapterSchema } from '../../scenarios/attach/exec-schema.ts';
import { adapterConfig } from '../../scenarios/attach/exec-config.ts';

const chapter = readFileSync(new URL('../../spec/protocol/20-adapter.md', import.meta.url), 'utf8');
const schema = shippedAdapterSchema();
type Line = Record<string, unknown>;

/** Example lines; `>` to the adapter, `<` from it. Lines with an ellipsis or spread over several are left out. */
const examples = [...chapter.matchAll(/^([<>]) (\{.*\})$/gm)]
  .map(([, way, json]) => ({ way: way!, json: json! }))
  .filter(({ json }) => !json.includes('{...}'));

test('there are enough examples to matter', () => {
  expect(examples.length).toBeGreaterThan(50);
});

test('every example line fits the schema', () => {
  const verbs = new Map<number, string>();
  for (const { way, json } of examples) {
    const line = JSON.parse(json) as Line;
    if (way === '>') verbs.set(line.id as number, line.cmd as string);
    expect(schema.problem(definitionOf(way, line, verbs), valueOf(way, line)), json).toBe(undefined);
  }
});

function definitionOf(way: string, line: Line, verbs: ReadonlyMap<number, string>): string {
  if (way === '>') return schema.has(`request.${String(line.cmd)}`) ? `request.${String(line.cmd)}` : 'unsupported';
  if (line.ev !== undefined) return `event.${line.ev as string}`;
  const verb = verbs.get(line.id as number)!;
  const kind = ['ok', 'failed', 'unsupported', 'fault'].find((each) => each in line)!;
  if (kind === 'failed' && (verb === 'decode' || verb === 'encode')) return 'failedCodec';
  return kind === 'ok' ? `ok.${verb}` : kind;
}

function valueOf(way: string, line: Line): unknown {
  // The probe is a request of no known verb; nothing is fixed about it.
  if (way === '>') return schema.has(`request.${String(line.cmd)}`) ? line : { reason: '' };
  return line.ev === undefined ? (line.ok ?? line.failed ?? line.unsupported ?? line.fault) : line;
}

test('every verb of the table has a request and a result in the schema', () => {
  const table = chapter.slice(chapter.indexOf('| verb | feature'), chapter.indexOf('### 3.1 hello'));
  const verbs = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/\w+/g)].map(([verb]) => verb),
  );
  expect(verbs).toHaveLength(16);
  for (const verb of verbs)
    expect([schema.has(`request.${verb}`), schema.has(`ok.${verb}`)], verb).toEqual([true, true]);
});

test('the config the harness sends is the one of the chapter', () => {
  const table = chapter.slice(chapter.indexOf('Every member of `config`'), chapter.indexOf('### 3.3 logon'));
  const members = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  const config = adapterConfig({}, 0.05);
  expect(Object.keys(config).sort()).toEqual([...members].sort());
  expect(schema.problem('config', config)).toBe(undefined);
});

test('durations of the config are scaled, and stay readable', () => {
  const config = adapterConfig({ heartBeatSpanInSecs: 3, waitResponseTimeoutInSecs: 0 }, 0.1);
  expect(config).toMatchObject({
    heartBeatSpanInSecs: 0.3,
    waitResponseTimeoutInSecs: 0,
    heartbeatTimeoutInSecs: 0.9,
    reconnectDelaySecs: [0.1, 0.2, 0.4, 0.8, 1],
    timeFactor: 0.1,
  });
});

test('a keyword the checker lacks is refused when the schema is read', () => {
  expect(() => adapterSchema('{"$defs":{"x":{"properties":{"y":{"maxLength":3}}}}}')).toThrow(
    'keyword "maxLength" in x.y',
  );
});
