/** How an engine gets its connector: a seam inside the engine, not part of its public API. Types only. */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import type { FrameLimits } from '../../wire/index.ts';
import type { P2PChannelMode } from '../enums.ts';
import type { Connector, ConnectorOwner } from './link.ts';

/** What a connector may know of its engine, fixed for one session. */
export type ConnectorOptions = {
  readonly platform: Platform;
  readonly userID: string;
  readonly clientType: number;
  readonly limits: FrameLimits;
  /** As it is now; the application may change it at any time. */
  readonly mode: () => P2PChannelMode;
  /** Where the client is logged on. */
  readonly server: Endpoint;
  /** A P2P server that was set; null: the server's own. */
  readonly p2pServerAddress: Endpoint | null;
  /** The server's answer to the logon. */
  readonly logon: { readonly P2PEnabled: boolean; readonly UseAsP2PServer: boolean };
};

/** @returns null when this session has no peer-to-peer channels (P2P-072). */
export type ConnectorFactory = (options: ConnectorOptions, owner: ConnectorOwner) => Connector | null;
