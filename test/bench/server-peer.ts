/**
 * The server process of the server benchmark: `ours` is the engine, `bare` is node:net with the same framing in a loop.
 *
 * Over IPC: tells its port, then answers every message with {count, cpuMicros} since the last one.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { rapidEngineFactory } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';

const HEADER_BYTES = 18;
let count = 0;
let cpu = process.cpuUsage();

async function ours(): Promise<number> {
  const engine = rapidEngineFactory.createServerEngine(createNodePlatform());
  engine.maxLengthOfUserID = 2;
  engine.heartbeatTimeoutInSecs = 0;
  await engine.initialize(0, {
    handleInformation: () => {
      count += 1;
    },
    handleQuery: (_source, _type, info) => {
      count++;
      return info;
    },
  });
  return engine.port;
}

/** Frames by the length field, copies partial tails, answers requests of one chunk in one write. */
function bare(): Promise<number> {
  const server = createServer((socket: Socket) => {
    let tail: Buffer = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const bytes = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      const replies: Buffer[] = [];
      let offset = 0;
      while (bytes.length - offset >= HEADER_BYTES) {
        const length = HEADER_BYTES + bytes.readInt32LE(offset + 4);
        if (bytes.length - offset < length) break;
        const type = bytes.readUInt16LE(offset + 2);
        if (type === 102 || type === 9) {
          const reply = Buffer.from(bytes.subarray(offset, offset + length));
          if (type === 102) reply[2] = 103;
          replies.push(reply);
        }
        if (type !== 9) count++;
        offset += length;
      }
      tail = bytes.subarray(offset);
      if (replies.length > 0) socket.write(replies.length === 1 ? replies[0]! : Buffer.concat(replies));
    });
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', 4096, () => resolve((server.address() as AddressInfo).port)),
  );
}

process.on('message', () => {
  const used = process.cpuUsage(cpu);
  process.send!({ count, cpuMicros: used.user + used.system });
  count = 0;
  cpu = process.cpuUsage();
});
process.send!({ port: process.argv[2] === 'ours' ? await ours() : await bare() });
