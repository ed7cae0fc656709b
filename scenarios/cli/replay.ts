/** `esf replay FILE`: judges captured traffic. Exit 0 clean, 1 violations, 2 usage, 3 unreadable, 4 cut off. */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { MESSAGE_BYTES_HIGHEST, USER_ID_BYTES_HIGHEST, USER_ID_BYTES_LOWEST } from '../../spec/limits.ts';
import { replayFile, type ReplayOptions } from '../replay/replay.ts';
import type { ReplayReport } from '../replay/report-model.ts';
import { renderText } from '../replay/render-text.ts';
import { CliError, EXIT, integerIn, printJson, type ExitCode } from './output.ts';

type Flags = {
  readonly port?: number;
  readonly userIdMax?: number;
  readonly messageMax?: number;
  readonly heartbeatSpan?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
};

const EXAMPLE = `
What comes out: each connection with its user and messages, each pair of UDP endpoints (address discovery, hole punching,
reliable UDP) with its datagrams, messages, retransmissions and undecoded bytes, then every clause that the traffic breaks, with packet
number (as in Wireshark), time, direction, stream offset and an annotated hexdump.

Exit code: 0 nothing broken, 1 violations, 2 wrong usage or no such file, 3 not a readable capture, 4 cut-off capture
(what is before the cut is judged and reported).

Examples:
  tcpdump -i any -w session.pcap port 4530
  npx esf replay session.pcap
  npx esf replay session.pcap --port 4530 --json | jq .totals
  tcpdump -i any -w direct.pcap tcp port 4530 or udp
  tcpdump -i any -w - port 4530 | npx esf replay -
`;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('replay')
    .description('Judge a capture (classic pcap) against every clause that traffic alone can show.')
    .argument('<file>', 'a pcap file as tcpdump writes it; - reads standard input')
    .option('--port <port>', 'judge only connections to this server port', integerIn(1, 65_535))
    .option(
      '--user-id-max <bytes>',
      'maximum length of a UserID, N; guessed when absent',
      integerIn(USER_ID_BYTES_LOWEST, USER_ID_BYTES_HIGHEST),
    )
    .option(
      '--message-max <bytes>',
      'maximum length of a message (default 1048576)',
      integerIn(64, MESSAGE_BYTES_HIGHEST),
    )
    .option('--heartbeat-span <seconds>', 'judge that clients send a heartbeat this often', integerIn(1, 86_400))
    .option('--json', 'print one JSON object')
    .option('--quiet', 'print the last line only')
    .addHelpText('after', EXAMPLE)
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await replay(file, flags);
    });
}

async function replay(file: string, flags: Flags): Promise<ExitCode> {
  await refuseUnusable(file);
  const options: ReplayOptions = {
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags.userIdMax === undefined ? {} : { userIdBytesMax: flags.userIdMax }),
    ...(flags.messageMax === undefined ? {} : { messageBytesMax: flags.messageMax }),
    ...(flags.heartbeatSpan === undefined ? {} : { heartbeatSpanSecs: flags.heartbeatSpan }),
  };
  const report = await replayFile(file, options).catch((error: unknown) => {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CliError(EXIT.usage, `cannot read ${file}: ${error.message}`);
  });
  if (report.readFault?.kind === 'damaged' && report.totals.packets === 0 && flags.json !== true) {
    throw new CliError(
      EXIT.fault,
      `cannot read ${file} as a capture: ${report.readFault.message} (offset ${report.readFault.offset})`,
    );
  }
  if (flags.json === true) printJson(report);
  else process.stdout.write(`${renderText(report, { isQuiet: flags.quiet === true })}\n`);
  return exitCodeOf(report);
}

/** What the file system can tell before reading. */
async function refuseUnusable(file: string): Promise<void> {
  if (file === '-') return;
  const info = await stat(file).catch((thrown: unknown) => {
    const error = thrown as NodeJS.ErrnoException;
    if (error.code === 'ENOENT') throw new CliError(EXIT.usage, `there is no file ${file}`);
    throw new CliError(EXIT.usage, `cannot open ${file}: ${error.message}`);
  });
  if (info.isDirectory()) throw new CliError(EXIT.usage, `${file} is a directory; name a capture file`);
}

function exitCodeOf(report: ReplayReport): ExitCode {
  if (report.readFault !== null) return report.readFault.kind === 'cutOff' ? EXIT.incomplete : EXIT.fault;
  return report.totals.violationCount > 0 ? EXIT.verdict : EXIT.ok;
}
