/**
 * The reference server engine as a ServerSubject: settings by name, every event recorded, every call in the journal.
 *
 * `engine` is the engine itself; the calls by which it sends are wrapped in place, so that the invariants know what the
 * server was told to send. It adds no behaviour.
 */
import { DisconnectedType, RelogonMode, platformEngineFactory, rapidEngineFactory } from '../../impl/index.ts';
import type {
  CustomizeHandler,
  Information,
  PlatformRapidServerEngine,
  RapidServerEngine,
  UserData,
} from '../../impl/index.ts';
import { SERVER_LABEL } from './client-recorder.ts';
import type { SubjectContext } from './client-recorder.ts';
import type { AcmsSubject } from './cluster-subjects.ts';
import { THROWING_INFORMATION_TYPE } from './client-subject.ts';
import { recordBroadcasts } from './contacts-calls.ts';
import { handled } from './engine-client.ts';
import { recordFileEvents } from './file-record.ts';
import { SERVER_NAME, bytesLabel } from './journal.ts';
import type { SubjectRecord } from './journal.ts';
import { answerByRule } from './query-rules.ts';
import { recordServerCalls } from './server-calls.ts';
import type { ServerEvent, ServerEventOf, ServerOptions, ServerSubject, VerifyAnswer } from './server-subject.ts';
import { waitForEvent } from './waiting.ts';

/** Starts a server on its host; resolves when it listens. */
export async function startEngineServer(context: SubjectContext, options: ServerOptions = {}): Promise<ServerSubject> {
  const server = new EngineServer(context, options);
  await server.start();
  return server;
}

const DISCONNECTED_NAMES = new Map(Object.entries(DisconnectedType).map(([name, value]) => [value, name]));

type WithoutTime<E> = E extends unknown ? Omit<E, 'atMicros'> : never;

class EngineServer implements ServerSubject {
  readonly host: string;
  readonly address: string;
  /** Kept, because a closed engine does not tell it any more. */
  port = 0;
  readonly engine: RapidServerEngine;
  readonly member: PlatformRapidServerEngine | undefined;
  readonly events: ServerEvent[] = [];
  readonly #context: SubjectContext;
  readonly #options: ServerOptions;
  readonly #subject: SubjectRecord;

  constructor(context: SubjectContext, options: ServerOptions) {
    this.#context = context;
    this.#options = options;
    this.#subject = context.journal.addSubject(SERVER_LABEL, 'server', context.host.name);
    this.host = context.host.name;
    this.address = context.host.address;
    this.member = options.acms === undefined ? undefined : createMember(context, options.acms, options);
    this.engine = this.member ?? rapidEngineFactory.createServerEngine(context.host.platform);
    applyOptions(this.engine, options);
    this.#subscribeUsers();
    this.#subscribeTraffic();
    recordFileEvents(this.engine.fileController, context.journal, this.#subject.index, SERVER_LABEL);
    this.member?.platformConnectionInterrupted.add(() => this.#record({ kind: 'platformConnectionInterrupted' }));
    this.member?.platformConnectionRebuild.add(() => this.#record({ kind: 'platformConnectionRebuild' }));
    recordServerCalls(this.engine, context, this.#subject.index);
    recordBroadcasts(this.engine.contactsController, context, this.#subject.index, SERVER_NAME);
  }

  readonly waitFor: ServerSubject['waitFor'] = (kind, options) =>
    waitForEvent<ServerEvent, ServerEventOf<typeof kind>>(
      this.#context.waiting,
      SERVER_LABEL,
      this.events,
      kind,
      options,
    );

  async start(): Promise<void> {
    const { world } = this.#context;
    const { acms } = this.#options;
    if (acms !== undefined) {
      await world.route(this.host, { address: acms.address, port: acms.ports.service });
      await world.route(this.host, { address: acms.address, port: acms.ports.transfer });
    }
    this.#options.beforeStart?.(this.engine);
    const verify = this.#options.basicHandler === 'none' ? null : { verifyUser: this.#verifyUser };
    const recorded: CustomizeHandler = {
      handleInformation: (source, informationType, info) => {
        this.#record({ kind: 'information', source: source ?? SERVER_NAME, informationType, info });
        if (informationType === THROWING_INFORMATION_TYPE) throw new Error('the rule of this information is to throw');
        return this.#options.onInformation?.(source ?? SERVER_NAME, informationType);
      },
      handleQuery: (source, informationType, info) => {
        this.#record({ kind: 'query', source: source ?? SERVER_NAME, informationType, info });
        return answerByRule(world, informationType, info);
      },
    };
    await handled(
      this.engine.initialize(
        this.#options.port ?? 0,
        this.#options.customizeHandler === 'none' ? null : (this.#options.wrapHandler?.(recorded) ?? recorded),
        verify,
      ),
    );
    this.port = this.engine.port;
  }

  close(): Promise<void> {
    if (!this.#subject.gone) this.engine.close();
    return Promise.resolve();
  }

  readonly #verifyUser = (
    systemToken: string | null,
    userID: string,
    password: string | null,
  ): VerifyAnswer | Promise<VerifyAnswer> => {
    this.#record({ kind: 'verifyUser', userID, password, systemToken });
    return this.#options.verifyUser?.(systemToken, userID, password) ?? { ok: true };
  };

  #record(event: WithoutTime<ServerEvent>): void {
    const { journal } = this.#context;
    const timed: ServerEvent = { atMicros: journal.nowMicros, ...event };
    this.events.push(timed);
    journal.serverEvent(this.#subject.index, timed);
    journal.observed.saw(this.#subject.name, classOf(event));
    if (event.kind === 'information' || event.kind === 'messageReceived') {
      journal.delivered({
        subject: this.#subject.index,
        receiver: SERVER_NAME,
        source: event.source,
        channel: event.kind === 'information' ? 'information' : 'message',
        informationType: event.informationType,
        info: event.info,
        tag: event.kind === 'messageReceived' ? event.tag : null,
      });
    }
    journal.step(stepOf(event));
    journal.changed();
  }

  #subscribeUsers(): void {
    const users = this.engine.userManager;
    const named = (kind: 'someOneConnected') => (user: UserData) => this.#record({ kind, userID: user.userID });
    users.someOneConnected.add(named('someOneConnected'));
    users.someOneDisconnected.add((user, type) =>
      this.#record({
        kind: 'someOneDisconnected',
        userID: user.userID,
        disconnectedType: DISCONNECTED_NAMES.get(type) ?? String(type),
      }),
    );
    users.someOneBeingPushedOut.add((user) => {
      this.#record({ kind: 'someOneBeingPushedOut', userID: user.userID });
      return this.#takeTime(() => this.#record({ kind: 'someOneBeingPushedOut.done', userID: user.userID }));
    });
    users.someOneTimeOuted.add((user) => {
      this.#record({ kind: 'someOneTimeOuted', userID: user.userID });
      return this.#takeTime(() => this.#record({ kind: 'someOneTimeOuted.done', userID: user.userID }));
    });
    users.newConnectionIgnored.add((userID, address) => {
      this.#record({ kind: 'newConnectionIgnored', userID, address: `${address.address}:${address.port}` });
      return this.#takeTime(() => this.#record({ kind: 'newConnectionIgnored.done', userID }));
    });
    users.userCountChanged.add((count) => this.#record({ kind: 'userCountChanged', count }));
  }

  #subscribeTraffic(): void {
    const { engine } = this;
    const information = (kind: 'informationReceived' | 'transmitFailed') => (each: Information) =>
      this.#record({ kind, ...each });
    engine.customizeController.informationReceived.add(information('informationReceived'));
    engine.customizeController.transmitFailed.add(information('transmitFailed'));
    engine.messageReceived.add((source, informationType, info, tag) =>
      this.#record({ kind: 'messageReceived', source: source ?? SERVER_NAME, informationType, info, tag }),
    );
    const { contactsController } = engine;
    contactsController.broadcastReceived.add((source, groupID, broadcastType, info, tag) =>
      this.#record({ kind: 'broadcastReceived', source: source ?? SERVER_NAME, groupID, broadcastType, info, tag }),
    );
    contactsController.broadcastFailed.add((userID, information) =>
      this.#record({ kind: 'broadcastFailed', userID, information }),
    );
    engine.invalidMsgReceived.add((address, invalidType) =>
      this.#record({ kind: 'invalidMsgReceived', address: `${address.address}:${address.port}`, invalidType }),
    );
  }

  /** A handler that takes `eventHandlerMillis`; with 0 it is done before it returns. */
  #takeTime(done: () => void): Promise<void> | undefined {
    const millis = this.#options.eventHandlerMillis ?? 0;
    if (millis <= 0) {
      done();
      return undefined;
    }
    const { world } = this.#context;
    return new Promise((resolve) => {
      world.setTimer(millis * 1000, () => {
        done();
        world.noteAsyncEdge();
        resolve();
      });
    });
  }
}

function createMember(context: SubjectContext, acms: AcmsSubject, options: ServerOptions): PlatformRapidServerEngine {
  const { service, transfer } = acms.ports;
  const serverID = String(options.serverID ?? 1);
  const { platform } = context.host;
  const engine = platformEngineFactory.createServerEngine(platform, serverID, acms.address, service, transfer);
  engine.acmsSecret = acms.secret;
  engine.callbackHandler = options.callbackHandler ?? null;
  return engine;
}

function applyOptions(engine: RapidServerEngine, options: ServerOptions): void {
  if (options.relogonMode !== undefined) engine.userManager.relogonMode = RelogonMode[options.relogonMode];
  engine.heartbeatTimeoutInSecs = options.heartbeatTimeoutInSecs ?? engine.heartbeatTimeoutInSecs;
  engine.autoRespondHeartBeat = options.autoRespondHeartBeat ?? engine.autoRespondHeartBeat;
  engine.waitResponseTimeoutInSecs = options.waitResponseTimeoutInSecs ?? engine.waitResponseTimeoutInSecs;
  engine.maxLengthOfUserID = options.maxLengthOfUserID ?? engine.maxLengthOfUserID;
  engine.maxLengthOfMessage = options.maxLengthOfMessage ?? engine.maxLengthOfMessage;
  engine.maxConnectionCount = options.maxConnectionCount ?? engine.maxConnectionCount;
  engine.version = options.version ?? engine.version;
  engine.authorizedUser = options.authorizedUser ?? engine.authorizedUser;
  const { advanced } = engine;
  advanced.emptyConnectionTimeoutInSecs = options.emptyConnectionTimeoutInSecs ?? advanced.emptyConnectionTimeoutInSecs;
  advanced.blobBytesMax = options.blobBytesMax ?? advanced.blobBytesMax;
  advanced.maxChannelCacheSize = options.maxChannelCacheSize ?? advanced.maxChannelCacheSize;
}

function stepOf(event: WithoutTime<ServerEvent>): { from: string; to?: string; label: string } {
  switch (event.kind) {
    case 'information':
    case 'query':
    case 'messageReceived':
      return {
        from: event.source,
        to: SERVER_LABEL,
        label: `${SERVER_LABEL} gets ${event.kind} ${event.informationType}: ${bytesLabel(event.info)}`,
      };
    case 'informationReceived':
    case 'transmitFailed':
      return { from: SERVER_LABEL, label: `${event.kind} ${event.sourceID} to ${event.destID ?? SERVER_LABEL}` };
    case 'someOneDisconnected':
      return { from: SERVER_LABEL, label: `${event.kind} ${event.userID}: ${event.disconnectedType}` };
    case 'platformConnectionInterrupted':
    case 'platformConnectionRebuild':
      return { from: SERVER_LABEL, label: event.kind };
    case 'userCountChanged':
      return { from: SERVER_LABEL, label: `${event.kind} ${event.count}` };
    case 'invalidMsgReceived':
      return { from: SERVER_LABEL, label: `${event.kind} ${event.invalidType} from ${event.address}` };
    case 'broadcastReceived':
      return { from: event.source, to: SERVER_LABEL, label: `broadcast ${event.broadcastType} in ${event.groupID}` };
    case 'broadcastFailed':
      return { from: SERVER_LABEL, label: `broadcastFailed for ${event.userID}` };
    case 'someOneConnected':
    case 'someOneBeingPushedOut':
    case 'someOneBeingPushedOut.done':
    case 'someOneTimeOuted':
    case 'someOneTimeOuted.done':
    case 'newConnectionIgnored':
    case 'newConnectionIgnored.done':
    case 'verifyUser':
      return { from: SERVER_LABEL, label: `${event.kind} ${event.userID}` };
  }
}

/** What is the same wherever it happens. */
function classOf(event: WithoutTime<ServerEvent>): string {
  const { kind } = event;
  if (kind === 'someOneDisconnected') return `${kind} ${event.userID} ${event.disconnectedType}`;
  if (kind === 'invalidMsgReceived') return `${kind} ${event.invalidType}`;
  return kind;
}
