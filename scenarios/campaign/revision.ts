/**
 * What is being tested: the commit of the package, and a hash of the files that run.
 *
 * The commit is git's; an installed package has none and says its version. The hash tells a changed or stale build from the
 * commit's own, so a store never takes one for the other.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Revision } from './model.ts';

const FOLDERS = ['spec', 'sim', 'impl', 'scenarios'];

/** The revision of the package at `root`; `version` stands in where there is no commit. */
export function revisionOf(root: string, version: string): Revision {
  const fromSource = import.meta.url.endsWith('.ts');
  // Installed below somebody's repository the prefix is not empty, and that commit is not ours.
  const git = spawnSync('git', ['-C', root, 'rev-parse', '--show-prefix', 'HEAD'], { encoding: 'utf8' });
  const [, ours] = /^\n([0-9a-f]{12})/.exec(git.status === 0 ? git.stdout : '') ?? [];
  const commit = ours ?? `v${version}`;
  return { commit, build: hashFiles(fromSource ? root : join(root, 'dist'), fromSource ? '.ts' : '.js') };
}

function hashFiles(root: string, extension: string): string {
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    // By code unit: the order must be the same on every machine.
    for (const name of names.filter((each) => each.endsWith(extension)).sort()) {
      hash.update(`${folder}/${name}\n`).update(readFileSync(join(root, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 8);
}
