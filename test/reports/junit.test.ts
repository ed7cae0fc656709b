import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderJunit } from '../../reports/index.ts';
import { buildLog, HOSTILE } from './sample-log.ts';
import { greenRun, largeRun, mixedRun } from './sample-runs.ts';
import { parseXml, type XmlElement } from './xml.ts';
import { violations } from './xsd.ts';

const SCHEMA = readFileSync(new URL('junit.xsd', import.meta.url), 'utf8');

/** The testcases of the mixed run whose name begins with the id of its case `index`. */
function testcases(index: number): XmlElement[] {
  const log = mixedRun();
  const { case: id } = log.verdicts[index]!;
  return parseXml(renderJunit(log)).children.flatMap((suite) =>
    suite.children.filter((one) => one.attributes.get('name')?.startsWith(`${id} `) === true),
  );
}

const result = (one: XmlElement): XmlElement | undefined =>
  one.children.find(({ name }) => ['failure', 'error', 'skipped'].includes(name));

describe('the checker itself', () => {
  it.each([
    ['an unknown attribute', '<testsuites tests="1" failures="0" errors="0" skipped="0" time="0" colour="x"/>'],
    ['a missing attribute', '<testsuites tests="1" failures="0" errors="0" time="0"/>'],
    ['a wrong type', '<testsuites tests="one" failures="0" errors="0" skipped="0" time="0"/>'],
    ['text where none may be', '<testsuites tests="1" failures="0" errors="0" skipped="0" time="0">x</testsuites>'],
    [
      'children in the wrong place',
      '<testsuites tests="1" failures="0" errors="0" skipped="0" time="0"><failure message="" type=""/></testsuites>',
    ],
  ])('finds %s', (_what, document) => {
    expect(violations(document, SCHEMA)).toHaveLength(1);
  });

  it.each([
    '<a>',
    '<a></b>',
    '<a b="1" b="2"/>',
    '<a>&nbsp;</a>',
    '<a>]]></a>',
    '<a>\u0007</a>',
    '<a b="<"/>',
    '<a/><b/>',
  ])('refuses %s', (document) => {
    expect(() => parseXml(document)).toThrow('not well-formed');
  });
});

describe('JUnit', () => {
  it.each([
    ['mixed', mixedRun()],
    ['green', greenRun()],
    ['large', largeRun()],
    ['empty', buildLog({ caseCount: 0, targets: [] })],
  ])('of the %s run is valid', (_name, log) => {
    expect(violations(renderJunit(log), SCHEMA)).toEqual([]);
  });

  it('has one suite an area and one testcase a verdict', () => {
    const root = parseXml(renderJunit(mixedRun()));
    expect(root.children.map((suite) => suite.attributes.get('name'))).toEqual([
      'FRM',
      'SER',
      'LIM',
      'LOG',
      'HBT',
      'REL',
      'RCN',
      'BLB',
    ]);
    expect(root.children.flatMap((suite) => suite.children.filter(({ name }) => name === 'testcase'))).toHaveLength(
      120,
    );
  });

  it('says failure for what does not conform, error for what broke, skipped for the rest', () => {
    const kinds = (index: number): (string | undefined)[] => testcases(index).map((one) => result(one)?.name);
    expect(kinds(0)).toEqual([undefined, undefined]);
    expect(kinds(5)).toEqual(['failure', 'failure']);
    expect(kinds(20)).toEqual(['failure', undefined]);
    expect(kinds(35)).toEqual(['error', undefined]);
    expect(kinds(38)).toEqual(['error', 'error']);
    expect(kinds(41)).toEqual(['failure', undefined]);
    for (const index of [40, 45, 46, 50, 51, 55]) expect(kinds(index)[0], `case ${index}`).toBe('skipped');
    expect(result(testcases(45)[0]!)!.attributes.get('message')).toBe('declined: this client has no reconnect');
  });

  it('names clause, level, seed, repro and digest', () => {
    const one = testcases(5)[0]!;
    expect(one.attributes.get('classname')).toBe('FRM.FRM-010');
    expect(one.attributes.get('name')).toMatch(/^FRM-UKKE .* \[sim\]$/);
    const properties = new Map(
      one.children[0]!.children.map((row) => [row.attributes.get('name'), row.attributes.get('value')]),
    );
    expect(Object.fromEntries(properties)).toMatchObject({
      clause: 'FRM-010 FRM-012',
      level: 'MUST',
      seed: '20251',
      status: 'red',
    });
    expect(properties.get('repro')).toBe('npx esf run --case FRM-UKKE --target sim --seed 20251');
    expect(properties.get('digest')).toMatch(/^[0-9a-f]{16}$/);
    const said = result(one)!;
    expect(said.text).toContain('expected: the connection is closed');
    expect(said.text).toContain('[ff ff ff 7f]');
    expect(one.children.at(-1)).toMatchObject({ name: 'system-err' });
  });

  it('keeps hostile text, without what XML forbids', () => {
    const legal = HOSTILE.replace(/[\u0000\u0007\u001b\ud800\uffff]/g, '');
    expect(result(testcases(14)[0]!)!.attributes.get('message')).toBe(`the peer said: ${legal}`);
  });

  it('keeps line ends in attributes', () => {
    const log = buildLog({
      caseCount: 1,
      targets: ['sim'],
      fate: () => ({ outcome: 'fail', failure: { message: 'a\n\tb' } }),
    });
    const one = parseXml(renderJunit(log)).children[0]!.children[1]!;
    expect(result(one)!.attributes.get('message')).toBe('a\n\tb');
  });
});
