/**
 * The `config` of an adapter's `open`: every setting, defaults filled in, durations already in real seconds.
 *
 * One place knows the defaults, so that no adapter needs any (chapter 20, sections 3.2 and 6).
 */
import { AUTHORIZED_USER_DEFAULT, BLOB_BYTES_MAX_DEFAULT, MESSAGE_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import { USER_ID_BYTES_MAX_DEFAULT, VERSION_DEFAULT } from '../../spec/limits.ts';
import {
  clientTimeoutSpans,
  heartBeatSpanSecs,
  reconnectDelaySecs,
  waitResponseTimeoutSecs,
} from '../../spec/timing.ts';
import type { ClientOptions } from './client-subject.ts';

/** What an adapter gets; the members' meanings are in chapter 20, section 3.2. */
export type AdapterConfig = {
  readonly systemToken: string | null;
  readonly heartBeatSpanInSecs: number;
  readonly waitResponseTimeoutInSecs: number;
  readonly autoReconnect: boolean;
  readonly reconnectDelaySecs: readonly number[];
  readonly maxLengthOfUserID: number;
  readonly maxLengthOfMessage: number;
  readonly clientType: number;
  readonly version: number;
  readonly authorizedUser: string;
  readonly heartbeatTimeoutInSecs: number;
  readonly blobBytesMax: number;
  readonly timeFactor: number;
};

/**
 * The complete config for a client with these options.
 * @param timeFactor - Real seconds in one scenario second, above 0.
 */
export function adapterConfig(options: ClientOptions, timeFactor: number): AdapterConfig {
  // Microsecond steps keep lines readable: 0.30000000000000004 is 0.3.
  const scaled = (secs: number): number => Math.round(secs * timeFactor * 1e6) / 1e6;
  const spanSecs = options.heartBeatSpanInSecs ?? heartBeatSpanSecs;
  return {
    systemToken: options.systemToken ?? null,
    heartBeatSpanInSecs: scaled(spanSecs),
    waitResponseTimeoutInSecs: scaled(options.waitResponseTimeoutInSecs ?? waitResponseTimeoutSecs),
    autoReconnect: options.autoReconnect ?? true,
    reconnectDelaySecs: reconnectDelaySecs.map(scaled),
    maxLengthOfUserID: options.maxLengthOfUserID ?? USER_ID_BYTES_MAX_DEFAULT,
    maxLengthOfMessage: options.maxLengthOfMessage ?? MESSAGE_BYTES_MAX_DEFAULT,
    clientType: options.clientType ?? 0,
    version: options.version ?? VERSION_DEFAULT,
    authorizedUser: options.authorizedUser ?? AUTHORIZED_USER_DEFAULT,
    heartbeatTimeoutInSecs: scaled(options.heartbeatTimeoutInSecs ?? Math.max(0, spanSecs) * clientTimeoutSpans),
    blobBytesMax: options.blobBytesMax ?? BLOB_BYTES_MAX_DEFAULT,
    timeFactor,
  };
}
