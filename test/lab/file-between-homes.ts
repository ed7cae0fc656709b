/** Server, sender and receiver as real processes in the lab's namespaces: one file, and what was seen of it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Homes } from './homes.ts';

export type FileRun = {
  /** Of the sender's channel: `udp` or `tcp`. */
  readonly protocol: string;
  /** Of the file as the receiver has it. */
  readonly sha256: string;
  /** Bytes over the server's interface meanwhile. */
  readonly serverBytes: number;
  readonly millis: number;
};

const PORT = 4530;

type Line = Readonly<Record<string, unknown>>;

/** A process in a namespace whose standard output is JSON lines. */
class Talking {
  readonly lines: Line[] = [];
  readonly #process: ChildProcess;
  readonly #waiting: { readonly wanted: (line: Line) => boolean; readonly resolve: (line: Line) => void }[] = [];
  #fail: (error: Error) => void = () => undefined;
  readonly #failed = new Promise<never>((_resolve, reject) => (this.#fail = reject));

  constructor(namespace: string, args: readonly string[], name: string) {
    this.#failed.catch(() => undefined);
    this.#process = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface(this.#process.stdout!).on('line', (text) => this.#take(text));
    this.#process.on('close', (code) => {
      this.#fail(new Error(`${name} ended with ${code}; it had said ${JSON.stringify(this.lines)}`));
    });
  }

  /** The first line, said or to come, that is wanted; fails when the process ends first. */
  waitFor(wanted: (line: Line) => boolean): Promise<Line> {
    const said = this.lines.find(wanted);
    if (said !== undefined) return Promise.resolve(said);
    const coming = new Promise<Line>((resolve) => this.#waiting.push({ wanted, resolve }));
    return Promise.race([coming, this.#failed]);
  }

  stop(): void {
    this.#process.kill('SIGTERM');
  }

  #take(text: string): void {
    const line = JSON.parse(text) as Line;
    this.lines.push(line);
    for (const { wanted, resolve } of this.#waiting) if (wanted(line)) resolve(line);
  }
}

/** Runs it. @param folder - Where the receiver writes. */
export async function runFileBetweenHomes(
  homes: Homes,
  { root, file, folder }: { readonly root: string; readonly file: string; readonly folder: string },
): Promise<FileRun> {
  const client = (namespace: string, name: string, ...task: string[]): Talking =>
    new Talking(
      namespace,
      ['--import', 'tsx', join(root, 'test/lab/client.ts'), homes.serverAddress, String(PORT), name, ...task],
      name,
    );
  const begin = performance.now();
  const started: Talking[] = [];
  const start = (talking: Talking): Talking => {
    started.push(talking);
    return talking;
  };
  try {
    const serve = [join(root, 'bin/esf.js'), 'serve', '--host', '0.0.0.0', '--port', String(PORT), '--json'];
    await start(new Talking(homes.server, serve, 'the server')).waitFor(() => true);
    const bob = start(client(homes.second.host, 'bob', 'receive', folder + '/received'));
    await bob.waitFor(({ event }) => event === 'logon');
    const alice = start(client(homes.first.host, 'alice', 'send', 'bob', file));
    const channel = await alice.waitFor(({ event }) => event === 'channel');
    const received = await bob.waitFor(({ event }) => event === 'received');
    return {
      protocol: String(channel.protocol).toLowerCase(),
      sha256: String(received.sha256),
      serverBytes: await homes.serverBytes(),
      millis: performance.now() - begin,
    };
  } finally {
    for (const talking of started) talking.stop();
  }
}
