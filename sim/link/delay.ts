/**
 * How long a packet is under way: six kinds of delay, drawn per packet in whole microseconds.
 *
 * Only integers decide (see `variates.ts`). The model knows nothing of order: whether a packet may overtake another is the
 * link's business. Drive: `new DelaySource(model, stream).draw()`.
 */
import { checkInteger, usageError } from '../errors.ts';
import type { RandomStream } from '../random.ts';
import { UNIT, drawExponential, drawNegativeLog2, drawNormal, powerOfTwo } from './variates.ts';

/** Two whole numbers from 1 to a million; unlike a probability it may be above one. */
export type Quotient = { readonly numerator: number; readonly denominator: number };

/** Distributions of a delay. All times are microseconds. */
export type DelayModel =
  | { readonly kind: 'constant'; readonly micros: number }
  /** Every whole number from `minMicros` to `maxMicros` is equally likely. */
  | { readonly kind: 'uniform'; readonly minMicros: number; readonly maxMicros: number }
  /** Cut off at six deviations and below `minMicros` (default 0), where what would be less is that. */
  | {
      readonly kind: 'normal';
      readonly meanMicros: number;
      readonly deviationMicros: number;
      readonly minMicros?: number;
    }
  /** `minMicros` (default 0) and an exponential of that mean on top. */
  | { readonly kind: 'exponential'; readonly meanMicros: number; readonly minMicros?: number }
  /** P(delay > x) = (minMicros / x)^shape up to `maxMicros`, where what would be more is that. Shape as a ratio, e.g. 5 / 2. */
  | {
      readonly kind: 'pareto';
      readonly minMicros: number;
      readonly shape: Quotient;
      readonly maxMicros: number;
    }
  /** Measured values: in their order, again from the start after the last, or each time any one of them. */
  | { readonly kind: 'trace'; readonly micros: readonly number[]; readonly order?: 'cyclic' | 'random' };

/** Above 16 s products of fixed-point numbers would no longer be exact. */
const SCALE_MICROS_MAX = UNIT;
const MICROS_MAX = 0xffff_ffff;
const SHAPE_PART_MAX = 1_000_000;
/** 2^28 times the least delay is above any delay. */
const POWER_MAX = 28 * UNIT;

/**
 * Checks a model.
 *
 * @throws SimError `usage` - names the field, its value and the range.
 */
export function checkDelay(model: DelayModel): void {
  switch (model.kind) {
    case 'constant':
      checkInteger('delay.micros', model.micros, 0, MICROS_MAX);
      return;
    case 'uniform':
      checkInteger('delay.minMicros', model.minMicros, 0, MICROS_MAX);
      checkInteger('delay.maxMicros', model.maxMicros, model.minMicros, MICROS_MAX);
      return;
    case 'normal':
      checkInteger('delay.meanMicros', model.meanMicros, 0, MICROS_MAX);
      checkInteger('delay.deviationMicros', model.deviationMicros, 0, SCALE_MICROS_MAX);
      checkInteger('delay.minMicros', model.minMicros ?? 0, 0, MICROS_MAX);
      return;
    case 'exponential':
      checkInteger('delay.meanMicros', model.meanMicros, 1, SCALE_MICROS_MAX);
      checkInteger('delay.minMicros', model.minMicros ?? 0, 0, MICROS_MAX);
      return;
    case 'pareto':
      checkInteger('delay.minMicros', model.minMicros, 1, SCALE_MICROS_MAX);
      checkInteger('delay.maxMicros', model.maxMicros, model.minMicros, MICROS_MAX);
      checkInteger('delay.shape.numerator', model.shape.numerator, 1, SHAPE_PART_MAX);
      checkInteger('delay.shape.denominator', model.shape.denominator, 1, SHAPE_PART_MAX);
      return;
    case 'trace':
      if (model.micros.length === 0) throw usageError('delay.micros is empty; a trace needs at least one value');
      model.micros.forEach((micros, index) => {
        checkInteger(`delay.micros[${index}]`, micros, 0, MICROS_MAX);
      });
      return;
    default:
      throw usageError(`delay.kind is '${(model as { kind: string }).kind}'; see DelayModel for the kinds there are`);
  }
}

/**
 * Reads a trace file: one delay in microseconds a line; empty lines and lines that begin with # are left out.
 *
 * @throws SimError `usage` - names the line.
 */
export function parseDelayTrace(text: string): readonly number[] {
  const micros: number[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const word = line.trim();
    if (word === '' || word.startsWith('#')) return;
    checkInteger(`delay trace line ${index + 1} ('${word}')`, /^\d+$/.test(word) ? Number(word) : NaN, 0, MICROS_MAX);
    micros.push(Number(word));
  });
  return micros;
}

/** Draws the delays of one direction. Keeps its place in a trace. */
export class DelaySource {
  readonly #model: DelayModel;
  readonly #stream: RandomStream;
  #next = 0;

  constructor(model: DelayModel, stream: RandomStream) {
    this.#model = model;
    this.#stream = stream;
  }

  /** The delay of the next packet in microseconds. */
  draw(): number {
    const model = this.#model;
    switch (model.kind) {
      case 'constant':
        return model.micros;
      case 'uniform':
        return this.#stream.between(model.minMicros, model.maxMicros);
      case 'normal': {
        const wanted = model.meanMicros + scaled(model.deviationMicros, drawNormal(this.#stream));
        const min = model.minMicros ?? 0;
        return wanted < min ? min : wanted;
      }
      case 'exponential':
        return (model.minMicros ?? 0) + scaled(model.meanMicros, drawExponential(this.#stream));
      case 'pareto':
        return this.#pareto(model.minMicros, model.shape, model.maxMicros);
      case 'trace':
        return this.#traced(model.micros, model.order === 'random');
    }
  }

  /** minMicros times U^(-1/shape), which is 2^(-log2(U) / shape). */
  #pareto(minMicros: number, shape: Quotient, maxMicros: number): number {
    const exponent = Math.floor((drawNegativeLog2(this.#stream) * shape.denominator) / shape.numerator);
    if (exponent >= POWER_MAX) return maxMicros;
    // The power has up to 52 bits, so the product is made of two that are exact.
    const power = powerOfTwo(exponent);
    const whole = Math.floor(power / UNIT);
    const wanted = minMicros * whole + scaled(minMicros, power - whole * UNIT);
    return wanted > maxMicros ? maxMicros : wanted;
  }

  #traced(micros: readonly number[], isRandom: boolean): number {
    if (isRandom) return this.#stream.pick(micros);
    const value = micros[this.#next]!;
    this.#next = (this.#next + 1) % micros.length;
    return value;
  }
}

/** `micros` times a fixed-point number, to the nearest microsecond. */
function scaled(micros: number, factor: number): number {
  return Math.floor((micros * factor + UNIT / 2) / UNIT);
}
