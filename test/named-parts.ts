/** What the commands that run named parts and print a table share: `npm run bench`, `npm run fidelity`. */

import { parseArgs } from 'node:util';

/** What the command line asks for. */
export type Asked = { readonly names: readonly string[]; readonly json: boolean };

/**
 * The parts to run: those that are named on the command line, or all. `--help`, an option or a name that does not exist end
 * the process with a sentence.
 *
 * @param tool - the command's name
 * @param kind - what a part is called
 */
export function askedParts(tool: string, kind: string, names: readonly string[]): Asked {
  const usage = `npm run ${tool} [-- NAME...] [-- --json]; each NAME a ${kind}: ${names.join(', ')}\n`;
  try {
    const options = { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.help === true) end(process.stdout, usage, 0);
    const unknown = positionals.filter((name) => !names.includes(name));
    if (unknown.length > 0) end(process.stderr, `${tool}: no ${kind} "${unknown.join('", "')}"; ${usage}`, 2);
    return { names: positionals.length > 0 ? positionals : names, json: values.json };
  } catch (error) {
    return end(process.stderr, `${tool}: ${(error as Error).message}; ${usage}`, 2);
  }
}

function end(stream: NodeJS.WriteStream, text: string, code: number): never {
  stream.write(text);
  process.exit(code);
}

/** A Markdown table whose columns are as wide as what stands in them. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  return [head, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
    .join('\n');
}
