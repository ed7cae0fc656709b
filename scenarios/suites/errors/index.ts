/** Errors of the API: chapter 16. */
import type { AnyScenario } from '../../api.ts';
import { refusals } from './refusals.ts';

export const scenarios: readonly AnyScenario[] = refusals;
