/**
 * The kernel's behaviour beside the simulator's, line by line. A difference is measured once more before it counts: a busy
 * machine can delay what is timed, and the simulator cannot be wrong in only one of two tries.
 */

/** One line, and whether both sides of it say the same. */
export type BesideLine = { readonly text: string; readonly isSame: boolean };

/** A line of two texts that must be equal. */
export function besideLine(name: string, kernel: string, simulated: string): BesideLine {
  return { text: `${name}${kernel} | ${simulated}`, isSame: kernel === simulated };
}

export type BesideOptions<Measured> = {
  readonly title: string;
  readonly measured: Measured;
  readonly measureAgain: () => Promise<Measured>;
  readonly linesOf: (measured: Measured) => Promise<readonly BesideLine[]>;
};

/** Prints the lines; a difference that stays sets the exit code to 1. */
export async function printBeside<Measured>(options: BesideOptions<Measured>): Promise<void> {
  const { title, measured, measureAgain, linesOf } = options;
  console.log(title);
  let lines = await linesOf(measured);
  if (lines.some(({ isSame }) => !isSame)) {
    for (const { text } of lines.filter(({ isSame }) => !isSame)) console.log(`  at first: ${text}`);
    lines = await linesOf(await measureAgain());
  }
  for (const { text, isSame } of lines) console.log(`  ${text}${isSame ? '' : '  DIFFERS'}`);
  if (lines.some(({ isSame }) => !isSame)) process.exitCode = 1;
}
