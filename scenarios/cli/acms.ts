/**
 * `esf acms`: the platform server of a cluster on real ports; servers join it with `esf serve --acms`.
 *
 * It logs servers that come and go. Ctrl-C, or SIGTERM, ends it.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { ServerAssignedPolicy, createAcms } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { ACMS_SERVICE_PORT_DEFAULT, ACMS_TRANSFER_PORT_DEFAULT } from '../../spec/limits.ts';
import { PORT_MAX, say, untilToldToEnd } from './live-server.ts';
import { CliError, EXIT, integerIn, printJson, SECRET_OPTION } from './output.ts';

type AcmsFlags = {
  readonly servicePort: number;
  readonly transferPort: number;
  readonly host: string;
  readonly policy: keyof typeof ServerAssignedPolicy;
  readonly secret: string;
  readonly lookup: boolean;
  readonly json?: boolean;
};

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('acms')
    .description('Run the platform server of a cluster on real ports.')
    .option(
      '--service-port <n>',
      'for servers and systems outside; 0 takes any free one',
      integerIn(0, PORT_MAX),
      ACMS_SERVICE_PORT_DEFAULT,
    )
    .option(
      '--transfer-port <n>',
      'for messages between servers; 0 takes any free one',
      integerIn(0, PORT_MAX),
      ACMS_TRANSFER_PORT_DEFAULT,
    )
    .option('--host <address>', 'the local address to listen on', '127.0.0.1')
    .addOption(
      new Option('--policy <name>', 'how a server is chosen for a client')
        .choices(Object.keys(ServerAssignedPolicy))
        .default('MinUserCount'),
    )
    .option(...SECRET_OPTION)
    .option('--no-lookup', 'do not tell clients without the secret where to log on')
    .option('--json', 'print one JSON object when listening')
    .addHelpText(
      'after',
      '\nExample:\n  esf acms --policy Poll\n  esf serve --port 6000 --acms 127.0.0.1:11000 --server-id 0\n  esf serve --port 6001 --acms 127.0.0.1:11000 --server-id 1',
    )
    .action(acms);
}

async function acms(flags: AcmsFlags): Promise<void> {
  const engine = createAcms(createNodePlatform());
  engine.ipAddressBinding = flags.host;
  engine.servicePort = flags.servicePort;
  engine.transferPort = flags.transferPort;
  engine.serverAssignedPolicy = ServerAssignedPolicy[flags.policy];
  engine.secret = flags.secret;
  engine.openLookup = flags.lookup;
  const { clusterControlService } = engine;
  clusterControlService.serverRegistered.add(({ serverID, address, port }) =>
    say(`server ${serverID} joined: clients reach it at ${address}:${port}`),
  );
  clusterControlService.serverUnregistered.add((serverID) => say(`server ${serverID} is out of the cluster`));
  try {
    await engine.initialize();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.fault, `${text}; see --service-port, --transfer-port and --host`);
  }
  const { service, transfer } = engine.ports;
  if (flags.json === true) printJson({ host: flags.host, servicePort: service, transferPort: transfer });
  else process.stdout.write(`services on ${flags.host}:${service}, transfer on ${transfer}; Ctrl-C ends it\n`);
  await untilToldToEnd();
  engine.close();
}
