/**
 * The file of a store: JSON lines, a header with the schema first, then sessions and events of sessions.
 *
 * `openStore` reads it, writes it anew with one line a session, and appends an event a line from then on, so that the death of
 * the process at any moment costs at most the runs under way. A line that is damaged is told and left out. Files may be
 * concatenated: the same event twice counts once. One process writes at a time; a lock beside the file says which.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { foldEvent, newSession } from './fold.ts';
import { furtherSession } from './join.ts';
import type { Session, SessionEvent, SessionHead, Store } from './model.ts';

const SCHEMA = 1;
/** After so many appended bytes the file is written anew. */
const APPENDED_BYTES_MAX = 4 << 20;
/** Damaged lines that are told one by one. */
const PROBLEMS_MAX = 5;

/** A file that cannot be used; `message` is one sentence. */
export class StoreError extends Error {}

type Line =
  | { readonly line: 'store'; readonly schema: number; readonly version?: string }
  | { readonly line: 'session'; readonly session: Session }
  | { readonly line: 'event'; readonly event: SessionEvent };

/** What a file holds, and what was wrong with it, one sentence each. */
export type ReadStore = { readonly store: Store; readonly problems: readonly string[] };

/** @throws StoreError when it is no store, or one of a newer form. */
export function parseStore(text: string, path: string): ReadStore {
  const sessions = new Map<string, Session>();
  const problems: string[] = [];
  const lines = text.split('\n');
  for (const [index, content] of lines.entries()) {
    if (content === '') continue;
    const line = parseLine(content);
    if (index === 0 && line?.line !== 'store') {
      throw new StoreError(`${path} is no store of campaigns: its first line is not {"line":"store",...}`);
    }
    if (line?.line === 'store') checkSchema(line, path);
    else if (line === undefined || !takeLine(sessions, line)) {
      const why = index === lines.length - 1 ? 'the last line is cut off' : 'the line is damaged';
      problems.push(`${path}:${index + 1}: ${why}, and left out: ${content.slice(0, 60)}`);
    }
  }
  const left = problems.length - PROBLEMS_MAX;
  const told = left > 0 ? [...problems.slice(0, PROBLEMS_MAX), `${path}: and ${left} more lines`] : problems;
  return { store: sessions, problems: told };
}

function parseLine(content: string): Line | undefined {
  try {
    const value = JSON.parse(content) as Partial<Line> | null;
    if (value?.line === 'store' && typeof value.schema === 'number') return value as Line;
    if (value?.line === 'session' && typeof value.session?.id === 'string') return value as Line;
    if (value?.line === 'event' && typeof value.event?.session === 'string') return value as Line;
  } catch {
    // A line that was being written when its process died.
  }
  return undefined;
}

function checkSchema({ schema, version }: Extract<Line, { line: 'store' }>, path: string): void {
  if (schema === SCHEMA) return;
  const writer =
    version === undefined ? 'the version that wrote it' : `version ${version}, which wrote it, or a later one`;
  throw new StoreError(`${path} has schema ${schema}, and this version reads ${SCHEMA}; use ${writer}`);
}

/** False when the line speaks of a session that is not there. */
function takeLine(sessions: Map<string, Session>, line: Exclude<Line, { line: 'store' }>): boolean {
  const id = line.line === 'session' ? line.session.id : line.event.session;
  const known = sessions.get(id);
  if (line.line === 'event' && known === undefined) return false;
  try {
    if (line.line === 'event') sessions.set(id, foldEvent(known!, line.event));
    else sessions.set(id, known === undefined ? line.session : furtherSession(known, line.session));
    return true;
  } catch {
    return false;
  }
}

/** Reads a store without opening it. @throws StoreError when there is none. */
export function readStore(path: string): ReadStore {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(`${path} cannot be read (${why}); \`esf campaign --store ${path}\` makes one`);
  }
  return parseStore(text, path);
}

/** Writes a whole store; whoever reads meanwhile sees the old one or the new one. @returns its size in bytes. */
export function writeStore(path: string, store: Store, version: string): number {
  const sessions = [...store.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const lines: Line[] = [
    { line: 'store', schema: SCHEMA, version },
    ...sessions.map((session): Line => ({ line: 'session', session })),
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w');
  writeFileSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
  return Buffer.byteLength(text);
}

/** What happened, before the session numbers it. */
export type NewEvent = SessionEvent extends infer Event
  ? Event extends SessionEvent
    ? Omit<Event, 'session' | 'n' | 'elapsedMillis'>
    : never
  : never;

/** A session that is being written, and the others of its store. */
export class OpenStore {
  readonly #path: string;
  readonly #sessions: Map<string, Session>;
  readonly #startMillis = performance.now();
  #file: number;
  #appendedBytes = 0;
  #session: Session;

  /** Use `openStore`. */
  constructor(path: string, store: Store, head: SessionHead) {
    this.#path = path;
    this.#session = newSession(head);
    this.#sessions = new Map(store).set(head.id, this.#session);
    this.#file = this.#writeAnew();
  }

  /** Everything that is known, this session included. */
  get store(): Store {
    return this.#sessions;
  }

  get session(): Session {
    return this.#session;
  }

  /** Adds what happened, in the file before the call returns. */
  add(event: NewEvent): void {
    const numbered = {
      session: this.#session.id,
      n: this.#session.progress + 1,
      elapsedMillis: Math.round(performance.now() - this.#startMillis),
      ...event,
    } as SessionEvent;
    this.#session = foldEvent(this.#session, numbered);
    this.#sessions.set(this.#session.id, this.#session);
    const line: Line = { line: 'event', event: numbered };
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    this.#appendedBytes += bytes.length;
    if (this.#appendedBytes > APPENDED_BYTES_MAX) {
      closeSync(this.#file);
      this.#file = this.#writeAnew();
    }
  }

  /** Ends the session: with `complete` as one that did all it was to do. */
  close(complete: boolean): void {
    if (complete) this.add({ event: 'end' });
    closeSync(this.#file);
    writeStore(this.#path, this.#sessions, this.#session.version);
    rmSync(lockPath(this.#path), { force: true });
  }

  #writeAnew(): number {
    writeStore(this.#path, this.#sessions, this.#session.version);
    this.#appendedBytes = 0;
    return openSync(this.#path, 'a');
  }
}

/**
 * Opens the store for one session; makes it when there is none.
 *
 * @throws StoreError when it is no store, of a newer form, or another process writes it.
 */
export function openStore(
  path: string,
  head: SessionHead,
): { readonly open: OpenStore; readonly problems: readonly string[] } {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const { store, problems } =
    text === '' ? { store: new Map<string, Session>(), problems: [] } : parseStore(text, path);
  mkdirSync(dirname(path), { recursive: true });
  lock(path);
  return { open: new OpenStore(path, store, head), problems };
}

function lockPath(path: string): string {
  return `${path}.lock`;
}

function lock(path: string): void {
  try {
    writeFileSync(lockPath(path), String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = Number(readFileSync(lockPath(path), 'utf8'));
    if (isAlive(owner)) {
      throw new StoreError(
        `${path} is written by process ${owner}; give each campaign a store of its own and join them with \`esf campaign merge\``,
      );
    }
    // Its owner was killed.
    writeFileSync(lockPath(path), String(process.pid));
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
