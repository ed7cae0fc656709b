/**
 * Where to log on: a client's short question to the platform server, without the secret (CLU-005, CLU-045).
 *
 * One connection a question. `createServerLookup(...)` is what `advanced.serverLookup` takes; an application with a web
 * service of its own gives a function of its own.
 */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import { PlatformPurpose } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { platformSilenceSecs } from '../../../spec/timing.ts';
import { codecs } from '../../wire/index.ts';
import { ConnectException } from '../errors.ts';
import { commonDefaults } from '../global-util.ts';
import { secsToMicros } from '../settings.ts';
import type { ServerLookup } from './api.ts';
import { configurationOf } from './control-client.ts';
import { dialPlatform } from './dial-platform.ts';
import { transferLimits } from './transfer-limits.ts';

/**
 * A lookup at one platform server; null when no server takes anybody. Rejects `E_CONNECT`.
 *
 * @param acms - Its address and service port.
 * @param maxLengthOfUserID - N of the cluster, bytes; the application's default when absent.
 */
export function createServerLookup(platform: Platform, acms: Endpoint, maxLengthOfUserID?: number): ServerLookup {
  return () => {
    platform.noteAsyncEdge();
    return new Promise<Endpoint | null>((resolve, reject) => {
      const defaults = commonDefaults();
      const userIdBytesMax = maxLengthOfUserID ?? defaults.maxLengthOfUserID;
      const settle = (how: () => void): void => {
        platform.noteAsyncEdge();
        how();
      };
      const link = dialPlatform(
        {
          platform,
          limits: transferLimits({ userIdBytesMax, messageBytesMax: defaults.maxLengthOfMessage }),
          remote: acms,
          secret: '',
          purpose: PlatformPurpose.Lookup,
          serverID: -1,
          instanceID: 0,
          waitMicros: secsToMicros(platformSilenceSecs),
        },
        {
          handleUp: () =>
            link.ask({
              messageType: MessageType.GetServerToLogon,
              codec: null,
              value: null,
              onReply: (frame) => {
                const found = frame && codecs.ServerConfigurationContract.decodeNullable(frame.body());
                link.close();
                if (found?.ok === true) settle(() => resolve(endpointOf(found.value)));
                else settle(() => reject(noAnswer(acms, 'no answer')));
              },
            }),
          handleMessage: () => true,
          handleDown: (detail) => settle(() => reject(noAnswer(acms, detail))),
        },
      );
    });
  };
}

function endpointOf(found: Parameters<typeof configurationOf>[0]): Endpoint | null {
  const server = configurationOf(found);
  return server === null ? null : { address: server.address, port: server.port };
}

function noAnswer({ address, port }: Endpoint, detail: string): ConnectException {
  return new ConnectException('E_CONNECT', 'CLU-045', `no server from ${address}:${port}: ${detail}`);
}
