/** What the commands that run named parts and print a table share: `npm run bench`, `npm run fidelity`. */

/**
 * The parts to run, from the command line: those that are named there, or all. A name that does not exist ends the process
 * with 2 and a sentence.
 *
 * @param tool - the command's name
 * @param kind - what a part is called
 */
export function askedParts(tool: string, kind: string, names: readonly string[]): readonly string[] {
  const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`${tool}: no ${kind} "${unknown.join('", "')}"; there are ${names.join(', ')}\n`);
    process.exit(2);
  }
  return asked.length > 0 ? asked : names;
}

/** A Markdown table whose columns are as wide as what stands in them. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  return [head, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
    .join('\n');
}
