/** Where the engines of a cluster come from (CLU-012). */
import type { Platform } from '../../../spec/platform.ts';
import { AcmsEngine } from './acms.ts';
import type { Acms, ClusterControlClient, PlatformRapidServerEngine } from './api.ts';
import { ControlClient } from './control-client.ts';
import type { ControlClientOptions } from './control-client.ts';
import { PlatformServerEngine } from './platform-server-engine.ts';

/** The manual's ESPlatform.Rapid.RapidEngineFactory; an engine belongs to the world it is given. */
export const platformEngineFactory = {
  /**
   * A server of a cluster, not yet listening.
   *
   * @param currentServerID - Its own ID, a number in digits, unique in the cluster. CLU-006
   * @param acmsServicePort - The platform server's port for its services, 1 to 65535.
   * @param acmsTransferPort - Its port for forwarding messages, 1 to 65535.
   */
  createServerEngine(
    platform: Platform,
    currentServerID: string,
    acmsIP: string,
    acmsServicePort: number,
    acmsTransferPort: number,
  ): PlatformRapidServerEngine {
    const acms = { address: acmsIP, servicePort: acmsServicePort, transferPort: acmsTransferPort };
    return new PlatformServerEngine(platform, currentServerID, acms);
  },
} as const;

/** A platform server, not yet listening. CLU-002 */
export function createAcms(platform: Platform): Acms {
  return new AcmsEngine(platform);
}

/** A connection from outside the cluster, not yet made. CLU-034 */
export function createClusterControlClient(platform: Platform, options: ControlClientOptions): ClusterControlClient {
  return new ControlClient(platform, options);
}
