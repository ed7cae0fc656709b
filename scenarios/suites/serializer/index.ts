/** Bodies: chapter 2. */
import type { AnyScenario } from '../../api.ts';
import { values } from './values.ts';
import { vectors } from './vectors.ts';

export const scenarios: readonly AnyScenario[] = [...vectors, ...values];
