/** What the commands that run a server on real ports have in common: they talk, they may find the port taken, they wait. */
import { once } from 'node:events';
import { EXIT, CliError } from './output.ts';

export const PORT_MAX = 65_535;

/** Events are for people, so they go where progress goes. */
export function say(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

/** Resolves at Ctrl-C or SIGTERM. */
export async function untilToldToEnd(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

/** Why there is no server, as an error of the command. */
export function cannotListen(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): CliError {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'E_ADDRINUSE';
  const text = isTaken
    ? `port ${port} on ${host} is in use; choose another one with --port, or 0 for any free one`
    : `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
  return new CliError(EXIT.fault, text);
}
