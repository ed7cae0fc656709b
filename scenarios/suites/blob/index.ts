/** Blobs, cut and put together again: chapter 12. */
import type { AnyScenario } from '../../api.ts';
import { receiving } from './receiving.ts';
import { sending } from './sending.ts';

export const scenarios: readonly AnyScenario[] = [...sending, ...receiving];
