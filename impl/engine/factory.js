import { PassiveEngine } from './client/passive-engine.js';
import { ServerEngine } from './server/server-engine.js';
/** The manual's RapidEngineFactory; an engine belongs to the world it is given. */
export const rapidEngineFactory = {
  /** A client, not yet connected. */
  createPassiveEngine(platform) {
    return new PassiveEngine(platform);
  },
  /** A server, not yet listening. */
  createServerEngine(platform) {
    return new ServerEngine(platform);
  },
};
