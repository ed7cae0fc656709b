/** The smallest whole stories: they prove that the line from scenario to verdict works on every target. */
import type { AnyScenario } from '../../api.ts';
import { basics } from './basics.ts';
import { forwarding } from './forwarding.ts';

export const scenarios: readonly AnyScenario[] = [...basics, ...forwarding];
