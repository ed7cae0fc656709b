/** The settings and the parts of both engines, one call each, for cases that go through all of them. */
import type { RapidPassiveEngine, RapidServerEngine } from '../../../impl/index.ts';

/** Every setting of a client, each set to another value than its default. */
const CLIENT_SETTINGS: readonly ((engine: RapidPassiveEngine) => unknown)[] = [
  (engine) => (engine.heartBeatSpanInSecs = 3),
  (engine) => (engine.waitResponseTimeoutInSecs = 3),
  (engine) => (engine.autoReconnect = false),
  (engine) => (engine.systemToken = 'late'),
  (engine) => (engine.clientType = 1),
  (engine) => (engine.authorizedUser = 'late'),
  (engine) => (engine.version = 3),
  (engine) => (engine.maxLengthOfUserID = 20),
  (engine) => (engine.maxLengthOfMessage = 2000),
  (engine) => (engine.advanced.heartbeatTimeoutInSecs = 3),
  (engine) => (engine.advanced.blobBytesMax = 3),
  (engine) => (engine.advanced.reconnectDelaySecs = [3]),
  (engine) => (engine.advanced.writeTimeoutInSecs = 3),
];

const SERVER_SETTINGS: readonly ((engine: RapidServerEngine) => unknown)[] = [
  (engine) => (engine.heartbeatTimeoutInSecs = 3),
  (engine) => (engine.waitResponseTimeoutInSecs = 3),
  (engine) => (engine.autoRespondHeartBeat = true),
  (engine) => (engine.writeTimeoutInSecs = 3),
  (engine) => (engine.ipAddressBinding = '127.0.0.1'),
  (engine) => (engine.maxConnectionCount = 3),
  (engine) => (engine.authorizedUser = 'late'),
  (engine) => (engine.version = 3),
  (engine) => (engine.maxLengthOfUserID = 20),
  (engine) => (engine.maxLengthOfMessage = 2000),
  (engine) => (engine.advanced.emptyConnectionTimeoutInSecs = 3),
  (engine) => (engine.advanced.blobBytesMax = 3),
  (engine) => (engine.advanced.maxChannelCacheSize = 3),
  (engine) => (engine.userManager.relogonMode = 0),
];

/** Every part of a client that needs a logon. */
const CLIENT_USES: readonly ((engine: RapidPassiveEngine) => unknown)[] = [
  ({ customizeOutter }) => customizeOutter.send(1, null),
  ({ customizeOutter }) => customizeOutter.transferByServer('bob', 1, null),
  ({ customizeOutter }) => customizeOutter.sendCertainly(null, 1, null),
  ({ customizeOutter }) => customizeOutter.query(1, null),
  ({ customizeOutter }) => customizeOutter.sendBlob(null, 1, null, 100),
  ({ basicOutter }) => basicOutter.getMyIPE(),
  ({ basicOutter }) => basicOutter.getUserIPE('bob'),
  ({ basicOutter }) => basicOutter.isUserOnline('bob'),
  ({ basicOutter }) => basicOutter.isUserOnline(['bob']),
  ({ basicOutter }) => basicOutter.getAllOnlineUsers(),
  ({ basicOutter }) => basicOutter.ping(),
  ({ basicOutter }) => basicOutter.pingByServer('bob'),
  ({ basicOutter }) => basicOutter.kickOut('bob'),
  ({ basicOutter }) => basicOutter.sendHeartBeatMessage(),
  (engine) => engine.sendMessage(null, 1, null, null),
  (engine) => engine.channelIsBusy,
  (engine) => engine.currentUserID,
  (engine) => engine.serverAddress,
  (engine) => engine.closeConnection(true),
];

const SERVER_USES: readonly ((engine: RapidServerEngine) => unknown)[] = [
  ({ customizeController }) => customizeController.send('bob', 1, null),
  ({ customizeController }) => customizeController.sendCertainlyToLocalClient('bob', 1, null),
  ({ customizeController }) => customizeController.queryLocalClient('bob', 1, null),
  ({ customizeController }) => customizeController.sendBlob('bob', 1, null, 100),
  ({ basicController }) => basicController.kickOut('bob'),
  ({ userManager }) => userManager.isUserOnLine('bob'),
  ({ userManager }) => userManager.getOnlineUserList(),
  ({ userManager }) => userManager.getUserData('bob'),
  ({ userManager }) => userManager.getUserAddress('bob'),
  ({ userManager }) => userManager.selectOnlineUserFrom(['bob']),
  ({ userManager }) => userManager.getAllUserData(),
  ({ userManager }) => userManager.setTag('bob', 1),
  (engine) => engine.sendMessage('bob', 1, null, null),
  (engine) => engine.port,
];

type Calls<Engine> = readonly ((engine: Engine) => unknown)[];

/** Sets each setting of a client, one a call. */
export const clientSettings = (): Calls<RapidPassiveEngine> => CLIENT_SETTINGS;

/** Sets each setting of a server, one a call. */
export const serverSettings = (): Calls<RapidServerEngine> => SERVER_SETTINGS;

/** Uses each part of a client that needs a logon, one a call. */
export const clientUses = (): Calls<RapidPassiveEngine> => CLIENT_USES;

/** Uses each part of a server that needs it to run, one a call. */
export const serverUses = (): Calls<RapidServerEngine> => SERVER_USES;
