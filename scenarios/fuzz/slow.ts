/** Whether an input is slow to decode. */
import type { Finding, FuzzInput, Subject } from './model.ts';
import { probe } from './probe.ts';

/** A single decoding must not take longer; milliseconds. */
export const DECODE_MILLIS_MAX = 50;
/** It is only a finding when it takes too long this many times in a row. */
const TRIALS = 3;

/** The finding, if decoding the input takes too long. Processor time, not wall time: other programs must not make one. */
export function slowFinding(input: FuzzInput, subject: Subject): Finding | undefined {
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const before = process.cpuUsage();
    probe(input, subject);
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1_000 <= DECODE_MILLIS_MAX) return undefined;
  }
  const what = input.kind === 'stream' ? 'stream' : input.target;
  const message = `decoding ${input.bytes.length} bytes takes more than ${DECODE_MILLIS_MAX} ms of processor time`;
  return { oracle: 'time', signature: `time:${what}`, message, input };
}
