/**
 * `esf serve`: the reference server on a real port, for trying clients by hand.
 *
 * It accepts every logon, answers queries by QUERY_RULES and logs what happens. Ctrl-C ends it.
 */
import { cpus, freemem, totalmem } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { DisconnectedType, RelogonMode, platformEngineFactory, rapidEngineFactory } from '../../impl/index.ts';
import type { PlatformRapidServerEngine, RapidServerEngine } from '../../impl/index.ts';
import type { Platform } from '../../spec/platform.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { ACMS_TRANSFER_PORT_DEFAULT, TCP_PORT_DEFAULT } from '../../spec/limits.ts';
import { QUERY_RULES } from '../attach/client-subject.ts';
import { bytesLabel } from '../attach/journal.ts';
import { answerByRule } from '../attach/query-rules.ts';
import { cannotListen, PORT_MAX, say, untilToldToEnd } from './live-server.ts';
import { CliError, EXIT, integerIn, printJson, SECRET_OPTION } from './output.ts';

type ServeFlags = {
  readonly port: number;
  readonly host: string;
  readonly relogonMode: 'ReplaceOld' | 'IgnoreNew';
  readonly heartbeatTimeout: number;
  readonly acms?: { readonly address: string; readonly port: number };
  readonly acmsTransferPort: number;
  readonly serverId: number;
  readonly secret: string;
  readonly json?: boolean;
};

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('serve')
    .description('Run the reference server on a real port and show what happens on it.')
    .option('--port <n>', '0 takes any free one', integerIn(0, PORT_MAX), TCP_PORT_DEFAULT)
    .option('--host <address>', 'the local address to listen on', '127.0.0.1')
    .addOption(
      new Option('--relogon-mode <mode>', 'what a second logon of one UserID does')
        .choices(['ReplaceOld', 'IgnoreNew'])
        .default('ReplaceOld'),
    )
    .option('--heartbeat-timeout <secs>', 'silence after which a user is dropped; 0 never', seconds, 30)
    .option('--acms <host:port>', 'join the cluster of the platform server at that service port', endpoint)
    .option('--acms-transfer-port <n>', 'its transfer port', integerIn(1, PORT_MAX), ACMS_TRANSFER_PORT_DEFAULT)
    .option('--server-id <n>', "the server's own ID in the cluster", integerIn(0, 0x7fff_ffff), 0)
    .option(...SECRET_OPTION)
    .option('--json', 'print one JSON object when listening')
    .addHelpText(
      'after',
      `\nExamples:\n  esf serve --port 4530 --heartbeat-timeout 60\n  esf serve --port 6000 --acms 127.0.0.1:11000 --server-id 1\n\nQueries are answered by type: ${rules()}; any other type is echoed.`,
    )
    .action(serve);
}

function rules(): string {
  return Object.entries(QUERY_RULES)
    .map(([name, type]) => `${type} ${name}`)
    .join(', ');
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1_000_000)) {
    throw new InvalidArgumentError(`It must be a number of seconds from 0 to 1000000, not "${text}".`);
  }
  return value;
}

function endpoint(text: string): { address: string; port: number } {
  const match = /^(.+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || !(port >= 1 && port <= PORT_MAX)) {
    throw new InvalidArgumentError(`It must be an address and a port like 127.0.0.1:11000, not "${text}".`);
  }
  return { address: match[1], port };
}

/** A server of a cluster; a single one without `--acms`. */
function createEngine(platform: Platform, flags: ServeFlags): RapidServerEngine {
  const { acms, acmsTransferPort, serverId, secret } = flags;
  if (acms === undefined) return rapidEngineFactory.createServerEngine(platform);
  const { address, port } = acms;
  const engine = platformEngineFactory.createServerEngine(platform, String(serverId), address, port, acmsTransferPort);
  engine.acmsSecret = secret;
  engine.machineState = machineState();
  engine.platformConnectionInterrupted.add(() => say('the platform server is out of reach; going on alone'));
  engine.platformConnectionRebuild.add(() => say('back in the cluster'));
  return engine;
}

/** The load of the machine's processors since the last look, and its memory, in percent. */
function machineState(): NonNullable<PlatformRapidServerEngine['machineState']> {
  let before = { busy: 0, all: 0 };
  return () => {
    const now = { busy: 0, all: 0 };
    for (const { times } of cpus()) {
      const all = times.user + times.nice + times.sys + times.idle + times.irq;
      now.all += all;
      now.busy += all - times.idle;
    }
    const span = now.all - before.all;
    const cpuUsage = span > 0 ? ((now.busy - before.busy) / span) * 100 : 0;
    before = now;
    return { cpuUsage, memoryUsage: (1 - freemem() / totalmem()) * 100 };
  };
}

async function serve(flags: ServeFlags): Promise<void> {
  const platform = createNodePlatform();
  const engine = createEngine(platform, flags);
  engine.ipAddressBinding = flags.host;
  engine.heartbeatTimeoutInSecs = flags.heartbeatTimeout;
  engine.userManager.relogonMode = RelogonMode[flags.relogonMode];
  showEvents(engine);
  const world = { setTimer: platform.setTimer.bind(platform), noteAsyncEdge: () => undefined };
  try {
    await engine.initialize(flags.port, {
      handleInformation: (source, type, info) => say(`information ${type} from ${source ?? '?'}: ${bytesLabel(info)}`),
      handleQuery: (source, type, info) => {
        say(`query ${type} from ${source ?? '?'}: ${bytesLabel(info)}`);
        return answerByRule(world, type, info);
      },
    });
  } catch (error) {
    throw notInCluster(error, flags) ?? cannotListen(error, flags);
  }
  const cluster = flags.acms === undefined ? {} : { serverID: engine.serverID };
  if (flags.json === true) printJson({ host: flags.host, port: engine.port, ...cluster });
  else process.stdout.write(`listening on ${flags.host}:${engine.port}; Ctrl-C ends it\n`);
  await untilToldToEnd();
  engine.close();
}

function notInCluster(error: unknown, flags: ServeFlags): CliError | undefined {
  if (flags.acms === undefined || !(error instanceof Error && 'clause' in error && error.clause === 'CLU-012')) return;
  return new CliError(EXIT.fault, `${error.message}; is "esf acms" running, with the same --secret?`);
}

const DISCONNECTED_NAMES = new Map<number, string>(
  Object.entries(DisconnectedType).map(([name, value]) => [value, name]),
);

function showEvents(engine: RapidServerEngine): void {
  const { userManager, customizeController } = engine;
  userManager.someOneConnected.add((user) =>
    say(`${user.userID} logged on from ${user.address.address}:${user.address.port}`),
  );
  userManager.someOneDisconnected.add((user, type) =>
    say(`${user.userID} is gone: ${DISCONNECTED_NAMES.get(type) ?? type}`),
  );
  userManager.newConnectionIgnored.add((userID) => say(`a second logon of ${userID} was ignored`));
  customizeController.transmitFailed.add(({ sourceID, destID }) =>
    say(`${destID ?? '?'} is offline; information from ${sourceID} was dropped`),
  );
  engine.invalidMsgReceived.add((address, kind) =>
    say(`invalid message from ${address.address}:${address.port}: ${kind}`),
  );
}
