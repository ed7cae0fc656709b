/**
 * `esf p2p-server`: a P2P server that stands alone (P2P-007). It tells clients how they look from outside.
 *
 * It keeps no state of anybody; several servers may share one. Ctrl-C or SIGTERM ends it.
 */
import type { Command } from 'commander';
import { rapidEngineFactory } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { P2P_SERVER_PORT_DEFAULT, USER_ID_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import { cannotListen, PORT_MAX, untilToldToEnd } from './live-server.ts';
import { integerIn, printJson } from './output.ts';

type P2PServerFlags = {
  readonly port: number;
  readonly host: string;
  readonly maxLengthOfUserID: number;
  readonly json?: boolean;
};

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('p2p-server')
    .description('Run a P2P server of its own: it tells clients their public endpoints, over UDP and TCP.')
    .option('--port <n>', '0 takes any free one', integerIn(0, PORT_MAX), P2P_SERVER_PORT_DEFAULT)
    .option('--host <address>', 'the local address to listen on', '127.0.0.1')
    .option(
      '--max-length-of-user-id <n>',
      'bytes of a UserID; the same as at the clients',
      integerIn(1, 255),
      USER_ID_BYTES_MAX_DEFAULT,
    )
    .option('--json', 'print one JSON object when listening')
    .addHelpText(
      'after',
      '\nExample:\n  esf p2p-server --port 9901 --host 0.0.0.0\n\nOn the server set useAsP2PServer to false, on the clients p2pServerAddress to this address.',
    )
    .action((flags: P2PServerFlags & { readonly maxLengthOfUserId?: number }) =>
      serve({ ...flags, maxLengthOfUserID: flags.maxLengthOfUserId ?? USER_ID_BYTES_MAX_DEFAULT }),
    );
}

async function serve(flags: P2PServerFlags): Promise<void> {
  const server = rapidEngineFactory.createP2PServer(createNodePlatform());
  server.ipAddressBinding = flags.host;
  server.maxLengthOfUserID = flags.maxLengthOfUserID;
  try {
    await server.initialize(flags.port);
  } catch (error) {
    throw cannotListen(error, flags);
  }
  if (flags.json === true) printJson({ host: flags.host, port: server.port, secondPort: server.secondPort });
  else process.stdout.write(`listening on ${flags.host}:${server.port} (and ${server.secondPort}); Ctrl-C ends it\n`);
  await untilToldToEnd();
  const { answered, ignored } = server.statistics;
  process.stderr.write(`${answered} requests answered, ${ignored} ignored\n`);
  server.close();
}
