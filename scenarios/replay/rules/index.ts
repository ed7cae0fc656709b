/** All rules: which clause each checks, on which messages, and how. The judge runs them in this order. */
import type { Rule } from '../judged.ts';
import { blobRules } from './blobs.ts';
import { decodingRules } from './decoding.ts';
import { exchangeRules } from './exchange.ts';
import { framingRules } from './framing.ts';
import { logonRules } from './logon.ts';
import { sessionRules } from './session.ts';

export const rules: readonly Rule[] = [
  ...decodingRules,
  ...framingRules,
  ...logonRules,
  ...sessionRules,
  ...exchangeRules,
  ...blobRules,
];
