/**
 * The client: settings, the state of its connection by the table, and the parts an application uses.
 *
 * The table (`core/client-states.ts`) says what to do; here stands how. What happens on a connection is the link's. Drive
 * it: set settings, subscribe, `await initialize(...)`, use the outters, `close()`.
 */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import type {
  CustomizeHandler,
  LogonResponse,
  MessageReceivedArgs,
  RapidPassiveEngine,
  ResultHandler,
} from '../api.ts';
import type { MessageInvalidType } from '../enums.ts';
import { EventSource } from '../event.ts';
import { PassiveBasicOutter } from './basic-outter.ts';
import type { LinkOwner } from './client-link.ts';
import { PassiveCustomizeOutter } from './customize-outter.ts';
import { PassiveSettings } from './passive-settings.ts';
export declare class PassiveEngine extends PassiveSettings implements RapidPassiveEngine, LinkOwner {
  #private;
  readonly basicOutter: PassiveBasicOutter;
  readonly customizeOutter: PassiveCustomizeOutter;
  readonly connectionInterrupted: EventSource<[]>;
  readonly connectionRebuildStart: EventSource<[]>;
  readonly relogonCompleted: EventSource<[response: LogonResponse]>;
  readonly messageReceived: EventSource<MessageReceivedArgs>;
  readonly invalidMsgReceived: EventSource<[address: Endpoint, kind: MessageInvalidType]>;
  constructor(platform: Platform);
  initialize(
    userID: string,
    logonPassword: string | null,
    serverIP: string,
    serverPort: number,
    customizeHandler: CustomizeHandler | null,
  ): Promise<LogonResponse>;
  close(): void;
  closeConnection(reconnectNow: boolean): void;
  get connected(): boolean;
  get channelIsBusy(): boolean;
  get currentUserID(): string;
  get serverAddress(): Endpoint;
  sendMessage(
    target: string | null,
    informationType: number,
    message: Uint8Array | null,
    tag: string | null,
    fragmentSize?: number,
    handler?: ResultHandler,
    handlerTag?: unknown,
  ): Promise<void>;
  handleConnected(): void;
  handleConnectFailed(detail: string): void;
  handleLogonReply(response: ContractOf<'ResLogonContract'>): void;
  handleLogonTimedOut(): void;
  handleLost(detail: string): void;
  handleInvalid(kind: MessageInvalidType): void;
  handlePushedOut(): void;
  handleKickedOut(): void;
}
