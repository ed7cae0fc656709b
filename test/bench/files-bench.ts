/**
 * A file over real loopback TCP, client to server, against a bare socket copy; and memory for a small and a large file.
 *
 * Sender and receiver are processes of their own for both contestants; both read a real file and write one, and both are
 * timed until the sender knows that everything is written. The bare peer is `createReadStream` piped into a socket, piped
 * into `createWriteStream`, with Node's default pieces.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figure, interleave } from './model.ts';
import type { BenchRow } from './model.ts';

const FILE_BYTES = 64 * 1024 * 1024;
const LARGE_BYTES = 512 * 1024 * 1024;
const PACKAGE_BYTES = 204_800;
const MIB = 1024 * 1024;

type Kind = 'ours' | 'bare';

function start(file: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function answer<T>(child: ChildProcess, question?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('a process of the file benchmark ended'));
    child.once('exit', ended);
    child.once('message', (message: T & { error?: string }) => {
      child.off('exit', ended);
      if (message.error === undefined) resolve(message);
      else reject(new Error(message.error));
    });
    if (question !== undefined) child.send(question);
  });
}

class Contestant {
  readonly #source: ChildProcess;
  readonly #sink: ChildProcess;
  #port = 0;

  constructor(kind: Kind, target: string) {
    this.#source = start('./files-peer.ts', kind);
    this.#sink = start('./files-sink.ts', kind, target);
  }

  async ready(): Promise<void> {
    const [, { port }] = await Promise.all([answer(this.#source), answer<{ port: number }>(this.#sink)]);
    this.#port = port;
  }

  /** Copies the file. @returns MiB a second, and the most memory each end had. */
  async copy(path: string, bytes: number): Promise<{ rate: number; memory: readonly [number, number] }> {
    await answer(this.#sink, {});
    const begin = process.hrtime.bigint();
    const { mostBytes } = await answer<{ mostBytes: number }>(this.#source, {
      port: this.#port,
      path,
      packageBytes: PACKAGE_BYTES,
    });
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    const sink = await answer<{ mostBytes: number }>(this.#sink, {});
    return { rate: bytes / MIB / seconds, memory: [mostBytes, sink.mostBytes] };
  }

  stop(): void {
    this.#source.kill();
    this.#sink.kill();
  }
}

/** A file of bytes that differ from block to block. */
function makeFile(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(MIB);
  for (let at = 0; at < bytes; at += MIB) {
    for (let index = 0; index < MIB; index += 4) block.writeUInt32LE((at + index * 2_654_435_761) >>> 0, index);
    writeSync(file, block);
  }
  closeSync(file);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** The rows. */
export async function filesBench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'esf-bench-'));
  const [small, large] = [join(folder, 'small'), join(folder, 'large')];
  const contestants = {
    ours: new Contestant('ours', join(folder, 'ours')),
    bare: new Contestant('bare', join(folder, 'bare')),
  };
  try {
    makeFile(small, FILE_BYTES);
    makeFile(large, LARGE_BYTES);
    await Promise.all([contestants.ours.ready(), contestants.bare.ready()]);
    for (const each of [contestants.ours, contestants.bare]) await each.copy(small, FILE_BYTES);
    const rate = (kind: Kind) => async (): Promise<number> => (await contestants[kind].copy(small, FILE_BYTES)).rate;
    const [ours, bare] = (await interleave([rate('ours'), rate('bare')])) as [number, number];
    if ((await hashOf(join(folder, 'ours'))) !== (await hashOf(small))) throw new Error('the file arrived changed');
    const before = await contestants.ours.copy(small, FILE_BYTES);
    const after = await contestants.ours.copy(large, LARGE_BYTES);
    const grown = Math.max(...after.memory.map((most, end) => most - before.memory[end]!)) / MIB;
    const peak = (memory: readonly [number, number]): string => memory.map((most) => figure(most / MIB)).join('/');
    return [
      {
        name: 'file over loopback TCP',
        ours,
        peer: bare,
        peerName: 'node stream.pipeline over a socket',
        unit: 'MiB/s',
        ratio: ours / bare,
        target: 0.5,
        detail: `${FILE_BYTES / MIB} MiB, packages of ${PACKAGE_BYTES} bytes, content hash equal`,
      },
      {
        name: 'memory grown by a file 8 times as large',
        ours: grown,
        peer: null,
        peerName: '',
        unit: 'MiB',
        ratio: null,
        target: 64,
        lowerIsBetter: true,
        detail: `peaks of sender/receiver: ${peak(before.memory)} for ${FILE_BYTES / MIB}, ${peak(after.memory)} for ${LARGE_BYTES / MIB} MiB; ${figure(after.rate)} MiB/s`,
      },
    ];
  } finally {
    for (const each of Object.values(contestants)) each.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
