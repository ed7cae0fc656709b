/** The public API of peer-to-peer channels as types, under the manual's names in camel case. */
import type { Endpoint } from '../../../spec/platform.ts';
import type { Event } from '../api.ts';
import type { P2PChannelMode, ProtocolType } from '../enums.ts';

/** One channel as it was when asked. P2P-076 */
export type P2PChannelState = {
  readonly destUserID: string;
  /** The other side's endpoint, as this side sees it. */
  readonly destIPE: Endpoint;
  readonly protocolType: ProtocolType;
  /** Always true: a channel over UDP is reliable as well. */
  readonly reliable: boolean;
  /** False in the event that tells of its end. */
  readonly enabled: boolean;
  /** Wall clock, milliseconds since 1970-01-01 UTC. */
  readonly openTime: number;
  /** Messages of users sent over it; its own are not counted. */
  readonly messageSentCount: number;
  /** Wall clock as above; null when none has been sent. */
  readonly lastMessageSentTime: number | null;
  /** The two addresses have their first three octets in common. P2P-077 */
  readonly inSameLAN: boolean;
};

/** The sending direction of one channel over UDP. */
export type OutUdpSessionState = {
  readonly destUserID: string;
  readonly destIPE: Endpoint;
  readonly messageSentCount: number;
  /** Bytes not yet handed to the network. */
  readonly queuedBytes: number;
  /** Bytes sent to this user over channels and not yet reported as received. */
  readonly waitAckBytes: number;
};

/** The receiving direction of one channel over UDP. */
export type InUdpSessionState = {
  readonly sourceUserID: string;
  readonly sourceIPE: Endpoint;
  readonly messageReceivedCount: number;
};

/** P2P-078 */
export type UdpSessionStateViewer = {
  getOutUdpSessionState(destIPE: Endpoint): OutUdpSessionState | null;
  getOutUdpSessionStates(): OutUdpSessionState[];
  getInUdpSessionStates(): InUdpSessionState[];
};

/** Controls and shows the peer-to-peer channels. P2P-070 to P2P-078 */
export type P2PController = {
  /** Which kinds of channels are tried from now on; default TcpAndUdp. */
  p2pChannelMode: P2PChannelMode;
  /** The last of all channels has closed. */
  readonly allP2PChannelClosed: Event<[]>;
  readonly p2pChannelClosed: Event<[state: P2PChannelState]>;
  readonly p2pChannelOpened: Event<[state: P2PChannelState]>;
  /** A try that this side asked for has failed. */
  readonly p2pConnectFailed: Event<[destUserID: string]>;
  /** The state of every user's channel, the one that messages take. */
  getP2PChannelState(): Map<string, P2PChannelState>;
  /** Null when there is no channel. */
  getP2PChannelState(destUserID: string): P2PChannelState | null;
  getUdpSessionStateViewer(): UdpSessionStateViewer;
  isP2PChannelExist(destUserID: string): boolean;
  /** Whether bytes for the user are queued; null when there is no channel. */
  p2pChannelIsBusy(destUserID: string): boolean | null;
  /**
   * Tries to make a channel; tells by p2pChannelOpened or p2pConnectFailed. With a channel, or while it tries, does nothing.
   * @throws LocalProtocolError `E_USER_ID`, `E_ARGUMENT` for oneself; DisconnectedException while not connected. P2P-071
   */
  p2pConnectAsyn(destUserID: string): void;
};
