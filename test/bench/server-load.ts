/**
 * The load generator of the server benchmark, a process of its own: logs clients on and sends pre-built messages.
 *
 * Driven by its parent over IPC: `{cmd:'connect', port, count}`, then `{cmd:'go', mode, millis}`; answers when done.
 * It builds its bytes by hand from the layout, so that it shares no code with what it loads.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

type Command =
  | { readonly cmd: 'connect'; readonly port: number; readonly count: number }
  | { readonly cmd: 'go'; readonly mode: Mode; readonly millis: number };
export type Mode = 'single' | 'batch' | 'request';

const ID_BYTES_MAX = 2;
const HEADER_BYTES = 12 + 2 * (1 + ID_BYTES_MAX);
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BATCH = 100;

/** Two characters from 62: 3,844 users, and messages of exactly 36 bytes. */
function userID(index: number): string {
  return DIGITS[Math.floor(index / 62)]! + DIGITS[index % 62]!;
}

function message(type: number, id: string, body: Buffer): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + body.length);
  bytes[0] = 0xe5;
  bytes.writeUInt16LE(type, 2);
  bytes.writeInt32LE(body.length, 4);
  bytes.writeInt32LE(1, 8);
  bytes[12] = 2;
  bytes.write(id, 13, 'latin1');
  body.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** {Content: 6 bytes, InformationType: 1}, 18 bytes. */
function informationBody(): Buffer {
  const body = Buffer.alloc(18);
  body.writeInt32LE(18, 0);
  body.writeInt32LE(6, 4);
  body.write('abcdef', 8, 'latin1');
  body.writeInt32LE(1, 14);
  return body;
}

/** {AuthorizedUser: "FreeUser", Password: null, SystemToken: null, Version: 6}. */
function logonBody(): Buffer {
  const body = Buffer.alloc(28);
  body.writeInt32LE(28, 0);
  body.writeInt32LE(8, 4);
  body.write('FreeUser', 8, 'latin1');
  body.writeInt32LE(-1, 16);
  body.writeInt32LE(-1, 20);
  body.writeInt32LE(6, 24);
  return body;
}

type Client = {
  readonly socket: Socket;
  readonly single: Buffer;
  readonly batch: Buffer;
  readonly request: Buffer;
  repliedBytes: number;
};
let clients: Client[] = [];
let onReply: ((client: Client) => void) | undefined;

async function connectOne(port: number, index: number): Promise<Client> {
  const id = userID(index);
  const single = message(101, id, informationBody());
  const client: Client = {
    socket: connect(port, '127.0.0.1'),
    single,
    batch: Buffer.concat(Array<Buffer>(BATCH).fill(single)),
    request: message(102, id, informationBody()),
    repliedBytes: 0,
  };
  client.socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    client.socket.once('error', reject);
    client.socket.once('connect', () => client.socket.write(message(9, id, logonBody())));
    client.socket.once('data', () => resolve());
  });
  client.socket.on('data', (chunk) => {
    client.repliedBytes += chunk.length;
    while (client.repliedBytes >= single.length) {
      client.repliedBytes -= single.length;
      onReply?.(client);
    }
  });
  return client;
}

/** Open loop: every socket is written to in turn, as long as its queue is short. */
async function pump(mode: 'single' | 'batch', millis: number): Promise<void> {
  const end = Date.now() + millis;
  while (Date.now() < end) {
    for (let round = 0; round < 8; round++) {
      for (const client of clients) {
        if (client.socket.writableLength < 65_536)
          client.socket.write(mode === 'single' ? client.single : client.batch);
      }
      if (clients.length > 100) break;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Closed loop: one request in flight on every connection. */
async function pingPong(millis: number): Promise<void> {
  let running = true;
  let waiting = clients.length;
  await new Promise<void>((resolve) => {
    onReply = (client) => {
      if (running) client.socket.write(client.request);
      else if (--waiting === 0) resolve();
    };
    for (const client of clients) client.socket.write(client.request);
    setTimeout(() => (running = false), millis);
  });
  onReply = undefined;
}

process.on('message', (command: Command) => {
  void (async () => {
    if (command.cmd === 'connect') {
      for (const client of clients) client.socket.destroy();
      clients = [];
      for (let index = 0; index < command.count; index++) clients.push(await connectOne(command.port, index));
    } else if (command.mode === 'request') await pingPong(command.millis);
    else await pump(command.mode, command.millis);
    process.send!('done');
  })();
});
