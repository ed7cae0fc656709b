/** The client's basicOutter: who is online, endpoints, pings, kick-out, heartbeat on demand (BAS, HBT-013). */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import type { BasicOutter } from '../api.ts';
import { EventSource } from '../event.ts';
import type { ClientLink } from './client-link.ts';
export declare class PassiveBasicOutter implements BasicOutter {
  #private;
  readonly beingPushedOut: EventSource<[]>;
  readonly beingKickedOut: EventSource<[]>;
  /** @param link - The link that is online; throws when there is none. */
  constructor(platform: Platform, link: () => ClientLink);
  getMyIPE(): Promise<Endpoint>;
  getUserIPE(userID: string): Promise<Endpoint | null>;
  isUserOnline(userID: string): Promise<boolean>;
  isUserOnline(userIDs: readonly string[]): Promise<Map<string, boolean>>;
  getAllOnlineUsers(): Promise<string[]>;
  ping(): Promise<number>;
  pingByServer(userID: string): Promise<number>;
  kickOut(userID: string): void;
  sendHeartBeatMessage(): void;
}
