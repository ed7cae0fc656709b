import { LogonResult } from '../../../spec/errors.js';
import { clientTimeoutSpans, reconnectJitterPercent } from '../../../spec/timing.js';
import { CLIENT_MOVES } from '../../core/client-states.js';
import { ReconnectBackoff } from '../../core/reconnect-backoff.js';
import { codecs, describeValue, encodeMessage, LocalProtocolError } from '../../wire/index.js';
import { checkInteger, checkText, checkUserId } from '../arguments.js';
import { promised, withResult } from '../callbacks.js';
import { ConnectException, DisconnectedException, TimeoutException } from '../errors.js';
import { EventSource } from '../event.js';
import { microsOrNever, secsToMicros } from '../settings.js';
import { PassiveBasicOutter } from './basic-outter.js';
import { ClientLink } from './client-link.js';
import { PassiveCustomizeOutter } from './customize-outter.js';
import { PassiveSettings } from './passive-settings.js';
export class PassiveEngine extends PassiveSettings {
  basicOutter;
  customizeOutter;
  connectionInterrupted;
  connectionRebuildStart;
  relogonCompleted;
  messageReceived;
  invalidMsgReceived;
  #platform;
  #state;
  #account;
  #link;
  #initializing;
  #hasLoggedOn = false;
  #backoff;
  #retryTimer;
  /** What the actions of the move at hand may need. */
  #response = { logonResult: LogonResult.Failed, failureCause: null };
  #invalidKind = 'DataLacked';
  #failure = '';
  constructor(platform) {
    super(() => this.#state !== 'idle' && this.#state !== 'ended');
    this.#state = 'idle';
    this.#platform = platform;
    const link = () => this.#onlineLink();
    this.basicOutter = new PassiveBasicOutter(platform, link);
    this.customizeOutter = new PassiveCustomizeOutter(platform, link);
    this.connectionInterrupted = new EventSource(platform, 'connectionInterrupted');
    this.connectionRebuildStart = new EventSource(platform, 'connectionRebuildStart');
    this.relogonCompleted = new EventSource(platform, 'relogonCompleted');
    this.messageReceived = new EventSource(platform, 'messageReceived');
    this.invalidMsgReceived = new EventSource(platform, 'invalidMsgReceived');
  }
  initialize(userID, logonPassword, serverIP, serverPort, customizeHandler) {
    return promised(() => {
      if (this.#state === 'closed') throw closedError();
      if (this.#state !== 'idle' && this.#state !== 'ended') {
        throw new LocalProtocolError('E_ARGUMENT', 'ENG-003', 'initialize was called before and the engine still runs');
      }
      const server = { address: serverIP, port: serverPort };
      this.#account = this.#createAccount(userID, logonPassword, server, customizeHandler);
      const delays = this.advanced.reconnectDelaySecs.map(secsToMicros);
      this.#backoff = new ReconnectBackoff(delays, reconnectJitterPercent);
      this.#platform.noteAsyncEdge();
      return new Promise((resolve, reject) => {
        this.#initializing = { resolve, reject };
        this.#input('initialize');
      });
    });
  }
  close() {
    this.#input('close');
  }
  closeConnection(reconnectNow) {
    if (this.#state !== 'waiting') this.#requireStarted();
    if (!this.autoReconnect) this.#input('breakForGood');
    else this.#input(reconnectNow ? 'breakNow' : 'breakLater');
  }
  get connected() {
    return this.#state === 'online';
  }
  get channelIsBusy() {
    this.#requireStarted();
    return (this.#link?.queuedBytes ?? 0) > 0;
  }
  get currentUserID() {
    return this.#requireStarted().userID;
  }
  get serverAddress() {
    return this.#requireStarted().server;
  }
  sendMessage(target, informationType, message, tag, fragmentSize, handler, handlerTag) {
    const promise = this.customizeOutter.sendMessage(target, { informationType, message, tag, fragmentSize });
    return withResult(this.#platform, promise, handler, handlerTag);
  }
  handleConnected() {
    this.#input('connected');
  }
  handleConnectFailed(detail) {
    this.#failure = detail;
    this.#input('connectFailed');
  }
  handleLogonReply(response) {
    const logonResult = response.LogonResult;
    this.#response = { logonResult, failureCause: response.FailureCause };
    this.#input(logonResult === LogonResult.Succeed ? 'logonSucceeded' : 'logonRefused');
  }
  handleLogonTimedOut() {
    this.#input('logonTimedOut');
  }
  handleLost(detail) {
    this.#failure = detail;
    this.#platform.log('info', `the connection of ${this.#account?.userID ?? ''} ended: ${detail}`);
    this.#input(this.autoReconnect ? 'lost' : 'lostForGood');
  }
  handleInvalid(kind) {
    this.#invalidKind = kind;
    this.#failure = `the server sent an invalid message (${kind})`;
    this.#input(this.autoReconnect ? 'invalid' : 'invalidForGood');
  }
  handlePushedOut() {
    this.#input('pushedOut');
  }
  handleKickedOut() {
    this.#input('kickedOut');
  }
  /** Takes one step by the table; a pair that is not in it changes nothing. */
  #input(input) {
    const move = CLIENT_MOVES[this.#state][input];
    if (move === undefined) return;
    this.#state = move.to;
    for (const action of move.actions) {
      this.#act(action);
      // Application code in an event may have closed the engine or started it anew.
      if (this.#state !== move.to) return;
    }
  }
  #act(action) {
    switch (action) {
      case 'connect':
        this.#connect();
        break;
      case 'sendLogon':
        this.#link?.sendLogon(this.#account.request);
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
      default:
        this.#raise(action);
    }
  }
  #raise(action) {
    switch (action) {
      case 'raiseInvalid':
        this.invalidMsgReceived.raise(this.#account.server, this.#invalidKind);
        break;
      case 'raiseInterrupted':
        this.connectionInterrupted.raise();
        break;
      case 'raiseRebuildStart':
        this.connectionRebuildStart.raise();
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
  #connect() {
    const { link: options, server } = this.#account;
    const link = new ClientLink(options, this);
    this.#link = link;
    const { waitMicros } = options;
    // RCN-013: an attempt that gets neither a connection nor a refusal is given up after the waiting time.
    const timeout = waitMicros === Infinity ? {} : { timeoutMicros: waitMicros };
    link.attach(this.#platform.connectTcp({ remote: server, ...timeout }, link));
  }
  #scheduleRetry() {
    const delayMicros = this.#backoff.nextDelayMicros(this.#platform.randomUint32());
    this.#retryTimer = this.#platform.setTimer(delayMicros, () => this.#input('retryDue'));
  }
  #settle(how) {
    const initializing = this.#initializing;
    this.#initializing = undefined;
    this.#platform.noteAsyncEdge();
    if (initializing !== undefined) how(initializing);
  }
  #connectError() {
    const { address, port } = this.#account.server;
    return new ConnectException('E_CONNECT', 'LOG-007', `no logon at ${address}:${port}: ${this.#failure}`);
  }
  #createAccount(userID, logonPassword, server, customizeHandler) {
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
  #linkOptions(userID, limits, customizeHandler) {
    const platform = this.#platform;
    const spanSecs = this.heartBeatSpanInSecs;
    const silenceSecs = this.advanced.heartbeatTimeoutInSecs ?? clientTimeoutSpans * spanSecs;
    return {
      world: { platform, customizeHandler, messageReceived: this.messageReceived, queriesHold: false },
      limits,
      userID,
      clientType: this.clientType,
      waitMicros: microsOrNever(this.waitResponseTimeoutInSecs),
      writeMicros: microsOrNever(this.advanced.writeTimeoutInSecs),
      heartbeat: { spanMicros: microsOrNever(spanSecs), silenceMicrosMax: microsOrNever(silenceSecs) },
      blobBytesMax: this.advanced.blobBytesMax,
    };
  }
  /** @throws LocalProtocolError `E_NOT_INITIALIZED` before the first logon has succeeded, `E_CLOSED` after close. */
  #requireStarted() {
    if (this.#state === 'closed') throw closedError();
    if (this.#hasLoggedOn && this.#account !== undefined) return this.#account;
    throw new LocalProtocolError(
      'E_NOT_INITIALIZED',
      'ENG-004',
      'the engine has not logged on; await initialize first',
    );
  }
  /** @throws as `#requireStarted`; DisconnectedException while there is no connection (RCN-007). */
  #onlineLink() {
    this.#requireStarted();
    if (this.#state !== 'online' || this.#link === undefined) throw new DisconnectedException('RCN-007');
    return this.#link;
  }
}
function checkServer(server) {
  checkInteger('the server port', 'LOG-007', server.port, 1, 65_535);
  if (typeof server.address === 'string' && server.address !== '') return;
  const text = `the server address must be an IPv4 address, got ${describeValue(server.address)}`;
  throw new LocalProtocolError('E_ARGUMENT', 'LOG-007', text);
}
function closedError() {
  return new LocalProtocolError('E_CLOSED', 'CUS-011', 'the engine is closed; make a new one');
}
