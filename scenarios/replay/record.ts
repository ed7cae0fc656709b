/**
 * Records the committed captures with tcpdump, which needs the right to capture (root, usually):
 *
 *   npx tsx scenarios/replay/record.ts [FILE...]
 *
 * Without arguments all of them are made anew in `test/captures/`. A last datagram to a port of its own tells when
 * tcpdump has written everything; that packet is cut off again.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { GLOBAL_HEADER_BYTES, PACKET_HEADER_BYTES } from './pcap-format.ts';
import { stories } from './stories.ts';
import { TCP_PORT_DEFAULT } from '../../spec/limits.ts';

const HOST = '127.0.0.1';
/** Where the last datagram goes; the discard port, nobody answers. */
const SENTINEL_PORT = 9;
const SENTINEL = 'end of the story';
const FOLDER = fileURLToPath(new URL('../../test/captures/', import.meta.url));

/** A running tcpdump and what it has written. Every wait ends when tcpdump does. */
class Tcpdump {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #output: Buffer[] = [];
  readonly #ended: Promise<unknown>;
  #said = '';

  constructor(extra: readonly string[], captured = `tcp port ${TCP_PORT_DEFAULT}`) {
    const filter = `(${captured}) or (udp dst port ${SENTINEL_PORT})`;
    const args = [...extra, '-U', '--immediate-mode', '-w', '-', filter];
    this.#process = spawn('tcpdump', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stdout.on('data', (chunk: Buffer) => this.#output.push(chunk));
    // Read to the end: a tcpdump that cannot write its last words is killed by the attempt.
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#said += String(chunk)));
    this.#ended = once(this.#process, 'close');
  }

  async started(): Promise<void> {
    await this.#until(this.#process.stderr, () => this.#said.includes('listening on'));
  }

  /** Waits until tcpdump has passed on everything that happened before the call, ends it, and gives the capture. */
  async finish(): Promise<Buffer> {
    const socket = createSocket('udp4');
    socket.send(SENTINEL, SENTINEL_PORT, HOST);
    await this.#until(this.#process.stdout, () => Buffer.concat(this.#output).includes(SENTINEL));
    socket.close();
    this.#process.kill('SIGINT');
    await this.#ended;
    return withoutSentinel(Buffer.concat(this.#output));
  }

  async #until(stream: Readable, isDone: () => boolean): Promise<void> {
    const gone = Symbol('gone');
    while (!isDone()) {
      const what = await Promise.race([once(stream, 'data'), this.#ended.then(() => gone)]);
      if (what === gone) throw new Error(`tcpdump ended too early: ${this.#said.trim()}`);
    }
  }
}

/** The capture up to the first packet that holds the sentinel. */
function withoutSentinel(capture: Buffer): Buffer {
  let at = GLOBAL_HEADER_BYTES;
  while (at < capture.length) {
    const end = at + PACKET_HEADER_BYTES + capture.readUInt32LE(at + 8);
    if (capture.subarray(at, end).includes(SENTINEL)) break;
    at = end;
  }
  return capture.subarray(0, at);
}

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(stories)) {
  const story = stories[name];
  if (story === undefined) throw new Error(`there is no story ${name}; there are ${Object.keys(stories).join(', ')}`);
  const tcpdump = new Tcpdump(story.tcpdump ?? ['-i', 'lo'], story.filter);
  await tcpdump.started();
  await story.play(HOST, TCP_PORT_DEFAULT);
  const capture = await tcpdump.finish();
  writeFileSync(join(FOLDER, name), capture);
  process.stdout.write(`${name}: ${capture.length} bytes, ${story.title}\n`);
}
