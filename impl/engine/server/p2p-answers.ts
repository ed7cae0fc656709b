/** The server's part in peer-to-peer channels: addresses that clients tell, and its own P2P server (P2P-001, P2P-002, P2P-010). */
import { MessageType } from '../../../spec/grammar/index.ts';
import type { Platform } from '../../../spec/platform.ts';
import { codecs } from '../../wire/index.ts';
import type { FrameLimits } from '../../wire/index.ts';
import { decodeOrViolate } from '../decode-body.ts';
import { p2pAddressFromWire, p2pAddressToWire } from '../p2p-address.ts';
import { P2PServerCore } from '../p2p/p2p-server.ts';
import type { Receiver } from '../receive.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerContext } from './server-context.ts';

const PORT_MAX = 65_535;

/** The P2P server inside a server, on the port after its own. */
export class IntegratedP2PServer {
  readonly #platform: Platform;
  #core: P2PServerCore | undefined;
  #isRunning = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Starts it and calls `done` when it answers, or when it cannot: then the server goes on without (P2P-002). */
  start(
    tcpPort: number,
    options: { readonly limits: FrameLimits; readonly address: string | null },
    done: () => void,
  ): void {
    const fail = (detail: string): void => {
      this.#platform.log('warn', `no P2P server beside TCP port ${tcpPort}: ${detail}; logons say so (P2P-002)`);
      done();
    };
    if (tcpPort >= PORT_MAX) {
      fail('there is no port after it');
      return;
    }
    const core = new P2PServerCore(this.#platform, options.limits, options.address);
    this.#core = core;
    core.start(tcpPort + 1, {
      onUp: () => {
        this.#isRunning = true;
        done();
      },
      onFailed: (code, detail) => {
        core.close();
        fail(`${code} ${detail}`);
      },
    });
  }

  close(): void {
    this.#isRunning = false;
    this.#core?.close();
  }
}

/** Receivers for what clients tell and ask about addresses. */
export function createP2PAnswers(context: ServerContext): readonly (readonly [number, Receiver<ServerConnection>])[] {
  const { platformUsers, users } = context;
  return [
    [
      MessageType.P2PLogon,
      (from, frame) => {
        const told = decodeOrViolate(from, frame, codecs.P2PLogonContract);
        if (told?.P2PAddress === null || told === undefined || from.userData === undefined) return;
        from.userData.p2pAddress = p2pAddressFromWire(told.P2PAddress);
        users.p2pAddressChanged.raise(from.userID, from.userData.p2pAddress);
      },
    ],
    [
      MessageType.ReqUserData,
      (from, frame) => {
        const request = decodeOrViolate(from, frame, codecs.ReqUserDataContract);
        if (request === undefined) return;
        const user = platformUsers.get(request.FriendID ?? '');
        const { messageType, messageId } = frame;
        const answer =
          user === undefined
            ? null
            : { UserID: user.userID, P2PAddress: user.p2pAddress === null ? null : p2pAddressToWire(user.p2pAddress) };
        from.post({ messageType, messageId, destId: from.userID }, codecs.ResUserDataContract, answer);
      },
    ],
  ];
}
