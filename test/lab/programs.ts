/** The programs of the lab as they are started in a namespace: scripts of this folder, and the servers that they talk to. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Homes } from './homes.ts';
import { Talking } from './talking.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Both of the STUN server, at both of its addresses. */
const STUN_PORTS = ['3478', '3479'] as const;

/** Arguments for Node: a script of this folder, by its file name, and its own arguments. */
export function labScript(name: string, ...args: readonly string[]): string[] {
  return ['--import', 'tsx', join(ROOT, 'test/lab', name), ...args];
}

/** Starts `esf serve`; resolves when it listens. */
export async function startServer(homes: Homes, port: number): Promise<Talking> {
  const serve = [join(ROOT, 'bin/esf.js'), 'serve', '--host', '0.0.0.0', '--port', String(port), '--json'];
  return await listening(new Talking(homes.server, serve, 'the server'), () => true);
}

/** Starts the STUN server; resolves, with how to ask it, when it listens. */
export async function startStunServer(
  homes: Homes,
): Promise<{ readonly server: Talking; readonly addresses: readonly [string, string]; readonly port: string }> {
  const addresses = [homes.serverAddress, homes.secondServerAddress] as const;
  const talking = new Talking(homes.server, labScript('stun.ts', ...addresses, ...STUN_PORTS), 'the STUN server');
  const server = await listening(talking, ({ event }) => event === 'listening');
  return { server, addresses, port: STUN_PORTS[0] };
}

/** One that does not come to listen is stopped. */
async function listening(server: Talking, isReady: Parameters<Talking['waitFor']>[0]): Promise<Talking> {
  try {
    await server.waitFor(isReady);
    return server;
  } catch (error) {
    server.stop();
    throw error;
  }
}
