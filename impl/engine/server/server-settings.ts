/** The server's settings under the manual's names, with their defaults and checks (ENG-003). */
import {
  emptyConnectionTimeoutSecs,
  fileFirstPackageTimeoutSecs,
  fileZeroSpeedSpanSecs,
  heartbeatTimeoutSecs,
  serverWriteTimeoutSecs,
  waitResponseTimeoutSecs,
} from '../../../spec/timing.ts';
import { BLOB_BYTES_MAX_DEFAULT } from '../../../spec/limits.ts';
import type { ServerAdvanced } from '../api.ts';
import type { ContactsManager } from '../api-contacts.ts';
import { checkInteger, checkSecs, checkText, checkUserIdBytesMax } from '../arguments.ts';
import { checkMessageBytesMax, commonDefaults } from '../global-util.ts';
import type { CommonDefaults } from '../global-util.ts';
import { describeValue, LocalProtocolError } from '../../wire/index.ts';
import { CustomizeInfoHandleMode } from '../enums.ts';
import { checkContactsManager } from './contacts/check-manager.ts';
import { createHandlingFace } from './handling/handling-face.ts';
import type { HandlingFace, HandlingProbe } from './handling/handling-face.ts';
import { defineAccessors, Settings } from '../settings.ts';
import type { SettingRules } from '../settings.ts';

type ServerValues = CommonDefaults & {
  heartbeatTimeoutInSecs: number;
  waitResponseTimeoutInSecs: number;
  autoRespondHeartBeat: boolean;
  writeTimeoutInSecs: number;
  ipAddressBinding: string | null;
  maxConnectionCount: number;
  useAsP2PServer: boolean;
  contactsManager: ContactsManager | null;
};

const secs = (value: number, name: string): void => checkSecs(name, value);
const count = (value: number, name: string): void => checkInteger(name, 'ENG-003', value, 0, Number.MAX_SAFE_INTEGER);

const RULES: SettingRules<ServerValues> = {
  heartbeatTimeoutInSecs: secs,
  waitResponseTimeoutInSecs: secs,
  autoRespondHeartBeat: () => undefined,
  writeTimeoutInSecs: secs,
  ipAddressBinding: (value, name) => void checkText(name, value),
  maxConnectionCount: count,
  useAsP2PServer: () => undefined,
  contactsManager: checkContactsManager,
  maxLengthOfUserID: checkUserIdBytesMax,
  maxLengthOfMessage: checkMessageBytesMax,
  authorizedUser: (value, name) => void checkText(name, value),
  version: (value, name) => checkInteger(name, 'LOG-006', value, -0x8000_0000, 0x7fff_ffff),
};

/** HDL-012: as many worker threads as a pool of the original's runtime may have. Ours. */
const WORKERS_HIGHEST = 32_767;

/** HDL-012 MUST. */
const QUEUE_WORKERS_DEFAULT = 20;

function checkHandleMode(mode: CustomizeInfoHandleMode): void {
  if (Object.values(CustomizeInfoHandleMode).includes(mode)) return;
  const wanted = 'CustomizeInfoHandleMode.IocpDirectly or CustomizeInfoHandleMode.TaskQueue';
  throw new LocalProtocolError(
    'E_ARGUMENT',
    'HDL-002',
    `customizeInfoHandleMode must be ${wanted}, got ${describeValue(mode)}`,
  );
}

function checkFlag(name: string, value: boolean): void {
  if (typeof value === 'boolean') return;
  throw new LocalProtocolError('E_ARGUMENT', 'ERR-001', `${name} must be true or false, got ${describeValue(value)}`);
}

/** The settings among what `advanced` has. */
type AdvancedValues = Omit<ServerAdvanced, keyof HandlingFace>;

const ADVANCED_RULES: SettingRules<AdvancedValues> = {
  customizeInfoHandleMode: checkHandleMode,
  queueWorkerThreadCount: (value, name) => checkInteger(name, 'HDL-012', value, 1, WORKERS_HIGHEST),
  diagnosticsEnabled: (value, name) => checkFlag(name, value),
  emptyConnectionTimeoutInSecs: secs,
  blobBytesMax: count,
  maxChannelCacheSize: count,
  checkFileZeroSpeedSpanInSecs: secs,
  fileFirstPackageTimeoutInSecs: secs,
};

/** The object behind `server.advanced`. */
export class Advanced implements ServerAdvanced {
  declare customizeInfoHandleMode: CustomizeInfoHandleMode;
  declare queueWorkerThreadCount: number;
  declare diagnosticsEnabled: boolean;
  declare emptyConnectionTimeoutInSecs: number;
  declare blobBytesMax: number;
  declare maxChannelCacheSize: number;
  declare checkFileZeroSpeedSpanInSecs: number;
  declare fileFirstPackageTimeoutInSecs: number;
  readonly settings: Settings<AdvancedValues>;
  readonly diagnosticsViewer: HandlingFace['diagnosticsViewer'];
  readonly getTaskQueueInfo: HandlingFace['getTaskQueueInfo'];
  readonly getPortListenerState: HandlingFace['getPortListenerState'];
  #probe: HandlingProbe | undefined;

  constructor(isFrozen: () => boolean) {
    const defaults: AdvancedValues = {
      customizeInfoHandleMode: CustomizeInfoHandleMode.IocpDirectly,
      queueWorkerThreadCount: QUEUE_WORKERS_DEFAULT,
      diagnosticsEnabled: false,
      emptyConnectionTimeoutInSecs: emptyConnectionTimeoutSecs,
      blobBytesMax: BLOB_BYTES_MAX_DEFAULT,
      maxChannelCacheSize: 0,
      checkFileZeroSpeedSpanInSecs: fileZeroSpeedSpanSecs,
      fileFirstPackageTimeoutInSecs: fileFirstPackageTimeoutSecs,
    };
    this.settings = new Settings<AdvancedValues>(defaults, ADVANCED_RULES, isFrozen);
    const face = createHandlingFace(
      () => this.#probe,
      () => this.queueWorkerThreadCount,
    );
    this.diagnosticsViewer = face.diagnosticsViewer;
    this.getTaskQueueInfo = face.getTaskQueueInfo;
    this.getPortListenerState = face.getPortListenerState;
  }

  /** The server runs: from now on there is something to show. */
  watch(probe: HandlingProbe): void {
    this.#probe = probe;
  }
}
defineAccessors(Advanced.prototype, ADVANCED_RULES);

/** A server engine extends it and says when the settings are frozen. */
export abstract class ServerSettings {
  declare heartbeatTimeoutInSecs: number;
  declare waitResponseTimeoutInSecs: number;
  declare autoRespondHeartBeat: boolean;
  declare writeTimeoutInSecs: number;
  declare ipAddressBinding: string | null;
  declare maxConnectionCount: number;
  declare useAsP2PServer: boolean;
  declare contactsManager: ContactsManager | null;
  declare authorizedUser: string;
  declare version: number;
  declare maxLengthOfUserID: number;
  declare maxLengthOfMessage: number;
  readonly advanced: Advanced;
  readonly settings: Settings<ServerValues>;

  constructor(isFrozen: () => boolean) {
    const defaults = {
      ...commonDefaults(),
      heartbeatTimeoutInSecs: heartbeatTimeoutSecs,
      waitResponseTimeoutInSecs: waitResponseTimeoutSecs,
      autoRespondHeartBeat: false,
      writeTimeoutInSecs: serverWriteTimeoutSecs,
      ipAddressBinding: null,
      maxConnectionCount: 0,
      useAsP2PServer: true,
      contactsManager: null,
    };
    this.settings = new Settings<ServerValues>(defaults, RULES, isFrozen);
    this.advanced = new Advanced(isFrozen);
  }
}
defineAccessors(ServerSettings.prototype, RULES);
