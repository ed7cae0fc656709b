/** Peer-to-peer channels: what goes over them, how messages change ways, how a way is chosen, the controller. */
import type { AnyScenario } from '../../api.ts';
import { channelBytes } from './channel-bytes.ts';
import { channelChoice } from './channel-choice.ts';
import { channelController } from './channel-controller.ts';
import { channelEnds } from './channel-ends.ts';
import { channelSwarm } from './channel-swarm.ts';
import { channelWays } from './channel-ways.ts';

export const scenarios: readonly AnyScenario[] = [
  ...channelBytes,
  ...channelWays,
  ...channelEnds,
  ...channelChoice,
  ...channelController,
  ...channelSwarm,
];
