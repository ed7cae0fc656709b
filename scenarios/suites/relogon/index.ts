/** A user who logs on twice: chapter 6. */
import type { AnyScenario } from '../../api.ts';
import { client } from './client.ts';
import { ignoreNew } from './ignore-new.ts';
import { overlapping } from './overlapping.ts';
import { replaceOld } from './replace-old.ts';

export const scenarios: readonly AnyScenario[] = [...replaceOld, ...ignoreNew, ...overlapping, ...client];
