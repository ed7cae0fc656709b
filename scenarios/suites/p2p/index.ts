/** Peer-to-peer channels: how direct links are made, what goes over them, how messages change ways, how a way is chosen. */
import type { AnyScenario } from '../../api.ts';
import { attackers } from './attackers.ts';
import { channelBytes } from './channel-bytes.ts';
import { channelChoice } from './channel-choice.ts';
import { channelController } from './channel-controller.ts';
import { channelEnds } from './channel-ends.ts';
import { channelPunched } from './channel-punched.ts';
import { channelSwarm } from './channel-swarm.ts';
import { channelWays } from './channel-ways.ts';
import { directLinks } from './direct-links.ts';
import { faultSwarm } from './fault-swarm.ts';

export const scenarios: readonly AnyScenario[] = [
  ...directLinks,
  ...channelBytes,
  ...channelWays,
  ...channelEnds,
  ...channelChoice,
  ...channelController,
  ...channelPunched,
  ...channelSwarm,
  ...faultSwarm,
  ...attackers,
];
