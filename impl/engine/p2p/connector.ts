/**
 * Makes direct links to other users: invitations through the server, one attempt over UDP and one over TCP for each peer,
 * as the mode allows (P2P-008 to P2P-030).
 *
 * It implements the `Connector` of `link.ts`; what a link is used for is the channels' business. One connector serves one
 * session with the server.
 */
import { P2PInvitationKind } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import { p2pAttemptSecs } from '../../../spec/timing.ts';
import type { Role } from '../../core/punching/index.ts';
import { codecs } from '../../wire/index.ts';
import type { FrameLimits, FrameView } from '../../wire/index.ts';
import { secsToMicros } from '../settings.ts';
import { randomToken } from './connector-world.ts';
import type { ConnectorWorld } from './connector-world.ts';
import { toInvitation, toSide, tokenOf } from './invitation.ts';
import type { Connector, ConnectorOwner, DirectLink, DirectLinkHandlers } from './link.ts';
import { TcpAttempt } from './tcp-attempt.ts';
import { TcpDesk } from './tcp-desk.ts';
import { UdpAttempt } from './udp-attempt.ts';
import { UdpDesk } from './udp-desk.ts';

type Transport = 'tcp' | 'udp';
type Invitation = ContractOf<'P2PInvitationContract'>;

/** One peer and the attempts under way. */
type PeerTries = {
  readonly userID: string;
  tcp: TcpAttempt | undefined;
  udp: UdpAttempt | undefined;
  /** Its attempts are being made just now. */
  isStarting: boolean;
  /** A link came of it. */
  hasLink: boolean;
  /** What the attempts that failed said. */
  details: string[];
};

/** Ours: peers that may be tried at once; more invitations are refused. */
const PEERS_MAX = 256;

/** What a connector knows of its engine, fixed for one session. */
export type P2PConnectorOptions = {
  readonly platform: Platform;
  readonly userID: string;
  readonly clientType: number;
  readonly limits: FrameLimits;
  /** `P2PChannelMode` as it is now. */
  readonly mode: () => number;
  /** Where the client is logged on. */
  readonly server: Endpoint;
  /** A P2P server that was set; null or absent: the server's own. */
  readonly p2pServerAddress?: Endpoint | null;
  /** The server's answer to the logon. */
  readonly logon: { readonly P2PEnabled: boolean; readonly UseAsP2PServer: boolean };
};

/** The connector of a session; null when neither the server nor a setting names a P2P server (PSV-023). */
export function createConnector(options: P2PConnectorOptions, owner: ConnectorOwner): Connector | null {
  const p2pServer = p2pServerOf(options);
  return p2pServer === null ? null : new P2PConnector(options, p2pServer, owner);
}

/** P2P-008: the one that was set, the server's own, or none. */
function p2pServerOf({
  p2pServerAddress,
  server,
  logon,
}: Pick<P2PConnectorOptions, 'p2pServerAddress' | 'server' | 'logon'>): Endpoint | null {
  if (!logon.P2PEnabled) return null;
  if (p2pServerAddress !== undefined && p2pServerAddress !== null) return p2pServerAddress;
  return logon.UseAsP2PServer ? { address: server.address, port: server.port + 1 } : null;
}

class P2PConnector implements Connector {
  readonly #options: P2PConnectorOptions;
  readonly #owner: ConnectorOwner;
  readonly #world: ConnectorWorld;
  readonly #udp: UdpDesk;
  readonly #tcp: TcpDesk;
  readonly #peers = new Map<string, PeerTries>();
  /** How many links to a user are up: while there is one, nobody is invited (P2P-031). */
  readonly #linked = new Map<string, number>();
  #isClosed = false;

  constructor(options: P2PConnectorOptions, p2pServer: Endpoint, owner: ConnectorOwner) {
    this.#options = options;
    this.#owner = owner;
    const { platform, userID, clientType, limits } = options;
    this.#world = {
      platform,
      userID,
      clientType,
      limits,
      p2pServer,
      signal: (to, messageType, codec, value) => {
        if (!this.#isClosed) owner.signal(to, messageType, codec, value);
      },
    };
    this.#udp = new UdpDesk(this.#world);
    this.#tcp = new TcpDesk(this.#world);
    this.#udp.whenKnown(() => this.#tcp.whenKnown(() => this.#tellServer()));
  }

  connect(userID: string): void {
    if (this.#isClosed || this.#peers.has(userID) || this.#linked.has(userID)) return;
    const mode = this.#options.mode();
    if (!allows(mode, 'udp') && !allows(mode, 'tcp')) {
      this.#owner.handleFailed(userID, 'the mode allows no channels');
      return;
    }
    const peer = this.#addPeer(userID);
    const { platform } = this.#world;
    peer.isStarting = true;
    if (allows(mode, 'udp')) peer.udp = this.#udpAttempt(peer, randomToken(platform), 'inviter');
    if (allows(mode, 'tcp')) this.#startTcp(peer, randomToken(platform), 'inviter');
    peer.isStarting = false;
    this.#settle(peer);
  }

  handleSignal(frame: FrameView): void {
    const transport = TRANSPORTS.get(frame.messageType);
    if (this.#isClosed || transport === undefined || frame.sourceIsServer() || frame.bodyLength === 0) return;
    const body = codecs.P2PInvitationContract.decode(frame.body());
    if (!body.ok) return;
    const userID = frame.sourceId();
    if (body.value.Kind === P2PInvitationKind.Invite) this.#handleInvite(userID, transport, body.value);
    else this.#handleReply(userID, transport, body.value);
  }

  forget(userID: string): void {
    const peer = this.#peers.get(userID);
    this.#peers.delete(userID);
    peer?.tcp?.abandon();
    peer?.udp?.abandon();
  }

  close(): void {
    this.#isClosed = true;
    for (const userID of [...this.#peers.keys()]) this.forget(userID);
    this.#tcp.close();
    this.#udp.close();
  }

  /** P2P-012, P2P-014, P2P-015. */
  #handleInvite(userID: string, transport: Transport, invitation: Invitation): void {
    const token = tokenOf(invitation.Token);
    const known = this.#peers.get(userID);
    const attempt = known?.[transport];
    if (attempt?.isTrying === true && attempt.token === token) {
      attempt.handlePeer(toSide(invitation));
      return;
    }
    const stands = attempt?.isTrying === true && attempt.role === 'inviter' && isBefore(this.#world.userID, userID);
    if (stands) return;
    if (!allows(this.#options.mode(), transport) || (known === undefined && this.#peers.size >= PEERS_MAX)) {
      this.#refuse(userID, transport, token);
      return;
    }
    attempt?.abandon();
    const peer = known ?? this.#addPeer(userID);
    peer.isStarting = true;
    if (transport === 'udp') peer.udp = this.#udpAttempt(peer, token, 'answerer');
    else this.#startTcp(peer, token, 'answerer');
    peer[transport]?.handlePeer(toSide(invitation));
    peer.isStarting = false;
    this.#settle(peer);
  }

  #handleReply(userID: string, transport: Transport, reply: Invitation): void {
    const attempt = this.#peers.get(userID)?.[transport];
    if (attempt?.isTrying !== true || attempt.token !== tokenOf(reply.Token) || attempt.role !== 'inviter') return;
    if (reply.Kind === P2PInvitationKind.Answer) attempt.handlePeer(toSide(reply));
    else if (reply.Kind === P2PInvitationKind.Refuse) attempt.giveUp('the other client refused');
  }

  #addPeer(userID: string): PeerTries {
    const peer: PeerTries = { userID, tcp: undefined, udp: undefined, isStarting: false, hasLink: false, details: [] };
    this.#peers.set(userID, peer);
    return peer;
  }

  #udpAttempt(peer: PeerTries, token: bigint, role: Role): UdpAttempt {
    const options = { peerID: peer.userID, token, role };
    const attempt: UdpAttempt = new UdpAttempt(this.#world, this.#udp, options, {
      handleLink: (link) => this.#handleLink(peer, link),
      handleFailed: (detail) => {
        peer.details.push(`UDP: ${detail}`);
        // P2P-028: now NATs may be opened for TCP without spoiling anything.
        peer.tcp?.handleHopeful();
        this.#settle(peer);
      },
    });
    return attempt;
  }

  #startTcp(peer: PeerTries, token: bigint, role: Role): void {
    const options = { peerID: peer.userID, token, role };
    const attempt = new TcpAttempt(this.#world, { tcp: this.#tcp, udp: this.#udp }, options, {
      handleLink: (link) => this.#handleLink(peer, link),
      handleFailed: (detail) => {
        peer.details.push(`TCP: ${detail}`);
        this.#settle(peer);
      },
    });
    peer.tcp = attempt;
    if (!allows(this.#options.mode(), 'udp')) attempt.handleHopeful();
    else attempt.prolong(this.#world.platform.monotonicMicros() + 3 * secsToMicros(p2pAttemptSecs));
  }

  #handleLink(peer: PeerTries, link: DirectLink): DirectLinkHandlers {
    peer.hasLink = true;
    peer.tcp?.limit(this.#world.platform.monotonicMicros() + secsToMicros(p2pAttemptSecs));
    this.#countLinks(peer.userID, 1);
    const handlers = this.#owner.handleLink(peer.userID, link);
    this.#settle(peer);
    return {
      onData: (bytes) => handlers.onData(bytes),
      onDrain: () => handlers.onDrain(),
      onClosed: (reason) => {
        this.#countLinks(peer.userID, -1);
        handlers.onClosed(reason);
      },
    };
  }

  #countLinks(userID: string, change: 1 | -1): void {
    const count = (this.#linked.get(userID) ?? 0) + change;
    if (count > 0) this.#linked.set(userID, count);
    else this.#linked.delete(userID);
  }

  /** Nothing runs any more: the peer is forgotten, and without a link the owner is told. */
  #settle(peer: PeerTries): void {
    if (peer.isStarting || this.#peers.get(peer.userID) !== peer) return;
    const isTrying = peer.udp?.isTrying === true || peer.tcp?.isTrying === true;
    if (isTrying) return;
    this.#peers.delete(peer.userID);
    if (!peer.hasLink) this.#owner.handleFailed(peer.userID, peer.details.join('; '));
  }

  #refuse(userID: string, transport: Transport, token: bigint): void {
    const messageType = transport === 'tcp' ? MessageType.InviteTcpP2P : MessageType.InviteUdpP2P;
    const refusal = toInvitation(P2PInvitationKind.Refuse, token, null);
    this.#world.signal(userID, messageType, codecs.P2PInvitationContract, refusal);
  }

  /** P2P-009. */
  #tellServer(): void {
    const observed = this.#udp.result?.observed;
    const privateIP = this.#world.platform.localAddresses()[0] ?? null;
    const publicIP = observed?.address ?? this.#tcp.result?.observed.address ?? null;
    this.#world.signal('', MessageType.P2PLogon, codecs.P2PLogonContract, {
      IsPublicIP: publicIP !== null && publicIP === privateIP,
      P2PAddress: {
        PrivateIP: privateIP,
        PrivateTcpPort: this.#tcp.port,
        PrivateUdpPort: this.#udp.port,
        PublicIP: publicIP,
        PublicTcpPort: this.#tcp.result?.observed.port ?? 0,
        PublicUdpPort: observed?.port ?? 0,
      },
    });
  }
}

const TRANSPORTS = new Map<number, Transport>([
  [MessageType.InviteTcpP2P, 'tcp'],
  [MessageType.InviteUdpP2P, 'udp'],
]);

/** The numbers of `P2PChannelMode`. */
const MODE = { tcpAndUdp: 0, tcp: 1, udp: 2 } as const;

function allows(mode: number, transport: Transport): boolean {
  return mode === MODE.tcpAndUdp || mode === MODE[transport];
}

/** P2P-014: the order of UTF-8 bytes is the order of code points. */
function isBefore(a: string, b: string): boolean {
  const left = Array.from(a, (character) => character.codePointAt(0)!);
  const right = Array.from(b, (character) => character.codePointAt(0)!);
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) if (left[at] !== right[at]) return left[at]! < right[at]!;
  return left.length < right.length;
}
