/**
 * What one direction of a link does to packets: the options, their defaults and their checks. No packet moves here.
 */
import { checkInteger, usageError } from './errors.ts';
import { CODEL_DEFAULT, CODEL_INTERVAL_MICROS_MAX } from './link/codel.ts';
import type { CodelOptions, CodelSettings } from './link/codel.ts';
import { checkDelay } from './link/delay.ts';
import type { DelayModel } from './link/delay.ts';
import type { LineSettings } from './link/line.ts';
import { checkLoss } from './link/loss.ts';
import type { LossModel } from './link/loss.ts';
import { checkRatio } from './ratio.ts';
import type { Ratio } from './ratio.ts';

/** A share of packets that is damaged; the receiver's checksum notices, unless `undetected`. */
export type DamageOptions = { readonly ratio: Ratio; readonly undetected?: boolean };

/**
 * What becomes of packets above the MTU. `fragment`: datagrams travel as fragments, TCP segments are refused. `refuse`:
 * everything is. A router that would send a refused packet answers "fragmentation needed" (RFC 1191); `blackHole`: it does
 * not (RFC 2923 section 2.1).
 */
export type TooBigPolicy = 'fragment' | 'refuse' | 'blackHole';

export type LinkOptions = {
  /** Time a packet needs at least. Default 1,000. */
  readonly delayMicros?: number;
  /** Up to this much more, uniformly drawn per packet; the order is kept. Default 0. */
  readonly jitterMicros?: number;
  /** Instead of both: another distribution. */
  readonly delay?: DelayModel;
  /** A packet with a shorter delay overtakes one with a longer. Default: no, the order is kept. */
  readonly overtaking?: boolean;
  readonly loss?: LossModel;
  /** A second copy arrives, with its own jitter. */
  readonly duplicate?: Ratio;
  /** Such a packet arrives 1 to `extraMicros` later and lets others overtake it. */
  readonly reorder?: { readonly ratio: Ratio; readonly extraMicros: number };
  /** One bit is flipped. */
  readonly corrupt?: DamageOptions;
  /** The end of the payload is cut off; unnoticed only in datagrams. */
  readonly truncate?: DamageOptions;
  /** Default: infinitely fast. What follows up to `mtuBytes` needs a bandwidth. */
  readonly bandwidthBitsPerSecond?: number;
  /** Depth of a token bucket: so much may pass at once after a rest. Default 0. */
  readonly burstBytes?: number;
  /** Bytes waiting for the line at most; a packet that does not fit is dropped. Default 256 KiB. */
  readonly queueBytesMax?: number;
  /** Packets that have not left yet at most. Default: no limit. */
  readonly queuePacketsMax?: number;
  /**
   * What goes when the queue is full: `tail`, the packet that came last, or `random`, any of those that wait. Cannot be taken
   * back. Default `tail`.
   */
  readonly whenFull?: 'tail' | 'random';
  /** Above so many waiting bytes, packets that can carry ECN marks are marked. Default: never; not with CoDel. */
  readonly markAboveBytes?: number;
  /** The queue is managed by CoDel (RFC 8289), which marks what can be marked and drops the rest. Cannot be taken off again. */
  readonly codel?: CodelOptions;
  /** Largest IP packet. Default 1,500. */
  readonly mtuBytes?: number;
  /** Default `fragment`. */
  readonly tooBig?: TooBigPolicy;
};

type DamageSettings = { readonly ratio: Ratio; readonly undetected: boolean };

/** Options with every field decided. */
export type LinkSettings = {
  readonly delayMicros: number;
  readonly jitterMicros: number;
  readonly delay: DelayModel | undefined;
  readonly overtaking: boolean;
  readonly loss: LossModel | undefined;
  readonly duplicate: Ratio | undefined;
  readonly reorder: { readonly ratio: Ratio; readonly extraMicros: number } | undefined;
  readonly corrupt: DamageSettings | undefined;
  readonly truncate: DamageSettings | undefined;
  /** Undefined when the link is infinitely fast. */
  readonly line: LineSettings | undefined;
  readonly whenFull: 'tail' | 'random';
  readonly markAboveBytes: number;
  readonly codel: CodelSettings | undefined;
  readonly mtuBytes: number;
  readonly tooBig: TooBigPolicy;
};

const DELAY_MICROS_DEFAULT = 1_000;
const DELAY_MICROS_MAX = 0xffff_ffff;
const QUEUE_BYTES_DEFAULT = 262_144;
export const MTU_BYTES_DEFAULT = 1_500;
/** RFC 791: every host must take this much. */
const MTU_BYTES_MIN = 576;
const WHEN_FULL: readonly string[] = ['tail', 'random'];
const TOO_BIG_POLICIES: readonly TooBigPolicy[] = ['fragment', 'refuse', 'blackHole'];
/** 64 MiB: its time in parts of the bandwidth must be exact. */
const BURST_BYTES_MAX = 0x400_0000;

/**
 * Fills in defaults and checks ranges.
 *
 * @throws SimError `usage` - names the option, its value and the range.
 */
export function linkSettings(options: LinkOptions): LinkSettings {
  const { delayMicros = DELAY_MICROS_DEFAULT, jitterMicros = 0, mtuBytes = MTU_BYTES_DEFAULT } = options;
  const { delay, loss, duplicate, reorder, corrupt, truncate, tooBig = 'fragment' } = options;
  checkInteger('delayMicros', delayMicros, 0, DELAY_MICROS_MAX);
  checkInteger('jitterMicros', jitterMicros, 0, DELAY_MICROS_MAX - 1);
  checkInteger('mtuBytes', mtuBytes, MTU_BYTES_MIN, 65_535);
  if (!TOO_BIG_POLICIES.includes(tooBig)) {
    throw usageError(`tooBig is '${tooBig as string}'; give one of ${TOO_BIG_POLICIES.join(', ')}`);
  }
  if (delay !== undefined) {
    if (options.delayMicros !== undefined || options.jitterMicros !== undefined) {
      throw usageError('delay is given together with delayMicros or jitterMicros; a link has one or the other');
    }
    checkDelay(delay);
  }
  if (loss !== undefined) checkLoss(loss);
  if (duplicate !== undefined) checkRatio('duplicate', duplicate);
  if (reorder !== undefined) {
    checkRatio('reorder.ratio', reorder.ratio);
    checkInteger('reorder.extraMicros', reorder.extraMicros, 1, DELAY_MICROS_MAX);
  }
  return {
    delayMicros,
    jitterMicros,
    delay,
    overtaking: options.overtaking ?? false,
    loss,
    duplicate,
    reorder,
    corrupt: damageSettings('corrupt', corrupt),
    truncate: damageSettings('truncate', truncate),
    line: lineSettings(options, mtuBytes),
    whenFull: whenFullSetting(options),
    markAboveBytes: options.markAboveBytes ?? Infinity,
    codel: codelSettings(options.codel),
    mtuBytes,
    tooBig,
  };
}

function damageSettings(name: string, damage: DamageOptions | undefined): DamageSettings | undefined {
  if (damage === undefined) return undefined;
  checkRatio(`${name}.ratio`, damage.ratio);
  return { ratio: damage.ratio, undetected: damage.undetected ?? false };
}

/** Options that make no sense without a bandwidth. */
const LINE_OPTIONS = ['burstBytes', 'queueBytesMax', 'queuePacketsMax', 'whenFull', 'markAboveBytes', 'codel'] as const;

function lineSettings(options: LinkOptions, mtuBytes: number): LineSettings | undefined {
  const { bandwidthBitsPerSecond, burstBytes = 0, queueBytesMax = QUEUE_BYTES_DEFAULT, queuePacketsMax } = options;
  if (bandwidthBitsPerSecond === undefined) {
    const given = LINE_OPTIONS.find((name) => options[name] !== undefined);
    if (given === undefined) return undefined;
    throw usageError(`${given} is given, but no bandwidthBitsPerSecond: an infinitely fast link has no queue`);
  }
  if (options.markAboveBytes !== undefined && options.codel !== undefined) {
    throw usageError(
      'markAboveBytes is given together with codel, which decides itself what to mark; give one of them',
    );
  }
  checkInteger('bandwidthBitsPerSecond', bandwidthBitsPerSecond, 1, 1e12);
  checkInteger('burstBytes', burstBytes, 0, BURST_BYTES_MAX);
  checkInteger('queueBytesMax', queueBytesMax, mtuBytes, 0x7fff_ffff);
  if (queuePacketsMax !== undefined) checkInteger('queuePacketsMax', queuePacketsMax, 1, 0x7fff_ffff);
  if (options.markAboveBytes !== undefined) checkInteger('markAboveBytes', options.markAboveBytes, 0, 0x7fff_ffff);
  return { bandwidthBitsPerSecond, burstBytes, queueBytesMax, queuePacketsMax: queuePacketsMax ?? 0 };
}

function whenFullSetting({ whenFull = 'tail', codel, markAboveBytes }: LinkOptions): 'tail' | 'random' {
  if (!WHEN_FULL.includes(whenFull)) throw usageError(`whenFull is '${whenFull as string}'; give tail or random`);
  if (whenFull === 'random' && (codel !== undefined || markAboveBytes !== undefined)) {
    throw usageError(
      `whenFull is 'random' together with ${codel === undefined ? 'markAboveBytes' : 'codel'}; give one`,
    );
  }
  return whenFull;
}

function codelSettings(options: CodelOptions | undefined): CodelSettings | undefined {
  if (options === undefined) return undefined;
  const settings = { ...CODEL_DEFAULT, ...options };
  checkInteger('codel.intervalMicros', settings.intervalMicros, 1, CODEL_INTERVAL_MICROS_MAX);
  checkInteger('codel.targetMicros', settings.targetMicros, 0, settings.intervalMicros);
  return settings;
}

/** Both forms of a delay, to be taken out. */
type Forms = { delay?: DelayModel; delayMicros?: number; jitterMicros?: number };

/** Old options with changes; a delay of one form replaces one of the other. */
export function changedOptions<Options extends LinkOptions>(old: Options, changes: Options): Options {
  if (Object.keys(changes).length === 0) return old;
  const kept: Options & Forms = { ...old };
  if (changes.delay !== undefined) {
    delete kept.delayMicros;
    delete kept.jitterMicros;
  } else if (changes.delayMicros !== undefined || changes.jitterMicros !== undefined) {
    delete kept.delay;
  }
  return { ...kept, ...changes };
}

/** Fragments an IP packet of that size needs on a link of that MTU, and 1 when it fits (RFC 791 section 3.2). */
export function fragmentCount(sizeBytes: number, mtuBytes: number): number {
  if (sizeBytes <= mtuBytes) return 1;
  return Math.ceil((sizeBytes - 20) / fragmentPayloadBytes(mtuBytes));
}

/** The header that makes an IPv6 packet a fragment (RFC 8200 section 4.5), in bytes. */
export const FRAGMENT_HEADER6_BYTES = 8;

/** The same for an IPv6 packet that its sender cut for an MTU. */
export function fragmentCount6(sizeBytes: number, mtuBytes: number): number {
  return Math.ceil((sizeBytes - 40) / fragmentPayloadBytes(mtuBytes, 40 + FRAGMENT_HEADER6_BYTES));
}

/** Payload bytes of every fragment but the last: a multiple of eight. */
export function fragmentPayloadBytes(mtuBytes: number, headBytes = 20): number {
  return ((mtuBytes - headBytes) >> 3) << 3;
}
