/**
 * Opens a page in Chromium without a window and gives back its document as it stands after its scripts have run.
 *
 * No driver library: a page that has to be clicked gets a script appended that does the clicking. A fresh profile each time; the
 * process ends by itself or with the time limit.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where Chromium may be; the variable goes first. */
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of Chromium. A machine without one fails the test: a report nobody has opened is not tested. */
export function chromiumPath(): string {
  const found = PLACES.find((place) => place !== undefined && existsSync(place));
  if (found === undefined)
    throw new Error(
      'Chromium is needed to test the HTML report: run "apt-get install -y chromium", or set CHROMIUM to its path',
    );
  return found;
}

export type Opened = {
  /** The document's markup at the end. */
  readonly dom: string;
  /** What the page wrote to the console, and what the browser said about it. */
  readonly log: string;
};

/** Opens `html` from a file, with `hash` behind its address. */
export async function open(html: string, hash = '', flags: readonly string[] = []): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'esf-report-'));
  try {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const { stdout, stderr } = await run(
      chromiumPath(),
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--enable-logging=stderr',
        `--user-data-dir=${join(folder, 'profile')}`,
        ...flags,
        '--dump-dom',
        `${pathToFileURL(file).href}${hash}`,
      ],
      { maxBuffer: 64 << 20, timeout: 50_000, killSignal: 'SIGKILL' },
    );
    return {
      dom: stdout,
      log: stderr
        .split('\n')
        .filter((line) => line.includes('CONSOLE'))
        .join('\n'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
