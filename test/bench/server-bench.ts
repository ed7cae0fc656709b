/**
 * Messages received, decoded and dispatched by the server engine over real TCP, against a bare node:net server.
 *
 * 36-byte messages (custom information with six bytes, UserIDs of two characters) from a generator in its own process.
 * The compared figure is messages per second of the server's own processor time: on a machine of two cores the generator
 * and not the server bounds the wall-clock rate of the bare server, which would flatter ours. Wall rates are in `detail`.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { figure, interleave, median } from './model.ts';
import type { BenchRow } from './model.ts';
import type { Mode } from './server-load.ts';

const MILLIS = 500;
const BATCH_PER_SECOND = 3_000_000;

type Sample = { readonly perCpuSecond: number; readonly perSecond: number };

function start(file: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function answer<T>(child: ChildProcess, question?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a benchmark process ended with code ${code ?? 'none'}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
    if (question !== undefined) child.send(question);
  });
}

class Contestant {
  readonly server: ChildProcess;
  readonly load: ChildProcess;
  samples: Sample[] = [];
  #port = 0;

  constructor(kind: 'ours' | 'bare') {
    this.server = start('./server-peer.ts', kind);
    this.load = start('./server-load.ts');
  }

  async listen(): Promise<void> {
    this.#port = (await answer<{ port: number }>(this.server)).port;
  }

  async connect(count: number): Promise<void> {
    this.samples = [];
    await answer(this.load, { cmd: 'connect', port: this.#port, count });
  }

  async round(mode: Mode): Promise<number> {
    await answer(this.server, {});
    const begin = process.hrtime.bigint();
    await answer(this.load, { cmd: 'go', mode, millis: MILLIS });
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    const { count, cpuMicros } = await answer<{ count: number; cpuMicros: number }>(this.server, {});
    const sample = { perCpuSecond: (count / cpuMicros) * 1e6, perSecond: count / seconds };
    this.samples.push(sample);
    return sample.perCpuSecond;
  }

  wallRate(): number {
    return median(this.samples.map((sample) => sample.perSecond));
  }

  stop(): void {
    this.server.kill();
    this.load.kill();
  }
}

/** Rows for one message per write, request and reply (12, 1,000, 3,000 connections) and 100 messages per write (12). */
export async function serverBench(): Promise<BenchRow[]> {
  const ours = new Contestant('ours');
  const bare = new Contestant('bare');
  const rows: BenchRow[] = [];
  try {
    await Promise.all([ours.listen(), bare.listen()]);
    for (const connections of [12, 1000, 3000]) {
      for (const mode of connections === 12
        ? (['single', 'request', 'batch'] as const)
        : (['single', 'request'] as const)) {
        await ours.connect(connections);
        await bare.connect(connections);
        const [mine, theirs] = await interleave([() => ours.round(mode), () => bare.round(mode)]);
        rows.push(row(mode, connections, mine!, theirs!, ours.wallRate(), bare.wallRate()));
      }
    }
  } finally {
    ours.stop();
    bare.stop();
  }
  return rows;
}

const LABEL = {
  single: 'one message per write',
  request: 'request and reply',
  batch: '100 messages per write',
} as const;

function row(
  mode: Mode,
  connections: number,
  mine: number,
  theirs: number,
  myWall: number,
  theirWall: number,
): BenchRow {
  const name = `server, ${LABEL[mode]}, ${connections} connections`;
  const detail = `wall clock: ours ${figure(myWall)}/s, bare ${figure(theirWall)}/s`;
  if (mode === 'batch') {
    return {
      name,
      ours: myWall,
      peer: null,
      peerName: '',
      unit: 'msg/s',
      ratio: null,
      target: BATCH_PER_SECOND,
      detail: `bare ${figure(theirWall)}/s; per CPU second ${(mine / theirs).toFixed(2)} of bare`,
    };
  }
  return {
    name,
    ours: mine,
    peer: theirs,
    peerName: 'node:net',
    unit: 'msg/CPU s',
    ratio: mine / theirs,
    target: 0.85,
    detail,
  };
}
