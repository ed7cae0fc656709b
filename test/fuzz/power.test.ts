/** The fuzzer finds planted faults, each within a bounded number of inputs, makes the input small, and finds nothing else. */
import { describe, expect, it } from 'vitest';
import { engineSubject } from '../../scenarios/fuzz/engine-subject.ts';
import { examine } from '../../scenarios/fuzz/examine.ts';
import { fuzz } from '../../scenarios/fuzz/fuzz.ts';
import { shows } from '../../scenarios/fuzz/minimize.ts';
import type { Subject } from '../../scenarios/fuzz/model.ts';
import { BODY_FAULTS, subjectWithBodyFault } from './faulty-bodies.ts';
import { PlainDecoder, type FrameFault } from './plain-decoder.ts';

/** Inputs within which every planted fault is found; the hardest takes a third of it. */
const RUNS_MAX = 30_000;
/** Bytes of a minimised input; a header with N = 255 alone takes 524. */
const BYTES_MAX = 600;
const SEEDS = [1, 2, 3] as const;

const FRAME_FAULTS: readonly FrameFault[] = [
  'token ignored',
  'client type 9 accepted',
  'body length -2 accepted',
  'limit off by one',
  'id one byte too long accepted',
  'id not checked for UTF-8',
  'size checked before the ids',
  'sender remembered by its length',
  'message lost when its last byte comes alone',
  'last byte of a long chunk dropped',
  'end inside a header is in order',
  'message type read as a signed byte pair',
  'error without its clause',
  'error offset counts from the chunk',
  'room made for what is announced',
];

const withFrameFault = (fault?: FrameFault): Subject => ({
  ...engineSubject,
  decoder: (limits) => new PlainDecoder(limits, fault),
});

function findsIt(subject: Subject, target: 'decoder' | 'codecs'): void {
  for (const seed of SEEDS) {
    const { findings } = fuzz(subject, { seed, target, runs: RUNS_MAX, findingsMax: 1 });
    expect(findings.length, `seed ${seed}`).toBeGreaterThan(0);
    const [finding] = findings;
    expect(finding!.input.bytes.length, `seed ${seed}, ${finding!.signature}`).toBeLessThanOrEqual(BYTES_MAX);
    // The minimised input still shows the fault, and shows none in the sound parser.
    expect(shows(finding!.input, finding!, subject)).toBeDefined();
    expect(examine(finding!.input, engineSubject).finding).toBeUndefined();
  }
}

describe('without a planted fault', { timeout: 120_000 }, () => {
  it('the engine gives no finding', () => {
    expect(fuzz(engineSubject, { seed: 1, target: 'all', runs: 40_000 }).findings).toEqual([]);
  });

  it('the plain decoder, which the faults are planted in, gives none either', () => {
    expect(fuzz(withFrameFault(), { seed: 1, target: 'decoder', runs: 40_000 }).findings).toEqual([]);
  });
});

describe('a fault in the frame decoder is found', { timeout: 120_000 }, () => {
  for (const fault of FRAME_FAULTS) it(fault, () => findsIt(withFrameFault(fault), 'decoder'));
});

describe('a fault in the codecs is found', { timeout: 120_000 }, () => {
  for (const fault of Object.keys(BODY_FAULTS)) it(fault, () => findsIt(subjectWithBodyFault(fault), 'codecs'));
});
