/** Writes the reports of a run beside its log: JUnit XML, HTML, Markdown, badge. Rendering is reports/; this only writes files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderBadge, renderHtml, renderJunit, renderMarkdown } from '../../reports/index.ts';
import type { RunLog } from '../../reports/index.ts';

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
