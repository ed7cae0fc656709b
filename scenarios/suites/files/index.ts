/** Files and folders from one end to another: chapter 19. */
import type { AnyScenario } from '../../api.ts';
import { across } from './across.ts';
import { channels } from './channels.ts';
import { disks } from './disks.ts';
import { ends } from './ends.ts';
import { flow } from './flow.ts';
import { lateAnswers } from './late-answers.ts';
import { names } from './names.ts';
import { packages } from './packages.ts';
import { resume } from './resume.ts';
import { standstill } from './standstill.ts';
import { swarm } from './swarm.ts';

export const scenarios: readonly AnyScenario[] = [
  ...flow,
  ...packages,
  ...ends,
  ...standstill,
  ...resume,
  ...lateAnswers,
  ...names,
  ...swarm,
  ...disks,
  ...across,
  ...channels,
];
