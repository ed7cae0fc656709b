import { describe, expect, it } from 'vitest';
import { DelaySource, LossProcess, RandomStream, parseDelayTrace, ratio } from '../../sim/index.ts';
import type { DelayModel, LinkOptions } from '../../sim/index.ts';
import { integerSqrt } from '../../sim/integer-math.ts';
import { linkSettings } from '../../sim/link-options.ts';
import { UNIT, drawExponential, drawNegativeLog2, drawNormal, powerOfTwo } from '../../sim/link/variates.ts';

/** A stream that draws the given words. */
function words(...list: readonly number[]): RandomStream {
  const stream = new RandomStream(1, 'words');
  let index = 0;
  stream.uint32 = (): number => list[index++]!;
  return stream;
}

describe('integer tables', () => {
  it('take whole square roots', () => {
    for (const value of [0, 1, 2, 3, 4, 15, 16, 17, 1e10 - 1, 1e10, 2 ** 52 - 1, 2 ** 52]) {
      expect(integerSqrt(value)).toBe(Math.floor(Math.sqrt(value)));
    }
  });

  it('give logarithms as Math.log2 does, to a millionth', () => {
    for (let word = 0; word < 2 ** 32; word += 12_345_679) {
      const uniform = 1 - word / 2 ** 33;
      const drawn = drawNegativeLog2(words(0x0400_0000, word)) / UNIT;
      expect(Math.abs(drawn - (5 - Math.log2(uniform)))).toBeLessThan(4e-6);
    }
    expect(drawNegativeLog2(words(0xffff_ffff, 0))).toBe(0);
    expect(drawNegativeLog2(words(0, 0xffff_ffff)) / UNIT).toBeCloseTo(33, 5);
    expect(drawExponential(words(0x8000_0000, 0xffff_ffff)) / UNIT).toBeCloseTo(Math.LN2, 5);
  });

  it('give powers as Math.pow does, to a share of four millionths', () => {
    for (let exponent = 0; exponent < 28 * UNIT; exponent += 999_983) {
      expect(Math.abs(powerOfTwo(exponent) / UNIT / 2 ** (exponent / UNIT) - 1)).toBeLessThan(4e-6);
    }
  });

  it('give normal variates that the distribution function leads back to the word', () => {
    for (let word = 0; word < 2 ** 32; word += 9_876_543) {
      const wanted = (word >>> 1) / 2 ** 31;
      const deviations = Math.abs(drawNormal(words(word))) / UNIT;
      expect(Math.abs(errorFunction(deviations / Math.SQRT2) - wanted)).toBeLessThan(4e-6);
    }
    expect(drawNormal(words(0xffff_ffff))).toBeLessThan(-5.9 * UNIT);
    expect(drawNormal(words(0xffff_fffe))).toBeGreaterThan(5.9 * UNIT);
  });
});

function errorFunction(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-16; k += 1) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

describe('delays', () => {
  const drawn = (model: DelayModel, count: number): number[] => {
    const source = new DelaySource(model, new RandomStream(5, 'delay'));
    return Array.from({ length: count }, () => source.draw());
  };

  it('stay within their bounds and are whole', () => {
    const models: readonly (readonly [DelayModel, number, number])[] = [
      [{ kind: 'uniform', minMicros: 3, maxMicros: 5 }, 3, 5],
      [{ kind: 'normal', meanMicros: 1_000, deviationMicros: 900, minMicros: 500 }, 500, 6_400],
      [{ kind: 'exponential', meanMicros: 100, minMicros: 50 }, 50, 2_400],
      [{ kind: 'pareto', minMicros: 1_000, shape: ratio(1, 2), maxMicros: 8_000 }, 1_000, 8_000],
    ];
    for (const [model, min, max] of models) {
      const values = drawn(model, 20_000);
      expect(values.every((value) => Number.isInteger(value) && value >= min && value <= max)).toBe(true);
    }
    expect(drawn(models[3]![0], 1_000)).toContain(8_000);
    expect(drawn(models[1]![0], 1_000)).toContain(500);
  });

  it('read a trace file and name its bad lines', () => {
    expect(parseDelayTrace('# measured\n100\n\n 2000 \r\n0\n')).toEqual([100, 2_000, 0]);
    expect(() => parseDelayTrace('100\n1.5\n')).toThrow("line 2 ('1.5')");
    expect(() => parseDelayTrace('-3')).toThrow('line 1');
  });
});

describe('losses', () => {
  it('lose runs that lie inside their block', () => {
    const process = new LossProcess({ lostPackets: 2, ofPackets: 5, together: true }, new RandomStream(1, 'l'));
    const starts = new Set<number>();
    for (let block = 0; block < 200; block += 1) {
      const lost = Array.from({ length: 5 }, () => process.draw());
      expect(lost.filter(Boolean).length).toBe(2);
      starts.add(lost.indexOf(true));
    }
    expect([...starts].sort()).toEqual([0, 1, 2, 3]);
  });

  it('lose every packet, or none, when that is the number', () => {
    const all = new LossProcess({ lostPackets: 4, ofPackets: 4 }, new RandomStream(1, 'l'));
    const none = new LossProcess({ lostPackets: 0, ofPackets: 4 }, new RandomStream(1, 'l'));
    for (let index = 0; index < 20; index += 1) expect([all.draw(), none.draw()]).toEqual([true, false]);
  });
});

describe('options of links', () => {
  const settle = (options: unknown) => () => linkSettings(options as LinkOptions);
  const bandwidthBitsPerSecond = 1_000;

  it.each([
    [{ delay: { kind: 'exponential', meanMicros: 0 } }, 'delay.meanMicros is 0'],
    [{ delay: { kind: 'uniform', minMicros: 9, maxMicros: 8 } }, 'delay.maxMicros is 8'],
    [{ delay: { kind: 'pareto', minMicros: 9, shape: { numerator: 0, denominator: 1 }, maxMicros: 10 } }, 'shape'],
    [{ delay: { kind: 'trace', micros: [] } }, 'delay.micros is empty'],
    [{ delay: { kind: 'trace', micros: [1, -1] } }, 'delay.micros[1] is -1'],
    [{ delay: { kind: 'gamma' } }, "delay.kind is 'gamma'"],
    [{ delay: { kind: 'constant', micros: 1 }, jitterMicros: 1 }, 'together with delayMicros or jitterMicros'],
    [{ loss: { everyPackets: 0 } }, 'loss.everyPackets is 0'],
    [{ loss: { lostPackets: 3, ofPackets: 2 } }, 'loss.lostPackets is 3'],
    [{ truncate: { ratio: { numerator: 2, denominator: 1 } } }, 'truncate.ratio is 2/1'],
    [{ burstBytes: 1 }, 'burstBytes is given, but no bandwidthBitsPerSecond'],
    [{ codel: {} }, 'codel is given, but no bandwidthBitsPerSecond'],
    [{ bandwidthBitsPerSecond, queuePacketsMax: 0 }, 'queuePacketsMax is 0'],
    [{ bandwidthBitsPerSecond, codel: { targetMicros: 200_000 } }, 'codel.targetMicros is 200000'],
    [{ bandwidthBitsPerSecond, codel: {}, markAboveBytes: 1 }, 'markAboveBytes is given together with codel'],
    [{ tooBig: 'drop' }, "tooBig is 'drop'"],
  ])('refuses %j', (options, message) => {
    expect(settle(options)).toThrow(message);
  });
});
