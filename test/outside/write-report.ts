/**
 * Writes reports/outside.md: three clients judged on simulated hosts, clause by clause. `npx tsx test/outside/write-report.ts`.
 *
 * Every number in it comes from the runs made here: the three programs over all cases for foreign clients, the engine without
 * lines over the same cases, and the Python client on real sockets for the comparison of speed. Takes some minutes.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { format, resolveConfig } from 'prettier';
import type { CaseVerdict } from '../../reports/model.ts';
import { AdapterPool } from '../../scenarios/attach/exec-pool.ts';
import { adapterEnvironment } from '../../scenarios/attach/exec-command.ts';
import { conformanceLine } from '../../scenarios/attach/exec-conformance.ts';
import { validate } from '../../scenarios/attach/exec-validate.ts';
import type { ValidateResult } from '../../scenarios/attach/exec-validate.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { runSuites } from '../../scenarios/runner/run.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';
import { PYTHON, SIMPLE, fileOf, poolOf, reference, validateOutside } from './outside.ts';

const COMMAND = 'npx tsx test/outside/write-report.ts';
const SEED = 1;
const spec = loadSpec();
const HEADER = { version: '0', command: COMMAND, startedAt: '2025-01-01T00:00:00Z' };

type Judged = { readonly name: string; readonly result: ValidateResult; readonly wallSecs: number };

async function timed<T>(
  what: string,
  action: () => Promise<T>,
): Promise<{ readonly value: T; readonly wallSecs: number }> {
  process.stderr.write(`${what} ...\n`);
  const startMillis = performance.now();
  const value = await action();
  return { value, wallSecs: (performance.now() - startMillis) / 1000 };
}

async function judged(name: string, command: readonly string[]): Promise<Judged> {
  const { value, wallSecs } = await timed(name, () => validateOutside(command, { seed: SEED }));
  return { name, result: value, wallSecs };
}

const isVector = (verdict: CaseVerdict): boolean => verdict.case.startsWith('vector:');
const casesOf = ({ result }: Judged): readonly CaseVerdict[] => result.log.verdicts.filter((each) => !isVector(each));
const bodies = (verdicts: readonly CaseVerdict[]): number => verdicts.reduce((sum, each) => sum + each.runs, 0);
const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ').slice(0, 160);

const programs = [
  await judged('reference engine', reference()),
  await judged('Python, from the specification', PYTHON),
  await judged('a client of one file', SIMPLE),
];
const [own, python, simple] = programs as [Judged, Judged, Judged];

const within = await timed('the engine without lines', () =>
  runSuites({
    selection: { targets: ['sim'], cases: casesOf(own).map((each) => each.case) },
    ownRunners: { sim: { runner: openTarget('sim'), concurrency: 1 } },
    spec,
    seed: SEED,
    jobs: 1,
    header: HEADER,
  }),
);

const real = await timed('Python on real sockets', async () => {
  const command = ['python3', fileOf('test/clients/python/adapter.py')];
  const pool = new AdapterPool({ command, env: adapterEnvironment(process.env), suite: 'report' });
  const hello = await pool.open();
  const jobs = 2 * availableParallelism();
  const about = { pool, hello, spec, seed: SEED, jobs, timeFactor: 0.05, header: HEADER, reproStart: '' };
  const suites = [...new Set(python.result.log.header.planned.map((row) => row.area))].filter(
    (area) => area !== 'vectors',
  );
  const result = await validate({ ...about, suites });
  await pool.close();
  return result.log.verdicts;
});

const ROUND_TRIPS = 5_000;

/** A request off a host, its reply and `idle`, over and over: what a line costs. */
async function roundTrips(command: readonly string[]): Promise<number> {
  const pool = poolOf(command);
  await pool.open();
  const program = pool.take();
  const { wallSecs } = await timed('round trips', async () => {
    for (let count = 0; count < ROUND_TRIPS; count++) await program.ask('x-nothing', {});
  });
  await pool.giveBack(program);
  await pool.close();
  return Math.round(ROUND_TRIPS / wallSecs);
}

const trips = [await roundTrips(reference()), await roundTrips(PYTHON), await roundTrips(SIMPLE)] as const;

/** Rows by suite: what passed of what was asked. */
function suiteRows(): readonly string[] {
  const areas = [...new Set(own.result.log.header.planned.map((row) => row.area))];
  return areas.map((area) => {
    const counts = programs.map(({ result }) => {
      const ids = new Set(result.log.header.planned.filter((row) => row.area === area).map((row) => row.case));
      const asked = result.log.verdicts.filter((each) => ids.has(each.case) && each.outcome !== 'not-applicable');
      return asked.length === 0
        ? 'not asked'
        : `${asked.filter((each) => each.outcome === 'pass').length} of ${asked.length}`;
    });
    return `| ${area} | ${counts.join(' | ')} |`;
  });
}

function failureRows({ result }: Judged): readonly string[] {
  const clauses = new Map(result.log.header.planned.map((row) => [row.case, row.clauses[0] ?? '']));
  return result.log.verdicts
    .filter((each) => each.outcome !== 'pass' && each.outcome !== 'not-applicable')
    .map((each) => {
      const clause = each.failure?.clause ?? clauses.get(each.case) ?? '';
      return `| ${clause} | ${each.case} | ${each.outcome} | ${cell(each.failure?.message ?? each.reason ?? '')} |`;
    });
}

/** Cases in which the engine behind lines and the engine inside are judged otherwise. */
function differences(): readonly string[] {
  const inside = new Map(within.value.log.verdicts.map((each) => [each.case, each]));
  return casesOf(own)
    .filter((each) => {
      const other = inside.get(each.case);
      return (
        other?.outcome !== each.outcome || other.failure?.clause !== each.failure?.clause || other.runs !== each.runs
      );
    })
    .map((each) => `${each.case}: ${each.outcome} against ${inside.get(each.case)?.outcome ?? 'none'}`);
}

function speedRow(name: string, verdicts: readonly CaseVerdict[], wallSecs: number, simulatedSecs?: number): string {
  const runs = bodies(verdicts);
  const virtual = simulatedSecs === undefined ? '' : String(Math.round(simulatedSecs / wallSecs));
  return `| ${name} | ${verdicts.length} | ${runs} | ${wallSecs.toFixed(1)} | ${(runs / wallSecs).toFixed(1)} | ${virtual} |`;
}

/** Vectors have no host; their time is not that of cases. */
const caseSecs = (verdicts: readonly CaseVerdict[]): number =>
  verdicts.reduce((sum, each) => sum + each.wallMillis, 0) / 1000;

const outsideRows = programs.map((each) => {
  const verdicts = casesOf(each);
  return speedRow(`${each.name}, simulated`, verdicts, caseSecs(verdicts), each.result.simulatedSecs);
});
const different = differences();
const text = `# Three clients on simulated hosts

Written by \`${COMMAND}\`, seed ${SEED}; not edited by hand. Each client is a program of its own that speaks the simulated host
protocol ([spec/adapter/simulated-host.md](../spec/adapter/simulated-host.md)); the scenarios, faults and judge are the same.

- **reference engine**: this project's own, as a program. It checks the harness: judged without lines, inside the simulator, it
  must get the same verdicts. Of ${casesOf(own).length} cases ${different.length} differ${different.length === 0 ? '' : ` (${different.join('; ')})`}, in outcome, clause or number of runs.
- **Python, from the specification**: \`test/clients/python\`, written from \`spec/\` alone, on another event loop, otherwise as
  it runs on real sockets.
- **a client of one file**: \`test/clients/simple/client.js\`, made to fail: it declares \`reconnect\` and has none, checks nothing
  it reads, knows no limit, and never loses patience.

| suite | ${programs.map(({ name }) => name).join(' | ')} |
| --- | --- | --- | --- |
${suiteRows().join('\n')}

A cell is what passed of what was asked. Features that a program does not declare are not asked of it.

${programs.map(({ name, result }) => `- ${name}: ${(result.conformance ?? []).map(conformanceLine).join('; ')}`).join('\n')}

## What the client of one file breaks

| clause | case | outcome | what was seen |
| --- | --- | --- | --- |
${failureRows(simple).join('\n')}

## What the other two break

${[own, python].flatMap(failureRows).length === 0 ? 'Nothing.' : `| clause | case | outcome | what was seen |\n| --- | --- | --- | --- |\n${[own, python].flatMap(failureRows).join('\n')}`}

## Speed

On ${availableParallelism()} cores, one run each. A body is one run of a scenario with its clients; with several clients it is played
twice. Real sockets make a tenth of the runs of a property, on clocks twenty times as fast, ${2 * availableParallelism()} cases at once.

| client | cases | bodies | wall seconds | bodies a second | virtual seconds a second |
| --- | --- | --- | --- | --- | --- |
${outsideRows.join('\n')}
${speedRow('reference engine without lines', within.value.log.verdicts, within.wallSecs)}
${speedRow('Python, from the specification, real sockets', real.value, real.wallSecs)}

A round trip of a request, a reply and \`idle\`: ${trips[0]} a second with the reference engine, ${trips[1]} with Python, ${trips[2]} with the
client of one file.
`;
const file = fileOf('reports/outside.md');
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }));
process.stderr.write(`${file}\n`);
