/**
 * The reference client engine as a ClientSubject: settings by name, the recorded handler, every call in the journal.
 *
 * It adds no behaviour: what the engine does is what the scenario sees. Calls that the engine answers through a callback
 * as well are made with one, so that "exactly once" is checked on both ways.
 */
import { ChannelMode, LogonResult, rapidEngineFactory } from '../../impl/index.ts';
import type { ActionTypeOnChannelIsBusy, LogonResponse, RapidPassiveEngine } from '../../impl/index.ts';
import { PassiveEngine } from '../../impl/engine/client/passive-engine.ts';
import { ClientRecorder } from './client-recorder.ts';
import { recordBroadcasts } from './contacts-calls.ts';
import { lookupAt } from './cluster-subjects.ts';
import type { SubjectContext } from './client-recorder.ts';
import { THROWING_INFORMATION_TYPE } from './client-subject.ts';
import type { BasicRequest, ClientOptions, ClientSubject, LogonOutcome, SendOptions } from './client-subject.ts';
import { recordFileEvents } from './file-record.ts';
import { answerByRule } from './query-rules.ts';

/** Makes a client on its host; it does not connect yet. */
export function createEngineClient(
  context: SubjectContext,
  userID: string,
  options: ClientOptions = {},
): ClientSubject {
  return new EngineClient(context, userID, options);
}

const LOGON_RESULT_NAMES = new Map(
  Object.entries(LogonResult).map(([name, value]) => [value, name as LogonOutcome['logonResult']]),
);

class EngineClient implements ClientSubject {
  readonly userID: string;
  readonly host: string;
  readonly events: ClientSubject['events'];
  readonly waitFor: ClientSubject['waitFor'];
  readonly engine: RapidPassiveEngine;
  readonly #context: SubjectContext;
  readonly #options: ClientOptions;
  readonly #recorder: ClientRecorder;

  constructor(context: SubjectContext, userID: string, options: ClientOptions) {
    this.#context = context;
    this.#options = options;
    this.#recorder = new ClientRecorder(context, userID);
    this.userID = userID;
    this.host = context.host.name;
    this.events = this.#recorder.events;
    this.waitFor = this.#recorder.waitFor;
    const { platform } = context.host;
    const { direct } = options;
    this.engine =
      direct === undefined
        ? rapidEngineFactory.createPassiveEngine(platform)
        : new PassiveEngine(platform, direct.factory);
    applyOptions(this.engine, options);
    this.#subscribe();
    recordBroadcasts(this.engine.contactsOutter, context, this.#recorder.subject.index, userID);
    recordFileEvents(this.engine.fileOutter, context.journal, this.#recorder.subject.index, userID);
  }

  logon(
    server: { readonly address: string; readonly port: number },
    options: { readonly password?: string } = {},
  ): Promise<LogonOutcome> {
    return handled(this.#logon(server, options));
  }

  async #logon(
    server: { readonly address: string; readonly port: number },
    options: { readonly password?: string },
  ): Promise<LogonOutcome> {
    const { world } = this.#context;
    const { lookup } = this.#options;
    if (lookup !== undefined) this.engine.advanced.serverLookup = await lookupAt(this.#context, lookup);
    // The engine keeps the server's own address; only the way to it has to be ready.
    await world.route(this.host, server);
    this.#recorder.note('logs on');
    const password = options.password ?? this.#options.password ?? null;
    const response = await this.engine.initialize(this.userID, password, server.address, server.port, {
      handleInformation: (source, informationType, info) => {
        this.#recorder.record({ kind: 'information', source, informationType, info });
        if (informationType === THROWING_INFORMATION_TYPE) throw new Error('the rule of this information is to throw');
        return this.#handlingTime();
      },
      handleQuery: (source, informationType, info) => {
        this.#recorder.record({ kind: 'query', source, informationType, info });
        return answerByRule(world, informationType, info);
      },
    });
    const outcome = logonOutcome(response);
    this.#recorder.loggedOn(outcome);
    return outcome;
  }

  /** What a slow handler of information gives back. */
  #handlingTime(): Promise<void> | undefined {
    const { informationMillis = 0 } = this.#options;
    if (informationMillis === 0) return undefined;
    const { world } = this.#context;
    return new Promise((resolve) => {
      world.setTimer(Math.round(informationMillis * 1000), () => {
        world.noteAsyncEdge();
        resolve();
      });
    });
  }

  /** The engine's `send` returns at once or throws; both become the promise that adapters give. */
  send(
    target: string | null,
    informationType: number,
    info: Uint8Array | null,
    options: SendOptions = {},
  ): Promise<boolean> {
    const sent = this.#recorder.sent('information', target, informationType, info);
    const byServer = options.byServer === true || options.mode === ChannelMode.TransferByServer;
    sent.apart = byServer && target !== null && this.engine.p2pController?.isP2PChannelExist(target) === true;
    return asPromise(() => this.#send(target, informationType, info, options));
  }

  #send(target: string | null, informationType: number, info: Uint8Array | null, options: SendOptions): boolean {
    const { customizeOutter } = this.engine;
    if (options.byServer === true && target !== null) {
      customizeOutter.transferByServer(target, informationType, info);
      return true;
    }
    if (target === null && Object.keys(options).length === 0) {
      return customizeOutter.send(informationType, info);
    }
    const action: ActionTypeOnChannelIsBusy = options.actionOnChannelIsBusy === 'Discard' ? 1 : 0;
    if (options.onNoChannel !== undefined && target !== null) {
      return customizeOutter.sendByP2PChannel(target, informationType, info, options.onNoChannel, options.post, action);
    }
    return customizeOutter.send(target, informationType, info, options.post ?? false, action, options.mode);
  }

  query(target: string | null, informationType: number, info: Uint8Array | null): Promise<Uint8Array | null> {
    const ask = this.#recorder.asked('query', `${this.userID} asks ${target ?? 'the server'}`, true);
    this.#recorder.note(`asks ${target ?? 'the server'} ${informationType}`);
    const countCallback = (): void => void (ask.callbackCount = (ask.callbackCount ?? 0) + 1);
    const promise = this.engine.customizeOutter.query(target, informationType, info, countCallback, undefined);
    return this.#recorder.settles(promise, ask);
  }

  sendCertainly(target: string | null, informationType: number, info: Uint8Array | null): Promise<void> {
    const sent = this.#recorder.sent('information', target, informationType, info);
    const ask = this.#recorder.asked('ack', `${this.userID} sends certainly to ${target ?? 'the server'}`, true);
    const countCallback = (): void => void (ask.callbackCount = (ask.callbackCount ?? 0) + 1);
    const promise = this.engine.customizeOutter.sendCertainly(target, informationType, info, countCallback, undefined);
    return this.#recorder.settles(promise, ask, () => (sent.acknowledged = true));
  }

  sendBlob(
    target: string | null,
    informationType: number,
    blob: Uint8Array | null,
    fragmentSize: number,
    mode?: ChannelMode,
  ): Promise<void> {
    this.#recorder.sent('blob', target, informationType, blob);
    return handled(this.engine.customizeOutter.sendBlob(target, informationType, blob, fragmentSize, mode));
  }

  sendMessage(
    target: string | null,
    informationType: number,
    message: Uint8Array | null,
    tag: string | null,
    fragmentSize?: number,
  ): Promise<void> {
    this.#recorder.sent('message', target, informationType, message, tag);
    return handled(this.engine.sendMessage(target, informationType, message, tag, fragmentSize));
  }

  basic(request: BasicRequest): Promise<unknown> {
    this.#recorder.note(request.verb);
    return handled(this.#basic(request));
  }

  async #basic(request: BasicRequest): Promise<unknown> {
    const { basicOutter } = this.engine;
    switch (request.verb) {
      case 'ping':
        return await basicOutter.ping();
      case 'pingByServer':
        return await basicOutter.pingByServer(request.userID);
      case 'isUserOnline':
        return await basicOutter.isUserOnline(request.userID);
      case 'areUsersOnline':
        return await basicOutter.isUserOnline(request.userIDs);
      case 'getAllOnlineUsers':
        return await basicOutter.getAllOnlineUsers();
      case 'getMyIPE':
        return await basicOutter.getMyIPE();
      case 'getUserIPE':
        return await basicOutter.getUserIPE(request.userID);
      case 'kickOut':
        basicOutter.kickOut(request.userID);
        return undefined;
      case 'sendHeartBeatMessage':
        basicOutter.sendHeartBeatMessage();
        return undefined;
    }
  }

  connected(): Promise<boolean> {
    return Promise.resolve(this.engine.connected);
  }

  closeConnection(reconnectNow: boolean): Promise<void> {
    this.#recorder.note(`closeConnection(${reconnectNow})`);
    return asPromise(() => this.engine.closeConnection(reconnectNow));
  }

  close(): Promise<void> {
    // The engine of a host without power is gone; there is nothing to close.
    if (!this.#recorder.subject.gone) this.engine.close();
    return Promise.resolve();
  }

  #subscribe(): void {
    const { engine } = this;
    const record = this.#recorder.record.bind(this.#recorder);
    engine.connectionInterrupted.add(() => record({ kind: 'connectionInterrupted' }));
    engine.connectionRebuildStart.add(() => record({ kind: 'connectionRebuildStart' }));
    engine.relogonCompleted.add((response) => record({ kind: 'relogonCompleted', response: logonOutcome(response) }));
    engine.invalidMsgReceived.add((_address, invalidType) => record({ kind: 'invalidMsgReceived', invalidType }));
    engine.messageReceived.add((source, informationType, info, tag) =>
      record({ kind: 'messageReceived', source, informationType, info, tag }),
    );
    const { contactsOutter } = engine;
    contactsOutter.broadcastReceived.add((source, groupID, broadcastType, info, tag) =>
      record({ kind: 'broadcastReceived', source, groupID, broadcastType, info, tag }),
    );
    contactsOutter.contactsConnected.add((contact) => record({ kind: 'contactsConnected', userID: contact }));
    contactsOutter.contactsOffline.add((contact) => record({ kind: 'contactsOffline', userID: contact }));
    engine.basicOutter.beingPushedOut.add(() => record({ kind: 'beingPushedOut' }));
    engine.basicOutter.beingKickedOut.add(() => record({ kind: 'beingKickedOut' }));
  }
}

function applyOptions(engine: RapidPassiveEngine, options: ClientOptions): void {
  engine.heartBeatSpanInSecs = options.heartBeatSpanInSecs ?? engine.heartBeatSpanInSecs;
  engine.waitResponseTimeoutInSecs = options.waitResponseTimeoutInSecs ?? engine.waitResponseTimeoutInSecs;
  engine.autoReconnect = options.autoReconnect ?? engine.autoReconnect;
  engine.systemToken = options.systemToken ?? engine.systemToken;
  engine.maxLengthOfUserID = options.maxLengthOfUserID ?? engine.maxLengthOfUserID;
  engine.maxLengthOfMessage = options.maxLengthOfMessage ?? engine.maxLengthOfMessage;
  engine.clientType = (options.clientType ?? engine.clientType) as RapidPassiveEngine['clientType'];
  engine.version = options.version ?? engine.version;
  engine.authorizedUser = options.authorizedUser ?? engine.authorizedUser;
  const { advanced } = engine;
  advanced.heartbeatTimeoutInSecs = options.heartbeatTimeoutInSecs ?? advanced.heartbeatTimeoutInSecs;
  advanced.blobBytesMax = options.blobBytesMax ?? advanced.blobBytesMax;
}

function logonOutcome(response: LogonResponse): LogonOutcome {
  const logonResult = LOGON_RESULT_NAMES.get(response.logonResult);
  if (logonResult === undefined) throw new Error(`the engine gave the logon result ${response.logonResult}`);
  return { logonResult, failureCause: response.failureCause };
}

/** A promise whose rejection is seen by whoever awaits it, and never counts as unhandled when nobody does. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** The outcome of a call that returns at once, as a promise. */
function asPromise<T>(call: () => T): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return handled(Promise.reject<T>(error instanceof Error ? error : new Error(String(error))));
  }
}
