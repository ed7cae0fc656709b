/**
 * `esf demo`: writes the page in which the simulator and the engine run, as one file for a browser; or runs a plan of that
 * page here, for the digest.
 */
import { statSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { formatPlan, parsePlan } from '../demo/plan.ts';
import type { DemoPlan } from '../demo/plan.ts';
import { formatLine } from '../demo/script.ts';
import { CliError, EXIT, packageRoot, printJson } from './output.ts';

type DemoFlags = { readonly out: string; readonly run?: string; readonly json?: boolean };

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('demo')
    .description('Write the live demo: the simulator and the engine in one HTML file, which opens without a network.')
    .option('--out <file>', 'where the page goes', 'esf-demo.html')
    .option('--run <line>', 'write no page; run this plan here and print its digest: what stands behind # in the page')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      "\nExamples:\n  esf demo --out demo.html\n  esf demo --run 'scene=pair&seed=7&left=EI/APD&faults=5s natReboot nat=ann-router'",
    )
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<void> {
  if (flags.run === undefined) await writePage(flags);
  else await runHere(planOf(flags.run), flags.json === true);
}

async function writePage({ out, json = false }: DemoFlags): Promise<void> {
  const { demoPage, isBuilt } = await import('../demo/page-file.ts');
  const root = packageRoot();
  if (!isBuilt(root))
    throw new CliError(EXIT.usage, `the page is made from the build, and ${root} has none; run "npm run build"`);
  const page = demoPage(root);
  try {
    writeFileSync(out, page);
  } catch (error) {
    throw new CliError(EXIT.usage, `--out ${out} cannot be written: ${messageOf(error)}`);
  }
  const sizeBytes = statSync(out).size;
  if (json) printJson({ file: out, sizeBytes });
  else process.stdout.write(`${out}: ${Math.ceil(sizeBytes / 1_000)} kB; open it in a browser\n`);
}

async function runHere(plan: DemoPlan, json: boolean): Promise<void> {
  const { runDemo } = await import('../demo/run-demo.ts');
  const { digest, events, endMicros, tales, letters } = await runDemo(plan);
  const arrived = letters.filter(({ arrivedMicros }) => arrivedMicros >= 0).length;
  if (json) {
    printJson({ plan, line: formatPlan(plan), digest, events, endMicros, messages: letters.length, arrived });
    return;
  }
  const lines = tales.map(
    ({ timeMicros, host, text }) => `${(timeMicros / 1e6).toFixed(3).padStart(9)}  ${host.padEnd(10)} ${text}`,
  );
  const faults = plan.faults.map((line) => `fault: ${formatLine(line)}`);
  const summary = `${events} events in ${endMicros / 1e6} s, ${letters.length} messages, ${arrived} arrived`;
  process.stdout.write([...lines, ...faults, formatPlan(plan), summary, `digest ${digest}`, ''].join('\n'));
}

function planOf(line: string): DemoPlan {
  try {
    return parsePlan(line);
  } catch (error) {
    throw new CliError(EXIT.usage, `--run: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
