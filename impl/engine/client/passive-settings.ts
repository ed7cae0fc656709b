/** The client's settings under the manual's names, with their defaults and checks (ENG-003). */
import {
  clientWriteTimeoutSecs,
  fileFirstPackageTimeoutSecs,
  fileZeroSpeedSpanSecs,
  heartBeatSpanSecs,
  reconnectDelaySecs,
  waitResponseTimeoutSecs,
} from '../../../spec/timing.ts';
import { BLOB_BYTES_MAX_DEFAULT, CLIENT_TYPE_MAX } from '../../../spec/limits.ts';
import type { Endpoint } from '../../../spec/platform.ts';
import type { PassiveAdvanced } from '../api.ts';
import { checkInteger, checkSecs, checkText, checkUserIdBytesMax } from '../arguments.ts';
import { ClientType } from '../enums.ts';
import { checkMessageBytesMax, commonDefaults } from '../global-util.ts';
import type { CommonDefaults } from '../global-util.ts';
import { fileTimesOf } from '../files/file-times.ts';
import type { FileTimes } from '../files/file-times.ts';
import { defineAccessors, Settings } from '../settings.ts';
import type { SettingRules } from '../settings.ts';
import { describeValue, LocalProtocolError } from '../../wire/index.ts';

type PassiveValues = CommonDefaults & {
  heartBeatSpanInSecs: number;
  waitResponseTimeoutInSecs: number;
  autoReconnect: boolean;
  systemToken: string | null;
  clientType: ClientType;
  p2pServerAddress: Endpoint | null;
};

const secs = (value: number, name: string): void => checkSecs(name, value);
const text = (value: string | null, name: string): void => void checkText(name, value);

const RULES: SettingRules<PassiveValues> = {
  heartBeatSpanInSecs: secs,
  waitResponseTimeoutInSecs: secs,
  autoReconnect: () => undefined,
  systemToken: text,
  clientType: (value, name) => checkInteger(name, 'FRM-005', value, 0, CLIENT_TYPE_MAX),
  maxLengthOfUserID: checkUserIdBytesMax,
  maxLengthOfMessage: checkMessageBytesMax,
  authorizedUser: text,
  version: (value, name) => checkInteger(name, 'LOG-006', value, -0x8000_0000, 0x7fff_ffff),
  p2pServerAddress: (value, name) => {
    if (value === null) return;
    checkInteger(`the port of ${name}`, 'P2P-008', value.port, 1, 65_535);
    if (typeof value.address === 'string' && value.address !== '') return;
    const found = describeValue(value.address);
    throw new LocalProtocolError('E_ARGUMENT', 'P2P-008', `${name} must name an IP address, got ${found}`);
  },
};

const ADVANCED_RULES: SettingRules<PassiveAdvanced> = {
  heartbeatTimeoutInSecs: (value, name) => {
    if (value !== null) checkSecs(name, value);
  },
  blobBytesMax: (value, name) => checkInteger(name, 'BLB-012', value, 0, Number.MAX_SAFE_INTEGER),
  reconnectDelaySecs: (delays, name) => {
    for (const delay of delays) checkSecs(name, delay);
    if (delays.length === 0)
      throw new LocalProtocolError('E_ARGUMENT', 'RCN-002', `${name} must name at least one delay`);
  },
  writeTimeoutInSecs: secs,
  checkFileZeroSpeedSpanInSecs: secs,
  fileFirstPackageTimeoutInSecs: secs,
  serverLookup: (lookup, name) => {
    if (lookup === null || typeof lookup === 'function') return;
    const found = describeValue(lookup);
    throw new LocalProtocolError('E_ARGUMENT', 'CLU-045', `${name} must be a function or null, got ${found}`);
  },
};

class Advanced implements PassiveAdvanced {
  declare heartbeatTimeoutInSecs: number | null;
  declare blobBytesMax: number;
  declare reconnectDelaySecs: readonly number[];
  declare writeTimeoutInSecs: number;
  declare checkFileZeroSpeedSpanInSecs: number;
  declare fileFirstPackageTimeoutInSecs: number;
  declare serverLookup: PassiveAdvanced['serverLookup'];
  readonly settings: Settings<PassiveAdvanced>;

  constructor(isFrozen: () => boolean) {
    const defaults = {
      heartbeatTimeoutInSecs: null,
      blobBytesMax: BLOB_BYTES_MAX_DEFAULT,
      reconnectDelaySecs,
      writeTimeoutInSecs: clientWriteTimeoutSecs,
      checkFileZeroSpeedSpanInSecs: fileZeroSpeedSpanSecs,
      fileFirstPackageTimeoutInSecs: fileFirstPackageTimeoutSecs,
      serverLookup: null,
    };
    this.settings = new Settings<PassiveAdvanced>(defaults, ADVANCED_RULES, isFrozen);
  }
}
defineAccessors(Advanced.prototype, ADVANCED_RULES);

/** A client engine extends it and says when the settings are frozen. */
export abstract class PassiveSettings {
  declare heartBeatSpanInSecs: number;
  declare waitResponseTimeoutInSecs: number;
  declare autoReconnect: boolean;
  declare systemToken: string | null;
  declare clientType: ClientType;
  declare p2pServerAddress: Endpoint | null;
  declare authorizedUser: string;
  declare version: number;
  declare maxLengthOfUserID: number;
  declare maxLengthOfMessage: number;
  readonly advanced: PassiveAdvanced;
  readonly settings: Settings<PassiveValues>;

  constructor(isFrozen: () => boolean) {
    const defaults: PassiveValues = {
      heartBeatSpanInSecs: heartBeatSpanSecs,
      waitResponseTimeoutInSecs: waitResponseTimeoutSecs,
      autoReconnect: true,
      systemToken: null,
      clientType: ClientType.DotNET,
      p2pServerAddress: null,
      ...commonDefaults(),
    };
    this.settings = new Settings<PassiveValues>(defaults, RULES, isFrozen);
    this.advanced = new Advanced(isFrozen);
  }

  /** The settings of file transfer as times. */
  protected fileTimes(): FileTimes {
    return fileTimesOf(this.advanced);
  }
}
defineAccessors(PassiveSettings.prototype, RULES);
