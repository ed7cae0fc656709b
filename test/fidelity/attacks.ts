/** The laws of TCP under attack: RFC 5961, RFC 5927 and the checks of RFC 9293, each by packets that an attacker forges. */
import { segmentLaws } from './attacks/segments.ts';
import { volleyLaws } from './attacks/volleys.ts';
import type { FidelityRow } from './model.ts';

const TRIES_FULL = 100_000;

/** All rows. */
export function attackLaws(tries = TRIES_FULL): FidelityRow[] {
  return [...segmentLaws(), ...volleyLaws(tries)].map((row) => ({ area: 'attacks', ...row }));
}
