/** Logon: chapter 4. */
import type { AnyScenario } from '../../api.ts';
import { client } from './client.ts';
import { server } from './server.ts';

export const scenarios: readonly AnyScenario[] = [...client, ...server];
