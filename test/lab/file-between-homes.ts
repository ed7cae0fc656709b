/** Server, sender and receiver as real processes in the lab's namespaces: one file, and what was seen of it. */
import type { Homes } from './homes.ts';
import { labScript, startServer } from './programs.ts';
import { Talking } from './talking.ts';

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

/** Runs it. @param folder - Where the receiver writes. */
export async function runFileBetweenHomes(
  homes: Homes,
  { file, folder }: { readonly file: string; readonly folder: string },
): Promise<FileRun> {
  const client = (namespace: string, name: string, ...task: string[]): Talking =>
    new Talking(namespace, labScript('client.ts', homes.serverAddress, String(PORT), name, ...task), name);
  const begin = performance.now();
  const started: Talking[] = [];
  const start = (talking: Talking): Talking => {
    started.push(talking);
    return talking;
  };
  try {
    start(await startServer(homes, PORT));
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
