/**
 * What one direction of a link does to packets: options, their checks, and the loss models. No packet moves here.
 */
import { checkInteger, usageError } from './errors.ts';
import type { RandomStream } from './random.ts';
import { checkRatio } from './ratio.ts';
import type { Ratio } from './ratio.ts';

/** Loss in bursts (Gilbert-Elliott): a good and a bad state, each with its own loss, stepped once a packet. */
export type BurstLoss = {
  readonly goodToBad: Ratio;
  readonly badToGood: Ratio;
  readonly lossInGood: Ratio;
  readonly lossInBad: Ratio;
};

export type LinkOptions = {
  /** Time a packet needs at least. Default 1,000. */
  readonly delayMicros?: number;
  /** Up to this much more, uniformly drawn per packet; the order is kept. Default 0. */
  readonly jitterMicros?: number;
  readonly loss?: Ratio | BurstLoss;
  /** A second copy arrives, with its own jitter. */
  readonly duplicate?: Ratio;
  /** Such a packet arrives 1 to `extraMicros` later and lets others overtake it. */
  readonly reorder?: { readonly ratio: Ratio; readonly extraMicros: number };
  /** One bit is flipped. The receiver's checksum notices and drops it, unless `undetected`. */
  readonly corrupt?: { readonly ratio: Ratio; readonly undetected?: boolean };
  /** Default: infinitely fast. */
  readonly bandwidthBitsPerSecond?: number;
  /** Bytes waiting for the line at most; a packet that does not fit is dropped. Default 256 KiB; needs a bandwidth. */
  readonly queueBytesMax?: number;
  /** Largest IP packet. TCP segments above it are refused, datagrams travel as fragments. Default 1,500. */
  readonly mtuBytes?: number;
};

/** Options with every field decided. */
export type LinkSettings = {
  readonly delayMicros: number;
  readonly jitterMicros: number;
  readonly loss: Ratio | BurstLoss | undefined;
  readonly duplicate: Ratio | undefined;
  readonly reorder: { readonly ratio: Ratio; readonly extraMicros: number } | undefined;
  readonly corrupt: { readonly ratio: Ratio; readonly undetected: boolean } | undefined;
  readonly bandwidthBitsPerSecond: number;
  readonly queueBytesMax: number;
  readonly mtuBytes: number;
};

const DELAY_MICROS_DEFAULT = 1_000;
const DELAY_MICROS_MAX = 0xffff_ffff;
const QUEUE_BYTES_DEFAULT = 262_144;
export const MTU_BYTES_DEFAULT = 1_500;
/** RFC 791: every host must take this much. */
const MTU_BYTES_MIN = 576;

/**
 * Fills in defaults and checks ranges.
 *
 * @throws SimError `usage` - names the option, its value and the range.
 */
export function linkSettings(options: LinkOptions): LinkSettings {
  const { delayMicros = DELAY_MICROS_DEFAULT, jitterMicros = 0, mtuBytes = MTU_BYTES_DEFAULT } = options;
  const { bandwidthBitsPerSecond = 0, queueBytesMax = QUEUE_BYTES_DEFAULT, duplicate, reorder, corrupt } = options;
  checkInteger('delayMicros', delayMicros, 0, DELAY_MICROS_MAX);
  checkInteger('jitterMicros', jitterMicros, 0, DELAY_MICROS_MAX - 1);
  checkInteger('mtuBytes', mtuBytes, MTU_BYTES_MIN, 65_535);
  if (options.bandwidthBitsPerSecond !== undefined) {
    checkInteger('bandwidthBitsPerSecond', bandwidthBitsPerSecond, 1, 1e12);
    checkInteger('queueBytesMax', queueBytesMax, mtuBytes, 0x7fff_ffff);
  } else if (options.queueBytesMax !== undefined) {
    throw usageError('queueBytesMax is given, but no bandwidthBitsPerSecond: an infinitely fast link has no queue');
  }
  if (options.loss !== undefined) checkLoss(options.loss);
  if (duplicate !== undefined) checkRatio('duplicate', duplicate);
  if (reorder !== undefined) {
    checkRatio('reorder.ratio', reorder.ratio);
    checkInteger('reorder.extraMicros', reorder.extraMicros, 1, DELAY_MICROS_MAX);
  }
  if (corrupt !== undefined) checkRatio('corrupt.ratio', corrupt.ratio);
  return {
    delayMicros,
    jitterMicros,
    loss: options.loss,
    duplicate,
    reorder,
    corrupt: corrupt === undefined ? undefined : { ratio: corrupt.ratio, undetected: corrupt.undetected ?? false },
    bandwidthBitsPerSecond,
    queueBytesMax,
    mtuBytes,
  };
}

function checkLoss(loss: Ratio | BurstLoss): void {
  if ('numerator' in loss) {
    checkRatio('loss', loss);
    return;
  }
  checkRatio('loss.goodToBad', loss.goodToBad);
  checkRatio('loss.badToGood', loss.badToGood);
  checkRatio('loss.lossInGood', loss.lossInGood);
  checkRatio('loss.lossInBad', loss.lossInBad);
}

/** Draws losses of one direction. Keeps the state of the burst model. */
export class LossProcess {
  readonly #loss: Ratio | BurstLoss;
  readonly #stream: RandomStream;
  #bad = false;

  constructor(loss: Ratio | BurstLoss, stream: RandomStream) {
    this.#loss = loss;
    this.#stream = stream;
  }

  /** Whether the next packet is lost. */
  draw(): boolean {
    const loss = this.#loss;
    if ('numerator' in loss) return this.#stream.chance(loss);
    const turned = this.#stream.chance(this.#bad ? loss.badToGood : loss.goodToBad);
    if (turned) this.#bad = !this.#bad;
    return this.#stream.chance(this.#bad ? loss.lossInBad : loss.lossInGood);
  }
}

/** Fragments an IP packet of that size needs on a link of that MTU, and 1 when it fits (RFC 791 section 3.2). */
export function fragmentCount(sizeBytes: number, mtuBytes: number): number {
  if (sizeBytes <= mtuBytes) return 1;
  return Math.ceil((sizeBytes - 20) / fragmentPayloadBytes(mtuBytes));
}

/** Payload bytes of every fragment but the last: a multiple of eight. */
export function fragmentPayloadBytes(mtuBytes: number): number {
  return ((mtuBytes - 20) >> 3) << 3;
}
