/**
 * The client: settings, the state of its connection by the table, and the parts an application uses.
 *
 * The table (`core/client-states.ts`) says what to do; here stands how. What happens on a connection is the link's. Drive
 * it: set settings, subscribe, `await initialize(...)`, use the outters, `close()`.
 */
import type { Endpoint, Platform, Timer } from '../../../spec/platform.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import { reconnectJitterPercent } from '../../../spec/timing.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { CLIENT_MOVES } from '../../core/client-states.ts';
import type { ClientAction, ClientInput, ClientState } from '../../core/client-states.ts';
import type { MessageIdCount } from '../../core/pending-replies.ts';
import { ReconnectBackoff } from '../../core/reconnect-backoff.ts';
import { LocalProtocolError } from '../../wire/index.ts';
import type { DynamicGroupOutter } from '../api-dynamic-groups.ts';
import type {
  CustomizeHandler,
  LogonResponse,
  MessageReceivedArgs,
  RapidPassiveEngine,
  ResultHandler,
} from '../api.ts';
import { checkUserId } from '../arguments.ts';
import { promised, withResult } from '../callbacks.ts';
import { LogonResult, ProtocolType } from '../enums.ts';
import type { MessageInvalidType } from '../enums.ts';
import { ConnectException, DisconnectedException, TimeoutException } from '../errors.ts';
import { EventSource } from '../event.ts';
import type { Path, PathChoice } from '../path.ts';
import { FileTransfers } from '../files/file-transfers.ts';
import type { FileWay } from '../files/file-world.ts';
import { secsToMicros } from '../settings.ts';
import { PassiveBasicOutter } from './basic-outter.ts';
import { ClientLink } from './client-link.ts';
import type { LinkOwner } from './client-link.ts';
import { createContactsEvents } from './contacts/contacts-events.ts';
import type { ContactsEvents } from './contacts/contacts-events.ts';
import { PassiveContactsOutter } from './contacts/contacts-outter.ts';
import { createDynamicGroupOutter } from './groups/dynamic-group-outter.ts';
import { createGroupsEvents } from './groups/groups-events.ts';
import type { GroupsEvents } from './groups/groups-events.ts';
import { PassiveCustomizeOutter } from './customize-outter.ts';
import { createAccount } from './account.ts';
import type { Account, LinkParts } from './account.ts';
import { findServer } from './find-server.ts';
import { PassiveSettings } from './passive-settings.ts';
import { closedError } from './refusals.ts';
import { ServerPath } from './server-path.ts';
import { ChannelHub } from '../p2p/channel-hub.ts';
import { createConnector } from '../p2p/connector.ts';
import type { ConnectorFactory } from '../p2p/connector-factory.ts';
import { PassiveP2PController } from '../p2p/p2p-controller.ts';
import { UserPath } from '../p2p/user-path.ts';

type Initializing = {
  readonly resolve: (response: LogonResponse) => void;
  readonly reject: (error: Error) => void;
};

type ClientEventAction = Extract<ClientAction, `raise${string}`>;

/** The engine behind `rapidEngineFactory.createPassiveEngine`. */
export class PassiveEngine extends PassiveSettings implements RapidPassiveEngine, LinkOwner, PathChoice {
  readonly basicOutter: PassiveBasicOutter;
  readonly customizeOutter: PassiveCustomizeOutter;
  readonly contactsOutter: PassiveContactsOutter;
  readonly dynamicGroupOutter: DynamicGroupOutter;
  readonly fileOutter: FileTransfers;
  readonly connectionInterrupted: EventSource<[]>;
  readonly connectionRebuildStart: EventSource<[]>;
  readonly relogonCompleted: EventSource<[response: LogonResponse]>;
  readonly messageReceived: EventSource<MessageReceivedArgs>;
  readonly invalidMsgReceived: EventSource<[address: Endpoint, kind: MessageInvalidType]>;
  readonly #platform: Platform;
  readonly #hub: ChannelHub;
  readonly #p2pController: PassiveP2PController;
  readonly #connectorFactory: ConnectorFactory;
  #state: ClientState;
  readonly #contactsEvents: ContactsEvents;
  readonly #groupsEvents: GroupsEvents;
  readonly #messageIds: MessageIdCount = { last: 0 };
  #account: Account | undefined;
  #link: ClientLink | undefined;
  #initializing: Initializing | undefined;
  #hasLoggedOn = false;
  #backoff: ReconnectBackoff | undefined;
  #retryTimer: Timer | undefined;
  /** Lookups so far; the answer to an older one comes too late. */
  #attempt = 0;
  /** What the last logon said of peer-to-peer channels; undefined before it. */
  #p2pLogon: Pick<ContractOf<'ResLogonContract'>, 'P2PEnabled' | 'UseAsP2PServer'> | undefined;
  /** What the actions of the move at hand may need. */
  #response: LogonResponse = { logonResult: LogonResult.Failed, failureCause: null };
  #invalidKind: MessageInvalidType = 'DataLacked';
  #failure = '';

  /** @param connectorFactory - Who makes direct links to other users. */
  constructor(platform: Platform, connectorFactory: ConnectorFactory = createConnector) {
    super(() => this.#state !== 'idle' && this.#state !== 'ended');
    this.#state = 'idle';
    this.#platform = platform;
    this.#connectorFactory = connectorFactory;
    this.#hub = new ChannelHub(platform);
    this.#p2pController = new PassiveP2PController(this.#hub, () => {
      this.#onlineLink();
      const { userID, link } = this.#requireStarted();
      return { userID, userIdBytesMax: link.limits.userIdBytesMax };
    });
    const link = (): ClientLink => this.#onlineLink();
    this.basicOutter = new PassiveBasicOutter(platform, link, this.#hub);
    this.customizeOutter = new PassiveCustomizeOutter(platform, link, this.#hub);
    this.#contactsEvents = createContactsEvents(platform);
    this.contactsOutter = new PassiveContactsOutter(platform, this.#contactsEvents, link);
    this.#groupsEvents = createGroupsEvents(platform);
    this.dynamicGroupOutter = createDynamicGroupOutter(this.#groupsEvents, link);
    this.fileOutter = new FileTransfers(platform, {
      ownID: () => (link(), this.currentUserID),
      checkTarget: (userID) => checkUserId(userID, link().limits.userIdBytesMax),
      way: (userID) => this.#fileWay(userID),
      watch: (userID, onDrain) =>
        this.pathTo(userID === SERVER_ID ? null : userID).watch({ onDrain, onEnd: () => undefined }),
    });
    this.#hub.p2pChannelClosed.add(({ destUserID, protocolType }) =>
      this.fileOutter.handleChannelClosed(destUserID, protocolType === ProtocolType.Tcp ? 'tcp' : 'udp'),
    );
    this.connectionInterrupted = new EventSource(platform, 'connectionInterrupted');
    this.connectionRebuildStart = new EventSource(platform, 'connectionRebuildStart');
    this.relogonCompleted = new EventSource(platform, 'relogonCompleted');
    this.messageReceived = new EventSource(platform, 'messageReceived');
    this.invalidMsgReceived = new EventSource(platform, 'invalidMsgReceived');
  }

  initialize(
    userID: string,
    logonPassword: string | null,
    serverIP: string,
    serverPort: number,
    customizeHandler: CustomizeHandler | null,
  ): Promise<LogonResponse> {
    return promised(() => {
      if (this.#state === 'closed') throw closedError();
      if (this.#state !== 'idle' && this.#state !== 'ended') {
        throw new LocalProtocolError('E_ARGUMENT', 'ENG-003', 'initialize was called before and the engine still runs');
      }
      const given = { userID, password: logonPassword, server: { address: serverIP, port: serverPort } };
      this.#account = createAccount(this, given, this.#linkParts(customizeHandler));
      this.#hub.clear();
      const delays = this.advanced.reconnectDelaySecs.map(secsToMicros);
      this.#backoff = new ReconnectBackoff(delays, reconnectJitterPercent);
      this.#hasLoggedOn = false;
      this.fileOutter.start(this.fileTimes());
      this.#platform.noteAsyncEdge();
      return new Promise<LogonResponse>((resolve, reject) => {
        this.#initializing = { resolve, reject };
        this.#input('initialize');
      });
    });
  }

  close(): void {
    this.fileOutter.stop();
    this.#input('close');
  }

  closeConnection(reconnectNow: boolean): void {
    if (this.#state !== 'waiting') this.#requireStarted();
    if (!this.autoReconnect) this.#input('breakForGood');
    else this.#input(reconnectNow ? 'breakNow' : 'breakLater');
  }

  /** For the parts of the engine that send much themselves: the way to a user, null for the server. @throws as a send does */
  pathTo(userID: string | null): Path {
    const link = this.#onlineLink();
    if (userID === null || !this.#hub.isEnabled) return new ServerPath(link, userID);
    return new UserPath(this.#hub, link, userID);
  }

  /** Null once a logon has shown that there can be no channels (P2P-072). */
  get p2pController(): PassiveP2PController | null {
    return this.#p2pLogon === undefined || this.#hub.isEnabled || this.#state !== 'online' ? this.#p2pController : null;
  }

  get connected(): boolean {
    return this.#state === 'online';
  }

  get channelIsBusy(): boolean {
    this.#requireStarted();
    return (this.#link?.queuedBytes ?? 0) > 0;
  }

  get currentUserID(): string {
    return this.#requireStarted().userID;
  }

  get serverAddress(): Endpoint {
    return this.#requireStarted().server;
  }

  sendMessage(
    target: string | null,
    informationType: number,
    message: Uint8Array | null,
    tag: string | null,
    fragmentSize?: number,
    handler?: ResultHandler,
    handlerTag?: unknown,
  ): Promise<void> {
    const promise = this.customizeOutter.sendMessage(target, { informationType, message, tag, fragmentSize });
    return withResult(this.#platform, promise, handler, handlerTag);
  }

  handleConnected(): void {
    this.#input('connected');
  }

  handleConnectFailed(detail: string): void {
    this.#failure = detail;
    this.#input('connectFailed');
  }

  handleLogonReply(response: ContractOf<'ResLogonContract'>): void {
    const logonResult = response.LogonResult as LogonResult;
    this.#response = { logonResult, failureCause: response.FailureCause };
    this.#p2pLogon = response;
    this.#input(logonResult === LogonResult.Succeed ? 'logonSucceeded' : 'logonRefused');
  }

  handleLogonTimedOut(): void {
    this.#input('logonTimedOut');
  }

  handleLost(detail: string): void {
    this.#failure = detail;
    this.#platform.log('info', `the connection of ${this.#account?.userID ?? ''} ended: ${detail}`);
    this.#input(this.autoReconnect ? 'lost' : 'lostForGood');
  }

  handleInvalid(kind: MessageInvalidType): void {
    this.#invalidKind = kind;
    this.#failure = `the server sent an invalid message (${kind})`;
    this.#input(this.autoReconnect ? 'invalid' : 'invalidForGood');
  }

  handlePushedOut(): void {
    this.#input('pushedOut');
  }

  handleKickedOut(): void {
    this.#input('kickedOut');
  }

  /** Takes one step by the table; a pair that is not in it changes nothing. */
  #input(input: ClientInput): void {
    const move = CLIENT_MOVES[this.#state][input];
    if (move === undefined) return;
    this.#state = move.to;
    for (const action of move.actions) {
      this.#act(action);
      // Application code in an event may have closed the engine or started it anew.
      if (this.#state !== move.to) return;
    }
  }

  #act(action: ClientAction): void {
    switch (action) {
      case 'connect':
        this.#connect();
        break;
      case 'sendLogon':
        this.#link?.sendLogon(this.#account!.request);
        break;
      case 'drop':
        this.#link?.drop(this.#state === 'closed');
        break;
      case 'startSession':
        this.#hasLoggedOn = true;
        this.#backoff?.reset();
        this.#link?.startSession();
        this.#startChannels();
        break;
      case 'endSession':
        this.#link?.failWaiting();
        if (this.#state !== 'closed') this.fileOutter.handleSelfOffline();
        this.#hub.endSession('the own connection to the server ended');
        break;
      case 'scheduleRetry':
        this.#scheduleRetry();
        break;
      case 'cancelRetry':
        this.#retryTimer?.cancel();
        break;
      case 'resolveInitialize':
        this.#settle((initializing) => initializing.resolve(this.#response));
        break;
      case 'failConnect':
        this.#settle(({ reject }) => reject(this.#connectError()));
        break;
      case 'failTimeout':
        this.#settle(({ reject }) => reject(new TimeoutException('LOG-007')));
        break;
      case 'failClosed':
        this.#settle(({ reject }) => reject(closedError()));
        break;
      case 'raiseInvalid':
      case 'raiseInterrupted':
      case 'raiseOutage':
      case 'raiseRelogonCompleted':
      case 'raisePushedOut':
      case 'raiseKickedOut':
        this.#raise(action);
        break;
    }
  }

  #startChannels(): void {
    const account = this.#account!;
    const { limits, clientType } = account.link;
    const options = {
      platform: this.#platform,
      userID: account.userID,
      clientType,
      limits,
      mode: () => this.#hub.mode,
      server: account.server,
      p2pServerAddress: this.p2pServerAddress,
      logon: this.#p2pLogon!,
    };
    this.#hub.startSession(this.#link!, (owner) => this.#connectorFactory(options, owner));
  }

  #raise(action: ClientEventAction): void {
    switch (action) {
      case 'raiseInvalid':
        this.invalidMsgReceived.raise(this.#account!.server, this.#invalidKind);
        break;
      case 'raiseInterrupted':
        this.connectionInterrupted.raise();
        break;
      case 'raiseOutage':
        this.connectionInterrupted.raise();
        if (this.#state !== 'closed') this.connectionRebuildStart.raise();
        break;
      case 'raiseRelogonCompleted':
        this.relogonCompleted.raise(this.#response);
        break;
      case 'raisePushedOut':
        this.basicOutter.beingPushedOut.raise();
        break;
      case 'raiseKickedOut':
        this.basicOutter.beingKickedOut.raise();
        break;
    }
  }

  /** The first connection goes where initialize says; a reconnect where the lookup says, if there is one (CLU-045). */
  #connect(): void {
    const { serverLookup: lookup } = this.advanced;
    const { link, server: known } = this.#account!;
    if (lookup === null || this.#state !== 'reconnecting') {
      this.#connectTo(known);
      return;
    }
    const attempt = (this.#attempt += 1);
    findServer({ platform: this.#platform, lookup, known, waitMicros: link.waitMicros }, (server) => {
      if (this.#attempt === attempt && this.#state === 'reconnecting') this.#connectTo(server);
    });
  }

  #connectTo(server: Endpoint): void {
    this.#account = { ...this.#account!, server };
    const { link: options } = this.#account;
    const link = new ClientLink(options, this);
    this.#link = link;
    const { waitMicros } = options;
    // RCN-013: an attempt that gets neither a connection nor a refusal is given up after the waiting time.
    const timeout = waitMicros === Infinity ? {} : { timeoutMicros: waitMicros };
    link.attach(this.#platform.connectTcp({ remote: server, ...timeout }, link));
  }

  #scheduleRetry(): void {
    const delayMicros = this.#backoff!.nextDelayMicros(this.#platform.randomUint32());
    this.#retryTimer = this.#platform.setTimer(delayMicros, () => this.#input('retryDue'));
  }

  #settle(how: (initializing: Initializing) => void): void {
    const initializing = this.#initializing;
    this.#initializing = undefined;
    this.#platform.noteAsyncEdge();
    if (initializing !== undefined) how(initializing);
  }

  #connectError(): ConnectException {
    const { address, port } = this.#account!.server;
    return new ConnectException('E_CONNECT', 'LOG-007', `no logon at ${address}:${port}: ${this.#failure}`);
  }

  #linkParts(customizeHandler: CustomizeHandler | null): LinkParts {
    const world = {
      platform: this.#platform,
      customizeHandler,
      messageReceived: this.messageReceived,
      queriesHold: false,
      contacts: this.#contactsEvents,
      files: this.fileOutter,
      groups: this.#groupsEvents,
    };
    return { world, messageIds: this.#messageIds, router: this.#hub };
  }

  #fileWay(userID: string): FileWay | undefined {
    const link = this.#state === 'online' ? this.#link : undefined;
    if (link === undefined) return undefined;
    const path = this.pathTo(userID === SERVER_ID ? null : userID);
    return {
      kind: path.kind,
      queuedBytes: path.queuedBytes,
      limits: link.limits,
      post: (messageType, codec, value) => path.post({ messageType, messageId: path.nextMessageId() }, codec, value),
    };
  }

  /** @throws LocalProtocolError `E_NOT_INITIALIZED` before the first logon has succeeded, `E_CLOSED` after close. */
  #requireStarted(): Account {
    if (this.#state === 'closed') throw closedError();
    if (this.#hasLoggedOn && this.#account !== undefined) return this.#account;
    throw new LocalProtocolError(
      'E_NOT_INITIALIZED',
      'ENG-004',
      'the engine has not logged on; await initialize first',
    );
  }

  /** @throws as `#requireStarted`; DisconnectedException while there is no connection (RCN-007). */
  #onlineLink(): ClientLink {
    this.#requireStarted();
    if (this.#state !== 'online' || this.#link === undefined) throw new DisconnectedException('RCN-007');
    return this.#link;
  }
}
