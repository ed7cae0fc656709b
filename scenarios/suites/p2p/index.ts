/** Peer-to-peer channels: how direct links are made. */
import type { AnyScenario } from '../../api.ts';
import { directLinks } from './direct-links.ts';

export const scenarios: readonly AnyScenario[] = [...directLinks];
