/** A mode of fake-modes.ts as a process of its own, and what only a process can do wrong: `fake-program.ts MODE`. */
import { readSync, writeSync } from 'node:fs';
import { answer } from './fake-modes.ts';
import type { Line } from './fake-modes.ts';

const MODE = process.argv[2] ?? '';
const chunk = Buffer.alloc(65_536);
let held = '';

function readLine(): Line {
  for (;;) {
    const end = held.indexOf('\n');
    if (end >= 0) {
      const line = JSON.parse(held.slice(0, end)) as Line;
      held = held.slice(end + 1);
      return line;
    }
    const length = readSync(0, chunk);
    if (length === 0) process.exit(0);
    held += chunk.toString('utf8', 0, length);
  }
}

function raw(text: string | Uint8Array): void {
  let bytes: Uint8Array = typeof text === 'string' ? Buffer.from(text) : text;
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
}

const output = { raw, write: (line: Line): void => raw(`${JSON.stringify(line)}\n`) };

/** Ends this process, or never comes back. */
function misbehave(): void {
  switch (MODE) {
    case 'dies':
      writeSync(2, 'out of luck\n');
      process.exit(7);
    case 'dies-in-mid-line':
      raw('{"do":"cl');
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'never-idle':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

for (;;) {
  const line = readLine();
  if (line.cmd === 'hello' && MODE === 'hello-dies') process.exit(3);
  if (line.net === 'start') misbehave();
  answer(MODE, line, output);
}
