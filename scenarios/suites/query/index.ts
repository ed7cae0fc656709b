/** Queries: chapter 10. */
import type { AnyScenario } from '../../api.ts';
import { answering } from './answering.ts';
import { asking } from './asking.ts';

export const scenarios: readonly AnyScenario[] = [...asking, ...answering];
