/** Where engines come from (ENG-008). */
import type { Platform } from '../../spec/platform.ts';
import type { RapidPassiveEngine, RapidServerEngine } from './api.ts';
import { PassiveEngine } from './client/passive-engine.ts';
import { ServerEngine } from './server/server-engine.ts';

/** The manual's RapidEngineFactory; an engine belongs to the world it is given. */
export const rapidEngineFactory = {
  /** A client, not yet connected. */
  createPassiveEngine(platform: Platform): RapidPassiveEngine {
    return new PassiveEngine(platform);
  },
  /** A server, not yet listening. */
  createServerEngine(platform: Platform): RapidServerEngine {
    return new ServerEngine(platform);
  },
} as const;
