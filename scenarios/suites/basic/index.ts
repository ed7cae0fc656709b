/** Basic requests: chapter 8. */
import type { AnyScenario } from '../../api.ts';
import { kickOut } from './kick-out.ts';
import { pings } from './pings.ts';
import { questions } from './questions.ts';

export const scenarios: readonly AnyScenario[] = [...questions, ...pings, ...kickOut];
