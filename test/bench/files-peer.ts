/**
 * One end of the file benchmark, in a process of its own: `ours` is a client engine that sends, `bare` a stream piped into
 * a socket. Over IPC: `{cmd:'go', port, path, packageBytes}`, then the answer when the other end has everything.
 */
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { rapidEngineFactory } from '../../impl/index.ts';
import type { RapidPassiveEngine } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';

type Command = { readonly port: number; readonly path: string; readonly packageBytes: number };

let engine: RapidPassiveEngine | undefined;
let mostBytes = 0;
setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage().rss)), 20).unref();

/** Resolves when the receiver has confirmed the whole file. */
async function ours({ port, path, packageBytes }: Command): Promise<void> {
  if (engine === undefined) {
    engine = rapidEngineFactory.createPassiveEngine(createNodePlatform());
    await engine.initialize('sender', null, '127.0.0.1', port, null);
  }
  const { fileOutter } = engine;
  await new Promise<void>((resolve, reject) => {
    fileOutter.fileSendingEvents.fileTransCompleted.add(() => resolve());
    fileOutter.fileSendingEvents.fileTransDisruptted.add((project) =>
      reject(new Error(project.fileTransDisrupttedCause ?? '')),
    );
    fileOutter.beginSendFile(null, path, null, { filePackageSize: packageBytes, sendingSpanInMSecs: 0 });
  });
}

/** Resolves when the receiver, which has written everything, closes. */
async function bare({ port, path }: Command): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('end', resolve);
    socket.once('error', reject);
    socket.resume();
  });
  await pipeline(createReadStream(path), socket, { end: true });
  await closed;
}

process.on('message', (command: Command) => {
  mostBytes = 0;
  const run = process.argv[2] === 'ours' ? ours(command) : bare(command);
  run.then(
    () => process.send!({ mostBytes: Math.max(mostBytes, process.memoryUsage().rss) }),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
process.send!({ ready: true });
