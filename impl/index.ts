/**
 * The engine's public face: factory, enumerations, errors and types, by name.
 *
 * It does not bring a world along: `impl/platform/node.ts` gives a Platform over real sockets, a simulator another.
 */
export {
  ActionTypeOnChannelIsBusy,
  ActionTypeOnNoP2PChannel,
  ChannelMode,
  ClientType,
  DisconnectedType,
  FileTransDisrupttedType,
  CustomizeInfoHandleMode,
  InformationStyle,
  LogonResult,
  P2PChannelMode,
  ProtocolType,
  RelogonMode,
  ServerAssignedPolicy,
} from './engine/enums.ts';
export type { MessageInvalidType } from './engine/enums.ts';
export {
  ConnectException,
  DisconnectedException,
  EngineError,
  HandingException,
  LocalProtocolError,
  TimeoutException,
} from './engine/errors.ts';
export { codecs, compactPropertySerializer, defineContract, defineType } from './wire/index.ts';
export type { Codec, DecodeResult, FieldTypes } from './wire/index.ts';
export { netServer } from './engine/files/api-files.ts';
export type {
  BaseFileController,
  FileController,
  FileOutter,
  FileRequestReceivedArgs,
  FileTransferingEvents,
  FileTransferingProgress,
  ResumedProjectItem,
  SendingFileParas,
  TransferingProject,
} from './engine/files/api-files.ts';
export { createAcms, createClusterControlClient, platformEngineFactory } from './engine/cluster/factory.ts';
export { createServerLookup } from './engine/cluster/logon-lookup.ts';
export type {
  Acms,
  ClusterControlClient,
  ClusterControlService,
  ClusterServerInfo,
  MachineState,
  PlatformCallbackHandler,
  PlatformCustomizeService,
  PlatformRapidServerEngine,
  PlatformUserManager,
  ServerConfiguration,
  ServerLookup,
} from './engine/cluster/api.ts';
export { rapidEngineFactory } from './engine/factory.ts';
export { globalUtil } from './engine/global-util.ts';
export { ComplexCustomizeHandler } from './engine/complex-customize-handler.ts';
export { DignosticLogger } from './engine/server/handling/dignostic-logger.ts';
export type { DynamicGroupController, DynamicGroupOutter, GroupInfomation } from './engine/api-dynamic-groups.ts';
export type {
  DiagnosticsViewer,
  HandlingAdvanced,
  InfoHandleRecord,
  InfoHandleRecordStatistics,
  IntegratedCustomizeHandler,
  PortListenerState,
  TaskQueueInfo,
  ThreadPoolInfo,
} from './engine/api-handling.ts';
export { DefaultContactsManager } from './engine/server/contacts/default-contacts-manager.ts';
export type {
  BroadcastInformation,
  BroadcastReceivedArgs,
  ContactsController,
  ContactsManager,
  ContactsOutter,
  Groupmates,
} from './engine/api-contacts.ts';
export type { ErrorCode } from './engine/errors.ts';
export type {
  AwaitedEvent,
  BasicController,
  BasicHandler,
  BasicOutter,
  CallbackHandler,
  CustomizeController,
  CustomizeHandler,
  CustomizeOutter,
  Event,
  Information,
  LogonResponse,
  MessageReceivedArgs,
  PassiveAdvanced,
  P2PAddress,
  P2PServer,
  RapidPassiveEngine,
  RapidServerEngine,
  ResultHandler,
  SendMessage,
  ServerAdvanced,
  UserData,
  UserManager,
  VerifyResult,
} from './engine/api.ts';
export type {
  InUdpSessionState,
  OutUdpSessionState,
  P2PChannelState,
  P2PController,
  UdpSessionStateViewer,
} from './engine/p2p/api.ts';
