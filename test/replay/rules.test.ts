/**
 * Every rule fires on traffic that breaks it and stays silent on traffic that does not.
 *
 * The traffic is in `rule-cases/`: `broken` and `intact` are scripts that differ only in what the rule is about.
 */
import { describe, expect, it } from 'vitest';
import { rules } from '../../scenarios/replay/rules/index.ts';
import { blobsCases } from './rule-cases/blobs.ts';
import { decodingCases } from './rule-cases/decoding.ts';
import { exchangeCases } from './rule-cases/exchange.ts';
import { framingCases } from './rule-cases/framing.ts';
import { logonCases } from './rule-cases/logon.ts';
import { sessionCases } from './rule-cases/session.ts';
import type { RuleCases, Scripted } from './rule-cases/words.ts';
import { Session } from './session.ts';

const cases: RuleCases = {
  ...decodingCases,
  ...framingCases,
  ...logonCases,
  ...sessionCases,
  ...exchangeCases,
  ...blobsCases,
};

async function firedRules(scripted: Scripted): Promise<readonly string[]> {
  const { session, options } = scripted instanceof Session ? { session: scripted, options: {} } : scripted;
  const { totals } = await session.report(options);
  return [...totals.violations, ...totals.warnings].map((violation) => violation.rule);
}

describe('the rules of the passive judge', () => {
  it('each have a case here, and no case is without its rule', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map((rule) => rule.name).sort());
  });

  it('have unique names', () => {
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
  });

  for (const rule of rules) {
    const scripts = cases[rule.name];
    if (scripts === undefined) continue;
    it(`${rule.clause} ${rule.name} fires on traffic that breaks it`, async () => {
      expect(await firedRules(scripts.broken())).toContain(rule.name);
    });
    it(`${rule.clause} ${rule.name} is silent on traffic that does not`, async () => {
      expect(await firedRules(scripts.intact())).toEqual(scripts.also ?? []);
    });
  }
});
