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
import { checkContactsManager } from './contacts/check-manager.ts';
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

const ADVANCED_RULES: SettingRules<ServerAdvanced> = {
  emptyConnectionTimeoutInSecs: secs,
  blobBytesMax: count,
  maxChannelCacheSize: count,
  checkFileZeroSpeedSpanInSecs: secs,
  fileFirstPackageTimeoutInSecs: secs,
};

class Advanced implements ServerAdvanced {
  declare emptyConnectionTimeoutInSecs: number;
  declare blobBytesMax: number;
  declare maxChannelCacheSize: number;
  declare checkFileZeroSpeedSpanInSecs: number;
  declare fileFirstPackageTimeoutInSecs: number;
  readonly settings: Settings<ServerAdvanced>;

  constructor(isFrozen: () => boolean) {
    const defaults = {
      emptyConnectionTimeoutInSecs: emptyConnectionTimeoutSecs,
      blobBytesMax: BLOB_BYTES_MAX_DEFAULT,
      maxChannelCacheSize: 0,
      checkFileZeroSpeedSpanInSecs: fileZeroSpeedSpanSecs,
      fileFirstPackageTimeoutInSecs: fileFirstPackageTimeoutSecs,
    };
    this.settings = new Settings<ServerAdvanced>(defaults, ADVANCED_RULES, isFrozen);
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
  readonly advanced: ServerAdvanced;
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
