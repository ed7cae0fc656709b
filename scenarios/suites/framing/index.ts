/** Framing and header: chapter 1. */
import type { AnyScenario } from '../../api.ts';
import { forwarding } from './forwarding.ts';
import { ignoring } from './ignoring.ts';
import { receiving } from './receiving.ts';
import { sending } from './sending.ts';

export const scenarios: readonly AnyScenario[] = [...sending, ...receiving, ...ignoring, ...forwarding];
