/** Contacts and groups: chapter 21. */
import type { AnyScenario } from '../../api.ts';
import { asking } from './asking.ts';
import { blobs } from './blobs.ts';
import { broadcasts } from './broadcasts.ts';
import { dynamicGroups } from './dynamic-groups.ts';
import { notices } from './notices.ts';
import { swarm } from './swarm.ts';

export const scenarios: readonly AnyScenario[] = [
  ...asking,
  ...notices,
  ...broadcasts,
  ...blobs,
  ...dynamicGroups,
  ...swarm,
];
