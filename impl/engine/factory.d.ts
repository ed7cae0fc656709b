/** Where engines come from (ENG-008). */
import type { Platform } from '../../spec/platform.ts';
import type { RapidPassiveEngine, RapidServerEngine } from './api.ts';
/** The manual's RapidEngineFactory; an engine belongs to the world it is given. */
export declare const rapidEngineFactory: {
  /** A client, not yet connected. */
  readonly createPassiveEngine: (platform: Platform) => RapidPassiveEngine;
  /** A server, not yet listening. */
  readonly createServerEngine: (platform: Platform) => RapidServerEngine;
};
