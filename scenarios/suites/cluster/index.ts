/** The cluster: chapter 23. */
import type { AnyScenario } from '../../api.ts';
import { scenarios as failover } from './failover.ts';
import { scenarios as faultSwarm } from './fault-swarm.ts';
import { scenarios as logons } from './logons.ts';
import { scenarios as messages } from './messages.ts';
import { scenarios as outside } from './outside.ts';
import { scenarios as servers } from './servers.ts';
import { scenarios as swarm } from './swarm.ts';

export const scenarios: readonly AnyScenario[] = [
  ...servers,
  ...logons,
  ...messages,
  ...outside,
  ...failover,
  ...swarm,
  ...faultSwarm,
];
