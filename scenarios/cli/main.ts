/**
 * The command line: `esf COMMAND [options]`.
 *
 * Only finds the command, loads its file and turns errors into one clear sentence and an exit code: 0 as expected,
 * 1 unexpected verdict, 2 usage, 3 harness or adapter fault, 4 incomplete run. What commands do is in their own files.
 */
import { Command, CommanderError } from 'commander';
import { CliError, EXIT, packageVersion } from './output.ts';

/** What a command's file exports: adds itself to the program. */
type CommandModule = { readonly register: (program: Command) => void };

/** Command name -> its file, in the order `--help` shows them. Loaded only when asked for: start-up time is waiting time. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  run: () => import('./run.ts'),
  list: () => import('./list.ts'),
  validate: () => import('./validate.ts'),
  'adapter-check': () => import('./adapter-check.ts'),
  explore: () => import('./explore.ts'),
  replay: () => import('./replay.ts'),
  fuzz: () => import('./fuzz.ts'),
  mutants: () => import('./mutants.ts'),
  campaign: () => import('./campaign.ts'),
  spec: () => import('./spec.ts'),
  report: () => import('./report.ts'),
  nat: () => import('./nat.ts'),
  demo: () => import('./demo.ts'),
  serve: () => import('./serve.ts'),
  acms: () => import('./acms.ts'),
  'p2p-server': () => import('./p2p-server.ts'),
};

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('esf')
    .description('Reference simulation and conformance test harness for the ESFramework protocol family.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for the options and an example)')
    .exitOverride();
  const asked = argv.find((word) => !word.startsWith('-'));
  const wanted = asked !== undefined && asked in COMMANDS ? [asked] : Object.keys(COMMANDS);
  for (const name of wanted) (await COMMANDS[name]!()).register(program);
  for (const command of program.commands)
    command.exitOverride().showHelpAfterError('(add --help for the options and an example)');
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof CliError) {
      process.stderr.write(`esf: ${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(
      `esf: internal fault, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return EXIT.fault;
  }
}

process.exitCode = await main(process.argv.slice(2));
