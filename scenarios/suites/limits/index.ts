/** Limits: chapter 3. */
import type { AnyScenario } from '../../api.ts';
import { messages } from './messages.ts';
import { userIds } from './user-ids.ts';

export const scenarios: readonly AnyScenario[] = [...userIds, ...messages];
