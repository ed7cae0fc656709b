/** Files and folders from one end to another: chapter 19. */
import type { AnyScenario } from '../../api.ts';
import { flow } from './flow.ts';

export const scenarios: readonly AnyScenario[] = [...flow];
