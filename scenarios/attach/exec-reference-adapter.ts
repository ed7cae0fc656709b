/**
 * The reference engine behind the adapter protocol: the example of a complete adapter, and what tests the harness's side.
 *
 * Run it as a program; it reads requests on standard input and writes replies and events on standard output (chapter 20).
 * It knows nothing of scenarios. Its verbs are in `exec-reference-verbs.ts`.
 */
import { createInterface } from 'node:readline';
import { createNodePlatform } from '../../impl/platform/node.ts';
import type { Line } from './exec-reference-client.ts';
import { ReferenceVerbs } from './exec-reference-verbs.ts';

function write(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const verbs = new ReferenceVerbs({ write, platform: () => createNodePlatform() });

async function bye(id: unknown): Promise<void> {
  await verbs.reset();
  process.stdout.write(id === undefined ? '' : `${JSON.stringify({ id, ok: {} })}\n`, () => process.exit(0));
}

function handleLine(line: string): void {
  if (line === '') return;
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    // Answered below, like any other line that is no request.
  }
  const id = typeof request === 'object' && request !== null ? (request as Line).id : undefined;
  if (typeof id !== 'number') write({ id: null, fault: { message: `not a request: ${line.slice(0, 80)}` } });
  else if ((request as Line).cmd === 'bye') void bye(id);
  else void verbs.answer(request as Line);
}

const input = createInterface({ input: process.stdin, crlfDelay: Infinity });
input.on('line', handleLine);
input.on('close', () => void bye(undefined));
