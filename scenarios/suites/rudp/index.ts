/** Reliable UDP (chapter 17). */
import type { AnyScenario } from '../../api.ts';
import { acknowledgement } from './acknowledgement.ts';
import { attackers } from './attackers.ts';
import { ending } from './ending.ts';
import { handshake } from './handshake.ts';
import { pace } from './pace.ts';
import { stream } from './stream.ts';

export const scenarios: readonly AnyScenario[] = [
  ...handshake,
  ...stream,
  ...acknowledgement,
  ...ending,
  ...pace,
  ...attackers,
];
