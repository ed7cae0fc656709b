/**
 * The users bound to connections, and the events about them; the userManager's inside.
 *
 * It keeps the one connection per UserID (REL-001) and says each change of the count once (LOG-020).
 */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import type { P2PAddress, UserData } from '../api.ts';
import type { ClientType, DisconnectedType } from '../enums.ts';
import { AwaitedEventSource, EventSource } from '../event.ts';
import type { ServerConnection } from './server-connection.ts';

/** A user's data; only `setTag` writes the tag, only P2PLogon the address. */
export class UserRecord implements UserData {
  readonly userID: string;
  readonly address: Endpoint;
  readonly timeLogon: number;
  readonly clientType: ClientType;
  readonly appServerID: string;
  p2pAddress: P2PAddress | null = null;
  tag: unknown = null;
  localTag: unknown = null;

  constructor(data: Pick<UserData, 'userID' | 'address' | 'timeLogon' | 'clientType' | 'appServerID'>) {
    this.userID = data.userID;
    this.address = data.address;
    this.timeLogon = data.timeLogon;
    this.clientType = data.clientType;
    this.appServerID = data.appServerID;
  }
}

/** A user came online or went offline. */
export type PresenceListener = (userID: string, online: boolean) => void;

/** Who is bound to which connection. */
export class Users {
  readonly someOneConnected: EventSource<[user: UserData]>;
  readonly someOneDisconnected: EventSource<[user: UserData, type: DisconnectedType]>;
  readonly someOneBeingPushedOut: AwaitedEventSource<[user: UserData]>;
  readonly newConnectionIgnored: AwaitedEventSource<[userID: string, address: Endpoint]>;
  readonly someOneTimeOuted: AwaitedEventSource<[user: UserData]>;
  readonly userCountChanged: EventSource<[userCount: number]>;
  readonly userTagChanged: EventSource<[userID: string, tag: unknown]>;
  readonly p2pAddressChanged: EventSource<[userID: string, address: P2PAddress]>;
  readonly #bound = new Map<string, ServerConnection>();
  #reportedCount = 0;
  /** Users bound or unbound since the last report, and whether they were online before. */
  readonly #unreported = new Map<string, boolean>();
  #notePresence: PresenceListener = () => undefined;

  constructor(platform: Platform) {
    this.someOneConnected = new EventSource(platform, 'someOneConnected');
    this.someOneDisconnected = new EventSource(platform, 'someOneDisconnected');
    this.someOneBeingPushedOut = new AwaitedEventSource(platform, 'someOneBeingPushedOut');
    this.newConnectionIgnored = new AwaitedEventSource(platform, 'newConnectionIgnored');
    this.someOneTimeOuted = new AwaitedEventSource(platform, 'someOneTimeOuted');
    this.userCountChanged = new EventSource(platform, 'userCountChanged');
    this.p2pAddressChanged = new EventSource(platform, 'p2pAddressChanged');
    this.userTagChanged = new EventSource(platform, 'userTagChanged');
  }

  get count(): number {
    return this.#bound.size;
  }

  get(userID: string): ServerConnection | undefined {
    return this.#bound.get(userID);
  }

  all(): IterableIterator<ServerConnection> {
    return this.#bound.values();
  }

  ids(): string[] {
    return [...this.#bound.keys()];
  }

  /** Calls `listener` whenever a user has come or gone for others; a replacement is neither (CON-011). */
  onPresence(listener: PresenceListener): void {
    this.#notePresence = listener;
  }

  bind(userID: string, connection: ServerConnection): void {
    this.#noteChange(userID);
    this.#bound.set(userID, connection);
  }

  unbind(userID: string): void {
    this.#noteChange(userID);
    this.#bound.delete(userID);
  }

  /** Raises userCountChanged when the number is not the one last told; a replacement in between tells nothing (REL-014). */
  reportCount(): void {
    this.#reportPresence();
    if (this.#bound.size === this.#reportedCount) return;
    this.#reportedCount = this.#bound.size;
    this.userCountChanged.raise(this.#bound.size);
  }

  /** The server was closed: nobody is online, and nobody is told (RCN-011). */
  clear(): void {
    this.#bound.clear();
    this.#unreported.clear();
    this.#reportedCount = 0;
  }

  #noteChange(userID: string): void {
    if (!this.#unreported.has(userID)) this.#unreported.set(userID, this.#bound.has(userID));
  }

  #reportPresence(): void {
    for (const [userID, wasOnline] of this.#unreported) {
      this.#unreported.delete(userID);
      const online = this.#bound.has(userID);
      if (online !== wasOnline) this.#notePresence(userID, online);
    }
  }
}
