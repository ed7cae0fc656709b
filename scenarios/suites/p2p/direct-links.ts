/** Making direct links: cases with connectors, without engines. */
import type { AnyScenario } from '../../api.ts';
import { directTcp } from './direct-tcp.ts';
import { directWays } from './direct-ways.ts';
import { invitations } from './invitations.ts';
import { matrix } from './matrix.ts';
import { measuredAgain } from './measured-again.ts';
import { namedRegressions } from './named-regressions.ts';
import { p2pServer } from './server.ts';

export const directLinks: readonly AnyScenario[] = [
  ...p2pServer,
  ...invitations,
  ...directWays,
  ...directTcp,
  ...measuredAgain,
  ...namedRegressions,
  ...matrix,
];
