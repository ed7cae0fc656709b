/** Where engines come from (ENG-008). */
import type { Platform } from '../../spec/platform.ts';
import type { P2PServer, RapidPassiveEngine, RapidServerEngine } from './api.ts';
import { PassiveEngine } from './client/passive-engine.ts';
import { StandAloneP2PServer } from './p2p/stand-alone-server.ts';
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
  /** A P2P server that stands alone, not yet listening. P2P-007 */
  createP2PServer(platform: Platform): P2PServer {
    return new StandAloneP2PServer(platform);
  },
} as const;
