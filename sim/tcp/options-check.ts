/** Whether the options of a host's TCP make sense. Pure. */
import { checkInteger, usageError } from '../errors.ts';
import { TCP_OPTIONS_DEFAULT } from './options.ts';
import type { TcpOptions } from './options.ts';

const MICROS_MAX = Number.MAX_SAFE_INTEGER;

/** Least and greatest value of every number. */
const RANGES = {
  rtoInitialMicros: [1, MICROS_MAX],
  rtoMinMicros: [1, MICROS_MAX],
  rtoMaxMicros: [1, MICROS_MAX],
  synRetriesMax: [0, 127],
  userTimeoutMicros: [1, MICROS_MAX],
  timeWaitMicros: [0, MICROS_MAX],
  finWait2Micros: [0, MICROS_MAX],
  // RFC 9293 section 3.8.6.3.
  delayedAckMicros: [0, 500_000],
  keepAliveProbesMax: [1, 127],
  challengeSpanMicros: [0, MICROS_MAX],
  // What a window field shifted by 14 can say (RFC 7323 section 2.3).
  receiveBufferBytes: [1, 0xffff * 2 ** 14],
  sendBufferBytes: [1, 2 ** 30],
} as const satisfies Partial<Record<keyof TcpOptions, readonly [number, number]>>;

/** What options that are words may be. */
const WORDS = {
  congestionControl: ['newReno', 'cubic'],
  lossDetection: ['duplicates', 'rackTlp'],
  ecn: ['off', 'accept', 'request'],
} as const satisfies { readonly [Name in keyof TcpOptions]?: readonly TcpOptions[Name][] };

/**
 * The defaults with changes.
 *
 * @throws SimError `usage` - there is no option of that name, or a value is out of its range.
 */
export function checkedTcpOptions(changes: Partial<TcpOptions>): TcpOptions {
  for (const name of Object.keys(changes)) {
    if (!(name in TCP_OPTIONS_DEFAULT)) {
      throw usageError(`TCP has no option '${name}'; there are ${Object.keys(TCP_OPTIONS_DEFAULT).join(', ')}`);
    }
  }
  const options: TcpOptions = { ...TCP_OPTIONS_DEFAULT, ...changes };
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    checkInteger(name, options[name as keyof typeof RANGES], least, most);
  }
  for (const [name, words] of Object.entries(WORDS)) {
    const word = options[name as keyof typeof WORDS];
    if (!(words as readonly string[]).includes(word)) {
      throw usageError(`${name} is '${word}'; give one of ${words.join(', ')}`);
    }
  }
  if (options.rtoMinMicros > options.rtoMaxMicros) {
    throw usageError(`rtoMinMicros ${options.rtoMinMicros} is above rtoMaxMicros ${options.rtoMaxMicros}`);
  }
  if (options.lossDetection === 'rackTlp' && !options.selectiveAcknowledgments) {
    throw usageError("lossDetection 'rackTlp' needs selectiveAcknowledgments: true (RFC 8985 section 3.2)");
  }
  if (options.initialSequence !== undefined)
    checkInteger('initialSequence', options.initialSequence, -(2 ** 31), 2 ** 32 - 1);
  return options;
}
