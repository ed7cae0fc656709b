/**
 * Neighbours behind the same NAT who take ports: a Poisson process in virtual time, drawn only when the NAT is about to give
 * out a port, so that a quiet NAT costs nothing.
 *
 * The gaps are exponential by von Neumann's comparison of uniform numbers ("Various techniques used in connection with
 * random digits", 1951), which is exact and needs no logarithm.
 */
import type { RandomStream } from '../random.ts';

const TWO_32 = 0x1_0000_0000;

/** Exponential with mean 1, as whole units and 2^-32 parts of one. */
function unitExponential(stream: RandomStream): readonly [whole: number, part: number] {
  for (let whole = 0; ; whole += 1) {
    const first = stream.uint32();
    let last = first;
    let length = 1;
    // A falling run of odd length accepts its first number.
    for (let next = stream.uint32(); next < last; next = stream.uint32()) {
      last = next;
      length += 1;
    }
    if (length % 2 === 1) return [whole, first];
  }
}

/** The process of one NAT. */
export class CrossTraffic {
  readonly #stream: RandomStream;
  readonly #meanMicros: number;
  #nextAtMicros: number;

  constructor(stream: RandomStream, meanMicros: number) {
    this.#stream = stream;
    this.#meanMicros = meanMicros;
    this.#nextAtMicros = this.#gap();
  }

  /** Tells of every port taken up to now, in order. */
  advance(nowMicros: number, take: (atMicros: number, innerPort: number) => void): void {
    while (this.#nextAtMicros <= nowMicros) {
      const atMicros = this.#nextAtMicros;
      this.#nextAtMicros += this.#gap();
      take(atMicros, 1_024 + this.#stream.below(64_512));
    }
  }

  #gap(): number {
    const [whole, part] = unitExponential(this.#stream);
    return whole * this.#meanMicros + Math.floor((part / TWO_32) * this.#meanMicros);
  }
}
