/**
 * The client: settings, the state of its connection by the table, and the parts an application uses.
 *
 * The table (`core/client-states.ts`) says what to do; here stands how. What happens on a connection is the link's. Drive
 * it: set settings, subscribe, `await initialize(...)`, use the outters, `close()`.
 */
import type { Endpoint, Platform, Timer } from '../../../spec/platform.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import { clientTimeoutSpans, reconnectJitterPercent } from '../../../spec/timing.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { CLIENT_MOVES } from '../../core/client-states.ts';
import type { ClientAction, ClientInput, ClientState } from '../../core/client-states.ts';
import type { MessageIdCount } from '../../core/pending-replies.ts';
import { ReconnectBackoff } from '../../core/reconnect-backoff.ts';
import { codecs, describeValue, encodeMessage, LocalProtocolError } from '../../wire/index.ts';
import type {
  CustomizeHandler,
  LogonResponse,
  MessageReceivedArgs,
  RapidPassiveEngine,
  ResultHandler,
} from '../api.ts';
import { checkInteger, checkText, checkUserId } from '../arguments.ts';
import { promised, withResult } from '../callbacks.ts';
import { LogonResult } from '../enums.ts';
import type { MessageInvalidType } from '../enums.ts';
import { ConnectException, DisconnectedException, TimeoutException } from '../errors.ts';
import { EventSource } from '../event.ts';
import type { Path, PathChoice } from '../path.ts';
import { FileTransfers } from '../files/file-transfers.ts';
import type { FileWay } from '../files/file-world.ts';
import { microsOrNever, secsToMicros } from '../settings.ts';
import { PassiveBasicOutter } from './basic-outter.ts';
import { ClientLink } from './client-link.ts';
import type { LinkOptions, LinkOwner } from './client-link.ts';
import { createContactsEvents } from './contacts/contacts-events.ts';
import type { ContactsEvents } from './contacts/contacts-events.ts';
import { PassiveContactsOutter } from './contacts/contacts-outter.ts';
import { PassiveCustomizeOutter } from './customize-outter.ts';
import { findServer } from './find-server.ts';
import { PassiveSettings } from './passive-settings.ts';
import { ServerPath } from './server-path.ts';

/** What initialize was given, and the settings as they were then (LIM-011). */
type Account = {
  readonly userID: string;
  readonly server: Endpoint;
  readonly request: ContractOf<'ReqLogonContract'>;
  readonly link: LinkOptions;
};

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
  readonly fileOutter: FileTransfers;
  readonly connectionInterrupted: EventSource<[]>;
  readonly connectionRebuildStart: EventSource<[]>;
  readonly relogonCompleted: EventSource<[response: LogonResponse]>;
  readonly messageReceived: EventSource<MessageReceivedArgs>;
  readonly invalidMsgReceived: EventSource<[address: Endpoint, kind: MessageInvalidType]>;
  readonly #platform: Platform;
  #state: ClientState;
  readonly #contactsEvents: ContactsEvents;
  readonly #messageIds: MessageIdCount = { last: 0 };
  #account: Account | undefined;
  #link: ClientLink | undefined;
  #initializing: Initializing | undefined;
  #hasLoggedOn = false;
  #backoff: ReconnectBackoff | undefined;
  #retryTimer: Timer | undefined;
  /** Lookups so far; the answer to an older one comes too late. */
  #attempt = 0;
  /** What the actions of the move at hand may need. */
  #response: LogonResponse = { logonResult: LogonResult.Failed, failureCause: null };
  #invalidKind: MessageInvalidType = 'DataLacked';
  #failure = '';

  constructor(platform: Platform) {
    super(() => this.#state !== 'idle' && this.#state !== 'ended');
    this.#state = 'idle';
    this.#platform = platform;
    const link = (): ClientLink => this.#onlineLink();
    this.basicOutter = new PassiveBasicOutter(platform, link);
    this.customizeOutter = new PassiveCustomizeOutter(platform, link);
    this.#contactsEvents = createContactsEvents(platform);
    this.contactsOutter = new PassiveContactsOutter(platform, this.#contactsEvents, link);
    this.fileOutter = new FileTransfers(platform, {
      ownID: () => (link(), this.currentUserID),
      checkTarget: (userID) => checkUserId(userID, link().limits.userIdBytesMax),
      way: (userID) => this.#fileWay(userID),
      watch: (userID, onDrain) =>
        this.pathTo(userID === SERVER_ID ? null : userID).watch({ onDrain, onEnd: () => undefined }),
    });
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
      const server = { address: serverIP, port: serverPort };
      this.#account = this.#createAccount(userID, logonPassword, server, customizeHandler);
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
    return new ServerPath(this.#onlineLink(), userID);
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
        break;
      case 'endSession':
        this.#link?.failWaiting();
        if (this.#state !== 'closed') this.fileOutter.handleSelfOffline();
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

  #createAccount(
    userID: string,
    logonPassword: string | null,
    server: Endpoint,
    customizeHandler: CustomizeHandler | null,
  ): Account {
    const limits = { userIdBytesMax: this.maxLengthOfUserID, messageBytesMax: this.maxLengthOfMessage };
    checkUserId(userID, limits.userIdBytesMax);
    checkServer(server);
    const request = {
      AuthorizedUser: this.authorizedUser,
      Password: checkText('the password', logonPassword),
      SystemToken: this.systemToken,
      Version: this.version,
    };
    // A logon that no message can carry is refused now, not when the connection is up (LIM-007).
    const header = { clientType: this.clientType, messageType: 0, messageId: 1, sourceId: userID, destId: '' };
    encodeMessage(header, codecs.ReqLogonContract, request, limits);
    return { userID, server, request, link: this.#linkOptions(userID, limits, customizeHandler) };
  }

  #linkOptions(userID: string, limits: LinkOptions['limits'], customizeHandler: CustomizeHandler | null): LinkOptions {
    const platform = this.#platform;
    const spanSecs = this.heartBeatSpanInSecs;
    const silenceSecs = this.advanced.heartbeatTimeoutInSecs ?? clientTimeoutSpans * spanSecs;
    return {
      world: {
        platform,
        customizeHandler,
        messageReceived: this.messageReceived,
        queriesHold: false,
        contacts: this.#contactsEvents,
        files: this.fileOutter,
      },
      limits,
      userID,
      clientType: this.clientType,
      waitMicros: microsOrNever(this.waitResponseTimeoutInSecs),
      writeMicros: microsOrNever(this.advanced.writeTimeoutInSecs),
      heartbeat: { spanMicros: microsOrNever(spanSecs), silenceMicrosMax: microsOrNever(silenceSecs) },
      blobBytesMax: this.advanced.blobBytesMax,
      messageIds: this.#messageIds,
    };
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

function checkServer(server: Endpoint): void {
  checkInteger('the server port', 'LOG-007', server.port, 1, 65_535);
  if (typeof server.address === 'string' && server.address !== '') return;
  const text = `the server address must be an IPv4 address, got ${describeValue(server.address)}`;
  throw new LocalProtocolError('E_ARGUMENT', 'LOG-007', text);
}

function closedError(): LocalProtocolError {
  return new LocalProtocolError('E_CLOSED', 'CUS-011', 'the engine is closed; make a new one');
}
