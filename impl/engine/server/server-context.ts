/**
 * What the parts of a server share: the platform, the frozen settings, the users, the events, the deadlines.
 *
 * Types only; `server-engine.ts` makes it at initialize.
 */
import type { Platform } from '../../../spec/platform.ts';
import type { FrameLimits, FrameView } from '../../wire/index.ts';
import type { MessageInvalidType } from '../enums.ts';
import type { PeerWorld } from '../peer.ts';
import type { Requests } from '../requests.ts';
import type { BasicHandler } from '../api.ts';
import type { ServerDeadlines } from './server-deadlines.ts';
import type { ServerConnection } from './server-connection.ts';
import type { CustomizeEvents } from './customize-controller.ts';
import type { FilePartners, FileRelief } from './forward-files.ts';
import type { Users } from './users.ts';
import type { ContactsPart } from './contacts/contacts-part.ts';
import type { GroupsPart } from './groups/groups-part.ts';
import type { Delivery } from './delivery.ts';
import type { Endpoint } from '../../../spec/platform.ts';
import type { LogonDesk } from './logon-desk.ts';
import type { ClusterMember } from '../cluster/cluster-member.ts';
import type { PlatformUsers } from '../cluster/platform-users.ts';

/** Settings as numbers ready for use; times in microseconds, Infinity for never. */
export type ServerTimes = {
  readonly heartbeatMicros: number;
  readonly logonMicros: number;
  readonly writeMicros: number;
};

export type ServerContext = {
  readonly platform: Platform;
  readonly limits: FrameLimits;
  readonly world: PeerWorld;
  readonly basicHandler: BasicHandler | null;
  readonly times: ServerTimes;
  readonly expected: { readonly authorizedUser: string; readonly version: number };
  /** Its own P2P server. */
  readonly p2p: { readonly isRunning: boolean };
  readonly autoRespondHeartBeat: boolean;
  readonly blobBytesMax: number;
  readonly channelBytesMax: number;
  readonly requests: Requests;
  readonly users: Users;
  /** How users are reached by name, wherever they are. */
  readonly delivery: Delivery;
  readonly contacts: ContactsPart;
  readonly groups: GroupsPart;
  readonly filePartners: FilePartners;
  readonly fileRelief: FileRelief;
  /** `_0` on a single server. */
  readonly serverID: string;
  /** Null on a single server. */
  readonly cluster: ClusterMember | null;
  /** Everybody online, in a cluster on the other servers too. */
  readonly platformUsers: PlatformUsers;
  readonly deadlines: ServerDeadlines;
  readonly desk: LogonDesk;
  readonly events: CustomizeEvents;
  /** What to do with a message from a bound user; the connection has checked who sent it. */
  readonly dispatch: (connection: ServerConnection, frame: FrameView) => void;
  raiseInvalid(address: Endpoint, kind: MessageInvalidType): void;
  /** The connection is over for the engine. */
  noteClosed(connection: ServerConnection): void;
  /** Its socket is gone. */
  noteGone(connection: ServerConnection): void;
};
