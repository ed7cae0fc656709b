/**
 * The reference engine as a program on a simulated host: the example of that protocol, and the check of the harness's side.
 *
 * Run it as a program, `esf validate --adapter "node dist/scenarios/attach/exec-reference-simulated.js" --simulated`. Its
 * verdicts must be those of the engine inside the simulator. Reads are blocking; between two lines promises settle.
 */
import { readSync, writeSync } from 'node:fs';
import type { Line } from './exec-reference-client.ts';
import { ReferenceVerbs } from './exec-reference-verbs.ts';
import { HostPlatform } from './outside-platform.ts';

const chunk = Buffer.alloc(65_536);
let held = Buffer.alloc(0);

/** The next line; undefined at the end. */
function readLine(): Line | undefined {
  for (;;) {
    const end = held.indexOf(0x0a);
    if (end !== -1) {
      const line = held.subarray(0, end).toString();
      held = held.subarray(end + 1);
      return JSON.parse(line) as Line;
    }
    const length = readSync(0, chunk);
    if (length === 0) return undefined;
    held = Buffer.concat([held, chunk.subarray(0, length)]);
  }
}

function write(line: Line): void {
  let bytes: Buffer = Buffer.from(`${JSON.stringify(line)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
}

const HELLO = { simulated: 1, reusable: true };

/** A life, and the verbs of its adapter; between two lives there is no host. */
type Life = { readonly host: HostPlatform | undefined; readonly verbs: ReferenceVerbs; isOver: boolean };

function newLife(start?: Line): Life {
  // What the engine of an earlier life still does must not be heard in the next one.
  const writeHere = (line: Line): void => {
    if (!life.isOver) write(line);
  };
  const host =
    start === undefined
      ? undefined
      : new HostPlatform({
          start,
          act: writeHere,
          askQueued: (conn) => {
            if (life.isOver) return 0;
            write({ do: 'queued', conn });
            return readLine()?.bytes as number;
          },
        });
  const platform = (): HostPlatform['platform'] => {
    if (host === undefined) throw new Error('there is no host yet');
    return host.platform;
  };
  const life: Life = { host, verbs: new ReferenceVerbs({ write: writeHere, platform, hello: HELLO }), isOver: false };
  return life;
}

let life = newLife();

function take(line: Line): void {
  if (line.net === 'start' || line.net === 'stop') {
    life.isOver = true;
    life = newLife(line.net === 'start' ? line : undefined);
  } else if (line.net === undefined) void life.verbs.answer(line);
  else life.host?.handle(line);
}

function next(): void {
  const line = readLine();
  if (line === undefined) process.exit(0);
  take(line);
  // Promises settle before, in however many steps.
  setImmediate(() => {
    write({ idle: true });
    setImmediate(next);
  });
}

next();
