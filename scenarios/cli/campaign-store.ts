/** `esf campaign merge | issue | show`: what is done with stores, and how a report is shown and written. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderCampaign, renderCampaignHtml, renderCampaignMarkdown, renderIssue } from '../../reports/index.ts';
import type { CampaignFailure, CampaignReport } from '../../reports/index.ts';
import { judgeCoverage } from '../../reports/coverage.ts';
import type { CampaignCase } from '../campaign/cases.ts';
import { joinStores } from '../campaign/join.ts';
import type { Session, Store } from '../campaign/model.ts';
import { StoreError, readStore, writeStore } from '../campaign/store-file.ts';
import type { ReadStore } from '../campaign/store-file.ts';
import { reportOf, seedsTwice } from '../campaign/summary.ts';
import { loadScenarios } from '../runner/plan.ts';
import { loadSpec } from '../runner/spec-files.ts';
import type { StoreFlags } from './campaign.ts';
import { CliError, EXIT, packageVersion, printJson } from './output.ts';

/** Joins stores. */
export function merge(paths: readonly string[], out: string, asJson: boolean): void {
  if (existsSync(out) && !paths.some((path) => resolve(path) === resolve(out))) {
    throw new CliError(EXIT.usage, `--out ${out} is there already; name it among the stores to join, or another file`);
  }
  const read = paths.map(readOrFail);
  const problems = read.flatMap((each) => each.problems);
  const store = read.map((each) => each.store).reduce(joinStores);
  writeStore(out, store, packageVersion());
  const sessions = [...store.values()];
  const twice = seedsTwice(sessions);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (asJson) printJson({ out, stores: paths.length, sessions: sessions.length, seedsTwice: twice, problems });
  else {
    process.stdout.write(
      `${out}: ${sessions.length} sessions of ${paths.length} stores; ${twice} seeds were run twice\n`,
    );
  }
}

/** Prints one failure as an issue. */
export async function issue(signature: string, { store, json }: StoreFlags): Promise<void> {
  const { failures } = await lastReport(store);
  const found = failures.filter((failure) => failure.signature.toLowerCase().startsWith(signature.toLowerCase()));
  const [only, second] = found;
  if (only === undefined || second !== undefined) {
    const names = (found.length > 0 ? found : failures).map((failure) => failure.signature).join(', ');
    const what = only === undefined ? 'no failure' : `${found.length} failures`;
    throw new CliError(
      EXIT.usage,
      `${store} has ${what} with the signature "${signature}"; there ${names === '' ? 'is none at all' : `are ${names}`}`,
    );
  }
  if (json === true) printJson({ ...only, markdown: renderIssue(only) });
  else process.stdout.write(renderIssue(only));
}

/** Shows the session of a store that began last. */
export async function show(flags: StoreFlags & { readonly report?: string }): Promise<void> {
  const report = await lastReport(flags.store);
  await presentReport(report, flags);
  const isOpen = report.failures.some(({ status, counts }) => status === 'open' && counts);
  process.exitCode = isOpen ? EXIT.verdict : EXIT.ok;
}

async function lastReport(path: string): Promise<CampaignReport> {
  const { store, problems } = readOrFail(path);
  const session = lastSession(store);
  if (session === undefined) throw new CliError(EXIT.incomplete, `${path} holds no session yet`);
  const loaded = await loadScenarios();
  const cases = new Map<string, Pick<CampaignCase, 'scenario'>>(loaded.map((each) => [each.scenario.id, each]));
  return reportOf({ store, session, cases, spec: loadSpec(), problems });
}

function lastSession(store: Store): Session | undefined {
  return [...store.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).at(-1);
}

function readOrFail(path: string): ReadStore {
  try {
    return readStore(path);
  } catch (error) {
    if (error instanceof StoreError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

/** Shows a report for people or as the one JSON object, and writes its files. */
export async function presentReport(
  report: CampaignReport,
  { json, report: folder }: { readonly json?: boolean; readonly report?: string },
): Promise<void> {
  const files = folder === undefined ? [] : writeFiles(folder, report);
  const out = json === true ? process.stderr : process.stdout;
  out.write(renderCampaign(report));
  for (const file of files) out.write(`wrote ${file}\n`);
  if (json === true) printJson({ ...report, coverage: judgeCoverage(report.coverage), files });
  return Promise.resolve();
}

function writeFiles(folder: string, report: CampaignReport): readonly string[] {
  try {
    mkdirSync(folder, { recursive: true });
    const files = [
      write(folder, 'campaign.html', renderCampaignHtml(report)),
      write(folder, 'campaign.md', renderCampaignMarkdown(report)),
    ];
    return [...files, ...report.failures.flatMap((failure) => writeRepro(folder, failure))];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.usage, `--report ${folder} cannot be written: ${why}`);
  }
}

function writeRepro(folder: string, { signature, status, repro }: CampaignFailure): readonly string[] {
  if (status === 'fixed' || repro === undefined) return [];
  return [write(folder, `${signature}.json`, `${JSON.stringify(repro, null, 2)}\n`)];
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
