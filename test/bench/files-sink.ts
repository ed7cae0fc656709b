/** The receiving end of the file benchmark: `ours` a server engine that accepts, `bare` a server that pipes into a file. */
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { rapidEngineFactory } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';

const target = process.argv[3]!;
let mostBytes = 0;
setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage().rss)), 20).unref();

async function ours(): Promise<number> {
  const engine = rapidEngineFactory.createServerEngine(createNodePlatform());
  engine.fileController.fileRequestReceived.add((id) => engine.fileController.beginReceiveFile(id, target));
  await engine.initialize(0, null);
  return engine.port;
}

function bare(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // The end is answered when the file is closed, so both contestants are timed to the same point.
    pipeline(socket, createWriteStream(target), { end: true }).then(
      () => socket.end(),
      () => socket.destroy(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

process.on('message', () => {
  process.send!({ mostBytes: Math.max(mostBytes, process.memoryUsage().rss) });
  mostBytes = 0;
});
process.send!({ port: process.argv[2] === 'ours' ? await ours() : await bare() });
