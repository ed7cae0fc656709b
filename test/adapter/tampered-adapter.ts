/**
 * The reference adapter with its lines tampered with: `tampered-adapter.ts MODE`. A real client that misbehaves in one way.
 *
 * The tampering sits between the adapter and its standard streams, so the engine under it is the real one.
 */
import { Transform } from 'node:stream';
import { writeSync } from 'node:fs';

type Line = Record<string, unknown>;
type Tamper = {
  /** Changes a request; undefined drops it. */
  readonly request?: (line: Line) => Line | undefined;
  /** Changes a reply or event, or gives several. `verb` is the request's. */
  readonly output?: (line: Line, verb: string | undefined) => Line | Line[];
};

let logons = 0;
const kept: { connected?: boolean } = {};

const MODES: Readonly<Record<string, Tamper>> = {
  none: {},
  'flips-a-bit': {
    output: (line) => (line.ev === 'information' ? { ...line, info: flipped(line.info as string | null) } : line),
  },
  'loses-events': { output: (line) => (line.ev === 'information' ? [] : line) },
  'tells-twice': { output: (line) => (line.ev === 'information' ? [line, line] : line) },
  'says-connected': {
    output: (line, verb) => (verb === 'connected' ? { ...line, ok: { connected: (kept.connected ??= true) } } : line),
  },
  'succeeds-always': {
    output: (line, verb) =>
      verb === 'logon' ? { id: line.id, ok: { logonResult: 'Succeed', failureCause: null } } : line,
  },
  'cannot-query': {
    output: (line, verb) => {
      if (verb === 'query') return { id: line.id, unsupported: { reason: 'the library has no queries' } };
      return line;
    },
  },
  'declares-little': {
    output: (line, verb) =>
      verb === 'hello' ? { ...line, ok: { ...(line.ok as Line), features: ['logon', 'send'] } } : line,
  },
  'faults-on-send': {
    output: (line, verb) => (verb === 'send' ? { id: line.id, fault: { message: 'TypeError: cannot send' } } : line),
  },
  'never-answers-queries': { request: (line) => (line.cmd === 'query' ? undefined : line) },
  'dies-at-every-logon': {
    request: (line) => {
      if (line.cmd !== 'logon') return line;
      writeSync(2, `dying at logon ${++logons}\n`);
      process.kill(process.pid, 'SIGKILL');
      return undefined;
    },
  },
  'decodes-all': {
    output: (line, verb) => (verb === 'decode' && 'failed' in line ? { id: line.id, ok: { value: null } } : line),
  },
};

function flipped(info: string | null): string | null {
  return info === null || info === '' ? info : (Number.parseInt(info[0]!, 16) ^ 1).toString(16) + info.slice(1);
}

const tamper = MODES[process.argv[2] ?? 'none'];
if (tamper === undefined)
  throw new Error(`no mode ${process.argv[2] ?? ''}; known are ${Object.keys(MODES).join(', ')}`);

const verbs = new Map<unknown, string>();
/** Pieces of a line whose end has not come; joined once, for lines of megabytes come in many. */
let parts: string[] = [];
const requests = new Transform({
  transform(chunk: Buffer, _encoding, done) {
    const lines = chunk.toString('utf8').split('\n');
    if (lines.length > 1) {
      lines[0] = parts.join('') + lines[0]!;
      parts = [];
    }
    parts.push(lines.pop()!);
    for (const text of lines) {
      // What is no request goes through as it is.
      const line = text.startsWith('{') ? (JSON.parse(text) as Line) : undefined;
      if (line === undefined) {
        this.push(`${text}\n`);
        continue;
      }
      verbs.set(line.id, String(line.cmd));
      const changed = tamper.request === undefined ? line : tamper.request(line);
      if (changed !== undefined) this.push(`${JSON.stringify(changed)}\n`);
    }
    done();
  },
});
process.stdin.pipe(requests);
Object.defineProperty(process, 'stdin', { value: requests });

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((text: string, done?: () => void): boolean => {
  const line = text === '' ? undefined : (JSON.parse(text) as Line);
  const changed = line === undefined ? [] : [tamper.output?.(line, verbs.get(line.id)) ?? line].flat();
  return write(changed.map((each) => `${JSON.stringify(each)}\n`).join(''), done);
}) as typeof process.stdout.write;

await import('../../scenarios/attach/exec-reference-adapter.ts');
