/**
 * The fuzzing loop: inputs one after the other, a quick look at each, a full examination of those that are rare or odd.
 *
 * Equal seed, target and number of runs give equal inputs and an equal digest. Prints nothing.
 */
import { examine } from './examine.ts';
import { InputSource, type TargetName } from './inputs.ts';
import { minimize } from './minimize.ts';
import type { Finding, FuzzInput, Subject } from './model.ts';
import { probe } from './probe.ts';
import { DECODE_MILLIS_MAX, slowFinding } from './slow.ts';

export type FuzzOptions = {
  readonly seed: number;
  readonly target: TargetName;
  /** Stop after this many inputs ... */
  readonly runs?: number;
  /** ... or after this many seconds, whichever comes first; one of the two is needed. */
  readonly seconds?: number;
  /** Stop at this many different findings. Default 20. */
  readonly findingsMax?: number;
  /** Called now and then with the inputs so far. */
  readonly onProgress?: (runs: number, findings: number) => void;
};

export type FuzzResult = {
  readonly seed: number;
  readonly target: TargetName;
  readonly runs: number;
  /** Streams and bodies decoded by the subject. */
  readonly decodes: number;
  /** Inputs that were compared with the independent decoder. */
  readonly examined: number;
  /** Different ways through the parser, as far as can be seen from outside. */
  readonly outcomes: number;
  readonly seconds: number;
  /** Over the outcomes of all inputs, 8 hex digits. */
  readonly digest: string;
  /** Minimised, one for each signature, in the order found. */
  readonly findings: readonly FoundFinding[];
};

export type FoundFinding = Finding & {
  /** The number of the input that first showed it, from 1. */
  readonly run: number;
};

/** Every so many inputs one is examined in full, whatever its outcome. */
const EXAMINE_EVERY = 32;
/** Inputs of one kind of outcome that are examined in full before it counts as well known. */
const RARE_COUNT = 32;
/** Kinds of outcomes remembered. */
const KINDS_MAX = 100_000;
/** Inputs between two looks at the clock and two calls of onProgress. */
const CLOCK_EVERY = 256;
/** Fuzzes a parser. */
export function fuzz(subject: Subject, options: FuzzOptions): FuzzResult {
  // The stacks of thousands of expected errors are nobody's interest.
  const stackTraceLimit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return new FuzzRun(subject, options).go();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

class FuzzRun {
  readonly #subject: Subject;
  readonly #options: FuzzOptions;
  readonly #source: InputSource;
  readonly #kinds = new Map<number, number>();
  readonly #findings = new Map<string, FoundFinding>();
  #runs = 0;
  #decodes = 0;
  #examined = 0;
  #digest = 0x811c9dc5;

  constructor(subject: Subject, options: FuzzOptions) {
    this.#subject = subject;
    this.#options = options;
    this.#source = new InputSource(options.seed, options.target);
  }

  go(): FuzzResult {
    const { seed, target, findingsMax = 20 } = this.#options;
    const start = performance.now();
    while (!this.#isDone(start) && this.#findings.size < findingsMax) this.#step();
    const seconds = (performance.now() - start) / 1_000;
    const found = [...this.#findings.values()];
    return {
      seed,
      target,
      runs: this.#runs,
      decodes: this.#decodes,
      examined: this.#examined,
      outcomes: this.#kinds.size,
      seconds,
      digest: (this.#digest >>> 0).toString(16).padStart(8, '0'),
      findings: found.map((finding) => this.#minimized(finding)),
    };
  }

  #isDone(start: number): boolean {
    const { runs = Infinity, seconds = Infinity, onProgress } = this.#options;
    if (this.#runs >= runs) return true;
    if (this.#runs % CLOCK_EVERY !== 0) return false;
    onProgress?.(this.#runs, this.#findings.size);
    return performance.now() - start >= seconds * 1_000;
  }

  #step(): void {
    const input = this.#source.next();
    this.#runs += 1;
    const before = performance.now();
    const seen = probe(input, this.#subject);
    const millis = performance.now() - before;
    this.#decodes += seen.decodes;
    this.#digest = Math.imul(this.#digest ^ seen.outcome, 0x01000193);
    const slow = millis > DECODE_MILLIS_MAX ? slowFinding(input, this.#subject) : undefined;
    if (slow !== undefined) this.#keep(slow);
    const isRareKind = this.#isRare(seen.kind);
    const isRareBody = this.#isRare(seen.bodyKind);
    const isSuspicious = seen.isOdd || (this.#source.isAimed && !seen.isRefused);
    if (isSuspicious || isRareKind || isRareBody || this.#runs % EXAMINE_EVERY === 0) this.#examine(input, seen.isOdd);
  }

  /** Counts one more of this kind. */
  #isRare(kind: number): boolean {
    const times = this.#kinds.get(kind) ?? 0;
    if (times >= RARE_COUNT || (times === 0 && this.#kinds.size >= KINDS_MAX)) return false;
    this.#kinds.set(kind, times + 1);
    return true;
  }

  #examine(input: FuzzInput, isOdd: boolean): void {
    this.#examined += 1;
    const { finding, decodes } = examine(input, this.#subject);
    this.#decodes += decodes;
    if (finding !== undefined) this.#keep(finding);
    else if (isOdd) this.#keep(unstableFinding(input));
  }

  #keep(finding: Finding): void {
    if (this.#findings.has(finding.signature)) return;
    // The source uses the bytes of an input again for the next one.
    const input = { ...finding.input, bytes: finding.input.bytes.slice() };
    this.#findings.set(finding.signature, { ...finding, input, run: this.#runs });
  }

  #minimized(found: FoundFinding): FoundFinding {
    return { ...minimize(found, this.#subject), run: found.run };
  }
}

function unstableFinding(input: FuzzInput): Finding {
  const what = input.kind === 'stream' ? 'stream' : input.target;
  const message =
    'the same input led to an odd outcome once and to a good one afterwards: the parser remembers something';
  return { oracle: 'chunking', signature: `unstable:${what}`, message, input };
}
