/** Handling model and diagnostics: chapter 24. */
import type { AnyScenario } from '../../api.ts';
import { diagnosing } from './diagnosing.ts';
import { integrated } from './integrated.ts';
import { modes } from './modes.ts';
import { overload } from './overload.ts';
import { swarm } from './swarm.ts';

export const scenarios: readonly AnyScenario[] = [...modes, ...overload, ...diagnosing, ...integrated, ...swarm];
