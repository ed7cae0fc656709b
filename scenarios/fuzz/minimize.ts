/**
 * Makes an input smaller while it still shows the same fault: first whole values and messages, with all lengths kept true,
 * then any bytes (delta debugging), then zeros for what has to stay.
 */
import { examine } from './examine.ts';
import { excessAllocated } from './memory.ts';
import type { Finding, FuzzInput, Subject } from './model.ts';
import { slowFinding } from './slow.ts';
import { reductions } from './structure.ts';

/** Trials per finding; each is one examination. */
const TRIALS_MAX = 4_000;
/** The same where each takes as long as a slow decoding. */
const SLOW_TRIALS_MAX = 40;

/** The smallest input found that leads to a finding with the same signature; with the finding it leads to. */
export function minimize(finding: Finding, subject: Subject): Finding {
  let best = finding;
  let trials = 0;
  const trialsMax = finding.oracle === 'time' ? SLOW_TRIALS_MAX : TRIALS_MAX;
  const improves = (bytes: Uint8Array): boolean => {
    trials += 1;
    if (trials > trialsMax) return false;
    const again = shows(withBytes(best.input, bytes), finding, subject);
    if (again === undefined) return false;
    best = again;
    return true;
  };
  while (trials <= trialsMax && reductions(best.input).some(improves));
  for (let part = Math.ceil(best.input.bytes.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let at = 0; at < best.input.bytes.length && trials <= trialsMax;) {
      if (!improves(without(best.input.bytes, at, part))) at += part;
    }
  }
  for (let at = 0; at < best.input.bytes.length; at += 1) {
    if (best.input.bytes[at] === 0) continue;
    const copy = best.input.bytes.slice();
    copy[at] = 0;
    improves(copy);
  }
  return best;
}

/** The finding with the same signature that the input shows, if it does. */
export function shows(input: FuzzInput, wanted: Finding, subject: Subject): Finding | undefined {
  const finding =
    wanted.oracle === 'time' ? slowFinding(input, subject) : examine(input, subject, excessAllocated).finding;
  return finding?.signature === wanted.signature ? finding : undefined;
}

function withBytes(input: FuzzInput, bytes: Uint8Array): FuzzInput {
  return { ...input, bytes };
}

function without(bytes: Uint8Array, at: number, count: number): Uint8Array {
  const copy = new Uint8Array(bytes.length - Math.min(count, bytes.length - at));
  copy.set(bytes.subarray(0, at));
  copy.set(bytes.subarray(at + count), at);
  return copy;
}
