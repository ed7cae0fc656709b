/**
 * How a run of a scenario ends other than well, as errors with what a report needs.
 *
 * They carry facts only; outcome and status are decided in runner/.
 */

/** What a check or a wait knows about its failing. */
export type CheckDetails = {
  readonly clause?: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly hexdump?: string;
};

/** The implementation did not do what a clause says: outcome `fail`. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  readonly details: CheckDetails;
  constructor(message: string, details: CheckDetails = {}) {
    super(message);
    this.details = details;
  }
}

/** The run did not end within its time limit: outcome `timeout`. */
export class TimeLimitReached extends Error {
  override readonly name = 'TimeLimitReached';
}

/** An exception escaped the implementation where nobody may throw: outcome `crash`. */
export class ImplementationCrashed extends Error {
  override readonly name = 'ImplementationCrashed';
}

/** An adapter broke its own protocol: outcome `adapter-fault`. */
export class AdapterFault extends Error {
  override readonly name = 'AdapterFault';
  /** Last lines of its stderr. */
  readonly stderr: readonly string[];
  constructor(message: string, stderr: readonly string[] = []) {
    super(message);
    this.stderr = stderr;
  }
}

/** An adapter's process ended in the middle of a case: outcome `crash`. */
export class AdapterCrashed extends AdapterFault {}

/** The implementation said it does not support what was asked: outcome `declined`. */
export class Declined extends Error {
  override readonly name = 'Declined';
}

/** The implementation did not declare the feature: outcome `not-applicable`. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** The harness itself is at fault, or was used wrongly by a scenario: outcome `harness-fault`. */
export class HarnessFault extends Error {
  override readonly name = 'HarnessFault';
}
