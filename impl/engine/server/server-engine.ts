/**
 * The server: settings, start and end, and the parts an application uses. ENG-006 to ENG-014.
 *
 * It wires the parts of this folder to a Platform; the protocol stands in them. Drive it: set settings, subscribe,
 * `await initialize(port, handler)`, `close()`.
 */
import type { Endpoint, Platform, TcpConnection, TcpHandlers, TcpListener } from '../../../spec/platform.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import type { ClusterHost, ClusterMember } from '../cluster/cluster-member.ts';
import { createPlatformUserManager, PlatformUsers } from '../cluster/platform-users.ts';
import type { PlatformUserManager } from '../cluster/api.ts';
import { LocalProtocolError } from '../../wire/index.ts';
import type { FrameView } from '../../wire/index.ts';
import type {
  BasicController,
  BasicHandler,
  CustomizeHandler,
  MessageReceivedArgs,
  RapidServerEngine,
  ResultHandler,
  UserManager,
} from '../api.ts';
import { checkInteger, checkUserId } from '../arguments.ts';
import { promised, withResult } from '../callbacks.ts';
import { CustomizeInfoHandleMode } from '../enums.ts';
import type { MessageInvalidType } from '../enums.ts';
import { ConnectException, DisconnectedException } from '../errors.ts';
import { EventSource } from '../event.ts';
import { FileTransfers } from '../files/file-transfers.ts';
import { fileTimesOf } from '../files/file-times.ts';
import type { FileWay } from '../files/file-world.ts';
import type { PeerWorld } from '../peer.ts';
import { dispatchTable, RECEIVERS } from '../receive.ts';
import { Requests } from '../requests.ts';
import { microsOrNever } from '../settings.ts';
import { createBasicAnswers } from './basic-answers.ts';
import { createContactsAnswers } from './contacts/contacts-answers.ts';
import { ServerContactsController } from './contacts/contacts-controller.ts';
import { createContactsPart } from './contacts/contacts-part.ts';
import { createCustomizeEvents, ServerCustomizeController } from './customize-controller.ts';
import { endTransfersOf, FilePartners, FileRelief } from './forward-files.ts';
import { createDelivery } from './delivery.ts';
import { createForwarders } from './forward.ts';
import { createGroupsAnswers } from './groups/groups-answers.ts';
import { createGroupsPart, ServerDynamicGroupController } from './groups/groups-part.ts';
import { Diagnostics } from './handling/diagnostics.ts';
import { TaskQueue } from './handling/task-queue.ts';
import { createP2PReceivers } from './p2p-forward.ts';
import { LogonDesk } from './logon-desk.ts';
import { createP2PAnswers, IntegratedP2PServer } from './p2p-answers.ts';
import { ServerConnection } from './server-connection.ts';
import type { ServerContext } from './server-context.ts';
import { ServerDeadlines } from './server-deadlines.ts';
import { ServerSettings } from './server-settings.ts';
import { createUserManager } from './user-manager.ts';
import { Users } from './users.ts';

/** Ours: ports tried, when any will do, to find one whose neighbour is free for the P2P server. */
const PORT_PAIR_TRIES = 5;

type Phase = 'idle' | 'starting' | 'running' | 'closed';

/** The engine behind `rapidEngineFactory.createServerEngine`. */
export class ServerEngine extends ServerSettings implements RapidServerEngine {
  readonly userManager: UserManager;
  readonly basicController: BasicController;
  readonly customizeController: ServerCustomizeController;
  readonly contactsController: ServerContactsController;
  readonly dynamicGroupController: ServerDynamicGroupController;
  readonly fileController: FileTransfers;
  readonly messageReceived: EventSource<MessageReceivedArgs>;
  readonly invalidMsgReceived: EventSource<[address: Endpoint, kind: MessageInvalidType]>;
  readonly #platform: Platform;
  readonly serverID: string;
  readonly platformUserManager: PlatformUserManager;
  readonly #users: Users;
  readonly #p2p: IntegratedP2PServer;
  readonly #platformUsers: PlatformUsers;
  readonly #member: ClusterMember | null;
  readonly #events: ReturnType<typeof createCustomizeEvents>;
  /** Every connection whose socket is not gone. */
  readonly #sockets = new Set<ServerConnection>();
  /** Those the engine has not closed. */
  #openCount = 0;
  /** HDL-040, wall clock. */
  #lastDetectTime: number | null = null;
  #phase: Phase;
  #listener: TcpListener | undefined;
  #context: ServerContext | undefined;
  #failStart: ((error: Error) => void) | undefined;

  /**
   * @param serverID - `_0`, or in a cluster the server's own.
   * @param createMember - Makes what ties the server to a cluster; null: a single server.
   */
  constructor(
    platform: Platform,
    serverID: string = SERVER_ID,
    createMember: ((host: ClusterHost) => ClusterMember) | null = null,
  ) {
    const isFrozen = (): boolean => this.#phase !== 'idle';
    super(isFrozen);
    this.#phase = 'idle';
    this.#platform = platform;
    this.#users = new Users(platform);
    this.#p2p = new IntegratedP2PServer(platform);
    this.serverID = serverID;
    this.#platformUsers = new PlatformUsers(this.#users);
    this.platformUserManager = createPlatformUserManager(this.#platformUsers, () => void this.#running());
    this.#events = createCustomizeEvents(platform);
    const running = (): ServerContext => this.#running();
    this.userManager = createUserManager(this.#users, isFrozen, () => void this.#running());
    this.basicController = { kickOut: (userID) => running().users.get(userID)?.input('kick') };
    this.customizeController = new ServerCustomizeController(platform, this.#events, running);
    this.contactsController = new ServerContactsController(platform, running);
    this.dynamicGroupController = new ServerDynamicGroupController(running);
    this.fileController = new FileTransfers(platform, {
      ownID: () => (running(), SERVER_ID),
      checkTarget: (userID) => checkUserId(userID, running().limits.userIdBytesMax),
      way: (userID) => this.#fileWay(userID),
      // Connections tell by themselves.
      watch: () => () => undefined,
    });
    this.messageReceived = new EventSource(platform, 'messageReceived');
    this.invalidMsgReceived = new EventSource(platform, 'invalidMsgReceived');
    this.#member =
      createMember?.({
        context: () => this.#context!,
        users: this.#platformUsers,
        controller: this.customizeController,
      }) ?? null;
  }

  initialize(
    port: number,
    customizeHandler: CustomizeHandler | null,
    basicHandler: BasicHandler | null = null,
  ): Promise<void> {
    return promised(() => {
      if (this.#phase === 'closed') throw closedError();
      if (this.#phase !== 'idle') {
        throw new LocalProtocolError('E_ARGUMENT', 'ENG-003', 'initialize was called before; a server starts once');
      }
      checkInteger('the port', 'ENG-012', port, 0, 65_535);
      this.#phase = 'starting';
      this.fileController.start(fileTimesOf(this.advanced));
      this.#context = this.#createContext(customizeHandler, basicHandler);
      return this.#member === null ? this.#listen(port) : this.#listenAndJoin(port, this.#member);
    });
  }

  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#listener?.close();
    this.#p2p.close();
    this.#platform.noteAsyncEdge();
    this.#failStart?.(closedError());
    const context = this.#context;
    if (context === undefined) return;
    context.deadlines.clear();
    context.contacts.notices.close();
    this.fileController.stop();
    context.world.tasks?.close();
    this.#member?.stop();
    for (const connection of this.#sockets) connection.input('close');
    this.#users.clear();
    context.requests.failAll(() => new DisconnectedException('ENG-005'));
  }

  get port(): number {
    this.#running();
    return this.#listener?.local.port ?? 0;
  }

  get connectionCount(): number {
    return this.#openCount;
  }

  sendMessage(
    target: string,
    informationType: number,
    message: Uint8Array | null,
    tag: string | null,
    fragmentSize?: number,
    handler?: ResultHandler,
    handlerTag?: unknown,
  ): Promise<void> {
    const promise = this.customizeController.sendMessage(target, { informationType, message, tag, fragmentSize });
    return withResult(this.#platform, promise, handler, handlerTag);
  }

  /** @throws LocalProtocolError `E_NOT_INITIALIZED` before initialize has succeeded, `E_CLOSED` after close. */
  #running(): ServerContext {
    if (this.#phase === 'running') return this.#context!;
    if (this.#phase === 'closed') throw closedError();
    throw new LocalProtocolError('E_NOT_INITIALIZED', 'ENG-004', 'the server is not running; await initialize first');
  }

  #listen(port: number): Promise<void> {
    this.#platform.noteAsyncEdge();
    return new Promise<void>((resolve, reject) => {
      this.#failStart = reject;
      const address = this.ipAddressBinding;
      const open = (triesLeft: number): TcpListener =>
        this.#platform.listenTcp(
          { port, ...(address === null ? {} : { address }) },
          {
            onListening: (local) => {
              if (this.#phase !== 'starting') return;
              this.#startP2P(local.port, () => {
                if (this.#phase !== 'starting') return;
                // Any port will do: then one whose neighbour is free as well.
                if (port === 0 && this.useAsP2PServer && !this.#p2p.isRunning && triesLeft > 0) {
                  this.#listener?.close();
                  this.#listener = open(triesLeft - 1);
                  return;
                }
                this.#phase = 'running';
                this.#lastDetectTime = this.#platform.wallMillis();
                this.#failStart = undefined;
                this.#platform.noteAsyncEdge();
                resolve();
              });
            },
            onConnection: (connection) => this.#accept(connection),
            onError: (code, detail) => this.#handleListenError(port, code, detail),
          },
        );
      this.#listener = open(PORT_PAIR_TRIES);
    });
  }

  /** Calls `done` when the P2P server answers, or is not wanted, or cannot be had. */
  #startP2P(tcpPort: number, done: () => void): void {
    const { limits } = this.#context!;
    if (this.useAsP2PServer) this.#p2p.start(tcpPort, { limits, address: this.ipAddressBinding }, done);
    else done();
  }

  /** In a cluster a server runs when it has joined; without the platform server it does not start (CLU-012). */
  async #listenAndJoin(port: number, member: ClusterMember): Promise<void> {
    await this.#listen(port);
    try {
      await member.join(this.port);
    } catch (error) {
      if (this.#phase === 'running') {
        this.#phase = 'idle';
        this.#listener?.close();
        this.#p2p.close();
        this.#context?.deadlines.clear();
        for (const connection of this.#sockets) connection.input('close');
        this.#users.clear();
      }
      throw error;
    }
  }

  #handleListenError(port: number, code: string, detail: string): void {
    this.#platform.log('error', `listening on port ${port} failed: ${code} ${detail}`);
    const fail = this.#failStart;
    if (this.#phase !== 'starting' || fail === undefined) return;
    this.#phase = 'idle';
    this.#failStart = undefined;
    this.#platform.noteAsyncEdge();
    const inUse = code === 'EADDRINUSE';
    const text = inUse ? `port ${port} is in use; choose another or 0 for any` : `port ${port}: ${code} ${detail}`;
    fail(new ConnectException(inUse ? 'E_ADDRINUSE' : 'E_CONNECT', 'ENG-006', text));
  }

  #accept(tcp: TcpConnection): TcpHandlers {
    const connection = new ServerConnection(this.#context!, tcp);
    this.#sockets.add(connection);
    this.#lastDetectTime = this.#platform.wallMillis();
    this.#openCount++;
    const tooMany = this.maxConnectionCount > 0 && this.#openCount > this.maxConnectionCount;
    if (tooMany) this.#platform.log('warn', `more than ${this.maxConnectionCount} connections (SEC-014)`);
    if (tooMany || this.#phase === 'closed') connection.input('close');
    return connection;
  }

  #createContext(customizeHandler: CustomizeHandler | null, basicHandler: BasicHandler | null): ServerContext {
    const platform = this.#platform;
    const limits = { userIdBytesMax: this.maxLengthOfUserID, messageBytesMax: this.maxLengthOfMessage };
    const requests = new Requests(platform, microsOrNever(this.waitResponseTimeoutInSecs));
    const delivery = createDelivery(this.#users, this.#platformUsers, this.#member);
    const shared = { platform, limits, requests, delivery };
    const contacts = createContactsPart(shared, this.contactsManager, this.contactsController);
    const groups = createGroupsPart(shared, this.dynamicGroupController);
    const handling = this.#createHandling(customizeHandler);
    const tell = (userID: string, online: boolean): void => contacts.notices.handlePresence(userID, online);
    this.#users.onPresence((userID, online) => {
      tell(userID, online);
      groups.handlePresence(userID, online);
    });
    this.#platformUsers.onPresence((userID, online) => {
      tell(userID, online);
      if (!online) endTransfersOf(context, userID);
    });
    const context: ServerContext = {
      ...shared,
      contacts,
      groups,
      basicHandler,
      world: {
        platform,
        ...handling,
        messageReceived: this.messageReceived,
        queriesHold: true,
        files: this.fileController,
      },
      times: {
        heartbeatMicros: microsOrNever(this.heartbeatTimeoutInSecs),
        logonMicros: microsOrNever(this.advanced.emptyConnectionTimeoutInSecs),
        writeMicros: microsOrNever(this.writeTimeoutInSecs),
      },
      expected: { authorizedUser: this.authorizedUser, version: this.version },
      p2p: this.#p2p,
      autoRespondHeartBeat: this.autoRespondHeartBeat,
      blobBytesMax: this.advanced.blobBytesMax,
      channelBytesMax: this.advanced.maxChannelCacheSize,
      users: this.#users,
      filePartners: new FilePartners(),
      fileRelief: new FileRelief(),
      serverID: this.serverID,
      cluster: this.#member,
      platformUsers: this.#platformUsers,
      deadlines: new ServerDeadlines(platform),
      desk: new LogonDesk(
        () => context,
        () => this.userManager.relogonMode,
      ),
      events: this.#events,
      dispatch: (connection, frame) => dispatch(connection, frame),
      raiseInvalid: (address, kind) => this.invalidMsgReceived.raise(address, kind),
      noteClosed: () => {
        this.#openCount--;
      },
      noteGone: (connection) => this.#handleGone(connection),
    };
    const dispatch = createDispatch(context);
    return context;
  }

  #fileWay(userID: string): FileWay | undefined {
    const context = this.#context;
    const user = this.#users.get(userID);
    if (context === undefined || user === undefined) return undefined;
    return {
      kind: 'server',
      queuedBytes: user.queuedBytes,
      limits: context.limits,
      post: (messageType, codec, value) =>
        user.post({ messageType, messageId: context.requests.nextId(), destId: userID }, codec, value),
    };
  }

  /** The handling model as it was set: who calls the handler, and who watches (chapter 24). */
  #createHandling(inner: CustomizeHandler | null): Pick<PeerWorld, 'customizeHandler' | 'diagnostics' | 'tasks'> {
    const platform = this.#platform;
    const { customizeInfoHandleMode, diagnosticsEnabled, queueWorkerThreadCount } = this.advanced;
    const isQueued = customizeInfoHandleMode === CustomizeInfoHandleMode.TaskQueue;
    const tasks = isQueued ? new TaskQueue(platform, queueWorkerThreadCount) : undefined;
    const diagnostics = diagnosticsEnabled ? new Diagnostics(platform) : undefined;
    this.advanced.watch({
      tasks,
      diagnostics,
      connectionCount: () => this.#openCount,
      handlingCount: () => [...this.#users.all()].filter((each) => each.isHandling).length,
      maxConnectionCount: this.maxConnectionCount,
      isOpen: () => this.#phase === 'running',
      lastDetectTime: () => this.#lastDetectTime,
    });
    const customizeHandler = inner === null || diagnostics === undefined ? inner : diagnostics.watch(inner);
    return { customizeHandler, diagnostics, tasks };
  }

  #handleGone(connection: ServerConnection): void {
    this.#sockets.delete(connection);
    if (this.#phase === 'closed' && this.#sockets.size === 0) this.#context?.deadlines.clear();
  }
}

/** Where a message goes: to another user, to its receiver here, or nowhere (FRM-008). */
function createDispatch(context: ServerContext): ServerContext['dispatch'] {
  const forwarders = createForwarders(context);
  const receivers = dispatchTable<ServerConnection>([
    ...RECEIVERS,
    ...createBasicAnswers(context),
    ...createP2PAnswers(context),
    ...createContactsAnswers(context),
    ...createP2PReceivers(context),
    ...createGroupsAnswers(context),
  ]);
  return (connection: ServerConnection, frame: FrameView) => {
    const forward = forwarders[frame.messageType];
    if (forward !== undefined && !frame.destIsServer()) forward(connection, frame);
    else receivers[frame.messageType]?.(connection, frame);
  };
}

function closedError(): LocalProtocolError {
  return new LocalProtocolError('E_CLOSED', 'CUS-011', 'the server is closed; make a new engine');
}
