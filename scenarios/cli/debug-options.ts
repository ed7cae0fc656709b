/** The options of `esf run` that stop one simulated run and look at it. What they do is debug-run.ts. */
import { InvalidArgumentError } from 'commander';
import { integerIn } from './output.ts';

export type DebugFlags = {
  readonly at?: number;
  readonly break?: string;
  readonly step?: boolean;
};

type Option = readonly [flags: string, description: string, parse?: (text: string) => unknown];

/** Beyond what any run can have. */
const EVENT_MAX = 1_000_000_000;

/** Flags, descriptions and parsers, in the order of the help. */
export const DEBUG_OPTIONS: readonly Option[] = [
  [
    '--at <event>',
    'of one case on the simulator: stop after this event of the trace and print the state of the world',
    integerIn(0, EVENT_MAX),
  ],
  [
    '--break <condition>',
    'the same where an event fulfils a condition, like "kind = drop and node = alice nth 3"; "help" lists what can be asked',
    notEmpty,
  ],
  ['--step', 'the same, and read commands there: next, back, goto, until, state, packet; by hand or from a pipe'],
];

function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; "help" lists what can be asked.');
  return text;
}

/** Whether a run is to be stopped. */
export function isDebugging(flags: DebugFlags): boolean {
  return flags.at !== undefined || flags.break !== undefined || flags.step === true;
}
