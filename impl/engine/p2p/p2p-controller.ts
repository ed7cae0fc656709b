/** The client's p2pController: the manual's IP2PController over the hub (P2P-070 to P2P-078). */
import type { Endpoint } from '../../../spec/platform.ts';
import type { Event } from '../api.ts';
import { checkInteger, checkUserId } from '../arguments.ts';
import { P2PChannelMode } from '../enums.ts';
import { LocalProtocolError } from '../errors.ts';
import type {
  InUdpSessionState,
  OutUdpSessionState,
  P2PChannelState,
  P2PController,
  UdpSessionStateViewer,
} from './api.ts';
import type { ChannelHub } from './channel-hub.ts';
import type { UserChannels } from './user-channels.ts';

/** Whom the controller may ask for: the account that is online. @throws as a send does */
export type OnlineAccount = () => { readonly userID: string; readonly userIdBytesMax: number };

/** The object behind `engine.p2pController`. */
export class PassiveP2PController implements P2PController {
  readonly #hub: ChannelHub;
  readonly #online: OnlineAccount;

  constructor(hub: ChannelHub, online: OnlineAccount) {
    this.#hub = hub;
    this.#online = online;
  }

  get allP2PChannelClosed(): Event<[]> {
    return this.#hub.allP2PChannelClosed;
  }

  get p2pChannelClosed(): Event<[state: P2PChannelState]> {
    return this.#hub.p2pChannelClosed;
  }

  get p2pChannelOpened(): Event<[state: P2PChannelState]> {
    return this.#hub.p2pChannelOpened;
  }

  get p2pConnectFailed(): Event<[destUserID: string]> {
    return this.#hub.p2pConnectFailed;
  }

  get p2pChannelMode(): P2PChannelMode {
    return this.#hub.mode;
  }

  set p2pChannelMode(mode: P2PChannelMode) {
    checkInteger('p2pChannelMode', 'P2P-070', mode, P2PChannelMode.TcpAndUdp, P2PChannelMode.None);
    this.#hub.mode = mode;
  }

  p2pConnectAsyn(destUserID: string): void {
    const { userID, userIdBytesMax } = this.#online();
    checkUserId(destUserID, userIdBytesMax);
    if (destUserID === userID) {
      throw new LocalProtocolError('E_ARGUMENT', 'P2P-071', `${userID} is oneself; a channel leads to another user`);
    }
    this.#hub.connect(destUserID);
  }

  getP2PChannelState(): Map<string, P2PChannelState>;
  getP2PChannelState(destUserID: string): P2PChannelState | null;
  getP2PChannelState(destUserID?: string): Map<string, P2PChannelState> | P2PChannelState | null {
    if (destUserID !== undefined) return this.#hub.best(destUserID)?.state() ?? null;
    const states = new Map<string, P2PChannelState>();
    for (const { userID, best } of this.#hub.users()) {
      if (best !== undefined) states.set(userID, best.state());
    }
    return states;
  }

  getUdpSessionStateViewer(): UdpSessionStateViewer {
    const out = (): OutUdpSessionState[] => [...this.#hub.users()].flatMap(outStates);
    return {
      getOutUdpSessionStates: out,
      getOutUdpSessionState: (destIPE: Endpoint) => out().find((state) => sameEndpoint(state.destIPE, destIPE)) ?? null,
      getInUdpSessionStates: () => [...this.#hub.users()].flatMap(inStates),
    };
  }

  isP2PChannelExist(destUserID: string): boolean {
    return this.#hub.best(destUserID) !== undefined;
  }

  p2pChannelIsBusy(destUserID: string): boolean | null {
    const user = this.#hub.user(destUserID);
    return user?.best === undefined ? null : user.queuedBytes > 0;
  }
}

function outStates(user: UserChannels): OutUdpSessionState[] {
  return udpChannels(user).map(({ remote, sentCount, queuedBytes }) => ({
    destUserID: user.userID,
    destIPE: remote,
    messageSentCount: sentCount,
    queuedBytes,
    waitAckBytes: user.keptBytes,
  }));
}

function inStates(user: UserChannels): InUdpSessionState[] {
  return udpChannels(user).map(({ remote, receivedCount }) => ({
    sourceUserID: user.userID,
    sourceIPE: remote,
    messageReceivedCount: receivedCount,
  }));
}

function udpChannels({ channels }: UserChannels): UserChannels['channels'] {
  return channels.filter(({ protocol, isUsable }) => protocol === 'udp' && isUsable);
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
