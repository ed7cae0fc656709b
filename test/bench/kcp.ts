/**
 * Fetches node-kcp, a peer of one benchmark, into a folder of the build and loads it. No dependency of the project.
 *
 * Needs a package registry and a C++ compiler on first use; where either is missing it says so and the benchmark goes on.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The binding's calls that are used here. */
export type Kcp = {
  nodelay(nodelay: number, intervalMillis: number, resend: number, noCongestionControl: number): void;
  wndsize(sendPackets: number, receivePackets: number): void;
  setmtu(bytes: number): void;
  output(handler: (data: Buffer, size: number) => void): void;
  input(data: Buffer): number;
  recv(): Buffer | null | undefined;
  send(data: Buffer): number;
  update(nowMillis: number): void;
  waitsnd(): number;
};
export type KcpConstructor = new (conversation: number, context: object) => Kcp;

const VERSION = '1.0.13';
const INSTALL_MILLIS_MAX = 180_000;

/** The class, or a sentence that says why there is none. */
export function loadKcp(): { readonly kcp: KcpConstructor } | { readonly missing: string } {
  const folder = fileURLToPath(new URL('../../.build/bench-peers/', import.meta.url));
  // The package's "main" names a file that does not exist.
  const load = (): KcpConstructor =>
    (createRequire(`${folder}package.json`)('node-kcp/index.js') as { readonly KCP: KcpConstructor }).KCP;
  try {
    if (!existsSync(`${folder}node_modules/node-kcp`)) {
      process.stderr.write(`bench: installing node-kcp ${VERSION} for comparison\n`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}package.json`, '{ "private": true }\n');
      const args = ['install', `node-kcp@${VERSION}`, '--no-audit', '--no-fund', '--loglevel=error'];
      execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: INSTALL_MILLIS_MAX });
    }
    return { kcp: load() };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    return { missing: `node-kcp ${VERSION} cannot be installed or built here (${reason}); its rows are left out` };
  }
}
