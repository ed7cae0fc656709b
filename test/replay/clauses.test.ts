/** The rules cite clauses that exist, at the level the specification gives them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseClauses } from '../../spec/clauses.ts';
import { rules } from '../../scenarios/replay/rules/index.ts';
import { udpRules } from '../../scenarios/replay/udp-rules.ts';

const folder = fileURLToPath(new URL('../../spec/protocol/', import.meta.url));
const chapters = readdirSync(folder)
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, text: readFileSync(`${folder}${file}`, 'utf8') }));
const clauses = new Map(parseClauses(chapters).map((clause) => [clause.id, clause]));

describe('the clauses that rules cite', () => {
  for (const [name, clause] of Object.entries(udpRules)) {
    it(`${name} cites ${clause}, a MUST`, () => expect(clauses.get(clause)?.level).toBe('MUST'));
  }

  for (const rule of rules) {
    it(`${rule.name} cites ${rule.clause} at its level`, () => {
      expect(clauses.get(rule.clause)?.level).toBe(rule.level);
    });
  }
});
