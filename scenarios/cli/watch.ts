/** The options of `esf run` that show one simulated run from inside. What they do is watch-run.ts. */

export type WatchFlags = {
  readonly pcapng?: string;
  readonly view?: string;
  readonly trace?: boolean;
};

/** Flags and descriptions, in the order of the help. */
export const WATCH_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['--pcapng <file>', 'of one case on the simulator: every packet at every interface, for Wireshark'],
  ['--view <file>', 'of one case on the simulator: a page to look at the run, packet by packet'],
  ['--trace', 'of one case on the simulator: the same as text, a column a node and a line an event'],
];

/** Whether a run is to be shown from inside. */
export function isWatching(flags: WatchFlags): boolean {
  return flags.pcapng !== undefined || flags.view !== undefined || flags.trace === true;
}
