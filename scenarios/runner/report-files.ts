/**
 * Writes the reports of a run beside its log: JUnit XML, HTML, Markdown, badge, and a file for each failure that repeats it.
 * Rendering is reports/; this only writes files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderBadge, renderHtml, renderJunit, renderMarkdown } from '../../reports/index.ts';
import type { RunLog } from '../../reports/index.ts';
import { reproOf } from './repro-file.ts';

/** The name of the event log in a report folder. */
export const LOG_FILE = 'run.ndjson';

/** Writes every report. @returns the absolute path of the HTML page, for people to open. */
export function writeReports(folder: string, log: RunLog): string {
  mkdirSync(folder, { recursive: true });
  const page = join(folder, 'report.html');
  writeFileSync(join(folder, 'junit.xml'), renderJunit(log));
  writeFileSync(join(folder, 'summary.md'), renderMarkdown(log));
  const badge = renderBadge(log);
  writeFileSync(join(folder, 'badge.json'), `${JSON.stringify(badge.json)}\n`);
  writeFileSync(join(folder, 'badge.svg'), badge.svg);
  writeFileSync(page, renderHtml(log));
  return resolve(page);
}

/** Failures of one run that get a file; who has more has one failure many times. */
const REPRO_FILES_MAX = 100;

/** Writes `repro/CASE-TARGET.json` for each unexpected failure. @returns the paths, as one would type them. */
export function writeRepros(folder: string, log: RunLog): readonly string[] {
  const unexpected = log.verdicts.filter(({ status }) => status === 'red' || status === 'purple');
  const paths: string[] = [];
  for (const verdict of unexpected.slice(0, REPRO_FILES_MAX)) {
    const repro = reproOf(verdict, log.header.version);
    if (repro === undefined) continue;
    mkdirSync(join(folder, 'repro'), { recursive: true });
    const path = join(folder, 'repro', `${verdict.case}-${verdict.target}.json`);
    writeFileSync(path, `${JSON.stringify(repro, null, 2)}\n`);
    paths.push(path);
  }
  return paths;
}
