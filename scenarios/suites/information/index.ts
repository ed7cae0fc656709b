/** Custom information: chapter 9. */
import type { AnyScenario } from '../../api.ts';
import { forwarding } from './forwarding.ts';
import { receiving } from './receiving.ts';
import { sending } from './sending.ts';

export const scenarios: readonly AnyScenario[] = [...sending, ...forwarding, ...receiving];
