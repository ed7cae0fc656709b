/**
 * A server of a cluster: the server engine with its tie to the platform server, and the manual's four additions (CLU-011, CLU-012).
 *
 * Drive it as a single server; set `acmsSecret` before initialize.
 */
import type { Platform } from '../../../spec/platform.ts';
import { describeValue, LocalProtocolError } from '../../wire/index.ts';
import { checkInteger, checkText } from '../arguments.ts';
import type { EventSource } from '../event.ts';
import { ServerEngine } from '../server/server-engine.ts';
import type { MachineState, PlatformCallbackHandler, PlatformRapidServerEngine } from './api.ts';
import { ClusterMember } from './cluster-member.ts';
import { checkServerID } from './outside-services.ts';

/** Where the platform server is. */
export type AcmsAddress = { readonly address: string; readonly servicePort: number; readonly transferPort: number };

const IDLE: MachineState = { cpuUsage: 0, memoryUsage: 0 };

/** The engine behind `platformEngineFactory.createServerEngine`. */
export class PlatformServerEngine extends ServerEngine implements PlatformRapidServerEngine {
  acmsSecret = '';
  clientAddress: string | null = null;
  machineState: (() => MachineState) | null = null;
  callbackHandler: PlatformCallbackHandler | null = null;
  readonly #member: ClusterMember;

  /** @throws LocalProtocolError `E_ARGUMENT` for an ID that is no number, or a port out of range */
  constructor(platform: Platform, currentServerID: string, acms: AcmsAddress) {
    const serverID = parseServerID(currentServerID);
    checkText('the address of the platform server', acms.address);
    checkInteger('the service port', 'CLU-002', acms.servicePort, 1, 65_535);
    checkInteger('the transfer port', 'CLU-002', acms.transferPort, 1, 65_535);
    let made: ClusterMember | undefined;
    super(platform, String(serverID), (host) => {
      made = new ClusterMember(
        {
          platform,
          serverID,
          acms,
          secret: () => this.acmsSecret,
          clientAddress: () => this.clientAddress ?? this.ipAddressBinding,
          machineState: () => this.machineState?.() ?? IDLE,
          callbackHandler: () => this.callbackHandler,
        },
        host,
      );
      return made;
    });
    this.#member = made!;
  }

  get platformConnected(): boolean {
    return this.#member.isJoined;
  }

  get platformConnectionInterrupted(): EventSource<[]> {
    return this.#member.platformConnectionInterrupted;
  }

  get platformConnectionRebuild(): EventSource<[]> {
    return this.#member.platformConnectionRebuild;
  }
}

/** CLU-006: the manual gives the ID as text here and as number elsewhere; both are the same number. */
function parseServerID(text: string): number {
  if (typeof text === 'string' && /^\d{1,10}$/.test(text)) return checkServerID(Number(text));
  throw new LocalProtocolError(
    'E_ARGUMENT',
    'CLU-006',
    `a ServerID must be a whole number from 0 on, written in digits; got ${describeValue(text)}`,
  );
}
