/**
 * A connector on a host of its own, without an engine above it: logged on by a bare client that carries its signals. For cases
 * about how direct links come to be; what goes over them is bytes.
 */
import { MessageType } from '../../spec/grammar/index.ts';
import type { Endpoint } from '../../spec/platform.ts';
import { MESSAGE_BYTES_MAX_DEFAULT, USER_ID_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import { createConnector } from '../../impl/engine/p2p/connector.ts';
import type { Connector, DirectLink, DirectLinkHandlers } from '../../impl/engine/p2p/link.ts';
import { FrameDecoder } from '../../impl/wire/index.ts';
import type { SubjectContext } from './client-recorder.ts';
import { CheckFailed } from './failures.ts';
import type { LinkConditions } from './net-control.ts';
import type { NetworkOptions } from './network-options.ts';
import { connectRawClient } from './raw-client.ts';
import type { RawClient } from './raw-peer.ts';
import { WITHIN_SECS_DEFAULT } from './waiting.ts';

export type DirectMode = 'TcpAndUdp' | 'Tcp' | 'Udp' | 'None';

export type DirectPeerOptions = {
  /** Default both. */
  readonly mode?: DirectMode;
  readonly network?: NetworkOptions;
  /** Instead of the server's own. */
  readonly p2pServer?: Endpoint;
  /** Of its host's link, from the start. */
  readonly conditions?: LinkConditions;
  /** Do not wait for the measurements after the logon. */
  readonly impatient?: boolean;
  /** Signals of these types are lost on their way out. */
  readonly mutes?: readonly number[];
};

/** A link and what came over it. */
export type SeenLink = {
  readonly peerID: string;
  readonly link: DirectLink;
  readonly atMicros: number;
  receivedBytes: number;
  closed: string | undefined;
};

const MODES: Readonly<Record<DirectMode, number>> = { TcpAndUdp: 0, Tcp: 1, Udp: 2, None: 3 };
const LIMITS = { userIdBytesMax: USER_ID_BYTES_MAX_DEFAULT, messageBytesMax: MESSAGE_BYTES_MAX_DEFAULT };
/** Seconds in which the measurements after a logon have surely ended. */
const MEASURED_SECS = 3;

/** A peer that can only make direct links. */
export class DirectPeer {
  readonly userID: string;
  readonly host: string;
  /** The connection to the server; all messages are seen on it. */
  readonly raw: RawClient;
  readonly connector: Connector;
  readonly links: SeenLink[] = [];
  readonly failures: { readonly peerID: string; readonly detail: string }[] = [];
  mode: DirectMode;
  readonly #context: SubjectContext;
  #hasTold = false;

  private constructor(
    context: SubjectContext,
    raw: RawClient,
    userID: string,
    server: Endpoint,
    options: DirectPeerOptions,
  ) {
    this.#context = context;
    this.raw = raw;
    this.userID = userID;
    this.host = context.host.name;
    this.mode = options.mode ?? 'TcpAndUdp';
    const connector = createConnector(
      {
        platform: context.host.platform,
        userID,
        clientType: 0,
        limits: LIMITS,
        mode: () => MODES[this.mode],
        server,
        p2pServerAddress: options.p2pServer ?? null,
        logon: { P2PEnabled: true, UseAsP2PServer: true },
      },
      {
        signal: (destId, messageType, codec, value) => {
          if (messageType === MessageType.P2PLogon) this.#hasTold = true;
          if (options.mutes?.includes(messageType) === true || raw.isClosed()) return;
          const body = codec === null || value === null ? null : codec.encode(value);
          raw.send({ messageType, destId, messageId: 0, body });
        },
        handleLink: (peerID, link) => this.#handleLink(peerID, link),
        handleFailed: (peerID, detail) => {
          this.failures.push({ peerID, detail });
          this.#note(`no direct way to ${peerID}: ${detail}`);
        },
      },
    );
    if (connector === null) throw new CheckFailed(`${userID} was given no P2P server`, { clause: 'P2P-008' });
    this.connector = connector;
    raw.onSeen = (message) => {
      new FrameDecoder(LIMITS).push(message.bytes, (frame) => {
        if (message.messageType >= 300 && message.messageType < 400) connector.handleSignal(frame);
      });
    };
  }

  /** Logs on and lets the measurements end. */
  static async logOn(
    context: SubjectContext,
    server: Endpoint,
    userID: string,
    options: DirectPeerOptions,
  ): Promise<DirectPeer> {
    const raw = await connectRawClient(context, server, { userID });
    await raw.logon(userID);
    const peer = new DirectPeer(context, raw, userID, server, options);
    if (options.impatient === true) return peer;
    const isMeasured = (): boolean => peer.#hasTold;
    await context.waiting
      .until(isMeasured, MEASURED_SECS, () => new CheckFailed('not measured'))
      .catch((error: unknown) => {
        if (!(error instanceof CheckFailed)) throw error;
      });
    return peer;
  }

  connect(peerID: string): void {
    this.#note(`invites ${peerID}`);
    this.connector.connect(peerID);
  }

  linkTo(peerID: string): SeenLink | undefined {
    return this.links.find((each) => each.peerID === peerID && each.closed === undefined);
  }

  /** Waits for a link to the peer. */
  async waitLink(peerID: string, clause: string, withinSecs = WITHIN_SECS_DEFAULT): Promise<SeenLink> {
    const what = (): CheckFailed => {
      const actual = this.failures.map(({ detail }) => detail).join('; ') || 'neither a link nor a failure';
      return new CheckFailed(`${this.userID} got no direct link to ${peerID}`, { clause, expected: 'a link', actual });
    };
    await this.#context.waiting.until(() => this.linkTo(peerID) !== undefined, withinSecs, what);
    return this.linkTo(peerID)!;
  }

  /** Waits for the connector to give up. */
  async waitFailed(peerID: string, clause: string, withinSecs = WITHIN_SECS_DEFAULT): Promise<string> {
    const find = (): string | undefined => this.failures.find((each) => each.peerID === peerID)?.detail;
    await this.#context.waiting.until(
      () => find() !== undefined,
      withinSecs,
      () => new CheckFailed(`${this.userID} did not give up ${peerID} within ${withinSecs} s`, { clause }),
    );
    return find()!;
  }

  close(): void {
    for (const { link, closed } of this.links) if (closed === undefined) link.close();
    this.connector.close();
    this.raw.abort();
  }

  #handleLink(peerID: string, link: DirectLink): DirectLinkHandlers {
    const { journal } = this.#context;
    const seen: SeenLink = { peerID, link, atMicros: journal.nowMicros, receivedBytes: 0, closed: undefined };
    this.links.push(seen);
    this.#note(`${link.protocol} link to ${peerID} at ${link.remote.address}:${link.remote.port}`);
    return {
      onData: (bytes) => {
        seen.receivedBytes += bytes.length;
        journal.changed();
      },
      onDrain: () => undefined,
      onClosed: (reason) => {
        seen.closed = reason;
        this.#note(`link to ${peerID} closed: ${reason}`);
      },
    };
  }

  #note(label: string): void {
    this.#context.journal.step({ from: this.userID, label });
    this.#context.world.noteAsyncEdge();
    this.#context.journal.changed();
  }
}
