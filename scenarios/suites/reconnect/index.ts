/** Connections that break and come back: chapter 7. */
import type { AnyScenario } from '../../api.ts';
import { attempts } from './attempts.ts';
import { calls } from './calls.ts';
import { server } from './server.ts';

export const scenarios: readonly AnyScenario[] = [...attempts, ...calls, ...server];
